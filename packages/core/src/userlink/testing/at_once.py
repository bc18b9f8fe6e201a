"""Many callers of a store at the same moment: tasks, and threads where the store blocks."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from userlink.stores.bridges import (
    ThreadedStateStore,
    ThreadedTransactionStore,
    is_async_state_store,
    is_async_transaction_store,
    is_blocking_state_store,
    is_blocking_transaction_store,
)
from userlink.stores.protocols import (
    BlockingStateStore,
    BlockingTransactionStore,
    StateStore,
    TransactionStore,
)

__all__ = ["CALLERS", "at_once", "awaitable_state_store", "awaitable_transaction_store"]

CALLERS = 32
T = TypeVar("T")


async def at_once(action: Callable[[int], Awaitable[T]], callers: int = CALLERS) -> list[T]:
    """Perform an action in many tasks that are let go at the same moment; return what each was given."""
    from anyio import Event, create_task_group

    answers: dict[int, T] = {}
    start = Event()

    async def wait_and_act(number: int) -> None:
        await start.wait()
        answers[number] = await action(number)

    async with create_task_group() as tasks:
        for number in range(callers):
            tasks.start_soon(wait_and_act, number)
        start.set()
    return [answers[number] for number in range(callers)]


def awaitable_state_store(store: StateStore | BlockingStateStore) -> StateStore:
    """Return a store to be awaited; one that blocks works in a thread for each caller, as under ``ServerClient``."""
    if is_async_state_store(store):
        return store
    assert is_blocking_state_store(store), "the store lacks methods"
    return ThreadedStateStore(store)


def awaitable_transaction_store(
    store: TransactionStore | BlockingTransactionStore,
) -> TransactionStore:
    """Return a store to be awaited; one that blocks works in a thread for each caller, as under ``ServerClient``."""
    if is_async_transaction_store(store):
        return store
    assert is_blocking_transaction_store(store), "the store lacks methods"
    return ThreadedTransactionStore(store)
