"""``get_access_token()`` on both clients: one request for many calls, and no refresh token lost."""

from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest

from support.clients import KINDS_OF_STORES, Browser, client_of, sign_in
from support.memory_provider import MemoryProvider, json_response
from support.moving_clock import MovingClock
from userlink import (
    AccessToken,
    CookiesNotWritable,
    GrantRefused,
    HttpResponse,
    InsufficientScope,
    InvalidOption,
    MemoryStateStore,
    ProviderUnreachable,
    RefreshTokenMissing,
    ServerClient,
    SessionRequired,
    StateRecord,
    StoreOptions,
    UserlinkError,
)

pytestmark = pytest.mark.anyio

CALLS = 20


@pytest.fixture
def provider() -> MemoryProvider:
    """Return a provider whose clock the client shares."""
    return MemoryProvider(MovingClock())


@pytest.fixture(params=KINDS_OF_STORES)
async def client(
    provider: MemoryProvider, request: pytest.FixtureRequest
) -> AsyncIterator[ServerClient]:
    """Return a client with each kind of stores."""
    async with client_of(provider, **KINDS_OF_STORES[request.param]) as built:
        yield built


@pytest.fixture
async def browser(client: ServerClient, provider: MemoryProvider) -> Browser:
    """Return a browser in which alice is signed in."""
    browser = Browser()
    await sign_in(client, provider, browser)
    return browser


async def many(
    client: ServerClient, requests: list[Browser], **options: Any
) -> list[AccessToken | Exception]:
    """Get a token in each of many requests at once."""
    outcomes: dict[int, AccessToken | Exception] = {}

    async def get(number: int) -> None:
        try:
            outcomes[number] = await client.get_access_token(options, requests[number].options)
        except UserlinkError as error:
            outcomes[number] = error

    async with anyio.create_task_group() as tasks:
        for number in range(len(requests)):
            tasks.start_soon(get, number)
    return [outcomes[number] for number in range(len(requests))]


def renewals(provider: MemoryProvider) -> list[str]:
    """Return the refresh tokens that were sent."""
    return [form["refresh_token"] for form in provider.sent_to("/token") if "refresh_token" in form]


async def refresh_token_of(client: ServerClient, browser: Browser) -> str | None:
    """Return the refresh token that a session holds."""
    session = await client.get_session(browser.options)
    assert session is not None
    return session.refresh_token


async def test_the_token_of_the_login_is_given_while_it_is_good(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """With what it allows and until when; in either form of the options."""
    session = await client.get_session(browser.options)
    assert session is not None

    token = await client.get_access_token(None, browser.options)

    (held,) = session.token_sets
    assert held.access_token.reveal() == token.access_token == token["accessToken"]
    assert (held.scope, held.expires_at) == (token.scope, token.expires_at)
    assert [] == renewals(provider)
    assert token.access_token not in repr(token)


async def test_a_wrong_option_is_refused(client: ServerClient, browser: Browser) -> None:
    """Before anything is looked at."""
    for options in ({"audience": ""}, {"scope": 5}, {"audiance": "x"}):
        with pytest.raises(InvalidOption):
            await client.get_access_token(options, browser.options)


async def test_nobody_signed_in_has_none(client: ServerClient) -> None:
    """Whatever is asked for."""
    with pytest.raises(SessionRequired):
        await client.get_access_token(None, Browser().options)


async def test_of_twenty_calls_at_expiry_one_sends(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """All get the same new token, and the newest refresh token is in the session, whichever answer came last."""
    before = await refresh_token_of(client, browser)
    provider.clock.advance(600 - 30)
    requests = [browser.request() for _ in range(CALLS)]

    outcomes = await many(client, requests)

    assert [before] == renewals(provider)
    tokens = {outcome.access_token for outcome in outcomes if isinstance(outcome, AccessToken)}
    assert (1, CALLS) == (len(tokens), len([o for o in outcomes if isinstance(o, AccessToken)]))
    for request in (*requests, browser):
        newest = await refresh_token_of(client, request)
        assert newest is not None
        assert newest != before
        assert newest in provider.issued


async def test_a_link_that_starts_meanwhile_shares_the_renewal(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """The ID token is as old as the access token; one request renews both."""
    provider.clock.advance(3_600)
    requests = [browser.request() for _ in range(CALLS)]

    async def link(request: Browser) -> None:
        await client.start_link_user({"connection": "github"}, request.options)

    async with anyio.create_task_group() as tasks:
        for request in requests[:5]:
            tasks.start_soon(link, request)
        outcomes = await many(client, requests[5:])

    assert 1 == len(renewals(provider))
    assert all(isinstance(outcome, AccessToken) for outcome in outcomes)


async def test_calls_for_several_audiences_use_each_refresh_token_once(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """One after the other, each by the one that the last has brought."""
    first = await refresh_token_of(client, browser)
    requests = [browser.request() for _ in range(4)]
    tokens: set[str] = set()

    async def get(number: int) -> None:
        options = {"audience": f"urn:{number}"}
        tokens.add((await client.get_access_token(options, requests[number].options)).access_token)

    async with anyio.create_task_group() as tasks:
        for number in range(4):
            tasks.start_soon(get, number)

    sent = renewals(provider)
    assert first == sent[0]
    assert 4 == len(sent) == len(set(sent)) == len(tokens)


async def test_a_refused_grant_is_asked_about_once(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """All are told; the user is still signed in, with the session as it was."""
    before = await client.get_session(browser.options)
    provider.clock.advance(600)
    provider.answers["/token"] = json_response(400, {"error": "invalid_grant"})

    outcomes = await many(client, [browser.request() for _ in range(CALLS)])

    assert [GrantRefused] * CALLS == [type(outcome) for outcome in outcomes]
    assert 1 == len(renewals(provider))
    assert before == await client.get_session(browser.options)


async def test_a_provider_that_is_down_is_said_so_and_asked_again_later(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """What was held stays held."""
    provider.clock.advance(600)
    provider.answers["/token"] = ProviderUnreachable("Gone.")
    with pytest.raises(ProviderUnreachable):
        await client.get_access_token(None, browser.options)
    del provider.answers["/token"]

    assert (await client.get_access_token(None, browser.options)).access_token in provider.issued


async def test_what_the_provider_does_not_grant_is_said_so(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """RFC 6749, 5.2."""
    provider.answers["/token"] = json_response(400, {"error": "invalid_scope"})

    with pytest.raises(InsufficientScope):
        await client.get_access_token({"scope": "admin"}, browser.options)


async def test_without_a_refresh_token_the_user_has_to_sign_in(
    client: ServerClient, provider: MemoryProvider
) -> None:
    """Once the token of the login has expired."""
    browser = Browser()
    url = await client.start_interactive_login(None, browser.options)
    callback = provider.approve(url)
    provider.answers["/token"] = lambda: without_refresh_token(provider)
    await client.complete_interactive_login(callback, browser.options)
    provider.clock.advance(600)

    with pytest.raises(RefreshTokenMissing):
        await client.get_access_token(None, browser.options)


async def without_refresh_token(provider: MemoryProvider) -> HttpResponse:
    """Answer the token request that came last, without a refresh token."""
    import json

    answer = await provider.usual(provider.requests[-1])
    members = json.loads(answer.body)
    del members["refresh_token"]
    return json_response(200, members)


async def test_cookies_must_have_somewhere_to_go(provider: MemoryProvider) -> None:
    """Or the renewed session would be lost; a store needs no response."""

    class Request:
        """A request without a response."""

        def __init__(self, cookies: dict[str, str]) -> None:
            self.cookies = cookies

    for stores, refused in (
        (KINDS_OF_STORES["sealed cookies"], True),
        ({"state_store": "memory:"}, False),
    ):
        async with client_of(provider, **stores) as client:
            browser = Browser()
            await sign_in(client, provider, browser)
            provider.clock.advance(600)
            options = {"request": Request(browser)}
            if refused:
                with pytest.raises(CookiesNotWritable):
                    await client.get_access_token(None, options)
            else:
                await client.get_access_token(None, options)


# ------------------------------------------------------------------------------- what goes wrong


class FailingStore(MemoryStateStore):
    """Fails the writes that it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.failing: list[int] = []
        self.writes = 0

    async def set(
        self,
        identifier: str,
        record: StateRecord,
        expected_version: int | None,
        store_options: StoreOptions,
    ) -> bool:
        """Count the write, and fail if it is one of those."""
        self.writes += 1
        if self.writes in self.failing:
            raise OSError("canary-of-the-driver")
        return await super().set(identifier, record, expected_version, store_options)


@pytest.mark.parametrize("times", [1, 3])
async def test_a_store_that_fails_for_a_moment_is_asked_again(
    provider: MemoryProvider, times: int
) -> None:
    """The answer of the provider is saved when it is back."""
    store = FailingStore()
    async with client_of(provider, state_store=store) as client:
        browser = Browser()
        await sign_in(client, provider, browser)
        provider.clock.advance(600)
        store.failing = [store.writes + 2 + number for number in range(times)]

        await client.get_access_token(None, browser.options)

        assert await refresh_token_of(client, browser) not in renewals(provider)


async def test_a_store_that_fails_at_the_save_loses_no_refresh_token(
    provider: MemoryProvider,
) -> None:
    """The caller has its token; the next call of this process saves what was kept, and nothing is sent twice."""
    store = FailingStore()
    async with client_of(provider, state_store=store) as client:
        browser = Browser()
        await sign_in(client, provider, browser)
        provider.clock.advance(600)
        store.failing = [store.writes + 2 + number for number in range(4)]

        first = await client.get_access_token(None, browser.options)
        again = await client.get_access_token(None, browser.options)

        assert first.access_token == again.access_token
        assert 1 == len(renewals(provider))
        provider.clock.advance(600)
        await client.get_access_token(None, browser.options)
        assert 2 == len(set(renewals(provider)))


async def test_an_older_cookie_is_brought_up_to_date(provider: MemoryProvider) -> None:
    """A slow answer has put it back: the request that brings it is given the newest, and the browser too."""
    async with client_of(provider) as client:
        browser = Browser()
        await sign_in(client, provider, browser)
        older = browser.request()
        provider.clock.advance(600)
        await client.get_access_token(None, browser.options)
        newest = await refresh_token_of(client, browser)

        assert newest == await refresh_token_of(client, older)
        provider.clock.advance(60)  # the process has forgotten it
        assert newest == await refresh_token_of(client, older)


async def test_the_memory_of_sessions_ends_with_them(provider: MemoryProvider) -> None:
    """Whoever kept the cookie of a session that was renewed and signed out has none."""
    async with client_of(provider) as client:
        browser = Browser()
        await sign_in(client, provider, browser)
        older = browser.request()
        provider.clock.advance(600)
        await client.get_access_token(None, browser.options)
        newer = browser.request()

        await client.logout(None, browser.options)

        for kept in (older, newer):
            assert await client.get_user(kept.options) is None
            with pytest.raises(SessionRequired):
                await client.get_access_token(None, kept.options)
