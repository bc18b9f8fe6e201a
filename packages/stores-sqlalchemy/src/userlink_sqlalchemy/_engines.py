"""
From what an application has at hand to an engine: an ``Engine``, an ``AsyncEngine``, or a URL.

An engine that we make is set up for one-statement operations; one that we are given is used as it is, apart from
AUTOCOMMIT for our own statements.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import URL, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from userlink import ConfigurationError

from ._liveness import ask_idle_connections
from ._schema import creation

__all__ = ["AUTOCOMMIT", "Database", "is_url", "opened"]

Database: TypeAlias = Engine | AsyncEngine | URL | str

AUTOCOMMIT = "AUTOCOMMIT"
_KNOWN = ("postgresql", "sqlite")
# A request that waits longer for a connection or a lock has failed for its user: half of SQLAlchemy's 30 seconds, and
# more than any of our statements takes.
_PATIENCE_SECONDS = 15
_EXAMPLES = "Use a URL such as sqlite:///sessions.db or postgresql+psycopg://user@host/database."


def is_url(database: Database) -> bool:
    """Tell whether an engine is to be made, which is then ours to dispose of."""
    return isinstance(database, str | URL)


def opened(database: Database) -> Engine | AsyncEngine:
    """
    Return the engine, made from a URL if need be. Nothing is connected to yet.

    Raises:
        ConfigurationError: when the URL makes no sense, its driver is not installed, or the database is one of which
            the stores cannot promise what they must.
    """
    if isinstance(database, str | URL):
        return _made(_read(database))
    _check(database.dialect)
    return database


def _read(url: str | URL) -> URL:
    # No text of these errors holds the URL: there may be a password in it.
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigurationError("The database's URL makes no sense.", hint=_EXAMPLES) from None


def _made(url: URL) -> Engine | AsyncEngine:
    try:
        dialect = url.get_dialect()
    except NoSuchModuleError:
        raise ConfigurationError(
            f"SQLAlchemy does not know {url.drivername!r}.", hint=_EXAMPLES
        ) from None
    _check_name(dialect.name)
    try:
        engine = _engine(url, dialect.name, is_async=dialect.is_async)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"The driver for {url.drivername!r} is not installed: there is no module {error.name!r}.",
            hint="Install it, or name another driver in the URL.",
        ) from error
    _check(engine.dialect)
    return engine


def _engine(url: URL, dialect: str, *, is_async: bool) -> Engine | AsyncEngine:
    arguments: dict[str, Any] = {
        "isolation_level": AUTOCOMMIT,
        "hide_parameters": True,
        "pool_timeout": _PATIENCE_SECONDS,
        # The same few connections are used while they suffice, and so need not be asked whether they are alive.
        "pool_use_lifo": True,
    }
    if dialect == "sqlite":
        _refuse_memory(url)
        arguments["connect_args"] = {"timeout": _PATIENCE_SECONDS}
    if not is_async:
        engine = create_engine(url, **arguments)
        _prepare(engine)
        return engine
    async_engine = create_async_engine(url, **arguments)
    _prepare(async_engine.sync_engine)
    return async_engine


def _prepare(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    else:
        ask_idle_connections(engine)


def _prepare_sqlite(connection: DBAPIConnection, record: object) -> None:
    """Let readers and a writer work at once, and make the tables: opening has made the file, too."""
    cursor = connection.cursor()
    try:
        cursor.execute("PRAGMA journal_mode")
        if cursor.fetchone() != ("wal",):
            cursor.execute("PRAGMA journal_mode = WAL")
        for statement in _sqlite_creation():
            cursor.execute(statement)
    finally:
        cursor.close()


@cache
def _sqlite_creation() -> Sequence[str]:
    dialect = sqlite.dialect()
    return [str(statement.compile(dialect=dialect)) for statement in creation(if_not_exists=True)]


def _refuse_memory(url: URL) -> None:
    if url.database in (None, "", ":memory:"):
        raise ConfigurationError(
            "A database of SQLite in memory is another one for each connection.",
            hint="Name a file, or use the location memory: instead.",
        )


def _check(dialect: Dialect) -> None:
    _check_name(dialect.name)
    if not dialect.delete_returning:
        raise ConfigurationError(
            "This SQLite is too old for DELETE … RETURNING, by which a transaction is taken once.",
            hint="Use a Python with SQLite 3.35 or newer.",
        )


def _check_name(name: str) -> None:
    if name not in _KNOWN:
        raise ConfigurationError(
            f"The stores do not work on {name}: they take a transaction by one DELETE … RETURNING and write by"
            " ON CONFLICT.",
            hint="Use PostgreSQL or SQLite.",
        )
