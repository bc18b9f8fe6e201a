"""Tokens of linked accounts, on asyncio, trio and threads: exchanged once, kept, dropped with their connection."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import anyio
import pytest

from support.clients import KINDS_OF_STORES, Browser, client_of, sign_in
from support.memory_provider import TOKEN, MemoryProvider, json_response
from support.moving_clock import MovingClock
from userlink import (
    AccessToken,
    ConnectionTokenOptions,
    ConnectionTokensNotSupported,
    CookiesNotWritable,
    GrantRefused,
    HttpRequest,
    HttpResponse,
    InvalidOption,
    RefreshTokenMissing,
    ServerClient,
    SessionChanged,
    SessionRequired,
    TokenRequestRefused,
)

pytestmark = pytest.mark.anyio

GITHUB = {"connection": "github"}
EXCHANGE = "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token"


class VaultProvider(MemoryProvider):
    """
    A provider that exchanges refresh tokens for tokens of linked accounts.

    Attributes:
        linked: the connections that have tokens.
        lifetime: of these tokens, in seconds.
        before_answer: awaited before an exchange is answered.
    """

    def __init__(self) -> None:
        super().__init__(MovingClock())
        self.linked = {"github", "google-oauth2"}
        self.lifetime = 3600
        self.before_answer: Callable[[], Any] = anyio.lowlevel.checkpoint

    async def usual(self, request: HttpRequest) -> HttpResponse:
        """Answer an exchange, or whatever else it is."""
        form = dict(parse_qsl(request.body.decode()))
        if urlsplit(request.url).path != TOKEN or form.get("grant_type") != EXCHANGE:
            return await super().usual(request)
        await self.before_answer()
        if form["connection"] not in self.linked:
            return json_response(400, {"error": "invalid_grant"})
        name = f"{form['connection']}-{form.get('login_hint', '')}-{len(self.exchanges)}"
        return json_response(
            200,
            {
                "access_token": f"canary-connection-token-{name}",
                "token_type": "Bearer",
                "expires_in": self.lifetime,
                "scope": "read:user",
            },
        )

    @property
    def exchanges(self) -> list[dict[str, str]]:
        """The forms of all exchanges."""
        return [form for form in self.sent_to(TOKEN) if form["grant_type"] == EXCHANGE]


@pytest.fixture
def provider() -> VaultProvider:
    """Return a provider of its own for each test."""
    return VaultProvider()


@pytest.fixture(params=KINDS_OF_STORES)
def client(request: pytest.FixtureRequest, provider: VaultProvider) -> ServerClient:
    """Return a client with each kind of stores."""
    return client_of(provider, **KINDS_OF_STORES[request.param])


@pytest.fixture
async def browser(client: ServerClient, provider: VaultProvider) -> Browser:
    """Return a browser in which Alice is signed in."""
    browser = Browser()
    await sign_in(client, provider, browser)
    return browser


async def link(client: ServerClient, provider: VaultProvider, browser: Browser, name: str) -> None:
    """Link a connection."""
    url = await client.start_link_user({"connection": name}, browser.options)
    await client.complete_link_user(provider.approve(url), browser.options)


async def unlink(
    client: ServerClient, provider: VaultProvider, browser: Browser, name: str
) -> None:
    """Unlink a connection."""
    url = await client.start_unlink_user({"connection": name}, browser.options)
    await client.complete_unlink_user(provider.approve(url), browser.options)


async def test_the_refresh_token_is_exchanged_and_stays(
    client: ServerClient, provider: VaultProvider, browser: Browser
) -> None:
    """The session is as it was but for the token that it now keeps."""
    before = await client.get_session(browser.options)
    assert before is not None

    token = await client.get_access_token_for_connection(GITHUB, browser.options)

    (sent,) = provider.exchanges
    assert (before.refresh_token, "github") == (sent["subject_token"], sent["connection"])
    assert "login_hint" not in sent
    assert isinstance(token, AccessToken)
    assert ("canary-connection-token-github--1", "read:user") == (token.access_token, token.scope)
    assert provider.clock() + 3600 == token.expires_at
    assert token.access_token == token["accessToken"]
    assert "canary" not in repr(token)
    after = await client.get_session(browser.options)
    assert after is not None
    for name in ("user", "id_token", "refresh_token", "token_sets", "sid", "created_at"):
        assert before[name] == after[name]


async def test_the_token_is_kept_until_half_a_minute_before_its_end(
    client: ServerClient, provider: VaultProvider, browser: Browser
) -> None:
    """Then there is another."""
    first = await client.get_access_token_for_connection(GITHUB, browser.options)
    provider.clock.advance(3600 - 31)
    again = await client.get_access_token_for_connection(GITHUB, browser.options)
    assert 1 == len(provider.exchanges)
    provider.clock.advance(1)
    next_one = await client.get_access_token_for_connection(GITHUB, browser.options)

    assert first.access_token == again.access_token != next_one.access_token
    assert 2 == len(provider.exchanges)


async def test_each_connection_and_account_has_its_own(
    client: ServerClient, provider: VaultProvider, browser: Browser
) -> None:
    """The hint goes out, and chooses among what is kept; both spellings of it are the same option."""
    wishes: list[Any] = [
        GITHUB,
        {**GITHUB, "login_hint": "1002"},
        ConnectionTokenOptions("github", "1003"),
        {"connection": "google-oauth2"},
    ]

    first = [
        (await client.get_access_token_for_connection(wish, browser.options)).access_token
        for wish in wishes
    ]
    wishes[1] = {**GITHUB, "loginHint": "1002"}
    again = [
        (await client.get_access_token_for_connection(wish, browser.options)).access_token
        for wish in wishes
    ]

    assert first == again
    assert 4 == len(set(first)) == len(provider.exchanges)
    assert [None, "1002", "1003", None] == [form.get("login_hint") for form in provider.exchanges]


async def test_a_completed_unlink_leaves_no_token_of_the_connection(
    client: ServerClient, provider: VaultProvider, browser: Browser
) -> None:
    """Not of any account of it; those of other connections stay."""
    await client.get_access_token_for_connection(GITHUB, browser.options)
    await client.get_access_token_for_connection({**GITHUB, "login_hint": "7"}, browser.options)
    await client.get_access_token_for_connection({"connection": "google-oauth2"}, browser.options)

    await unlink(client, provider, browser, "github")

    provider.linked.remove("github")
    for wish in (GITHUB, {**GITHUB, "login_hint": "7"}):
        with pytest.raises(GrantRefused):
            await client.get_access_token_for_connection(wish, browser.options)
    await client.get_access_token_for_connection({"connection": "google-oauth2"}, browser.options)
    assert 5 == len(provider.exchanges)


async def test_linking_again_gives_a_token_of_what_was_agreed_to_last(
    client: ServerClient, provider: VaultProvider, browser: Browser
) -> None:
    """Another account of the connection, or a wider scope: the token from before may be neither."""
    first = await client.get_access_token_for_connection(GITHUB, browser.options)
    await link(client, provider, browser, "google-oauth2")
    same = await client.get_access_token_for_connection(GITHUB, browser.options)
    await link(client, provider, browser, "github")
    other = await client.get_access_token_for_connection(GITHUB, browser.options)

    assert first.access_token == same.access_token != other.access_token


async def test_an_unlink_that_was_cancelled_changes_nothing(
    client: ServerClient, provider: VaultProvider, browser: Browser
) -> None:
    """The token is good, and kept."""
    first = await client.get_access_token_for_connection(GITHUB, browser.options)
    url = await client.start_unlink_user(GITHUB, browser.options)
    with pytest.raises(Exception, match="access_denied"):
        await client.complete_unlink_user(provider.refuse(url), browser.options)

    again = await client.get_access_token_for_connection(GITHUB, browser.options)

    assert first.access_token == again.access_token


async def test_an_unlink_during_the_exchange_leaves_no_token(provider: VaultProvider) -> None:
    """Its caller has the token, which came before the unlink; the session does not keep it."""
    client, browser = client_of(provider, state_store="memory:"), Browser()
    await sign_in(client, provider, browser)

    async def meanwhile() -> None:
        provider.before_answer = anyio.lowlevel.checkpoint
        await unlink(client, provider, browser, "github")

    provider.before_answer = meanwhile
    await client.get_access_token_for_connection(GITHUB, browser.options)

    provider.linked.remove("github")
    with pytest.raises(GrantRefused):
        await client.get_access_token_for_connection(GITHUB, browser.options)


async def test_a_link_and_an_exchange_at_once_both_survive(provider: VaultProvider) -> None:
    """With a store: what the link brought is there, and so is the token of the other connection in the end."""
    client, browser = client_of(provider, state_store="memory:"), Browser()
    await sign_in(client, provider, browser)

    async def meanwhile() -> None:
        provider.before_answer = anyio.lowlevel.checkpoint
        url = await client.start_link_user({"connection": "google-oauth2"}, browser.options)
        await client.complete_link_user(provider.approve(url, plan="gold"), browser.options)

    provider.before_answer = meanwhile
    await client.get_access_token_for_connection(GITHUB, browser.options)
    await client.get_access_token_for_connection(GITHUB, browser.options)
    exchanges = len(provider.exchanges)
    await client.get_access_token_for_connection(GITHUB, browser.options)

    user = await client.get_user(browser.options)
    assert user is not None
    assert "gold" == user["plan"]
    assert exchanges == len(provider.exchanges)


async def test_a_logout_during_the_exchange_gives_no_token(
    client: ServerClient, provider: VaultProvider, browser: Browser
) -> None:
    """Nor does the exchange bring the session back."""

    async def meanwhile() -> None:
        await client.logout(None, browser.request().options)

    provider.before_answer = meanwhile
    with pytest.raises(SessionChanged):
        await client.get_access_token_for_connection(GITHUB, browser.options)

    assert await client.get_session(browser.options) is None


async def test_what_is_missing_has_its_own_error_and_hint(
    client: ServerClient, provider: VaultProvider, browser: Browser
) -> None:
    """Nobody signed in; a connection that is not linked; a client that may not exchange."""
    with pytest.raises(SessionRequired):
        await client.get_access_token_for_connection(GITHUB, Browser().options)
    with pytest.raises(GrantRefused) as refused:
        await client.get_access_token_for_connection({"connection": "box"}, browser.options)
    assert "'box'" in str(refused.value)
    assert "link the connection" in refused.value.hint
    provider.answers[TOKEN] = json_response(403, {"error": "unauthorized_client"})
    with pytest.raises(TokenRequestRefused) as caught:
        await client.get_access_token_for_connection(GITHUB, browser.options)

    assert ("unauthorized_client", 403) == (caught.value.error, caught.value.status)
    assert await client.get_session(browser.options) is not None


async def test_without_a_refresh_token_nothing_is_sent(
    client: ServerClient, provider: VaultProvider
) -> None:
    """The hint names the scope that brings one."""
    browser = Browser()
    url = await client.start_interactive_login(None, browser.options)
    callback = provider.approve(url)

    async def answer() -> HttpResponse:
        response = await provider.usual(provider.requests[-1])
        return HttpResponse(
            200, response.headers, response.body.replace(b'"refresh_token"', b'"no_such_token"')
        )

    provider.answers[TOKEN] = answer
    await client.complete_interactive_login(callback, browser.options)

    with pytest.raises(RefreshTokenMissing) as caught:
        await client.get_access_token_for_connection(GITHUB, browser.options)

    assert "offline_access" in caught.value.hint
    assert [] == provider.exchanges


async def test_a_plain_provider_is_not_asked(provider: VaultProvider) -> None:
    """There is no such exchange in the specifications of OpenID Connect."""
    client, browser = client_of(provider, dialect="oidc"), Browser()
    await sign_in(client, provider, browser)

    with pytest.raises(ConnectionTokensNotSupported):
        await client.get_access_token_for_connection(GITHUB, browser.options)

    assert [] == provider.exchanges


@pytest.mark.parametrize(
    "options",
    [
        None,
        {},
        {"connection": ""},
        {"connection": "github", "login_hint": ""},
        {"connection": "github", "login_hint": 5},
        {"connection": "github", "login_hint": "\ud800"},
        {"connection": "github", "scope": "gist"},
    ],
)
async def test_wrong_options_are_refused(
    client: ServerClient, provider: VaultProvider, browser: Browser, options: Any
) -> None:
    """Before anything is sent."""
    with pytest.raises(InvalidOption):
        await client.get_access_token_for_connection(options, browser.options)

    assert [] == provider.exchanges


@pytest.mark.parametrize("client", ["sealed cookies"], indirect=True)
async def test_a_token_that_could_not_be_kept_is_not_asked_for(
    client: ServerClient, provider: VaultProvider, browser: Browser
) -> None:
    """Without a response the session's cookies could not be renewed."""
    with pytest.raises(CookiesNotWritable):
        await client.get_access_token_for_connection(
            GITHUB, {"request": SimpleNamespace(cookies=dict(browser))}
        )

    assert [] == provider.exchanges


@pytest.mark.parametrize("client", ["memory stores"], indirect=True)
async def test_with_a_store_the_request_is_enough(
    client: ServerClient, provider: VaultProvider, browser: Browser
) -> None:
    """The token is kept in the store, and the cookie stays as it is."""
    options = {"request": SimpleNamespace(cookies=dict(browser))}

    first = await client.get_access_token_for_connection(GITHUB, options)
    second = await client.get_access_token_for_connection(GITHUB, options)

    assert 1 == len(provider.exchanges)
    assert first.access_token == second.access_token


async def test_at_rest_the_token_is_sealed(client: ServerClient, browser: Browser) -> None:
    """In the browser's cookies as in the store's records."""
    await client.get_access_token_for_connection(GITHUB, browser.options)

    assert "canary-connection-token" not in browser.header()


async def test_twenty_calls_at_once_all_get_a_token(
    client: ServerClient, provider: VaultProvider, browser: Browser
) -> None:
    """None fails for the others' sake, and from then on it is the one that the session keeps."""
    tokens: list[str] = []

    async def ask() -> None:
        token = await client.get_access_token_for_connection(GITHUB, browser.options)
        tokens.append(token.access_token)

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(ask)
    exchanged = len(provider.exchanges)
    kept = await client.get_access_token_for_connection(GITHUB, browser.options)

    assert 20 == len(tokens)
    assert kept.access_token in tokens
    assert exchanged == len(provider.exchanges) <= 20


async def test_with_a_store_twenty_calls_at_once_agree_on_one_token(
    provider: VaultProvider,
) -> None:
    """The first to be saved is everybody's."""
    client, browser = client_of(provider, state_store="memory:"), Browser()
    await sign_in(client, provider, browser)
    tokens: set[str] = set()

    async def ask() -> None:
        token = await client.get_access_token_for_connection(GITHUB, browser.request().options)
        tokens.add(token.access_token)

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(ask)
    kept = await client.get_access_token_for_connection(GITHUB, browser.options)

    assert {kept.access_token} == tokens
