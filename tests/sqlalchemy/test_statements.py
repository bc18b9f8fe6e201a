"""Each operation is one statement, and finds its rows by an index: never by a scan."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Executable, create_engine, text
from sqlalchemy.dialects import postgresql as postgresql_dialect
from sqlalchemy.dialects import sqlite as sqlite_dialect

from userlink import LogoutClaims
from userlink_sqlalchemy import metadata
from userlink_sqlalchemy._statements import StateStatements, TransactionStatements

ROWS = 20_000
SERIES = {
    "sqlite": "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < :rows)",
    "postgresql": "WITH n(n) AS (SELECT generate_series(1, :rows))",
}
SESSIONS = """
    INSERT INTO userlink_sessions (identifier, version, expires_at, issuer, subject, sid, sealed)
    {series} SELECT 'id-' || n, 1, n, 'issuer-' || (n % 3), 'subject-' || n, 'sid-' || n, '' FROM n
"""
TRANSACTIONS = """
    INSERT INTO userlink_transactions (identifier, expires_at, sealed)
    {series} SELECT 'id-' || n, n, '' FROM n
"""
BY_SID = "userlink_sessions_issuer_sid"
BY_SUBJECT = "userlink_sessions_issuer_subject"


@pytest.fixture
def filled(database_url: str) -> Iterator[Connection]:
    """Return a connection to tables with many rows, of which the planner knows."""
    engine = create_engine(database_url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        for insert in (SESSIONS, TRANSACTIONS):
            series = SERIES[connection.dialect.name]
            connection.execute(text(insert.format(series=series)), {"rows": ROWS})
        connection.execute(text("ANALYZE"))
        yield connection
    engine.dispose()


def plan_of(connection: Connection, statement: Executable, parameters: Any) -> str:
    """Return what the database would do."""
    explain = "EXPLAIN" if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    compiled = statement.compile(  # type: ignore[attr-defined] # Executable is not only what compiles
        connection, compile_kwargs={"render_postcompile": True}
    )
    values = compiled.construct_params(parameters)
    positional = [values[name] for name in compiled.positiontup or ()]
    rows = connection.exec_driver_sql(
        f"{explain} {compiled}", tuple(positional) if positional else values
    )
    return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize(
    ("claims", "index"),
    [
        (LogoutClaims("issuer-1", None, "sid-1"), BY_SID),
        (LogoutClaims("issuer-1", "subject-1", "sid-1"), BY_SID),
        (LogoutClaims("issuer-1", "subject-1", None), BY_SUBJECT),
    ],
    ids=str,
)
def test_logout_finds_sessions_by_an_index(
    filled: Connection, claims: LogoutClaims, index: str
) -> None:
    """Of both columns that it names (OIDC Back-Channel Logout, 2.6)."""
    asked = StateStatements.of(filled.dialect.name).delete_by(claims)
    assert asked is not None

    plan = plan_of(filled, *asked)

    assert index in plan
    assert is_search(plan, "issuer", index.rpartition("_")[2])


@pytest.mark.parametrize("name", ["get", "update", "delete"])
def test_a_session_is_found_by_its_key(filled: Connection, name: str) -> None:
    """Reading, writing and deleting."""
    statement = getattr(StateStatements.of(filled.dialect.name), name)
    new: dict[str, object] = {
        f"new_{column.name}": 0 for column in metadata.tables["userlink_sessions"].c
    }
    new.update(dict.fromkeys(("new_issuer", "new_subject", "new_sid"), ""), new_sealed=b"")

    plan = plan_of(filled, statement, {"key": "id-1", "expected_version": 1, **new})

    assert is_search(plan, "identifier")


def test_a_transaction_is_taken_by_its_key(filled: Connection) -> None:
    """In one statement, with an index."""
    statements = TransactionStatements.of(filled.dialect.name)

    assert is_search(plan_of(filled, statements.take, {"key": "id-1"}), "identifier")
    assert 1 == len(filled.execute(statements.take, {"key": "id-1"}).all())
    assert [] == filled.execute(statements.take, {"key": "id-1"}).all()


@pytest.mark.parametrize("kind", [StateStatements, TransactionStatements])
def test_a_batch_of_expired_rows_is_found_by_an_index(
    filled: Connection, kind: type[StateStatements] | type[TransactionStatements]
) -> None:
    """The oldest ones, by the index of the expiry, and then by their keys."""
    plan = plan_of(filled, kind.of(filled.dialect.name).purge, {"before": ROWS, "batch_size": 10})

    assert "expires_at" in plan
    assert is_search(plan, "identifier")


def is_search(plan: str, *columns: str) -> bool:
    """Tell whether a plan scans no table as a whole and looks the columns up."""
    is_scan = "Seq Scan" in plan or any(line.startswith("SCAN") for line in plan.splitlines())
    return not is_scan and all(
        f"{column} = " in plan or f"{column}=?" in plan for column in columns
    )


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        ("SEARCH userlink_sessions USING INDEX a (issuer=? AND sid=?)", True),
        ("SEARCH userlink_sessions USING INDEX a (issuer=?)", False),
        ("SCAN userlink_sessions", False),
        ("Delete on a\n  ->  Seq Scan on a\n  Filter: ((issuer = 'a') AND (sid = 'b'))", False),
        ("Index Scan\n  Index Cond: ((issuer = 'a'::text) AND (sid = 'b'::text))", True),
    ],
)
def test_a_scan_is_told_from_a_search(plan: str, expected: bool) -> None:
    """The reader of plans, on which the tests above stand."""
    assert expected is is_search(plan, "issuer", "sid")


@pytest.mark.parametrize("dialect", ["postgresql", "sqlite"])
def test_a_transaction_is_taken_by_one_statement(dialect: str) -> None:
    """``DELETE … RETURNING``: there is no moment between reading and deleting."""
    compiler = {"postgresql": postgresql_dialect, "sqlite": sqlite_dialect}[dialect].dialect()
    take = TransactionStatements.of(dialect).take

    sql = " ".join(str(take.compile(dialect=compiler)).split())  # type: ignore[attr-defined] # as above

    assert sql.startswith("DELETE FROM userlink_transactions WHERE")
    assert sql.endswith("RETURNING sealed, expires_at") or "RETURNING userlink_" in sql


def test_a_logout_token_that_names_nothing_deletes_nothing() -> None:
    """Neither sid nor subject: there is no statement at all."""
    assert StateStatements.of("sqlite").delete_by(LogoutClaims("issuer-1", None, None)) is None
