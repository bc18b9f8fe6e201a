"""The engine of one blocking client: settings, plugins and stores put together."""

import pytest

from support.blocking_clients import BlockingProvider, blocking_client_of, blocking_sign_in
from support.clients import Browser
from support.engine_parts import default_parts
from support.memory_provider import MemoryProvider
from support.moving_clock import MovingClock
from support.threads import at_once
from userlink.errors import CookiesNotWritable, ExchangeNotRecognised
from userlink.plugins.hookspecs import BlockingTransport, hookimpl
from userlink.plugins.manager import Plugins
from userlink.protocol.effects import Now
from userlink.runtime.blocking_engine import BlockingEngine
from userlink.stores.memory_store import BlockingMemoryStateStore, BlockingMemoryTransactionStore
from userlink.stores.protocols import StoreOptions


class Request:
    """A request of a framework, without any response."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}


class Making:
    """A plugin that makes transports, and remembers them."""

    def __init__(self) -> None:
        self.made: list[BlockingProvider] = []

    @hookimpl
    def userlink_blocking_transport(self) -> BlockingTransport:
        """Make one."""
        self.made.append(BlockingProvider(MemoryProvider(MovingClock())))
        return self.made[-1]


@pytest.fixture
def plugin() -> Making:
    """Return a plugin of its own for each test."""
    return Making()


@pytest.fixture
def engine(plugin: Making) -> BlockingEngine:
    """Return an engine with everything left at its default, but for where transports come from."""
    return BlockingEngine(default_parts(plugins=Plugins([plugin], installed=False)))


def test_a_call_that_writes_needs_somewhere_to_write(engine: BlockingEngine) -> None:
    """It is refused before anything has happened; one that reads is not."""
    with pytest.raises(CookiesNotWritable):
        engine.bind({"request": Request()}, writing=True)

    assert not engine.bind({"request": Request()}, writing=False).exchange.writable
    assert engine.bind({"cookies": {}}, writing=True).exchange.writable


@pytest.mark.parametrize("writing", [True, False])
def test_a_call_without_store_options_serves_nobody(engine: BlockingEngine, writing: bool) -> None:
    """Every call serves a browser."""
    with pytest.raises(ExchangeNotRecognised, match="they hold nothing"):
        engine.bind(None, writing=writing)


def test_a_call_carries_the_store_options_to_the_stores(engine: BlockingEngine) -> None:
    """As the caller gave them."""
    options: StoreOptions = {"cookies": Browser(), "tenant": "blue"}

    call = engine.bind(options, writing=True)

    assert options is call.store_options
    assert isinstance(engine.run(iter(Now()), call), int)


def test_closing_before_anything_was_opened_is_nothing(
    engine: BlockingEngine, plugin: Making
) -> None:
    """No transport is made for it."""
    engine.close()

    assert [] == plugin.made


def test_threads_that_need_a_transport_first_make_one(
    engine: BlockingEngine, plugin: Making
) -> None:
    """One HTTP client and one TLS context for all of them."""
    got = at_once(lambda _: engine._get_transport())

    assert 1 == len(plugin.made)
    assert {id(plugin.made[0])} == {id(transport) for transport in got}


def test_a_transport_is_closed_once_and_the_next_call_makes_another(
    engine: BlockingEngine, plugin: Making
) -> None:
    """A client that was closed can go on; threads that close at once close what there is once."""
    first = engine._get_transport()

    at_once(lambda _: engine.close())

    assert [True] == [transport.provider.closed for transport in plugin.made]
    assert first is not engine._get_transport()


def test_a_transport_from_outside_is_used_again_and_never_closed(plugin: Making) -> None:
    """Whoever made it closes it."""
    mine = BlockingProvider(MemoryProvider(MovingClock()))
    engine = BlockingEngine(default_parts(transport=mine))

    engine.close()

    assert not mine.provider.closed
    assert mine is engine._get_transport()


@pytest.mark.parametrize(
    "stores",
    [
        {"state_store": BlockingMemoryStateStore()},
        {"transaction_store": BlockingMemoryTransactionStore()},
        {"state_store": "memory:"},
        {"transaction_store": "memory:"},
    ],
    ids=lambda stores: "-".join(stores),
)
def test_each_store_can_be_chosen_by_itself(stores: dict[str, object]) -> None:
    """An object or a location, for sessions or transactions; the other stays in sealed cookies."""
    transport = BlockingProvider(MemoryProvider(MovingClock()))
    client, browser = blocking_client_of(transport, **stores), Browser()

    blocking_sign_in(client, transport, browser)
    url = client.start_link_user({"connection": "github"}, browser.options)
    result = client.complete_link_user(transport.approve(url, "auth0|alice"), browser.options)

    assert "github" == result.connection


def test_both_drivers_read_the_same_cookies() -> None:
    """An application can move from one client to the other without signing anybody out."""
    transport, browser = BlockingProvider(MemoryProvider(MovingClock())), Browser()
    blocking_sign_in(blocking_client_of(transport), transport, browser)

    assert blocking_client_of(transport).get_user(browser.options) == {"sub": "auth0|alice"}
