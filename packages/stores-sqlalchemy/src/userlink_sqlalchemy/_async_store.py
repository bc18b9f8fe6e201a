"""Stores for ``ServerClient``, to be awaited: natively on an ``AsyncEngine``, in threads on an ``Engine``."""

from collections.abc import Callable

from sqlalchemy import Executable

from userlink import LogoutClaims, StateRecord, StoreOptions, TransactionRecord
from userlink.runtime.clock import system_clock

from ._async_database import async_database
from ._engines import Database
from ._statements import (
    StateStatements,
    TransactionStatements,
    state_record,
    transaction_record,
)

__all__ = ["SqlStateStore", "SqlTransactionStore"]


class _SqlStore:
    """
    What the two stores have in common.

    Args:
        database: an ``AsyncEngine`` for asyncio, an ``Engine`` for worker threads, or a URL of either kind, for which
            the store makes an engine of its own.
        clock: tells the time in Unix seconds; only ``purge_expired()`` asks.

    Raises:
        ConfigurationError: when the database cannot be used.
    """

    _purge: Executable

    def __init__(self, database: Database, *, clock: Callable[[], int] = system_clock) -> None:
        self._database = async_database(database)
        self._clock = clock

    async def create_all(self) -> None:
        """Make the tables of both stores, and their indexes, where they are not there yet."""
        await self._database.create_all()

    async def purge_expired(self, *, batch_size: int = 1000, grace_seconds: int = 300) -> int:
        """
        Remove expired records, each batch by a statement of its own, and return how many there were.

        Args:
            batch_size: how many rows a statement removes at most.
            grace_seconds: how long after their expiry records stay, for the sake of processes whose clocks are behind.
        """
        parameters = {"before": self._clock() - grace_seconds, "batch_size": max(1, batch_size)}
        purged = removed = (await self._database.execute(self._purge, parameters)).count
        while removed:
            removed = (await self._database.execute(self._purge, parameters)).count
            purged += removed
        return purged

    async def aclose(self) -> None:
        """Close the connections of an engine that the store has made itself."""
        await self._database.aclose()


class SqlStateStore(_SqlStore):
    """
    Keeps sessions in the table ``userlink_sessions``: a ``StateStore``.

    Args:
        database: an ``AsyncEngine`` for asyncio, an ``Engine`` for worker threads, or a URL of either kind, for which
            the store makes an engine of its own.
        clock: tells the time in Unix seconds; only ``purge_expired()`` asks.

    Raises:
        ConfigurationError: when the database cannot be used; at the first call, when an ``AsyncEngine`` is used on
            another event loop than asyncio's.
    """

    def __init__(self, database: Database, *, clock: Callable[[], int] = system_clock) -> None:
        super().__init__(database, clock=clock)
        self._statements = StateStatements.of(self._database.dialect)
        self._purge = self._statements.purge

    async def get(self, identifier: str, store_options: StoreOptions) -> StateRecord | None:
        """Return the record, or None; an expired one that was not purged is returned."""
        row = (await self._database.execute(self._statements.get, {"key": identifier})).row
        return None if row is None else state_record(row)

    async def set(
        self,
        identifier: str,
        record: StateRecord,
        expected_version: int | None,
        store_options: StoreOptions,
    ) -> bool:
        """Write by compare-and-set, and say whether it was written."""
        statement, parameters = self._statements.set(identifier, record, expected_version)
        return (await self._database.execute(statement, parameters)).count == 1

    async def delete(self, identifier: str, store_options: StoreOptions) -> None:
        """Remove the record."""
        await self._database.execute(self._statements.delete, {"key": identifier})

    async def delete_by_logout_token(
        self, claims: LogoutClaims, store_options: StoreOptions
    ) -> None:
        """Remove every record that the claims match, found by an index."""
        asked = self._statements.delete_by(claims)
        if asked is not None:
            await self._database.execute(*asked)


class SqlTransactionStore(_SqlStore):
    """
    Keeps started transactions in the table ``userlink_transactions``: a ``TransactionStore``.

    Args:
        database: an ``AsyncEngine`` for asyncio, an ``Engine`` for worker threads, or a URL of either kind, for which
            the store makes an engine of its own.
        clock: tells the time in Unix seconds; only ``purge_expired()`` asks.

    Raises:
        ConfigurationError: as for ``SqlStateStore``.
    """

    def __init__(self, database: Database, *, clock: Callable[[], int] = system_clock) -> None:
        super().__init__(database, clock=clock)
        self._statements = TransactionStatements.of(self._database.dialect)
        self._purge = self._statements.purge

    async def set(
        self, identifier: str, record: TransactionRecord, store_options: StoreOptions
    ) -> None:
        """Keep the record."""
        parameters = self._statements.values(identifier, record)
        await self._database.execute(self._statements.set, parameters)

    async def take(self, identifier: str, store_options: StoreOptions) -> TransactionRecord | None:
        """Delete the record and return it, in one statement."""
        row = (await self._database.execute(self._statements.take, {"key": identifier})).row
        return None if row is None else transaction_record(row)
