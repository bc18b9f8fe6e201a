"""Revoking tokens on logout (RFC 7009), on asyncio, trio and threads: after the session ended, and never in its way."""

import json
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest

from support.clients import KINDS_OF_STORES, Browser, client_of, sign_in
from support.memory_provider import CLIENT_ID, CLIENT_SECRET, ISSUER, MemoryProvider
from support.moving_clock import MovingClock
from userlink import (
    Event,
    HttpRequest,
    HttpResponse,
    MemoryStateStore,
    ProviderUnreachable,
    ServerClient,
    SessionChanged,
    SessionData,
    StoreError,
    StoreOptions,
    hookimpl,
)

pytestmark = pytest.mark.anyio

REVOKE = "/revoke"


class RevokingProvider(MemoryProvider):
    """A provider that revokes, and notes how long it was given for each answer."""

    def __init__(self) -> None:
        super().__init__(MovingClock())
        self.answers[REVOKE] = HttpResponse(200)
        self.time_outs: dict[str, float] = {}

    async def send(
        self, request: HttpRequest, *, timeout_seconds: float, most_bytes: int
    ) -> HttpResponse:
        """Note the time-out, and answer as ever."""
        self.time_outs[urlsplit(request.url).path] = timeout_seconds
        return await super().send(request, timeout_seconds=timeout_seconds, most_bytes=most_bytes)

    def renewal(self, refresh_token: str | None) -> HttpResponse:
        """Return the answer to a refresh token."""
        assert refresh_token is not None
        proof = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self._token({**proof, **form})

    def _metadata(self) -> dict[str, Any]:
        return {**super()._metadata(), "revocation_endpoint": f"{ISSUER}revoke"}


class StuckStore(MemoryStateStore):
    """A store that deletes nothing."""

    async def delete(self, identifier: str, store_options: StoreOptions) -> None:
        """Fail."""
        raise OSError(5, "canary")


class Listener:
    """Keeps the events."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    @hookimpl
    def userlink_event(self, event: Event) -> None:
        """Keep it."""
        self.events.append(event)

    @property
    def told(self) -> list[tuple[str, str | None]]:
        """What was told of logouts."""
        told = [(event.name, event.error_code) for event in self.events]
        return [pair for pair in told if not pair[0].startswith("login")]


@pytest.fixture
def provider() -> RevokingProvider:
    """Return a provider of its own for each test."""
    return RevokingProvider()


@pytest.fixture
def listener() -> Listener:
    """Return a listener of its own for each test."""
    return Listener()


@pytest.fixture(params=KINDS_OF_STORES)
def client(
    request: pytest.FixtureRequest, provider: RevokingProvider, listener: Listener
) -> ServerClient:
    """Return a client with each kind of stores."""
    return client_of(provider, plugins=[listener], **KINDS_OF_STORES[request.param])


@pytest.fixture
async def browser(client: ServerClient, provider: RevokingProvider) -> Browser:
    """Return a browser in which Alice is signed in."""
    browser = Browser()
    await sign_in(client, provider, browser)
    return browser


async def test_the_refresh_token_is_revoked_by_the_client_that_holds_it(
    client: ServerClient, provider: RevokingProvider, browser: Browser, listener: Listener
) -> None:
    """RFC 7009, 2.1: once, with the hint, authenticated as at the token endpoint."""
    session = await client.get_session(browser.options)
    assert session is not None

    await client.logout(None, browser.options)

    (sent,) = provider.sent_to(REVOKE)
    assert {"token", "token_type_hint", "client_id", "client_secret"} == set(sent)
    assert (session.refresh_token, "refresh_token") == (sent["token"], sent["token_type_hint"])
    assert [("logout.completed", None), ("revocation.completed", None)] == listener.told


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (HttpResponse(503), "token_request_refused"),
        (HttpResponse(401, {}, json.dumps({"error": "invalid_client"}).encode()),
         "token_request_refused"),
        (ProviderUnreachable("Gone."), "provider_unreachable"),
        (RuntimeError("canary"), "provider_unreachable"),
    ],
)  # fmt: skip
async def test_a_provider_that_will_not_revoke_hinders_no_logout(
    client: ServerClient,
    provider: RevokingProvider,
    browser: Browser,
    listener: Listener,
    answer: HttpResponse | Exception,
    code: str,
) -> None:
    """The session is gone, the browser is sent on, and the listeners know what went wrong, but no token."""
    provider.answers[REVOKE] = answer

    url = await client.logout(None, browser.options)

    assert url.startswith(f"{ISSUER}logout?")
    assert await client.get_session(browser.options) is None
    assert [("logout.completed", None), ("revocation.failed", code)] == listener.told
    assert "canary-refresh-token" not in repr(listener.events)


async def test_the_session_has_ended_before_the_provider_is_told(
    client: ServerClient, provider: RevokingProvider, browser: Browser
) -> None:
    """While the provider is thinking, nobody is signed in any more, not even with a copy of the cookies."""
    copy = Browser(browser)
    seen: list[SessionData | None] = []

    async def look() -> HttpResponse:
        seen.append(await client.get_session(copy.options))
        return HttpResponse(200)

    provider.answers[REVOKE] = look

    await client.logout(None, browser.options)

    assert [None] == seen


async def test_the_provider_is_given_little_time(
    client: ServerClient, provider: RevokingProvider, browser: Browser
) -> None:
    """Two seconds, however patient the client is elsewhere."""
    await client.logout(None, browser.options)

    assert (2.0, 10.0) == (provider.time_outs[REVOKE], provider.time_outs["/token"])


async def test_an_impatient_client_stays_impatient(provider: RevokingProvider) -> None:
    """Its own time-out is the shorter one."""
    client, browser = client_of(provider, timeout_seconds=1.5), Browser()
    await sign_in(client, provider, browser)
    await client.logout(None, browser.options)

    assert 1.5 == provider.time_outs[REVOKE]


async def test_a_second_logout_has_nothing_to_revoke(
    client: ServerClient, provider: RevokingProvider, browser: Browser
) -> None:
    """There is no session any more."""
    await client.logout(None, browser.options)
    await client.logout(None, browser.options)

    assert 1 == len(provider.sent_to(REVOKE))


async def test_twenty_logouts_at_once_all_end_the_session(
    client: ServerClient, provider: RevokingProvider, browser: Browser
) -> None:
    """A double click, twenty times; revoking a revoked token is a success (RFC 7009, 2.2)."""
    urls: list[str] = []

    async def log_out() -> None:
        urls.append(await client.logout(None, browser.request().options))

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(log_out)

    assert 20 == len(urls)
    assert provider.sent_to(REVOKE)


async def test_what_could_not_be_ended_here_is_not_revoked_there(
    provider: RevokingProvider,
) -> None:
    """A store that fails raises; half a logout would leave a session with dead tokens."""
    client, browser = client_of(provider, state_store=StuckStore()), Browser()
    await sign_in(client, provider, browser)

    with pytest.raises(StoreError):
        await client.logout(None, browser.options)

    assert [] == provider.sent_to(REVOKE)


async def test_a_refresh_token_that_comes_after_the_logout_is_revoked_too(
    client: ServerClient, provider: RevokingProvider, browser: Browser
) -> None:
    """The renewal was on its way: what it brings is a copy of what the user has just given up."""
    arrived, released = anyio.Event(), anyio.Event()
    provider.clock.advance(600)
    requests = (browser.request(), browser.request())

    async def renew() -> None:
        with pytest.raises(SessionChanged):
            await client.get_access_token(None, requests[0].options)

    async def answer() -> HttpResponse:
        arrived.set()
        await released.wait()
        return provider.renewal(before)

    session = await client.get_session(browser.request().options)
    assert session is not None
    before = session.refresh_token
    provider.answers["/token"] = answer
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(renew)
        await arrived.wait()
        await client.logout(None, requests[1].options)
        released.set()

    revoked = [form["token"] for form in provider.sent_to(REVOKE)]
    assert [before] == revoked[:1]
    assert 2 == len(revoked)
    assert revoked[1] in provider.issued
