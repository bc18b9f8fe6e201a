"""One connection each of the drivers, with nothing in between: no pool, no other way to write SQL than SQL."""

import sqlite3
from collections.abc import Sequence
from typing import Any, Protocol

import psycopg

__all__ = ["Driver", "PostgresDriver", "SqliteDriver", "connected"]


class Driver(Protocol):
    """
    Sends statements, each committed by itself.

    Attributes:
        placeholder: what stands for a parameter.
    """

    placeholder: str

    def execute(self, statement: str, *parameters: object) -> tuple[Sequence[Sequence[Any]], int]:
        """Return the rows, and how many were written."""
        ...

    def close(self) -> None:
        """Give back the connection."""
        ...


class SqliteDriver:
    """A file of SQLite, with a journal as the stores have it."""

    placeholder = "?"

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=15)
        self._connection.execute("PRAGMA journal_mode = WAL")

    def execute(self, statement: str, *parameters: object) -> tuple[Sequence[Sequence[Any]], int]:
        """Return the rows, and how many were written."""
        cursor = self._connection.execute(statement, parameters)
        return cursor.fetchall(), cursor.rowcount

    def close(self) -> None:
        """Give back the connection."""
        self._connection.close()


class PostgresDriver:
    """A database of PostgreSQL."""

    placeholder = "%s"

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)

    def execute(self, statement: str, *parameters: object) -> tuple[Sequence[Sequence[Any]], int]:
        """Return the rows, and how many were written."""
        cursor = self._connection.execute(statement.encode(), parameters)
        return cursor.fetchall() if cursor.description else (), cursor.rowcount

    def close(self) -> None:
        """Give back the connection."""
        self._connection.close()


def connected(url: str) -> Driver:
    """Return the driver for a URL as SQLAlchemy writes them."""
    scheme, _, path = url.partition(":///")
    return SqliteDriver(path) if scheme == "sqlite" else PostgresDriver(url.replace("+psycopg", ""))
