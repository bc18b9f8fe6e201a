"""Stores in memory, for tests and single processes. They define the reference behaviour of the contract."""

from threading import Lock

from .bridges import DirectStateStore, DirectTransactionStore
from .expiry import Expiry
from .protocols import LogoutClaims, StateRecord, StoreOptions, TransactionRecord

__all__ = [
    "BlockingMemoryStateStore",
    "BlockingMemoryTransactionStore",
    "MemoryStateStore",
    "MemoryTransactionStore",
]


class BlockingMemoryStateStore:
    """A ``BlockingStateStore`` that forgets everything when the process ends."""

    def __init__(self) -> None:
        self.records: dict[str, StateRecord] = {}
        self._expiry = Expiry()
        self._lock = Lock()

    def get(self, identifier: str, store_options: StoreOptions) -> StateRecord | None:
        """Return the record, or None."""
        return self.records.get(identifier)

    def set(
        self,
        identifier: str,
        record: StateRecord,
        expected_version: int | None,
        store_options: StoreOptions,
    ) -> bool:
        """Write if the version is the expected one, and say whether it was."""
        with self._lock:
            held = self.records.get(identifier)
            if (None if held is None else held.version) != expected_version:
                return False
            self.records[identifier] = record
            self._expiry.after_write(self.records, record)
            return True

    def delete(self, identifier: str, store_options: StoreOptions) -> None:
        """Remove the record if it is there."""
        with self._lock:
            self.records.pop(identifier, None)

    def delete_by_logout_token(self, claims: LogoutClaims, store_options: StoreOptions) -> None:
        """Remove the records that the claims match."""
        with self._lock:
            matched = [name for name, record in self.records.items() if _matches(record, claims)]
            for identifier in matched:
                del self.records[identifier]


class BlockingMemoryTransactionStore:
    """A ``BlockingTransactionStore`` that forgets everything when the process ends."""

    def __init__(self) -> None:
        self.records: dict[str, TransactionRecord] = {}
        self._expiry = Expiry()

    def set(self, identifier: str, record: TransactionRecord, store_options: StoreOptions) -> None:
        """Keep the record."""
        self.records[identifier] = record
        self._expiry.after_write(self.records, record)

    def take(self, identifier: str, store_options: StoreOptions) -> TransactionRecord | None:
        """Read and delete: ``dict.pop()`` is atomic among threads."""
        return self.records.pop(identifier, None)


class MemoryStateStore(DirectStateStore):
    """A ``StateStore`` that forgets everything when the process ends."""

    def __init__(self) -> None:
        store = BlockingMemoryStateStore()
        super().__init__(store)
        self._records = store.records


class MemoryTransactionStore(DirectTransactionStore):
    """A ``TransactionStore`` that forgets everything when the process ends."""

    def __init__(self) -> None:
        store = BlockingMemoryTransactionStore()
        super().__init__(store)
        self._records = store.records


def _matches(record: StateRecord, claims: LogoutClaims) -> bool:
    if record.issuer != claims.issuer:
        return False
    if claims.sid is not None:
        return record.sid == claims.sid
    return claims.subject is not None and record.subject == claims.subject
