"""
Completing counts once, in the browser and for the session that started, and whatever fails changes nothing.

Every test here runs with sealed cookies and with memory stores, on asyncio and on trio.
"""

from typing import Any

import anyio
import pytest

from support import clients
from support.clients import KINDS_OF_STORES, Browser, client_of, sign_in
from support.memory_provider import ISSUER, MemoryProvider, json_response
from support.moving_clock import MovingClock
from userlink import (
    AuthorizationDenied,
    CallbackIssuerMismatch,
    CookiesNotWritable,
    Event,
    IdTokenInvalid,
    InvalidCallback,
    LinkedUserMismatch,
    LinkResult,
    ProviderUnreachable,
    ServerClient,
    SessionChanged,
    SessionIdTokenExpired,
    SessionRequired,
    TokenRequestRefused,
    TransactionAlreadyUsed,
    TransactionExpired,
    TransactionNotFound,
    UserlinkError,
    hookimpl,
)

pytestmark = pytest.mark.anyio

APP_STATE = {"return_to": "/profile"}


class Request:
    """A request of a framework, without any response."""

    def __init__(self, cookies: dict[str, str]) -> None:
        self.cookies = cookies


class Listener:
    """Notes events."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    @hookimpl
    def userlink_event(self, event: Event) -> None:
        """Note it."""
        self.events.append(event)


@pytest.fixture
def provider() -> MemoryProvider:
    """Return a provider of its own for each test."""
    return MemoryProvider(MovingClock())


@pytest.fixture
def listener() -> Listener:
    """Return a listener that has heard nothing."""
    return Listener()


@pytest.fixture(params=KINDS_OF_STORES)
def client(
    request: pytest.FixtureRequest, provider: MemoryProvider, listener: Listener
) -> ServerClient:
    """Return a client with each kind of stores."""
    return client_of(provider, plugins=[listener], **KINDS_OF_STORES[request.param])


@pytest.fixture
async def browser(client: ServerClient, provider: MemoryProvider) -> Browser:
    """Return a browser in which Alice is signed in."""
    browser = Browser()
    await sign_in(client, provider, browser)
    return browser


async def start_link(client: ServerClient, browser: Browser) -> str:
    """Start a link that remembers where to return to."""
    return await client.start_link_user(
        {"connection": "github", "app_state": APP_STATE}, browser.options
    )


async def session_of(client: ServerClient, browser: Browser) -> dict[str, Any] | None:
    """Return everything that the application can know of a session."""
    session = await client.get_session(browser.request().options)
    return None if session is None else dict(session)


def token_requests(provider: MemoryProvider) -> int:
    """Count the requests to the token endpoint."""
    return len(provider.sent_to("/token"))


# ------------------------------------------------------------------------------------ single use


async def test_a_callback_delivered_twice_counts_once(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """A reload sends the code again: one token request, and the app_state to send the user on by."""
    callback = provider.approve(await start_link(client, browser))
    before = token_requests(provider)
    await client.complete_link_user(callback, browser.options)
    linked = await session_of(client, browser)

    for _ in range(3):
        with pytest.raises(TransactionAlreadyUsed) as caught:
            await client.complete_link_user(callback, browser.options)
        assert caught.value.app_state == APP_STATE

    assert before + 1 == token_requests(provider)
    assert linked == await session_of(client, browser)


async def test_a_kept_cookie_does_not_bring_a_transaction_back(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """A browser that restores the cookie of before (RFC 9700, 4.5) is told that it was used."""
    callback = provider.approve(await start_link(client, browser))
    kept = browser.request()
    await client.complete_link_user(callback, browser.options)

    with pytest.raises(TransactionAlreadyUsed) as caught:
        await client.complete_link_user(callback, kept.options)

    assert caught.value.app_state == APP_STATE


async def test_of_twenty_deliveries_at_once_exactly_one_wins(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """A double click, or a replay (RFC 9700, 4.5): exactly one token request is sent."""
    callback = provider.approve(await start_link(client, browser))
    before = token_requests(provider)
    outcomes: list[LinkResult | TransactionAlreadyUsed] = []

    async def deliver(request: Browser) -> None:
        try:
            outcomes.append(await client.complete_link_user(callback, request.options))
        except TransactionAlreadyUsed as error:
            outcomes.append(error)

    async with anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(deliver, browser.request())

    assert 1 == sum(isinstance(outcome, LinkResult) for outcome in outcomes)
    assert 20 == len(outcomes)
    assert all(outcome.app_state == APP_STATE for outcome in outcomes)
    assert before + 1 == token_requests(provider)


async def test_a_failed_completion_spends_the_transaction_too(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """Its code may have been redeemed: whoever wants to try again starts again."""
    callback = provider.approve(await start_link(client, browser))
    provider.answers["/token"] = json_response(400, {"error": "invalid_grant"})
    with pytest.raises(TokenRequestRefused):
        await client.complete_link_user(callback, browser.options)
    del provider.answers["/token"]

    with pytest.raises(TransactionAlreadyUsed):
        await client.complete_link_user(callback, browser.options)


# ---------------------------------------------------------------------- browser and session bound


async def test_another_browsers_transaction_is_not_found(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """Neither one's own code nor one's own session helps in a browser that started nothing (RFC 6749, 10.12)."""
    evil = Browser()
    await sign_in(client, provider, evil, "auth0|eve")
    callback = provider.approve(await start_link(client, evil), "auth0|eve")
    before, requests = await session_of(client, browser), token_requests(provider)

    with pytest.raises(TransactionNotFound):
        await client.complete_link_user(callback, browser.options)

    assert requests == token_requests(provider)
    assert before == await session_of(client, browser)
    assert await client.complete_link_user(callback, evil.options)


async def test_the_same_users_other_browser_is_another_browser(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """Signed in as the same user, and yet it did not start the link."""
    other = Browser()
    await sign_in(client, provider, other)

    with pytest.raises(TransactionNotFound):
        await client.complete_link_user(
            provider.approve(await start_link(client, browser)), other.options
        )


async def test_a_state_that_was_never_handed_out_is_not_found(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """Nobody can choose it (RFC 9700, 4.7.1)."""
    callback = provider.approve(await start_link(client, browser)).replace("state=", "state=x")

    with pytest.raises(TransactionNotFound):
        await client.complete_link_user(callback, browser.options)


async def test_a_link_without_a_session_is_refused(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """Signed out between start and callback: no session comes into being by a link."""
    callback = provider.approve(await start_link(client, browser))
    transactions = {name: browser[name] for name in browser if "_tx_" in name}
    requests = token_requests(provider)

    with pytest.raises(SessionRequired) as caught:
        await client.complete_link_user(callback, Browser(transactions).options)

    assert caught.value.app_state == APP_STATE
    assert requests == token_requests(provider)


async def test_a_link_under_another_users_session_is_refused(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """Alice starts, Bob signs in in the same browser: neither is changed, no token is requested."""
    callback = provider.approve(await start_link(client, browser))
    await sign_in(client, provider, browser, "auth0|bob")
    before, requests = await session_of(client, browser), token_requests(provider)

    with pytest.raises(SessionChanged):
        await client.complete_link_user(callback, browser.options)

    assert requests == token_requests(provider)
    assert before == await session_of(client, browser)


async def test_a_new_session_of_the_same_user_is_another_session(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """The link is bound to the session that started it, and not to its user alone."""
    callback = provider.approve(await start_link(client, browser))
    await sign_in(client, provider, browser)

    with pytest.raises(SessionChanged):
        await client.complete_link_user(callback, browser.options)


async def test_session_and_transaction_cookies_cannot_stand_in_for_each_other(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """Exchanged, neither is one: nobody is signed in, and nothing was started; nothing fails."""
    callback = provider.approve(await start_link(client, browser))
    session = next(name for name in browser if name.endswith("_session"))
    started = [name for name in browser if "_tx_" in name][-1]
    exchanged = Browser({**browser, session: browser[started], started: browser[session]})

    assert await client.get_user(exchanged.options) is None
    with pytest.raises(TransactionNotFound):
        await client.complete_link_user(callback, exchanged.options)


# ------------------------------------------------------------------- whatever fails changes nothing


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"sub": "auth0|bob"}, LinkedUserMismatch),
        ({"nonce": "another"}, IdTokenInvalid),
        ({"aud": "another-client"}, IdTokenInvalid),
        ({"iss": "https://evil.example/"}, IdTokenInvalid),
        ({"exp": 1}, IdTokenInvalid),
    ],
    ids=str,
)
async def test_an_id_token_that_says_something_else_changes_nothing(
    client: ServerClient,
    provider: MemoryProvider,
    browser: Browser,
    changes: dict[str, Any],
    refusal: type[UserlinkError],
) -> None:
    """OIDC Core, 3.1.3.7, for links too: the session is the same before and after."""
    before = await session_of(client, browser)
    subject = changes.get("sub", "auth0|alice")
    claims = {name: value for name, value in changes.items() if name != "sub"}
    callback = provider.approve(await start_link(client, browser), subject, **claims)

    with pytest.raises(refusal) as caught:
        await client.complete_link_user(callback, browser.options)

    assert caught.value.app_state == APP_STATE
    assert before == await session_of(client, browser)


@pytest.mark.parametrize("kind", ["login", "link"])
async def test_a_refused_authorization_changes_nothing(
    client: ServerClient, provider: MemoryProvider, browser: Browser, listener: Listener, kind: str
) -> None:
    """The user said no: error and text of the provider, the app_state, and the session as it was."""
    before = await session_of(client, browser)
    url = (
        await start_link(client, browser)
        if kind == "link"
        else await client.start_interactive_login({"app_state": APP_STATE}, browser.options)
    )
    requests = token_requests(provider)

    with pytest.raises(AuthorizationDenied) as caught:
        await client.complete_callback(provider.refuse(url), browser.options)

    assert ("access_denied", "not now") == (caught.value.error, caught.value.error_description)
    assert caught.value.app_state == APP_STATE
    assert requests == token_requests(provider)
    assert before == await session_of(client, browser)
    assert f"{kind}.denied" == listener.events[-1].name


@pytest.mark.parametrize("issuer", ["https://evil.example/", None])
async def test_an_answer_of_another_issuer_is_refused(
    client: ServerClient, provider: MemoryProvider, browser: Browser, issuer: str | None
) -> None:
    """RFC 9207, 2.4: the code is not sent to anybody; a provider that promises ``iss`` must send it."""
    callback = provider.approve(await start_link(client, browser))
    start, _, _ = callback.partition("&iss=")
    requests = token_requests(provider)

    with pytest.raises(CallbackIssuerMismatch):
        await client.complete_link_user(
            start if issuer is None else f"{start}&iss={issuer}", browser.options
        )

    assert requests == token_requests(provider)


async def test_a_provider_that_cannot_be_reached_changes_nothing(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """Not the session, and not what the application is told about where the user was."""
    before = await session_of(client, browser)
    callback = provider.approve(await start_link(client, browser))
    provider.answers["/token"] = ConnectionError("canary")

    with pytest.raises(ProviderUnreachable) as caught:
        await client.complete_link_user(callback, browser.options)

    assert caught.value.app_state == APP_STATE
    assert before == await session_of(client, browser)


async def test_a_failed_login_leaves_the_session_before_it(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """Whoever was signed in still is."""
    before = await session_of(client, browser)
    url = await client.start_interactive_login(None, browser.options)

    with pytest.raises(IdTokenInvalid):
        await client.complete_interactive_login(
            provider.approve(url, "auth0|bob", nonce="another"), browser.options
        )

    assert before == await session_of(client, browser)


async def test_a_login_begins_a_session_of_its_own(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """No session id survives a login (session fixation), and the old one is worth nothing more."""
    name = next(name for name in browser if name.endswith("_session"))
    old = browser.request()

    await sign_in(client, provider, browser, "auth0|bob")

    assert old[name] != browser[name]
    assert await client.get_user(old.options) is None
    assert {"sub": "auth0|bob"} == await client.get_user(browser.options)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://app.example/auth/callback",
        "https://app.example/auth/callback?code=a",
        "https://app.example/auth/callback?state=a",
        "https://app.example/auth/callback?code=a&state=b&state=b",
        "https://app.example/auth/callback?code=a&error=b&state=c",
        "https://app.example/auth/callback?code=a&state=" + "b" * 20_000,
        "https://[app.example/auth/callback?code=a&state=b",
    ],
    ids=lambda url: url[:70],
)
async def test_a_malformed_callback_touches_nothing(
    client: ServerClient, provider: MemoryProvider, browser: Browser, url: str
) -> None:
    """No transaction is spent by it: the true callback still completes."""
    callback = provider.approve(await start_link(client, browser))

    with pytest.raises(InvalidCallback):
        await client.complete_link_user(url, browser.options)

    assert await client.complete_link_user(callback, browser.options)


# ----------------------------------------------------------------------------- nowhere to write


async def test_nothing_is_started_where_cookies_would_be_lost(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """The mistake is named at the start, and not when the user comes back; the provider is not asked."""
    reading = {"request": Request(dict(browser))}
    requests = len(provider.requests)

    for start in (
        client.start_interactive_login(None, reading),
        client.start_link_user({"connection": "github"}, reading),
        client.start_unlink_user({"connection": "github"}, reading),
        client.logout(None, reading),
    ):
        with pytest.raises(CookiesNotWritable):
            await start

    assert requests == len(provider.requests)
    assert await client.get_user(browser.options) is not None


async def test_nothing_is_consumed_where_cookies_would_be_lost(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """With the response added, the same callback completes."""
    callback = provider.approve(await start_link(client, browser))
    requests = token_requests(provider)

    with pytest.raises(CookiesNotWritable):
        await client.complete_link_user(callback, {"request": Request(dict(browser))})

    assert requests == token_requests(provider)
    assert await client.complete_link_user(callback, browser.options)


async def test_reading_needs_no_response(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """Also when the idle time would roll on: it stays, and nothing fails."""
    reading = {"request": Request(dict(browser))}
    provider.clock.advance(50_000)

    assert {"sub": "auth0|alice"} == await client.get_user(reading)
    session = await client.get_session(reading)
    assert session is not None
    assert "auth0|alice" == session.subject


# -------------------------------------------------------------------------------------- time


async def test_a_transaction_lives_ten_minutes(
    client: ServerClient, provider: MemoryProvider, browser: Browser, listener: Listener
) -> None:
    """By what stands in the record: the cookie is kept, the clock moves."""
    callback = provider.approve(await start_link(client, browser))
    late = provider.approve(await start_link(client, browser))
    kept = browser.request()
    requests = token_requests(provider)

    provider.clock.advance(599)
    assert await client.complete_link_user(callback, browser.options)
    provider.clock.advance(1)
    with pytest.raises(TransactionExpired) as caught:
        await client.complete_link_user(late, kept.options)

    assert caught.value.app_state == APP_STATE
    assert requests + 1 == token_requests(provider)
    assert "link.expired" == listener.events[-1].name


async def test_a_session_lives_a_day_unused(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """By what stands in the record: the cookie is kept, the clock moves."""
    kept = browser.request()
    reading = {"request": Request(dict(kept))}

    provider.clock.advance(86_399)
    assert await client.get_user(reading) is not None
    provider.clock.advance(1)
    assert await client.get_user(reading) is None
    assert await client.get_session(kept.options) is None


async def test_a_session_that_is_used_lives_three_days(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """Each use rolls its idle time on, up to 72 hours after the login and no further."""
    hours = 0
    while await client.get_user(browser.options) is not None:
        provider.clock.advance(3_600 * 8)
        hours += 8

    assert 72 == hours


async def test_a_session_that_has_ended_links_nothing(provider: MemoryProvider) -> None:
    """It neither starts a link nor completes one that it started."""
    client, browser = client_of(provider, session_idle_seconds=60), Browser()
    await sign_in(client, provider, browser)
    callback = provider.approve(await start_link(client, browser))
    provider.clock.advance(60)

    with pytest.raises(SessionRequired):
        await client.complete_link_user(callback, browser.options)
    with pytest.raises(SessionRequired):
        await start_link(client, browser)


async def test_an_expired_id_token_is_renewed_before_a_link(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """The hint must be good when it reaches the provider: the refresh token gets a new one."""
    provider.clock.advance(3_600)
    before = await session_of(client, browser)

    await start_link(client, browser)

    after = await session_of(client, browser)
    assert "refresh_token" == provider.sent_to("/token")[-1]["grant_type"]
    assert before is not None
    assert after is not None
    assert before["id_token"] != after["id_token"]


async def test_an_expired_id_token_that_cannot_be_renewed_is_said_so(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """The user has to sign in again; the session is as it was."""
    provider.clock.advance(3_600)
    provider.answers["/token"] = json_response(400, {"error": "invalid_grant"})
    before = await session_of(client, browser)

    with pytest.raises(SessionIdTokenExpired):
        await start_link(client, browser)

    assert before == await session_of(client, browser)


# ------------------------------------------------------------------------ what the provider publishes


async def test_metadata_and_keys_are_fetched_once_for_many(
    client: ServerClient, provider: MemoryProvider
) -> None:
    """Twenty logins at once: one discovery document, one key set."""

    async def log_in() -> None:
        await sign_in(client, provider, Browser())

    async with anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(log_in)

    urls = [request.url for request in provider.requests]
    assert 1 == urls.count(f"{ISSUER}.well-known/openid-configuration")
    assert 1 == urls.count(f"{ISSUER}jwks")
    assert 20 == token_requests(provider)


async def test_a_changed_key_is_fetched_when_a_token_names_it(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """OIDC Core, 10.1.1: twenty logins at once under a new key cost one fetch, and nobody is refused."""
    provider.rotate_key()
    keys = f"{ISSUER}jwks"
    before = [request.url for request in provider.requests].count(keys)

    async def log_in() -> None:
        await sign_in(client, provider, Browser())

    async with anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(log_in)

    assert before + 1 == [request.url for request in provider.requests].count(keys)


async def test_one_users_app_state_is_not_on_anothers_error(
    client: ServerClient, provider: MemoryProvider
) -> None:
    """
    Twenty callbacks wait for the same failing discovery: each error carries its own app_state.

    Tasks all wait at once, for one request; a thread may come after the first failure and ask again.
    """
    await client.start_interactive_login(None, Browser().options)
    provider.clock.advance(599)  # a second before what is cached is too old
    browsers = [Browser() for _ in range(20)]
    callbacks: list[str] = []
    for number, browser in enumerate(browsers):
        url = await client.start_interactive_login({"app_state": {"n": number}}, browser.options)
        callbacks.append(provider.approve(url))
    provider.clock.advance(1)
    provider.answers["/.well-known/openid-configuration"] = ConnectionError("down")
    requests = len(provider.requests)
    errors: dict[int, UserlinkError] = {}

    async def deliver(number: int) -> None:
        try:
            await client.complete_interactive_login(callbacks[number], browsers[number].options)
        except UserlinkError as error:
            errors[number] = error

    async with anyio.create_task_group() as group:
        for number in range(20):
            group.start_soon(deliver, number)

    seen = {number: error.app_state for number, error in errors.items()}
    assert {number: {"n": number} for number in range(20)} == seen
    asked = len(provider.requests) - requests
    assert asked == 1 if clients.driver == "async" else 1 <= asked <= 20
