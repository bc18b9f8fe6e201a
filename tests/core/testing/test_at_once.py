"""Many callers at the same moment, and stores to be awaited whatever they are."""

from collections.abc import Callable
from threading import get_ident
from typing import Any

import pytest
from anyio.lowlevel import checkpoint

from userlink import (
    BlockingMemoryStateStore,
    BlockingMemoryTransactionStore,
    MemoryStateStore,
    MemoryTransactionStore,
    StateRecord,
    StoreOptions,
)
from userlink.testing.at_once import (
    CALLERS,
    at_once,
    awaitable_state_store,
    awaitable_transaction_store,
)

pytestmark = pytest.mark.anyio


async def test_all_have_begun_before_one_has_ended() -> None:
    """Answers come in the order of the callers, whoever was first."""
    begun: list[int] = []

    async def act(number: int) -> int:
        begun.append(number)
        await checkpoint()
        return len(begun) * 100 + number

    assert [CALLERS * 100 + number for number in range(CALLERS)] == await at_once(act)


class Seen(BlockingMemoryStateStore):
    """Notes in which thread it works."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: set[int] = set()

    def get(self, identifier: str, store_options: StoreOptions) -> StateRecord | None:
        """Note the thread."""
        self.threads.add(get_ident())
        return super().get(identifier, store_options)


async def test_a_store_that_blocks_works_in_threads() -> None:
    """As it does under ``ServerClient``."""
    store = Seen()

    await awaitable_state_store(store).get("a", {})

    assert store.threads
    assert get_ident() not in store.threads
    assert await awaitable_transaction_store(BlockingMemoryTransactionStore()).take("a", {}) is None


async def test_a_store_that_is_awaited_is_used_as_it_is() -> None:
    """There is nothing to translate."""
    state_store, transaction_store = MemoryStateStore(), MemoryTransactionStore()

    assert awaitable_state_store(state_store) is state_store
    assert awaitable_transaction_store(transaction_store) is transaction_store


@pytest.mark.parametrize("adapt", [awaitable_state_store, awaitable_transaction_store])
async def test_what_is_no_store_is_refused(adapt: Callable[[Any], object]) -> None:
    """Before the first check."""
    with pytest.raises(AssertionError, match="lacks methods"):
        adapt(object())
