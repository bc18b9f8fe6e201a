"""What the failures of a driver mean, and what is left out of their texts."""

from sqlalchemy.exc import DBAPIError, StatementError

from userlink import StoreError

__all__ = ["explain", "is_lost_race"]

# SQLSTATE of serialization_failure and deadlock_detected: nothing was done, and the same may be asked again.
_LOST_RACES = {"40001", "40P01"}
_UNDEFINED_TABLE = "42P01"


def is_lost_race(error: DBAPIError) -> bool:
    """Tell whether the database undid a statement only because another one was quicker."""
    return _sqlstate(error) in _LOST_RACES


def explain(error: StatementError) -> None:
    """
    Keep a statement's parameters out of the error's text, whoever configured the engine.

    Raises:
        StoreError: when the tables are missing, with the command that makes them.
    """
    error.hide_parameters = True
    if _sqlstate(error) == _UNDEFINED_TABLE or "no such table" in str(error.orig):
        raise StoreError(
            "The database has no tables of userlink.",
            hint="Make them: create_all() of the store, the Alembic migration,"
            " or python -m userlink_sqlalchemy schema.",
        ) from error


def _sqlstate(error: StatementError) -> str | None:
    # psycopg and asyncpg name it alike; SQLite has none.
    state: object = getattr(error.orig, "sqlstate", None)
    return state if isinstance(state, str) else None
