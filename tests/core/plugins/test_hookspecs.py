"""Each hook at work, in a client: what a plugin returns is what the client uses."""

import pytest

from support.blocking_clients import BlockingProvider, blocking_client_of, blocking_sign_in
from support.clients import Browser, client_of, sign_in
from support.memory_provider import MemoryProvider
from support.moving_clock import MovingClock
from userlink import (
    BlockingMemoryStateStore,
    BlockingMemoryTransactionStore,
    BlockingStateStore,
    BlockingTransactionStore,
    BlockingTransport,
    ClientSettings,
    Event,
    Exchange,
    MemoryStateStore,
    MemoryTransactionStore,
    StateStore,
    TransactionStore,
    Transport,
    hookimpl,
)
from userlink.plugins.exchange import PlainCookies
from userlink.stores.protocols import StoreOptions

pytestmark = pytest.mark.anyio


@pytest.fixture
def provider() -> MemoryProvider:
    """Return a provider of its own for each test."""
    return MemoryProvider(MovingClock())


async def test_userlink_transport_sends_the_requests(provider: MemoryProvider) -> None:
    """It is asked for once, when first needed, with the settings; the client closes what it gave."""
    asked: list[ClientSettings] = []

    class Plugin:
        """Gives the provider in memory as transport."""

        @hookimpl
        def userlink_transport(self, settings: ClientSettings) -> Transport:
            """Note the settings."""
            asked.append(settings)
            return provider

    browser = Browser()
    async with client_of(provider, transport=None, plugins=[Plugin()]) as client:
        assert [] == asked
        await sign_in(client, provider, browser)
        assert [client.settings] == asked

    assert provider.closed


def test_userlink_blocking_transport_sends_the_requests(provider: MemoryProvider) -> None:
    """It is asked for once, when first needed, with the settings; the client closes what it gave."""
    asked: list[ClientSettings] = []
    transport = BlockingProvider(provider)

    class Plugin:
        """Gives the provider in memory as transport."""

        @hookimpl
        def userlink_blocking_transport(self, settings: ClientSettings) -> BlockingTransport:
            """Note the settings."""
            asked.append(settings)
            return transport

    with blocking_client_of(transport, transport=None, plugins=[Plugin()]) as client:
        assert [] == asked
        blocking_sign_in(client, transport, Browser())
        assert [client.settings] == asked

    assert provider.closed


async def test_userlink_state_store_keeps_the_sessions(provider: MemoryProvider) -> None:
    """It is asked for when the client is built with a string."""
    store = MemoryStateStore()
    locations: list[str] = []

    class Plugin:
        """Knows one kind of location."""

        @hookimpl
        def userlink_state_store(self, location: str) -> StateStore | None:
            """Answer for it."""
            locations.append(location)
            return store if location == "special://host" else None

    client = client_of(provider, state_store="special://host", plugins=[Plugin()])
    assert ["special://host"] == locations

    await sign_in(client, provider, Browser())

    assert 1 == len(store._records)


async def test_userlink_transaction_store_keeps_the_transactions(provider: MemoryProvider) -> None:
    """It is asked for when the client is built with a string."""
    store = MemoryTransactionStore()

    class Plugin:
        """Knows one kind of location."""

        @hookimpl
        def userlink_transaction_store(self, location: str) -> TransactionStore | None:
            """Answer for it."""
            return store if location == "special://host" else None

    client = client_of(provider, transaction_store="special://host", plugins=[Plugin()])

    await client.start_interactive_login(None, Browser().options)

    assert 1 == len(store._records)


def test_userlink_state_store_and_userlink_transaction_store_are_told_for_which_client(
    provider: MemoryProvider,
) -> None:
    """A blocking client is answered by blocking stores; the async one takes both kinds."""
    asked: list[bool] = []

    class Plugin:
        """Knows one kind of location, for either client."""

        @hookimpl
        def userlink_state_store(
            self, location: str, blocking: bool
        ) -> StateStore | BlockingStateStore | None:
            """Answer by a store of the kind."""
            asked.append(blocking)
            return BlockingMemoryStateStore() if blocking else MemoryStateStore()

        @hookimpl
        def userlink_transaction_store(
            self, location: str, blocking: bool
        ) -> TransactionStore | BlockingTransactionStore | None:
            """Answer by a store of the kind."""
            asked.append(blocking)
            return BlockingMemoryTransactionStore() if blocking else MemoryTransactionStore()

    transport, plugin = BlockingProvider(provider), Plugin()
    locations = {"state_store": "special:", "transaction_store": "special:"}

    client_of(provider, plugins=[plugin], **locations)
    blocking_sign_in(
        blocking_client_of(transport, plugins=[plugin], **locations), transport, Browser()
    )

    assert [False, False, True, True] == asked


async def test_userlink_bind_exchange_understands_a_framework(provider: MemoryProvider) -> None:
    """It is asked at every call; what it does not know is left to the next."""
    bound: list[StoreOptions] = []

    class Plugin:
        """Knows a framework that calls its cookies crumbs."""

        @hookimpl
        def userlink_bind_exchange(self, store_options: StoreOptions) -> Exchange | None:
            """Answer for requests of that framework."""
            bound.append(store_options)
            crumbs = store_options.get("crumbs")
            return None if crumbs is None else PlainCookies(crumbs)

    crumbs: dict[str, str] = {}
    client = client_of(provider, plugins=[Plugin()])
    url = await client.start_interactive_login(None, {"crumbs": crumbs})
    await client.complete_interactive_login(provider.approve(url), {"crumbs": crumbs})

    assert await client.get_user({"crumbs": crumbs}) is not None
    assert await client.get_user({"cookies": crumbs}) is not None
    assert 4 == len(bound)


async def test_userlink_event_tells_how_a_flow_ended(provider: MemoryProvider) -> None:
    """After the session was saved, with the user and the connection concerned."""
    events: list[Event] = []

    class Plugin:
        """Notes events."""

        @hookimpl
        def userlink_event(self, event: Event) -> None:
            """Note it."""
            events.append(event)

    browser = Browser()
    client = client_of(provider, plugins=[Plugin()])
    await sign_in(client, provider, browser)
    url = await client.start_link_user({"connection": "github"}, browser.options)
    await client.complete_link_user(provider.approve(url), browser.options)
    await client.logout(None, browser.options)

    told = [(event.name, event.subject, event.connection) for event in events]
    assert [
        ("login.completed", "auth0|alice", None),
        ("link.completed", "auth0|alice", "github"),
        ("logout.completed", "auth0|alice", None),
    ] == told
