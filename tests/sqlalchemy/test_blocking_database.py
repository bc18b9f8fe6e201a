"""One statement at a time, each committed by itself."""

from typing import Any

import pytest
from sqlalchemy import create_engine, event, insert, select
from sqlalchemy.exc import OperationalError

from userlink_sqlalchemy._blocking_database import MOST_TRIES, BlockingDatabase
from userlink_sqlalchemy._engines import opened
from userlink_sqlalchemy._schema import transactions

ROW = {"identifier": "a", "expires_at": 1, "sealed": b"sealed"}


class LostRace(Exception):
    """What a driver raises for a statement that was undone."""

    sqlstate = "40001"


def database(url: str) -> BlockingDatabase:
    """Return a database with tables, on an engine of ours."""
    engine: Any = opened(url)
    made = BlockingDatabase(engine, owned=True)
    made.create_all()
    return made


def test_rows_are_returned_and_counted(database_url: str) -> None:
    """Of a statement that returns none, how many it wrote."""
    asked = database(database_url)

    assert 1 == asked.execute(insert(transactions), ROW).count
    found = asked.execute(select(transactions.c.sealed), {})
    assert (1, [(b"sealed",)]) == (found.count, [tuple(row) for row in found.rows])
    assert found.row == (b"sealed",)
    assert asked.execute(select(transactions).where(transactions.c.expires_at > 1), {}).row is None
    asked.close()


def test_what_was_executed_is_committed(database_url: str) -> None:
    """Another connection sees it at once."""
    asked, other = database(database_url), database(database_url)
    asked.execute(insert(transactions), ROW)

    assert other.execute(select(transactions), {}).row is not None
    asked.close()
    other.close()


@pytest.mark.parametrize(
    ("losses", "is_done"), [(1, True), (MOST_TRIES - 1, True), (MOST_TRIES, False)]
)
def test_a_lost_race_is_run_again_and_not_for_ever(
    sqlite_url: str, losses: int, is_done: bool
) -> None:
    """Each time another statement has won; after so many something else is wrong."""
    asked = database(sqlite_url)
    left = [None] * losses

    def lose(*_: object) -> None:
        if left:
            left.pop()
            raise OperationalError("INSERT", {}, LostRace())

    event.listen(asked.engine, "before_cursor_execute", lose)
    if is_done:
        assert 1 == asked.execute(insert(transactions), ROW).count
    else:
        with pytest.raises(OperationalError):
            asked.execute(insert(transactions), ROW)
    assert [] == left
    asked.close()


def test_closing_leaves_an_engine_of_the_application_open(sqlite_url: str) -> None:
    """Its pool is the application's; ours is emptied."""
    for owned in (True, False):
        engine = create_engine(sqlite_url)
        pool = engine.pool
        made = BlockingDatabase(engine, owned=owned)
        made.create_all()

        made.close()

        assert owned is (engine.pool is not pool)
        engine.dispose()
