"""
Between blocking stores and code that awaits: in worker threads, or at once.

Under an event loop, a blocking store works in a worker thread, so that nobody else waits for it. Under the blocking
client the same code that awaits a store runs to its end without ever suspending.
"""

from collections.abc import Coroutine, Iterator
from inspect import iscoroutinefunction
from typing import Any, TypeGuard, TypeVar

from .protocols import (
    BlockingStateStore,
    BlockingTransactionStore,
    LogoutClaims,
    StateRecord,
    StateStore,
    StoreOptions,
    TransactionRecord,
    TransactionStore,
)

__all__ = [
    "DirectStateStore",
    "DirectTransactionStore",
    "ThreadedStateStore",
    "ThreadedTransactionStore",
    "finish",
    "is_async_state_store",
    "is_async_transaction_store",
    "is_blocking_state_store",
    "is_blocking_transaction_store",
]

T = TypeVar("T")


def is_async_state_store(store: object) -> TypeGuard[StateStore]:
    """Tell whether an object is a state store whose methods are to be awaited."""
    return all(iscoroutinefunction(method) for method in _methods(store, StateStore))


def is_blocking_state_store(store: object) -> TypeGuard[BlockingStateStore]:
    """Tell whether an object is a state store whose methods block."""
    return all(_is_blocking(method) for method in _methods(store, BlockingStateStore))


def is_async_transaction_store(store: object) -> TypeGuard[TransactionStore]:
    """Tell whether an object is a transaction store whose methods are to be awaited."""
    return all(iscoroutinefunction(method) for method in _methods(store, TransactionStore))


def is_blocking_transaction_store(store: object) -> TypeGuard[BlockingTransactionStore]:
    """Tell whether an object is a transaction store whose methods block."""
    return all(_is_blocking(method) for method in _methods(store, BlockingTransactionStore))


def _methods(store: object, contract: type) -> Iterator[object]:
    # A class has the functions too, but nobody has called it: it is no store.
    holder = None if isinstance(store, type) else store
    return (getattr(holder, name, None) for name in vars(contract) if not name.startswith("_"))


def _is_blocking(method: object) -> bool:
    return callable(method) and not iscoroutinefunction(method)


def finish(coroutine: Coroutine[Any, Any, T]) -> T:
    """
    Run a coroutine that awaits nothing but direct stores to its end, in the calling thread.

    Raises:
        RuntimeError: when it waits for an event loop all the same; that is a mistake of ours.
    """
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    coroutine.close()
    raise RuntimeError("a blocking client waited for an event loop")


class DirectStateStore:
    """A blocking state store that can be awaited, and never suspends."""

    def __init__(self, store: BlockingStateStore) -> None:
        self._store = store

    async def get(self, identifier: str, store_options: StoreOptions) -> StateRecord | None:
        """Return the record, or None."""
        return self._store.get(identifier, store_options)

    async def set(
        self,
        identifier: str,
        record: StateRecord,
        expected_version: int | None,
        store_options: StoreOptions,
    ) -> bool:
        """Write by compare-and-set."""
        return self._store.set(identifier, record, expected_version, store_options)

    async def delete(self, identifier: str, store_options: StoreOptions) -> None:
        """Remove the record."""
        self._store.delete(identifier, store_options)

    async def delete_by_logout_token(
        self, claims: LogoutClaims, store_options: StoreOptions
    ) -> None:
        """Remove every record that the claims match."""
        self._store.delete_by_logout_token(claims, store_options)


class DirectTransactionStore:
    """A blocking transaction store that can be awaited, and never suspends."""

    def __init__(self, store: BlockingTransactionStore) -> None:
        self._store = store

    async def set(
        self, identifier: str, record: TransactionRecord, store_options: StoreOptions
    ) -> None:
        """Keep the record."""
        self._store.set(identifier, record, store_options)

    async def take(self, identifier: str, store_options: StoreOptions) -> TransactionRecord | None:
        """Read and delete."""
        return self._store.take(identifier, store_options)


class ThreadedStateStore:
    """A blocking state store that works in worker threads. What was begun is finished, also when it is given up."""

    def __init__(self, store: BlockingStateStore) -> None:
        self._store = store

    async def get(self, identifier: str, store_options: StoreOptions) -> StateRecord | None:
        """Return the record, or None."""
        from anyio.to_thread import run_sync

        return await run_sync(self._store.get, identifier, store_options)

    async def set(
        self,
        identifier: str,
        record: StateRecord,
        expected_version: int | None,
        store_options: StoreOptions,
    ) -> bool:
        """Write by compare-and-set."""
        from anyio.to_thread import run_sync

        return await run_sync(self._store.set, identifier, record, expected_version, store_options)

    async def delete(self, identifier: str, store_options: StoreOptions) -> None:
        """Remove the record."""
        from anyio.to_thread import run_sync

        await run_sync(self._store.delete, identifier, store_options)

    async def delete_by_logout_token(
        self, claims: LogoutClaims, store_options: StoreOptions
    ) -> None:
        """Remove every record that the claims match."""
        from anyio.to_thread import run_sync

        await run_sync(self._store.delete_by_logout_token, claims, store_options)


class ThreadedTransactionStore:
    """A blocking transaction store that works in worker threads."""

    def __init__(self, store: BlockingTransactionStore) -> None:
        self._store = store

    async def set(
        self, identifier: str, record: TransactionRecord, store_options: StoreOptions
    ) -> None:
        """Keep the record."""
        from anyio.to_thread import run_sync

        await run_sync(self._store.set, identifier, record, store_options)

    async def take(self, identifier: str, store_options: StoreOptions) -> TransactionRecord | None:
        """Read and delete."""
        from anyio.to_thread import run_sync

        return await run_sync(self._store.take, identifier, store_options)
