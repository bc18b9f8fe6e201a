"""A client closes the stores that it opened, and no other."""

from typing import Any

import pytest

from support.memory_provider import CLIENT_ID, CLIENT_SECRET, ISSUER
from userlink import (
    BlockingMemoryStateStore,
    BlockingMemoryTransactionStore,
    MemoryStateStore,
    MemoryTransactionStore,
    ServerClient,
    SyncServerClient,
    hookimpl,
)
from userlink.runtime.opened_stores import OpenedStores

pytestmark = pytest.mark.anyio

closed: list[object] = []


class AsyncStore(MemoryStateStore):
    """A store to be closed by awaiting."""

    async def aclose(self) -> None:
        """Note that it was closed."""
        closed.append(self)


class BlockingStore(BlockingMemoryTransactionStore):
    """A store to be closed by a call."""

    def close(self) -> None:
        """Note that it was closed."""
        closed.append(self)


class BlockingState(BlockingMemoryStateStore):
    """The same for sessions."""

    def close(self) -> None:
        """Note that it was closed."""
        closed.append(self)


class Plugin:
    """Opens such stores."""

    def __init__(self, state_store: Any, transaction_store: Any) -> None:
        self.state_store, self.transaction_store = state_store, transaction_store

    @hookimpl
    def userlink_state_store(self, location: str) -> Any:
        """Return the one."""
        return self.state_store

    @hookimpl
    def userlink_transaction_store(self, location: str) -> Any:
        """Return the other."""
        return self.transaction_store


@pytest.fixture(autouse=True)
def _nothing_is_closed() -> None:
    closed.clear()


def arguments(state_store: object, transaction_store: object, *plugins: object) -> dict[str, Any]:
    """Return the arguments of a client."""
    return {
        "domain": ISSUER,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "secret": "a secret for tests, of 32 bytes or more",
        "authorization_params": {"redirect_uri": "https://app.example/auth/callback"},
        "state_store": state_store,
        "transaction_store": transaction_store,
        "plugins": plugins,
    }


async def test_a_client_closes_the_stores_of_its_locations() -> None:
    """By awaiting where it can, in a worker thread otherwise."""
    plugin = Plugin(AsyncStore(), BlockingStore())

    await ServerClient(**arguments("a:", "b:", plugin)).aclose()

    assert [plugin.state_store, plugin.transaction_store] == closed


def test_a_blocking_client_closes_the_stores_of_its_locations() -> None:
    """By a call."""
    plugin = Plugin(BlockingState(), BlockingStore())

    SyncServerClient(**arguments("a:", "b:", plugin)).close()

    assert [plugin.state_store, plugin.transaction_store] == closed


async def test_stores_that_were_given_stay_open() -> None:
    """They may serve others."""
    await ServerClient(**arguments(AsyncStore(), BlockingStore())).aclose()
    SyncServerClient(**arguments(BlockingState(), BlockingStore())).close()

    assert [] == closed


async def test_a_store_without_a_method_for_closing_is_left_alone() -> None:
    """Memory gives itself back."""
    opened = OpenedStores()
    for store in (MemoryStateStore(), MemoryTransactionStore(), BlockingMemoryStateStore()):
        opened.add(store)

    opened.close()
    await opened.aclose()
