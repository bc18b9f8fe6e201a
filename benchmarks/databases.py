"""Databases to measure on: made when they are first asked for, and gone at the end."""

import tempfile
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from benchmarks.postgres_cluster import PostgresCluster, running_cluster

__all__ = ["Databases", "Kind"]


class Kind(StrEnum):
    """The databases that the stores work on, as they are called in the table."""

    SQLITE = "SQLite"
    POSTGRESQL = "PostgreSQL"


class Databases:
    """
    A folder for files of SQLite, and a cluster of PostgreSQL that starts when the first database in it is asked for.

    Attributes:
        closing: calls at the end what was put there, before the databases go.
    """

    def __init__(self) -> None:
        self.closing = ExitStack()
        self._folder: Path | None = None
        self._cluster: PostgresCluster | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.closing.close()

    def url(self, kind: Kind, name: str) -> str:
        """
        Make an empty database and return its URL for SQLAlchemy.

        Raises:
            MissingPostgres: when the machine has no PostgreSQL.
        """
        return f"sqlite:///{self._file(name)}" if kind is Kind.SQLITE else self._database(name)

    def _file(self, name: str) -> Path:
        if self._folder is None:
            folder = tempfile.TemporaryDirectory(prefix="userlink-sqlite-")
            self._folder = Path(self.closing.enter_context(folder))
        return self._folder / f"{name}.db"

    def _database(self, name: str) -> str:
        if self._cluster is None:
            self._cluster = self.closing.enter_context(running_cluster())
        url = self._cluster.url()
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return self._cluster.url(database=name)
