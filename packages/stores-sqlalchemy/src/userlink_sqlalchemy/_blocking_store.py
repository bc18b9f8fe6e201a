"""Stores for ``SyncServerClient``, whose methods block; ``ServerClient`` has them work in threads."""

from collections.abc import Callable

from sqlalchemy import URL, Engine, Executable
from sqlalchemy.ext.asyncio import AsyncEngine

from userlink import (
    ConfigurationError,
    LogoutClaims,
    StateRecord,
    StoreOptions,
    TransactionRecord,
)
from userlink.runtime.clock import system_clock

from ._blocking_database import BlockingDatabase
from ._engines import is_url, opened
from ._statements import (
    StateStatements,
    TransactionStatements,
    state_record,
    transaction_record,
)

__all__ = ["BlockingSqlStateStore", "BlockingSqlTransactionStore"]


class _BlockingSqlStore:
    """
    What the two stores have in common.

    Args:
        database: an engine, whose pool is used; or a URL, for which the store makes an engine of its own.
        clock: tells the time in Unix seconds; only ``purge_expired()`` asks.

    Raises:
        ConfigurationError: when the database cannot be used.
    """

    _purge: Executable

    def __init__(
        self, database: Engine | URL | str, *, clock: Callable[[], int] = system_clock
    ) -> None:
        engine = opened(database)
        if isinstance(engine, AsyncEngine):
            raise ConfigurationError(
                "A blocking store cannot use an AsyncEngine or the URL of an async driver.",
                hint="Use an Engine or a URL such as postgresql+psycopg://…, or ServerClient.",
            )
        self._database = BlockingDatabase(engine, owned=is_url(database))
        self._clock = clock

    def create_all(self) -> None:
        """Make the tables of both stores, and their indexes, where they are not there yet."""
        self._database.create_all()

    def purge_expired(self, *, batch_size: int = 1000, grace_seconds: int = 300) -> int:
        """
        Remove expired records, each batch by a statement of its own, and return how many there were.

        Args:
            batch_size: how many rows a statement removes at most.
            grace_seconds: how long after their expiry records stay, for the sake of processes whose clocks are behind.
        """
        parameters = {"before": self._clock() - grace_seconds, "batch_size": max(1, batch_size)}
        purged = removed = self._database.execute(self._purge, parameters).count
        while removed:
            removed = self._database.execute(self._purge, parameters).count
            purged += removed
        return purged

    def close(self) -> None:
        """Close the connections of an engine that the store has made itself."""
        self._database.close()


class BlockingSqlStateStore(_BlockingSqlStore):
    """
    Keeps sessions in the table ``userlink_sessions``: a ``BlockingStateStore``.

    Args:
        database: an engine, whose pool is used; or a URL, for which the store makes an engine of its own.
        clock: tells the time in Unix seconds; only ``purge_expired()`` asks.

    Raises:
        ConfigurationError: when the database cannot be used.
    """

    def __init__(
        self, database: Engine | URL | str, *, clock: Callable[[], int] = system_clock
    ) -> None:
        super().__init__(database, clock=clock)
        self._statements = StateStatements.of(self._database.dialect)
        self._purge = self._statements.purge

    def get(self, identifier: str, store_options: StoreOptions) -> StateRecord | None:
        """Return the record, or None; an expired one that was not purged is returned."""
        row = self._database.execute(self._statements.get, {"key": identifier}).row
        return None if row is None else state_record(row)

    def set(
        self,
        identifier: str,
        record: StateRecord,
        expected_version: int | None,
        store_options: StoreOptions,
    ) -> bool:
        """Write by compare-and-set, and say whether it was written."""
        statement, parameters = self._statements.set(identifier, record, expected_version)
        return self._database.execute(statement, parameters).count == 1

    def delete(self, identifier: str, store_options: StoreOptions) -> None:
        """Remove the record."""
        self._database.execute(self._statements.delete, {"key": identifier})

    def delete_by_logout_token(self, claims: LogoutClaims, store_options: StoreOptions) -> None:
        """Remove every record that the claims match, found by an index."""
        asked = self._statements.delete_by(claims)
        if asked is not None:
            self._database.execute(*asked)


class BlockingSqlTransactionStore(_BlockingSqlStore):
    """
    Keeps started transactions in the table ``userlink_transactions``: a ``BlockingTransactionStore``.

    Args:
        database: an engine, whose pool is used; or a URL, for which the store makes an engine of its own.
        clock: tells the time in Unix seconds; only ``purge_expired()`` asks.

    Raises:
        ConfigurationError: when the database cannot be used.
    """

    def __init__(
        self, database: Engine | URL | str, *, clock: Callable[[], int] = system_clock
    ) -> None:
        super().__init__(database, clock=clock)
        self._statements = TransactionStatements.of(self._database.dialect)
        self._purge = self._statements.purge

    def set(self, identifier: str, record: TransactionRecord, store_options: StoreOptions) -> None:
        """Keep the record."""
        self._database.execute(self._statements.set, self._statements.values(identifier, record))

    def take(self, identifier: str, store_options: StoreOptions) -> TransactionRecord | None:
        """Delete the record and return it, in one statement."""
        row = self._database.execute(self._statements.take, {"key": identifier}).row
        return None if row is None else transaction_record(row)
