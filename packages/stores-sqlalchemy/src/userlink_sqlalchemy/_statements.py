"""
Every SQL statement of the stores, each of them atomic by itself: no operation needs a second one.

They are built once, with named parameters. Two dialects differ in nothing but the class that says ``ON CONFLICT``, and
in how rows to purge are chosen.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from attrs import frozen
from sqlalchemy import Delete, Executable, Insert, Table, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from userlink import LogoutClaims, StateRecord, TransactionRecord

from ._schema import sessions, transactions

__all__ = [
    "StateStatements",
    "TransactionStatements",
    "state_record",
    "transaction_record",
]

Parameters = Mapping[str, Any]


@frozen
class StateStatements:
    """
    What a state store says to the database.

    Attributes:
        get: reads the row of ``key``.
        insert: writes a row unless one is there, and changes nothing otherwise.
        update: writes over the row of ``key`` if its version is ``expected_version``.
        delete: removes the row of ``key``.
        delete_by_sid: removes the rows of ``issuer`` and ``sid``.
        delete_by_subject: removes the rows of ``issuer`` and ``subject``.
        purge: removes at most ``batch_size`` rows that expired before ``before``.
    """

    get: Executable
    insert: Executable
    update: Executable
    delete: Executable
    delete_by_sid: Executable
    delete_by_subject: Executable
    purge: Executable

    @classmethod
    def of(cls, dialect: str) -> Self:
        """Build the statements for ``postgresql`` or ``sqlite``."""
        table, columns = sessions, sessions.c
        is_it = columns.identifier == bindparam("key")
        same_issuer = columns.issuer == bindparam("issuer")
        written = [column for column in columns if column is not columns.identifier]
        return cls(
            get=select(*written).where(is_it),
            insert=_insert(dialect, table, is_upsert=False),
            update=update(table)
            .where(is_it, columns.version == bindparam("expected_version"))
            .values({column.name: bindparam(f"new_{column.name}") for column in written}),
            delete=delete(table).where(is_it),
            delete_by_sid=delete(table).where(same_issuer, columns.sid == bindparam("sid")),
            delete_by_subject=delete(table).where(
                same_issuer, columns.subject == bindparam("subject")
            ),
            purge=_purge(dialect, table),
        )

    def set(
        self, identifier: str, record: StateRecord, expected_version: int | None
    ) -> tuple[Executable, Parameters]:
        """Return the statement and parameters that write a record by compare-and-set."""
        values = _session_values(record)
        if expected_version is None:
            return self.insert, {"identifier": identifier, **values}
        new = {f"new_{name}": value for name, value in values.items()}
        return self.update, {"key": identifier, "expected_version": expected_version, **new}

    def delete_by(self, claims: LogoutClaims) -> tuple[Executable, Parameters] | None:
        """Return the statement and parameters for a logout token; None when it names nothing."""
        if claims.sid is not None:
            return self.delete_by_sid, {"issuer": claims.issuer, "sid": claims.sid}
        if claims.subject is not None:
            return self.delete_by_subject, {"issuer": claims.issuer, "subject": claims.subject}
        return None


@frozen
class TransactionStatements:
    """
    What a transaction store says to the database.

    Attributes:
        set: writes a row, over another one if need be.
        take: deletes the row of ``key`` and returns what it held: one statement, so of two callers one gets it.
        purge: removes at most ``batch_size`` rows that expired before ``before``.
    """

    set: Executable
    take: Executable
    purge: Executable

    @classmethod
    def of(cls, dialect: str) -> Self:
        """Build the statements for ``postgresql`` or ``sqlite``."""
        columns = transactions.c
        return cls(
            set=_insert(dialect, transactions, is_upsert=True),
            take=delete(transactions)
            .where(columns.identifier == bindparam("key"))
            .returning(columns.sealed, columns.expires_at),
            purge=_purge(dialect, transactions),
        )

    @staticmethod
    def values(identifier: str, record: TransactionRecord) -> Parameters:
        """Return the parameters that write a record."""
        return {
            "identifier": identifier,
            "expires_at": record.expires_at,
            "sealed": record.sealed,
        }


def _session_values(record: StateRecord) -> dict[str, Any]:
    """Return the columns of a record."""
    return {
        "version": record.version,
        "expires_at": record.expires_at,
        "issuer": record.issuer,
        "subject": record.subject,
        "sid": record.sid,
        "sealed": record.sealed,
    }


def state_record(row: Sequence[Any]) -> StateRecord:
    """Return the record of a row of ``get``."""
    version, expires_at, issuer, subject, sid, sealed = row
    return StateRecord(sealed, version, expires_at, issuer, subject, sid)


def transaction_record(row: Sequence[Any]) -> TransactionRecord:
    """Return the record of a row of ``take``."""
    sealed, expires_at = row
    return TransactionRecord(sealed, expires_at)


def _insert(dialect: str, table: Table, *, is_upsert: bool) -> Insert:
    build = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = build(table).values({column.name: bindparam(column.name) for column in table.c})
    key = [table.c.identifier]
    if not is_upsert:
        return statement.on_conflict_do_nothing(index_elements=key)
    new = {column.name: statement.excluded[column.name] for column in table.c}
    return statement.on_conflict_do_update(index_elements=key, set_=new)


def _purge(dialect: str, table: Table) -> Delete:
    columns = table.c
    oldest = (
        select(columns.identifier)
        .where(columns.expires_at < bindparam("before"))
        .order_by(columns.expires_at)
        .limit(bindparam("batch_size"))
    )
    if dialect == "postgresql":
        # Rows that a request is writing are left for later, so nobody waits. The rows are chosen in a WITH: it is
        # evaluated once, where a subquery may be run again by a plan, and choose others each time.
        chosen = oldest.with_for_update(skip_locked=True).cte("expired")
        return delete(table).where(columns.identifier.in_(select(chosen.c.identifier)))
    return delete(table).where(columns.identifier.in_(oldest))
