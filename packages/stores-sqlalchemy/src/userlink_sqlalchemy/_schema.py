"""The two tables: opaque sealed bytes, and the columns by which rows are found and purged."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Column, Dialect, Index, LargeBinary, MetaData, Table, Text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement
from sqlalchemy.types import TypeEngine

__all__ = ["creation", "metadata", "schema_sql", "sessions", "transactions"]

_DIALECTS: dict[str, type[Dialect]] = {
    "postgresql": postgresql.dialect,
    "sqlite": sqlite.dialect,
}


def _text() -> TypeEngine[str]:
    # "C" compares byte by byte: quicker, and an index in it survives a change of the system's locales.
    return Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


metadata = MetaData()

sessions = Table(
    "userlink_sessions",
    metadata,
    Column("identifier", _text(), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("issuer", _text(), nullable=False),
    Column("subject", _text(), nullable=False),
    Column("sid", _text(), nullable=True),
    Column("sealed", LargeBinary, nullable=False),
    Index("userlink_sessions_issuer_sid", "issuer", "sid"),
    Index("userlink_sessions_issuer_subject", "issuer", "subject"),
    Index("userlink_sessions_expires_at", "expires_at"),
)

transactions = Table(
    "userlink_transactions",
    metadata,
    Column("identifier", _text(), primary_key=True),
    Column("expires_at", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("userlink_transactions_expires_at", "expires_at"),
)


def creation(*, if_not_exists: bool) -> Sequence[ExecutableDDLElement]:
    """Return the statements that make the tables and their indexes, in order."""
    statements: list[ExecutableDDLElement] = []
    for table in (sessions, transactions):
        statements.append(CreateTable(table, if_not_exists=if_not_exists))
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        statements += [CreateIndex(index, if_not_exists=if_not_exists) for index in indexes]
    return statements


def schema_sql(dialect: str) -> str:
    """
    Return the SQL that makes the tables.

    Args:
        dialect: ``postgresql`` or ``sqlite``.

    Raises:
        KeyError: for another one.
    """
    compiler = _DIALECTS[dialect]()
    written = [
        str(statement.compile(dialect=compiler)) for statement in creation(if_not_exists=False)
    ]
    tidy = ["\n".join(line.rstrip() for line in text.strip().splitlines()) for text in written]
    return "".join(f"{text};\n\n" for text in tidy).replace("\t", "    ").rstrip("\n") + "\n"
