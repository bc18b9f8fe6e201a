"""From a URL or an engine to an engine, or to an error that says what is wrong and shows no password."""

import sqlite3
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from support.postgresql import PostgresCluster
from userlink import ConfigurationError
from userlink_sqlalchemy._engines import is_url, opened


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("sqlite:///sessions.db", Engine),
        ("sqlite+aiosqlite:///sessions.db", AsyncEngine),
        ("postgresql+psycopg://canary:canary@db.example/app", Engine),
        ("postgresql+psycopg_async://canary:canary@db.example/app", AsyncEngine),
        ("postgresql+asyncpg://canary:canary@db.example/app", AsyncEngine),
    ],
)
def test_the_driver_decides_the_kind_of_engine(url: str, kind: type[object]) -> None:
    """As text and as SQLAlchemy's own URL; nothing is connected to."""
    assert isinstance(opened(url), kind)
    assert isinstance(opened(make_url(url)), kind)


def test_an_engine_is_used_as_it_is() -> None:
    """Blocking and async; it is not ours to dispose of."""
    engine = create_engine("sqlite://")
    async_engine = create_async_engine("postgresql+asyncpg://db.example/app")

    assert opened(engine) is engine
    assert opened(async_engine) is async_engine
    assert [False, False] == [is_url(engine), is_url(async_engine)]
    assert [True, True] == [is_url("sqlite:///a"), is_url(make_url("sqlite:///a"))]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("canary", "makes no sense"),
        ("postgresql://canary:canary@db.example:port/app", "makes no sense"),
        ("postgres://canary:canary@db.example/app", "SQLAlchemy does not know 'postgres'"),
        ("postgresql+nothing://canary:canary@db.example/app", "does not know 'postgresql.nothing'"),
        ("postgresql+pg8000://canary:canary@db.example/app", "there is no module 'pg8000'"),
        ("mysql+pymysql://canary:canary@db.example/app", "do not work on mysql: .* RETURNING"),
        ("sqlite://", "in memory .* each connection"),
        ("sqlite:///:memory:", "in memory .* each connection"),
    ],
)
def test_what_cannot_work_is_said_without_the_password(url: str, words: str) -> None:
    """Neither the error nor its causes quote the URL."""
    with pytest.raises(ConfigurationError, match=words) as caught:
        opened(url)

    assert caught.value.hint
    source = Path(__file__).read_text()
    printed = "".join(traceback.format_exception(caught.value)).replace(source, "")
    assert "canary" not in printed


def test_an_engine_for_another_database_is_refused() -> None:
    """When the store is built, not at the first login."""
    dialect = make_url("mysql+pymysql://").get_dialect()()
    engine = create_engine("sqlite://")
    engine.dialect = dialect

    with pytest.raises(ConfigurationError, match="do not work on mysql"):
        opened(engine)


def test_a_sqlite_without_returning_is_refused() -> None:
    """SQLite before 3.35 cannot take a transaction in one statement."""
    engine = create_engine("sqlite://")
    engine.dialect.delete_returning = False

    with pytest.raises(ConfigurationError, match="too old"):
        opened(engine)


def test_a_file_of_sqlite_is_set_up(tmp_path: Path) -> None:
    """Readers and a writer at once, patience, and the tables: opening has made the file, too."""
    engine = opened(f"sqlite:///{tmp_path / 'a.db'}")
    assert isinstance(engine, Engine)

    with engine.connect() as connection:
        assert "wal" == connection.scalar(text("PRAGMA journal_mode"))
        assert 15_000 == connection.scalar(text("PRAGMA busy_timeout"))
        assert 0 == connection.scalar(text("SELECT count(*) FROM userlink_sessions"))
        driver: Any = connection.connection.driver_connection
        assert driver.isolation_level is None  # by which sqlite3 leaves transactions to us
    assert engine.hide_parameters
    engine.dispose()


def test_many_processes_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    """The first to come makes it; nobody fails because another one is at it."""
    program = (
        "import sys; from userlink_sqlalchemy import BlockingSqlTransactionStore as Store;"
        "from userlink import TransactionRecord as Record; sys.stdin.readline();"
        "store = Store(sys.argv[1]); store.set(sys.argv[2], Record(b'x', 1), {}); store.close()"
    )
    url = f"sqlite:///{tmp_path / 'a.db'}"
    processes = [
        subprocess.Popen([sys.executable, "-c", program, url, str(number)], stdin=subprocess.PIPE)
        for number in range(4)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()

    assert [0] * 4 == [process.wait() for process in processes]
    connection = sqlite3.connect(tmp_path / "a.db")
    assert (4,) == connection.execute("SELECT count(*) FROM userlink_transactions").fetchone()
    connection.close()


def test_an_engine_for_postgresql_is_set_up(postgresql: PostgresCluster) -> None:
    """One statement is one transaction, and nothing that is logged has parameters."""
    engine = opened(postgresql.url())
    assert isinstance(engine, Engine)

    with engine.connect() as connection:
        identity = text("SELECT pg_current_xact_id()::text")
        assert connection.scalar(identity) != connection.scalar(identity)
    assert engine.hide_parameters
    engine.dispose()
