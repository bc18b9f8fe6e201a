"""``python -m userlink_sqlalchemy``, as it is typed."""

import os
import subprocess
import sys

import pytest

from support.postgresql import PASSWORD, PostgresCluster
from userlink import StateRecord, TransactionRecord
from userlink_sqlalchemy import BlockingSqlStateStore, BlockingSqlTransactionStore, schema_sql
from userlink_sqlalchemy._command_line import main


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "userlink_sqlalchemy", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.mark.parametrize("dialect", ["postgresql", "sqlite"])
def test_schema_prints_the_sql(dialect: str) -> None:
    """And nothing else: it can be fed to ``psql`` or ``sqlite3``."""
    ended = run("schema", "--dialect", dialect)

    assert (0, schema_sql(dialect), "") == (ended.returncode, ended.stdout, ended.stderr)


def test_purge_removes_what_has_expired(database_url: str) -> None:
    """From both tables, and says how much; what is alive stays."""
    state_store = BlockingSqlStateStore(database_url)
    transaction_store = BlockingSqlTransactionStore(database_url)
    for number in range(5):
        state_store.set(f"{number}", StateRecord(b"x", 1, number, "i", "s", None), None, {})
        transaction_store.set(f"{number}", TransactionRecord(b"x", number), {})
    alive = StateRecord(b"x", 1, 4_500_000_000, "i", "s", None)
    state_store.set("alive", alive, None, {})

    ended = run("purge", "--url", database_url, "--batch-size", "2")

    assert (0, "") == (ended.returncode, ended.stderr)
    assert "Purged 5 sessions and 5 transactions.\n" == ended.stdout
    assert alive == state_store.get("alive", {})
    state_store.close()
    transaction_store.close()


def test_the_url_may_stand_in_the_environment(postgresql: PostgresCluster) -> None:
    """Where no list of processes shows the password; with an async driver, too."""
    ended = run("purge", USERLINK_DATABASE_URL=postgresql.url("asyncpg"))

    assert (0, "Purged 0 sessions and 0 transactions.\n") == (ended.returncode, ended.stdout)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (
            "postgresql+psycopg://canary:canary@127.0.0.1:9/app",
            "cannot be purged (OperationalError)",
        ),
        (
            "postgresql+asyncpg://canary:canary@127.0.0.1:9/app",
            "cannot be purged (ConnectionRefusedError)",
        ),
        ("mysql+pymysql://canary:canary@db.example/app", "do not work on mysql"),
        ("canary", "makes no sense"),
    ],
)
def test_what_fails_is_said_in_one_line_without_the_password(
    url: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback, and a status for the scheduler."""
    assert 1 == main(["purge", "--url", url])

    said = capsys.readouterr().err
    assert words in said
    assert 1 == said.count("\n")
    assert "canary" not in said


def test_a_wrong_password_is_not_repeated(
    postgresql: PostgresCluster, capsys: pytest.CaptureFixture[str]
) -> None:
    """The server's refusal is named, not quoted."""
    assert 1 == main(["purge", "--url", postgresql.url().replace(PASSWORD, "canary-wrong")])

    assert "canary" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "required: command"),
        (["schema"], "required: --dialect"),
        (["schema", "--dialect", "mysql"], "invalid choice: 'mysql'"),
        (["purge"], "USERLINK_DATABASE_URL"),
        (["purge", "--url", "sqlite:///a", "--batch-size", "0"], "must be 1 or more"),
    ],
)
def test_what_makes_no_sense_is_refused(
    arguments: list[str],
    words: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the status that means so."""
    monkeypatch.delenv("USERLINK_DATABASE_URL", raising=False)

    with pytest.raises(SystemExit) as exit_:
        main(arguments)

    assert 2 == exit_.value.code
    assert words in capsys.readouterr().err
