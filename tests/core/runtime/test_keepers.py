"""Where sessions and transactions are kept: in cookies or in stores, from which keys, by which bridge."""

from typing import Any

import pytest

from support.engine_parts import default_parts
from userlink.errors import ConfigurationError
from userlink.plugins.manager import Plugins
from userlink.runtime.keepers import KeeperFactory
from userlink.runtime.sessions import CookieSessions, StoredSessions
from userlink.runtime.transactions import CookieTransactions, StoredTransactions
from userlink.stores.bridges import (
    DirectStateStore,
    DirectTransactionStore,
    ThreadedStateStore,
    ThreadedTransactionStore,
)
from userlink.stores.memory_store import (
    BlockingMemoryStateStore,
    BlockingMemoryTransactionStore,
    MemoryStateStore,
    MemoryTransactionStore,
)

UNUSABLE = [object(), {}, 5, MemoryStateStore, BlockingMemoryStateStore().get]


def factory(*, blocking: bool) -> KeeperFactory:
    """Return a factory without plugins."""
    parts = default_parts()
    return KeeperFactory(
        parts.settings, parts.secrets, Plugins(installed=False), parts.entropy, blocking=blocking
    )


@pytest.mark.parametrize("blocking", [True, False])
def test_without_a_store_both_are_sealed_into_cookies(blocking: bool) -> None:
    """The default needs no server, whichever the driver."""
    assert isinstance(factory(blocking=blocking).sessions(None), CookieSessions)
    assert isinstance(factory(blocking=blocking).transactions(None), CookieTransactions)


def state_store_of(store: Any, *, blocking: bool) -> object:
    """Return what the keeper of sessions awaits."""
    keeper = factory(blocking=blocking).sessions(store)
    assert isinstance(keeper, StoredSessions)
    return keeper._store


def transaction_store_of(store: Any, *, blocking: bool) -> object:
    """Return what the keeper of transactions awaits."""
    keeper = factory(blocking=blocking).transactions(store)
    assert isinstance(keeper, StoredTransactions)
    return keeper._store


def test_an_async_store_is_awaited_as_it_is() -> None:
    """Nothing stands between it and ``ServerClient``."""
    states, transactions = MemoryStateStore(), MemoryTransactionStore()

    assert states is state_store_of(states, blocking=False)
    assert transactions is transaction_store_of(transactions, blocking=False)


def test_a_blocking_store_works_in_threads_under_an_event_loop_and_at_once_without() -> None:
    """Nobody else waits for it in the one case, and nothing suspends in the other."""
    states, transactions = BlockingMemoryStateStore(), BlockingMemoryTransactionStore()

    assert ThreadedStateStore is type(state_store_of(states, blocking=False))
    assert ThreadedTransactionStore is type(transaction_store_of(transactions, blocking=False))
    assert DirectStateStore is type(state_store_of(states, blocking=True))
    assert DirectTransactionStore is type(transaction_store_of(transactions, blocking=True))


def test_a_location_is_opened_for_the_driver() -> None:
    """The plugin is told for which client it is."""
    assert MemoryStateStore is type(state_store_of("memory:", blocking=False))
    assert DirectStateStore is type(state_store_of("memory:", blocking=True))
    assert MemoryTransactionStore is type(transaction_store_of("memory:", blocking=False))
    assert DirectTransactionStore is type(transaction_store_of("memory:", blocking=True))


def test_a_blocking_client_refuses_what_it_would_have_to_await() -> None:
    """When it is built, by a message of its own that says which client takes such a store."""
    with pytest.raises(ConfigurationError, match="state_store is no blocking store") as caught:
        factory(blocking=True).sessions(MemoryStateStore())
    assert "use ServerClient" in caught.value.hint

    with pytest.raises(ConfigurationError, match="transaction_store is no blocking store"):
        factory(blocking=True).transactions(MemoryTransactionStore())


@pytest.mark.parametrize("blocking", [True, False])
@pytest.mark.parametrize("store", UNUSABLE, ids=lambda store: type(store).__name__)
def test_what_is_no_store_is_refused(store: Any, blocking: bool) -> None:
    """When the client is built, not at somebody's login."""
    with pytest.raises(ConfigurationError, match="The state_store"):
        factory(blocking=blocking).sessions(store)
    with pytest.raises(ConfigurationError, match="The transaction_store"):
        factory(blocking=blocking).transactions(store)
