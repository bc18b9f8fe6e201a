"""One handler for each effect, in plain threads: where each of them turns to."""

from typing import Any, get_type_hints

import pytest

from support.blocking_clients import BlockingProvider, blocking_client_of, blocking_sign_in
from support.clients import Browser
from support.memory_provider import ISSUER, MemoryProvider
from support.moving_clock import MovingClock
from support.threads import THREADS, at_once
from userlink.plugins.exchange import PlainCookies
from userlink.plugins.hookspecs import hookimpl
from userlink.protocol.effects import (
    DeleteSession,
    Discover,
    Effect,
    Emit,
    Entropy,
    GetKeys,
    LoadSession,
    Now,
    Send,
    TouchSession,
)
from userlink.protocol.events import Event
from userlink.protocol.session import Session
from userlink.protocol.values import HttpRequest
from userlink.runtime.blocking import run
from userlink.runtime.blocking_handlers import BlockingHandlers
from userlink.runtime.call import Call
from userlink.runtime.table import blocking_table
from userlink.stores.memory_store import BlockingMemoryStateStore
from userlink.stores.protocols import StateRecord, StoreOptions

JWKS = f"{ISSUER}jwks"


class Reading(PlainCookies):
    """An exchange that cannot be written."""

    @property
    def writable(self) -> bool:
        """Never."""
        return False


class FullStateStore(BlockingMemoryStateStore):
    """A store that keeps nothing more once it is full."""

    is_full = False

    def set(
        self,
        identifier: str,
        record: StateRecord,
        expected_version: int | None,
        store_options: StoreOptions,
    ) -> bool:
        """Fail when there is no room."""
        if self.is_full:
            raise OSError("canary")
        return super().set(identifier, record, expected_version, store_options)


@pytest.fixture
def transport() -> BlockingProvider:
    """Return a provider of its own for each test."""
    return BlockingProvider(MemoryProvider(MovingClock()))


def perform(transport: BlockingProvider, effect: Effect[Any], **changes: Any) -> Any:
    """Perform one effect in a client of its own."""
    client = blocking_client_of(transport, **changes)
    return run(iter(effect), client._engine._table, call_of(Browser()))


def call_of(browser: Browser) -> Call:
    """Return a call that serves a browser."""
    return Call(PlainCookies(browser), {})


def test_time_and_randomness_come_from_where_the_client_was_told(
    transport: BlockingProvider,
) -> None:
    """No flow has a clock or a source of its own."""
    assert transport.provider.clock() == perform(transport, Now())
    assert b"\x07\x07\x07" == perform(transport, Entropy(3), entropy=b"\x07".__mul__)


def test_requests_go_through_the_policy_to_the_transport(transport: BlockingProvider) -> None:
    """With the client's time-out."""
    response = perform(transport, Send(HttpRequest("GET", JWKS)))

    assert 200 == response.status
    assert [HttpRequest("GET", JWKS)] == transport.provider.requests


def test_metadata_are_fetched_once(transport: BlockingProvider) -> None:
    """One document for all calls of a client."""
    client = blocking_client_of(transport)
    table, call = client._engine._table, call_of(Browser())

    assert run(iter(Discover()), table, call) is run(iter(Discover()), table, call)
    assert 1 == len(transport.provider.requests)


def test_keys_are_kept_for_each_address(transport: BlockingProvider) -> None:
    """Asked for again they are fetched again only when the flow says that they do not do."""
    transport.provider.answers["/other"] = perform(transport, Send(HttpRequest("GET", JWKS)))
    transport.provider.requests.clear()
    client = blocking_client_of(transport)
    table, call = client._engine._table, call_of(Browser())

    for effect in (GetKeys(JWKS), GetKeys(JWKS), GetKeys(f"{ISSUER}other"), GetKeys(JWKS, True)):
        assert run(iter(effect), table, call).keys

    asked = [request.url for request in transport.provider.requests]
    assert [JWKS, f"{ISSUER}other", JWKS] == asked


def test_threads_that_ask_for_keys_first_share_one_cache(transport: BlockingProvider) -> None:
    """Of the caches that two threads make at the same moment, one stays."""
    client = blocking_client_of(transport)
    table, call = client._engine._table, call_of(Browser())

    at_once(lambda _: run(iter(GetKeys(JWKS)), table, call))

    assert 1 == transport.asked_for("/jwks")


def test_made_up_key_ids_cost_two_fetches_at_most(transport: BlockingProvider) -> None:
    """However many threads demand newer keys."""
    client = blocking_client_of(transport)
    table, call = client._engine._table, call_of(Browser())
    run(iter(GetKeys(JWKS)), table, call)

    at_once(lambda _: [run(iter(GetKeys(JWKS, True)), table, call) for _ in range(100 // THREADS)])

    assert 2 == transport.asked_for("/jwks")


def signed_in(transport: BlockingProvider, **changes: Any) -> tuple[Session, Browser, Any]:
    """Return a session, the browser that has it, and the table of its client."""
    client, browser = blocking_client_of(transport, **changes), Browser()
    blocking_sign_in(client, transport, browser)
    table = client._engine._table
    session = run(iter(LoadSession()), table, call_of(browser))
    assert session is not None
    return session, browser, table


def test_a_session_is_touched_where_cookies_can_be_set_and_else_left(
    transport: BlockingProvider,
) -> None:
    """Reading never fails for lack of a response."""
    session, browser, table = signed_in(transport)
    before = browser.request()

    run(iter(TouchSession(session)), table, Call(Reading(browser), {}))
    assert before == browser

    run(iter(TouchSession(session)), table, call_of(browser))
    assert before != browser


def test_a_session_that_cannot_be_touched_is_read_all_the_same(
    transport: BlockingProvider, caplog: pytest.LogCaptureFixture
) -> None:
    """The log names the error's code, and nothing of what the store said."""
    store = FullStateStore()
    session, browser, table = signed_in(transport, state_store=store)
    store.is_full = True

    assert run(iter(TouchSession(session)), table, call_of(browser)) is None

    assert "a session could not be rolled on: store_error" in caplog.text
    assert "canary" not in caplog.text


def test_deleting_a_session_takes_it_from_the_browser(transport: BlockingProvider) -> None:
    """Also when the flow has none at hand."""
    _, browser, table = signed_in(transport)

    run(iter(DeleteSession(None)), table, call_of(browser))

    assert not [name for name in browser if "session" in name]


def test_events_without_listeners_are_told_to_nobody(transport: BlockingProvider) -> None:
    """Which is no failure."""
    assert perform(transport, Emit(Event("login.completed", 1))) is None


def test_what_a_listener_raises_hinders_nobody(
    transport: BlockingProvider, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, and the next listener is told."""
    heard: list[str] = []

    class Raising:
        """Fails at every event."""

        @hookimpl
        def userlink_event(self, event: Event) -> None:
            """Fail."""
            raise RuntimeError("mine")

    class Listening:
        """Notes events."""

        @hookimpl
        def userlink_event(self, event: Event) -> None:
            """Note it."""
            heard.append(event.name)

    perform(transport, Emit(Event("login.completed", 1)), plugins=[Listening(), Raising()])

    assert ["login.completed"] == heard
    assert "a listener failed at the event login.completed" in caplog.text


def test_every_effect_has_its_own_handler() -> None:
    """The table is complete, and each entry takes the very effect it is filed under."""
    handlers = BlockingHandlers.__new__(BlockingHandlers)

    for effect, handler in blocking_table(handlers).items():
        assert effect is get_type_hints(handler)["effect"]
