"""Between blocking stores and code that awaits: nothing is lost on the way, and nobody waits in vain."""

from threading import Event, get_ident
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from userlink.stores.bridges import (
    DirectStateStore,
    DirectTransactionStore,
    ThreadedStateStore,
    ThreadedTransactionStore,
    finish,
    is_async_state_store,
    is_async_transaction_store,
    is_blocking_state_store,
    is_blocking_transaction_store,
)
from userlink.stores.memory_store import (
    BlockingMemoryStateStore,
    BlockingMemoryTransactionStore,
    MemoryStateStore,
    MemoryTransactionStore,
)
from userlink.stores.protocols import (
    LogoutClaims,
    StateRecord,
    StateStore,
    StoreOptions,
    TransactionRecord,
    TransactionStore,
)

ISSUER = "https://tenant.example.com/"
STATE = StateRecord(b"sealed", 1, 1_800_000_000, ISSUER, "auth0|alice", "sid-1")
TRANSACTION = TransactionRecord(b"sealed", 1_800_000_000)
OPTIONS: StoreOptions = {"request": object()}


class Witness:
    """Notes what it was given, by which thread, and fails when told to."""

    def __init__(self) -> None:
        self.given: list[tuple[str, tuple[Any, ...]]] = []
        self.threads: set[int] = set()
        self.failure: Exception | None = None

    def _note(self, method: str, *arguments: Any) -> None:
        self.given.append((method, arguments))
        self.threads.add(get_ident())
        if self.failure is not None:
            raise self.failure


class StateWitness(Witness):
    """A blocking state store."""

    def get(self, identifier: str, store_options: StoreOptions) -> StateRecord | None:
        self._note("get", identifier, store_options)
        return STATE

    def set(
        self,
        identifier: str,
        record: StateRecord,
        expected_version: int | None,
        store_options: StoreOptions,
    ) -> bool:
        self._note("set", identifier, record, expected_version, store_options)
        return False

    def delete(self, identifier: str, store_options: StoreOptions) -> None:
        self._note("delete", identifier, store_options)

    def delete_by_logout_token(self, claims: LogoutClaims, store_options: StoreOptions) -> None:
        self._note("delete_by_logout_token", claims, store_options)


class TransactionWitness(Witness):
    """A blocking transaction store."""

    def set(self, identifier: str, record: TransactionRecord, store_options: StoreOptions) -> None:
        self._note("set", identifier, record, store_options)

    def take(self, identifier: str, store_options: StoreOptions) -> TransactionRecord | None:
        self._note("take", identifier, store_options)
        return TRANSACTION


async def use_state_store(store: StateStore) -> list[object]:
    """Call every method, and return the answers."""
    return [
        await store.get("a", OPTIONS),
        await store.set("a", STATE, 7, OPTIONS),
        await store.delete("a", OPTIONS),  # type: ignore[func-returns-value]  # None it must be
        await store.delete_by_logout_token(LogoutClaims(ISSUER, None, "sid-1"), OPTIONS),  # type: ignore[func-returns-value]  # None it must be
    ]


async def use_transaction_store(store: TransactionStore) -> list[object]:
    """Call every method, and return the answers."""
    return [
        await store.set("a", TRANSACTION, OPTIONS),  # type: ignore[func-returns-value]  # None it must be
        await store.take("a", OPTIONS),
    ]


STATE_CALLS = [
    ("get", ("a", OPTIONS)),
    ("set", ("a", STATE, 7, OPTIONS)),
    ("delete", ("a", OPTIONS)),
    ("delete_by_logout_token", (LogoutClaims(ISSUER, None, "sid-1"), OPTIONS)),
]
TRANSACTION_CALLS = [("set", ("a", TRANSACTION, OPTIONS)), ("take", ("a", OPTIONS))]


# ------------------------------------------------------------------------------------ at once


def test_a_direct_state_store_is_used_at_once_and_in_this_thread() -> None:
    """Arguments and answers pass unchanged, and nothing suspends."""
    store = StateWitness()

    assert [STATE, False, None, None] == finish(use_state_store(DirectStateStore(store)))
    assert STATE_CALLS == store.given
    assert {get_ident()} == store.threads


def test_a_direct_transaction_store_is_used_at_once_and_in_this_thread() -> None:
    """Arguments and answers pass unchanged, and nothing suspends."""
    store = TransactionWitness()

    answers = finish(use_transaction_store(DirectTransactionStore(store)))

    assert [None, TRANSACTION] == answers
    assert TRANSACTION_CALLS == store.given
    assert {get_ident()} == store.threads


def test_what_a_coroutine_raises_is_raised() -> None:
    """With its traceback, to the line of the store."""
    store = StateWitness()
    store.failure = LookupError("mine")

    with pytest.raises(LookupError, match="mine") as caught:
        finish(use_state_store(DirectStateStore(store)))

    assert "_note" in [entry.name for entry in caught.traceback]


def test_a_coroutine_that_waits_for_an_event_loop_is_closed_and_refused() -> None:
    """It would wait for ever; ``finally`` runs."""
    seen: list[str] = []

    class Suspending:
        """Awaits what no loop will ever wake."""

        def __await__(self) -> Any:
            yield

    async def waits() -> None:
        try:
            await Suspending()
        finally:
            seen.append("finally")

    with pytest.raises(RuntimeError, match="waited for an event loop"):
        finish(waits())

    assert ["finally"] == seen


# ---------------------------------------------------------------------------------- in threads


@pytest.mark.anyio
async def test_a_threaded_state_store_works_in_other_threads() -> None:
    """Arguments and answers pass unchanged."""
    store = StateWitness()

    assert [STATE, False, None, None] == await use_state_store(ThreadedStateStore(store))
    assert STATE_CALLS == store.given
    assert get_ident() not in store.threads


@pytest.mark.anyio
async def test_a_threaded_transaction_store_works_in_other_threads() -> None:
    """Arguments and answers pass unchanged."""
    store = TransactionWitness()

    answers = await use_transaction_store(ThreadedTransactionStore(store))

    assert [None, TRANSACTION] == answers
    assert TRANSACTION_CALLS == store.given
    assert get_ident() not in store.threads


@pytest.mark.anyio
async def test_what_a_threaded_store_raises_is_raised() -> None:
    """The keepers make a ``StoreError`` of it."""
    store = TransactionWitness()
    store.failure = LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        await ThreadedTransactionStore(store).take("a", OPTIONS)


@pytest.mark.anyio
async def test_others_go_on_while_a_threaded_store_blocks() -> None:
    """The event loop is not held up: the other task opens the gate that the store waits at."""
    gate = Event()

    class Slow(BlockingMemoryTransactionStore):
        """Waits at the gate."""

        def take(self, identifier: str, store_options: StoreOptions) -> TransactionRecord | None:
            assert gate.wait(60)
            return TRANSACTION

    taken: list[object] = []

    async def take() -> None:
        taken.append(await ThreadedTransactionStore(Slow()).take("a", OPTIONS))

    async with anyio.create_task_group() as group:
        group.start_soon(take)
        await checkpoint()
        gate.set()

    assert [TRANSACTION] == taken


@pytest.mark.anyio
async def test_what_a_threaded_store_began_is_finished_when_it_is_given_up() -> None:
    """A user who goes away leaves no write half done, and none that nobody waited for."""
    begun, gate = anyio.Event(), Event()

    class Slow(BlockingMemoryTransactionStore):
        """Says that it began, and waits at the gate."""

        def set(
            self, identifier: str, record: TransactionRecord, store_options: StoreOptions
        ) -> None:
            anyio.from_thread.run_sync(begun.set)
            assert gate.wait(60)
            super().set(identifier, record, store_options)

    store = Slow()
    async with anyio.create_task_group() as group:
        group.start_soon(ThreadedTransactionStore(store).set, "a", TRANSACTION, OPTIONS)
        await begun.wait()
        group.cancel_scope.cancel()
        gate.set()

    assert {"a": TRANSACTION} == store.records


# ------------------------------------------------------------------------------ which is which


class Mixed(BlockingMemoryStateStore):
    """Awaited in one method, and not in the others."""

    async def get(self, identifier: str, store_options: StoreOptions) -> Any:  # type: ignore[override]  # what may not be done
        return None


class WithoutDelete:
    """Not all of a store."""

    async def get(self, identifier: str, store_options: StoreOptions) -> StateRecord | None:
        return None

    async def take(self, identifier: str, store_options: StoreOptions) -> TransactionRecord | None:
        return None


@pytest.mark.parametrize(
    ("store", "is_async", "is_blocking"),
    [
        (MemoryStateStore(), True, False),
        (ThreadedStateStore(BlockingMemoryStateStore()), True, False),
        (BlockingMemoryStateStore(), False, True),
        (Mixed(), False, False),
        (BlockingMemoryStateStore, False, False),
        (WithoutDelete(), False, False),
        ({}, False, False),
        (None, False, False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_state_store_is_told_by_all_its_methods(
    store: object, is_async: bool, is_blocking: bool
) -> None:
    """One that is awaited here and blocks there is neither."""
    assert is_async is is_async_state_store(store)
    assert is_blocking is is_blocking_state_store(store)


@pytest.mark.parametrize(
    ("store", "is_async", "is_blocking"),
    [
        (MemoryTransactionStore(), True, False),
        (ThreadedTransactionStore(BlockingMemoryTransactionStore()), True, False),
        (BlockingMemoryTransactionStore(), False, True),
        (WithoutDelete(), False, False),
        (set(), False, False),
        (None, False, False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_transaction_store_is_told_by_all_its_methods(
    store: object, is_async: bool, is_blocking: bool
) -> None:
    """One that lacks a method is none."""
    assert is_async is is_async_transaction_store(store)
    assert is_blocking is is_blocking_transaction_store(store)
