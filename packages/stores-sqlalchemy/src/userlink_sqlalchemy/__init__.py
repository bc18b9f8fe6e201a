"""
Sessions and transactions of userlink in PostgreSQL and SQLite, on SQLAlchemy 2.

``state_store="postgresql+psycopg://…"`` is all that a client needs once the package is installed.
"""

from ._async_store import SqlStateStore, SqlTransactionStore
from ._blocking_store import BlockingSqlStateStore, BlockingSqlTransactionStore
from ._schema import metadata, schema_sql

__all__ = [
    "BlockingSqlStateStore",
    "BlockingSqlTransactionStore",
    "SqlStateStore",
    "SqlTransactionStore",
    "metadata",
    "schema_sql",
]
