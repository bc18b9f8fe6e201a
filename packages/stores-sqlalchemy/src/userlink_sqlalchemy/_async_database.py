"""Statements for code that awaits: on an ``AsyncEngine`` under asyncio, or on an ``Engine`` in worker threads."""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import Executable
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine

from userlink import ConfigurationError

from ._blocking_database import (
    COUNTING,
    MOST_TRIES,
    BlockingDatabase,
    Outcome,
    create_tables,
    outcome_of,
)
from ._engines import AUTOCOMMIT, Database, is_url, opened
from ._failures import explain, is_lost_race

__all__ = ["AsyncDatabase", "AsyncioDatabase", "ThreadedDatabase", "async_database"]


class AsyncDatabase(Protocol):
    """``BlockingDatabase`` with methods to be awaited."""

    @property
    def dialect(self) -> str:
        """The name of the dialect."""
        ...

    async def execute(self, statement: Executable, parameters: Mapping[str, Any]) -> Outcome:
        """Execute a statement that is atomic by itself."""
        ...

    async def create_all(self) -> None:
        """Make the tables and indexes that are not there."""
        ...

    async def aclose(self) -> None:
        """Close the connections, unless the engine came from outside."""
        ...


def async_database(database: Database) -> AsyncDatabase:
    """Return the database of an engine or URL, native where it can be and in worker threads otherwise."""
    engine, owned = opened(database), is_url(database)
    if isinstance(engine, AsyncEngine):
        return AsyncioDatabase(engine, owned=owned)
    return ThreadedDatabase(BlockingDatabase(engine, owned=owned))


class AsyncioDatabase:
    """
    A database on an ``AsyncEngine``, which is made for asyncio and for nothing else.

    Args:
        engine: whose pool is used.
        owned: whether closing disposes of it.
    """

    def __init__(self, engine: AsyncEngine, *, owned: bool) -> None:
        self.engine = engine
        self._owned = owned
        self._autocommit = engine if owned else engine.execution_options(isolation_level=AUTOCOMMIT)

    @property
    def dialect(self) -> str:
        """The name of the dialect."""
        return self.engine.dialect.name

    async def execute(self, statement: Executable, parameters: Mapping[str, Any]) -> Outcome:
        """
        Do what ``BlockingDatabase.execute()`` does.

        Raises:
            ConfigurationError: under another event loop than asyncio's, before anything is done.
            StoreError: when the tables are missing.
            SQLAlchemyError: when it fails otherwise; no parameter is in its text.
        """
        _require_asyncio()
        for tries_left in reversed(range(MOST_TRIES)):
            try:
                async with self._autocommit.connect() as connection:
                    result = await connection.execute(
                        statement, parameters, execution_options=COUNTING
                    )
                    return outcome_of(result)
            except StatementError as error:
                explain(error)
                if not (tries_left and isinstance(error, DBAPIError) and is_lost_race(error)):
                    raise
        raise AssertionError("unreachable: the last try returns or raises")

    async def create_all(self) -> None:
        """Make the tables and indexes that are not there."""
        _require_asyncio()
        async with self.engine.connect() as connection:
            await connection.run_sync(create_tables)

    async def aclose(self) -> None:
        """Close the connections, unless the engine came from outside."""
        if self._owned:
            await self.engine.dispose()


class ThreadedDatabase:
    """
    A database on an ``Engine``, on asyncio and trio: each statement in a worker thread, and finished once begun.

    Args:
        database: that blocks.
    """

    def __init__(self, database: BlockingDatabase) -> None:
        self._database = database

    @property
    def dialect(self) -> str:
        """The name of the dialect."""
        return self._database.dialect

    async def execute(self, statement: Executable, parameters: Mapping[str, Any]) -> Outcome:
        """Do what ``BlockingDatabase.execute()`` does, and raise what it raises."""
        from anyio.to_thread import run_sync

        return await run_sync(self._database.execute, statement, parameters)

    async def create_all(self) -> None:
        """Make the tables and indexes that are not there."""
        from anyio.to_thread import run_sync

        await run_sync(self._database.create_all)

    async def aclose(self) -> None:
        """Close the connections, unless the engine came from outside."""
        from anyio.to_thread import run_sync

        await run_sync(self._database.close)


def _require_asyncio() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        raise ConfigurationError(
            "An AsyncEngine works on asyncio only, and this is another event loop.",
            hint="Under trio, give the store an Engine or a URL such as postgresql+psycopg://…;"
            " it works in threads.",
        ) from None
