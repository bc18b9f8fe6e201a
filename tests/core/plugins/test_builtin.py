"""What every client has unless a plugin says otherwise."""

import pytest

from support.memory_provider import ISSUER
from userlink.plugins import builtin
from userlink.plugins.blocking_httpx_transport import BlockingHttpxTransport
from userlink.plugins.httpx_transport import HttpxTransport
from userlink.protocol.settings import ClientSettings
from userlink.stores.memory_store import (
    BlockingMemoryStateStore,
    BlockingMemoryTransactionStore,
    MemoryStateStore,
    MemoryTransactionStore,
)


def test_the_transport_is_on_httpx() -> None:
    """Each client has its own, for its connections are its own."""
    settings = ClientSettings.read(domain=ISSUER, client_id="client-1", client_secret=None)

    first, second = builtin.userlink_transport(settings), builtin.userlink_transport(settings)

    assert isinstance(first, HttpxTransport)
    assert first is not second


def test_the_blocking_transport_is_on_httpx() -> None:
    """Each client has its own, for its connections are its own."""
    settings = ClientSettings.read(domain=ISSUER, client_id="client-1", client_secret=None)

    first = builtin.userlink_blocking_transport(settings)

    assert isinstance(first, BlockingHttpxTransport)
    assert first is not builtin.userlink_blocking_transport(settings)


def test_the_location_memory_is_a_blocking_store_for_a_blocking_client() -> None:
    """It awaits nothing."""
    assert isinstance(
        builtin.userlink_state_store("memory:", blocking=True), BlockingMemoryStateStore
    )
    assert isinstance(
        builtin.userlink_transaction_store("memory:", blocking=True),
        BlockingMemoryTransactionStore,
    )


def test_the_location_memory_is_a_store_in_memory() -> None:
    """Each client that asks has its own."""
    first = builtin.userlink_state_store("memory:", blocking=False)

    assert isinstance(first, MemoryStateStore)
    assert first is not builtin.userlink_state_store("memory:", blocking=False)
    assert isinstance(
        builtin.userlink_transaction_store("memory:", blocking=False), MemoryTransactionStore
    )


@pytest.mark.parametrize("location", ["", "memory", "memory://", "MEMORY:", "redis://host"])
def test_other_locations_are_left_to_other_plugins(location: str) -> None:
    """Nothing is guessed."""
    assert builtin.userlink_state_store(location, blocking=False) is None
    assert builtin.userlink_transaction_store(location, blocking=False) is None


def test_store_options_of_no_known_form_are_left_to_other_plugins() -> None:
    """The generic exchange answers only where it fits."""
    assert builtin.userlink_bind_exchange({}) is None
    assert builtin.userlink_bind_exchange({"cookies": {}}) is not None
