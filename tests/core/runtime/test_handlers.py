"""One handler for each effect: where each of them turns to."""

from typing import Any, get_type_hints

import pytest

from support.clients import Browser, client_of, sign_in
from support.memory_provider import ISSUER, MemoryProvider
from support.moving_clock import MovingClock
from userlink.plugins.exchange import PlainCookies
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
from userlink.protocol.values import HttpRequest
from userlink.runtime.asynchronous import run_async
from userlink.runtime.call import Call
from userlink.runtime.handlers import AsyncHandlers
from userlink.runtime.table import async_table

pytestmark = pytest.mark.anyio

JWKS = f"{ISSUER}jwks"


@pytest.fixture
def provider() -> MemoryProvider:
    """Return a provider of its own for each test."""
    return MemoryProvider(MovingClock())


async def perform(provider: MemoryProvider, effect: Effect[Any], **changes: Any) -> Any:
    """Perform one effect in a client of its own."""
    client = client_of(provider, **changes)
    return await run_async(iter(effect), client._engine._table, call_of(Browser()))


def call_of(browser: Browser) -> Call:
    """Return a call that serves a browser."""
    return Call(PlainCookies(browser), {})


async def test_time_and_randomness_come_from_where_the_client_was_told(
    provider: MemoryProvider,
) -> None:
    """No flow has a clock or a source of its own."""
    assert provider.clock() == await perform(provider, Now())
    assert b"\x07\x07\x07" == await perform(provider, Entropy(3), entropy=b"\x07".__mul__)


async def test_requests_go_through_the_policy_to_the_transport(provider: MemoryProvider) -> None:
    """With the client's time-out."""
    response = await perform(provider, Send(HttpRequest("GET", JWKS)))

    assert 200 == response.status
    assert [HttpRequest("GET", JWKS)] == provider.requests


async def test_metadata_are_fetched_once(provider: MemoryProvider) -> None:
    """One document for all calls of a client."""
    client = client_of(provider)
    table, call = client._engine._table, call_of(Browser())

    first = await run_async(iter(Discover()), table, call)
    second = await run_async(iter(Discover()), table, call)

    assert first is second
    assert 1 == len(provider.requests)


async def test_keys_are_kept_for_each_address(provider: MemoryProvider) -> None:
    """Asked for again they are fetched again only when the flow says that they do not do."""
    provider.answers["/other"] = await provider.usual(HttpRequest("GET", JWKS))
    client = client_of(provider)
    table, call = client._engine._table, call_of(Browser())

    for effect in (GetKeys(JWKS), GetKeys(JWKS), GetKeys(f"{ISSUER}other"), GetKeys(JWKS, True)):
        assert (await run_async(iter(effect), table, call)).keys

    assert [JWKS, f"{ISSUER}other", JWKS] == [request.url for request in provider.requests]


async def test_a_session_is_touched_where_cookies_can_be_set_and_else_left(
    provider: MemoryProvider,
) -> None:
    """Reading never fails for lack of a response."""
    client, browser = client_of(provider), Browser()
    await sign_in(client, provider, browser)
    table = client._engine._table
    session = await run_async(iter(LoadSession()), table, call_of(browser))
    assert session is not None
    before = browser.request()

    class Reading(PlainCookies):
        """Cannot be written."""

        @property
        def writable(self) -> bool:
            """Never."""
            return False

    await run_async(iter(TouchSession(session)), table, Call(Reading(browser), {}))
    assert before == browser

    await run_async(iter(TouchSession(session)), table, call_of(browser))
    assert before != browser


async def test_a_session_that_has_ended_is_not_touched(provider: MemoryProvider) -> None:
    """A page that began before the logout sets no cookie after it (within one process)."""
    client, browser = client_of(provider), Browser()
    await sign_in(client, provider, browser)
    table, slow = client._engine._table, browser.request()
    session = await run_async(iter(LoadSession()), table, call_of(slow))
    assert session is not None
    await client.logout(None, browser.options)
    before = slow.request()

    await run_async(iter(TouchSession(session)), table, call_of(slow))

    assert before == slow


async def test_deleting_a_session_takes_it_from_the_browser(provider: MemoryProvider) -> None:
    """Also when the flow has none at hand."""
    client, browser = client_of(provider), Browser()
    await sign_in(client, provider, browser)

    await run_async(iter(DeleteSession(None)), client._engine._table, call_of(browser))

    assert not [name for name in browser if "session" in name]


async def test_events_without_listeners_are_told_to_nobody(provider: MemoryProvider) -> None:
    """Which is no failure."""
    assert await perform(provider, Emit(Event("login.completed", 1))) is None


def test_every_effect_has_its_own_handler() -> None:
    """The table is complete, and each entry takes the very effect it is filed under."""
    handlers = AsyncHandlers.__new__(AsyncHandlers)

    for effect, handler in async_table(handlers).items():
        assert effect is get_type_hints(handler)["effect"]
