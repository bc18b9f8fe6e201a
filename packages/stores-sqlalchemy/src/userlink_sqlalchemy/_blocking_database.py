"""Statements on an ``Engine``, in the thread that asks for them."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import Connection, CursorResult, Engine, Executable, func, select
from sqlalchemy.exc import DBAPIError, StatementError

from ._engines import AUTOCOMMIT
from ._failures import explain, is_lost_race
from ._schema import creation

__all__ = ["COUNTING", "MOST_TRIES", "BlockingDatabase", "Outcome", "create_tables", "outcome_of"]

# Under SERIALIZABLE a statement may lose to others again and again; each time one of them has won.
MOST_TRIES = 32
# Drivers know how many rows an INSERT wrote only as long as its cursor is open.
COUNTING: Mapping[str, Any] = {"preserve_rowcount": True}
# Any number that nobody else's advisory locks have: from a SHA-256 of "userlink_sqlalchemy".
_CREATION_LOCK = 0x6669C1C3


@frozen
class Outcome:
    """
    What a statement did.

    Attributes:
        rows: that it returned.
        count: of rows that it wrote or deleted.
    """

    rows: Sequence[Sequence[Any]]
    count: int

    @property
    def row(self) -> Sequence[Any] | None:
        """The one row, or None."""
        return self.rows[0] if self.rows else None


class BlockingDatabase:
    """
    A database that is asked one statement at a time, each committed by itself.

    Args:
        engine: whose pool is used.
        owned: whether closing disposes of it.
    """

    def __init__(self, engine: Engine, *, owned: bool) -> None:
        self.engine = engine
        self._owned = owned
        self._autocommit = engine if owned else engine.execution_options(isolation_level=AUTOCOMMIT)

    @property
    def dialect(self) -> str:
        """The name of the dialect."""
        return self.engine.dialect.name

    def execute(self, statement: Executable, parameters: Mapping[str, Any]) -> Outcome:
        """
        Execute a statement that is atomic by itself; again when it lost a race and nothing was done.

        Raises:
            StoreError: when the tables are missing.
            SQLAlchemyError: when it fails otherwise; no parameter is in its text.
        """
        for tries_left in reversed(range(MOST_TRIES)):
            try:
                with self._autocommit.connect() as connection:
                    result = connection.execute(statement, parameters, execution_options=COUNTING)
                    return outcome_of(result)
            except StatementError as error:
                explain(error)
                if not (tries_left and isinstance(error, DBAPIError) and is_lost_race(error)):
                    raise
        raise AssertionError("unreachable: the last try returns or raises")

    def create_all(self) -> None:
        """Make the tables and indexes that are not there."""
        with self.engine.connect() as connection:
            create_tables(connection)

    def close(self) -> None:
        """Close the connections, unless the engine came from outside."""
        if self._owned:
            self.engine.dispose()


def outcome_of(result: CursorResult[Any]) -> Outcome:
    """Read a result to its end: only then is a statement that returns rows certain to be committed."""
    if not result.returns_rows:
        return Outcome((), result.rowcount)
    rows = result.all()
    return Outcome(rows, len(rows))


def create_tables(connection: Connection) -> None:
    """Make what is not there, one process at a time: PostgreSQL's IF NOT EXISTS is no guard against a race."""
    is_postgresql = connection.dialect.name == "postgresql"
    if is_postgresql:
        connection = connection.execution_options(isolation_level="READ COMMITTED")
    with connection.begin():
        if is_postgresql:
            connection.execute(select(func.pg_advisory_xact_lock(_CREATION_LOCK)))
        for statement in creation(if_not_exists=True):
            connection.execute(statement)
