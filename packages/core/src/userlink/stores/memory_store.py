"""Stores in memory, for tests and single processes. They define the reference behaviour of the contract."""

from threading import Lock

from .expiry import Expiry
from .protocols import LogoutClaims, StateRecord, StoreOptions, TransactionRecord

__all__ = ["MemoryStateStore", "MemoryTransactionStore"]


class MemoryStateStore:
    """A ``StateStore`` that forgets everything when the process ends."""

    def __init__(self) -> None:
        self._records: dict[str, StateRecord] = {}
        self._expiry = Expiry()
        self._lock = Lock()

    async def get(self, identifier: str, store_options: StoreOptions) -> StateRecord | None:
        """Return the record, or None."""
        return self._records.get(identifier)

    async def set(
        self,
        identifier: str,
        record: StateRecord,
        expected_version: int | None,
        store_options: StoreOptions,
    ) -> bool:
        """Write if the version is the expected one, and say whether it was."""
        with self._lock:
            held = self._records.get(identifier)
            if (None if held is None else held.version) != expected_version:
                return False
            self._records[identifier] = record
            self._expiry.after_write(self._records, record)
            return True

    async def delete(self, identifier: str, store_options: StoreOptions) -> None:
        """Remove the record if it is there."""
        with self._lock:
            self._records.pop(identifier, None)

    async def delete_by_logout_token(
        self, claims: LogoutClaims, store_options: StoreOptions
    ) -> None:
        """Remove the records that the claims match."""
        with self._lock:
            self._records = {
                identifier: record
                for identifier, record in self._records.items()
                if not _matches(record, claims)
            }


class MemoryTransactionStore:
    """A ``TransactionStore`` that forgets everything when the process ends."""

    def __init__(self) -> None:
        self._records: dict[str, TransactionRecord] = {}
        self._expiry = Expiry()

    async def set(
        self, identifier: str, record: TransactionRecord, store_options: StoreOptions
    ) -> None:
        """Keep the record."""
        self._records[identifier] = record
        self._expiry.after_write(self._records, record)

    async def take(self, identifier: str, store_options: StoreOptions) -> TransactionRecord | None:
        """Read and delete: ``dict.pop()`` is atomic among threads."""
        return self._records.pop(identifier, None)


def _matches(record: StateRecord, claims: LogoutClaims) -> bool:
    if record.issuer != claims.issuer:
        return False
    if claims.sid is not None:
        return record.sid == claims.sid
    return claims.subject is not None and record.subject == claims.subject
