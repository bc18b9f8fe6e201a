"""Tables of many sessions, filled in bulk: their indexes are made afterwards, as when a database is restored."""

import os
import sqlite3
from base64 import urlsafe_b64encode
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import TypeAlias

import psycopg
from sqlalchemy import Engine, NullPool, create_engine
from sqlalchemy.schema import CreateIndex, DropIndex

from userlink_sqlalchemy import metadata

__all__ = ["ISSUER", "engine_for", "fill", "sid_of"]

ISSUER = "https://tenant.example.com/"
_SEALED = bytes(range(200))  # a real one has some 5 kB; a million of those would measure the disk
_COLUMNS = "identifier, version, expires_at, issuer, subject, sid, sealed"

_Row: TypeAlias = tuple[str, int, int, str, str, str, bytes]


def fill(url: str, number: int, expires_at: int) -> None:
    """Add that many sessions, each with a ``sid`` of its own, to the tables at a URL for SQLAlchemy."""
    scheme, _, path = url.partition(":///")
    with _without_indexes(url):
        if scheme == "sqlite":
            _fill_sqlite(path, _rows(number, expires_at))
        else:
            _fill_postgresql(url.replace("+psycopg", ""), _rows(number, expires_at))


@contextmanager
def _without_indexes(url: str) -> Generator[None]:
    engine = engine_for(url)
    indexes = metadata.tables["userlink_sessions"].indexes
    with engine.connect() as connection:
        for index in indexes:
            connection.execute(DropIndex(index, if_exists=True))
    yield
    with engine.connect() as connection:
        for index in indexes:
            connection.execute(CreateIndex(index))
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("VACUUM (ANALYZE) userlink_sessions")
            connection.exec_driver_sql("CHECKPOINT")
        else:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    os.sync()  # so that the system does not write what is left of this while the time is taken


def engine_for(url: str) -> Engine:
    """Return an engine that keeps no connection, for what is neither userlink's nor measured."""
    return create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)


def sid_of(number: int) -> str:
    """Return the ``sid`` of a row: nothing about it tells where in the table the row is."""
    return _digest(f"sid {number}")[:22]


def _rows(number: int, expires_at: int) -> Iterator[_Row]:
    for row in range(number):
        identifier, subject = _digest(f"identifier {row}"), f"auth0|{row % (number // 2 or 1)}"
        yield identifier, 1, expires_at, ISSUER, subject, sid_of(row), _SEALED


def _digest(text: str) -> str:
    return urlsafe_b64encode(sha256(text.encode()).digest()).rstrip(b"=").decode()


def _fill_sqlite(path: str, rows: Iterator[_Row]) -> None:
    connection = sqlite3.connect(path, isolation_level=None, timeout=60)
    statement = f"INSERT INTO userlink_sessions ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants
    try:
        connection.execute("PRAGMA synchronous = OFF")  # nothing is lost if the machine crashes now
        connection.execute(
            "PRAGMA cache_size = -200000"
        )  # KiB: the key's index is filled in random order
        connection.execute("BEGIN")
        connection.executemany(statement, rows)
        connection.execute("COMMIT")
    finally:
        connection.close()


def _fill_postgresql(url: str, rows: Iterator[_Row]) -> None:
    statement = f"COPY userlink_sessions ({_COLUMNS}) FROM STDIN".encode()
    with psycopg.connect(url) as connection, connection.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
