"""What a driver's error means, and what its text leaves out."""

from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from userlink import StoreError
from userlink_sqlalchemy._failures import explain, is_lost_race


class DriverError(Exception):
    """What psycopg and asyncpg raise, as far as we read it."""

    def __init__(self, sqlstate: object = None, words: str = "no") -> None:
        super().__init__(words)
        self.sqlstate = sqlstate


def failed(original: Exception) -> DBAPIError:
    """Return what SQLAlchemy makes of a driver's error, on an engine that shows parameters."""
    return OperationalError("INSERT INTO t VALUES (:p)", {"p": "canary"}, original)


@pytest.mark.parametrize(
    ("sqlstate", "expected"),
    [
        ("40001", True),
        ("40P01", True),
        ("40000", False),
        ("23505", False),
        (None, False),
        (40001, False),
    ],
)
def test_a_lost_race_is_told_by_its_sqlstate(sqlstate: Any, expected: bool) -> None:
    """Only where nothing was done may the same be asked again."""
    assert expected is is_lost_race(failed(DriverError(sqlstate)))


def test_an_error_of_sqlite_is_no_lost_race() -> None:
    """It has no SQLSTATE; waiting is SQLite's own business."""
    assert not is_lost_race(failed(Exception("database is locked")))


@pytest.mark.parametrize(
    "original",
    [DriverError("42P01"), Exception("no such table: userlink_sessions")],
    ids=["PostgreSQL", "SQLite"],
)
def test_missing_tables_are_explained(original: Exception) -> None:
    """And the hint names what makes them."""
    with pytest.raises(StoreError) as caught:
        explain(failed(original))

    assert "create_all()" in caught.value.hint


def test_other_errors_keep_their_parameters_to_themselves() -> None:
    """The text had them before."""
    error = failed(DriverError("08006", "the connection is closed"))
    assert "canary" in str(error)

    explain(error)

    assert "canary" not in str(error)
    assert "the connection is closed" in str(error)
