"""Logging out at the provider too, and coming back from there (OIDC RP-Initiated Logout 1.0)."""

from typing import Any

import pytest

from support.clients import KINDS_OF_STORES, Browser, client_of, sign_in
from support.memory_provider import MemoryProvider, parameters_of
from support.moving_clock import MovingClock
from userlink import (
    InvalidCallback,
    InvalidOption,
    ServerClient,
    TransactionAlreadyUsed,
    TransactionExpired,
    TransactionKindMismatch,
    TransactionNotFound,
)

pytestmark = pytest.mark.anyio

HOME = "https://app.example/"
APP_STATE = {"return_to": "/bye"}
SESSION = "__Host-userlink_session"


@pytest.fixture
def provider() -> MemoryProvider:
    """Return a provider of its own for each test."""
    return MemoryProvider(MovingClock())


@pytest.fixture(params=KINDS_OF_STORES.values(), ids=list(KINDS_OF_STORES))
def client(provider: MemoryProvider, request: pytest.FixtureRequest) -> ServerClient:
    """Return a client with each kind of stores."""
    return client_of(
        provider, post_logout_redirect_uris=["https://www.example/bye"], **request.param
    )


@pytest.fixture
async def alice(client: ServerClient, provider: MemoryProvider) -> Browser:
    """Return a browser in which Alice is signed in."""
    browser = Browser()
    await sign_in(client, provider, browser)
    return browser


async def returning(
    client: ServerClient, browser: Browser, return_to: str = HOME, **options: Any
) -> str:
    """Log out, and return where the provider sends the browser back to."""
    url = await client.logout({"return_to": return_to, **options}, browser.options)
    sent = parameters_of(url)
    assert return_to == sent["post_logout_redirect_uri"]
    return f"{return_to}?state={sent['state']}"


async def test_what_was_given_comes_back_with_the_state(
    client: ServerClient, alice: Browser
) -> None:
    """The session is over before; the state is 128 bits, another at each logout, and the hint goes along."""
    url = await client.logout({"return_to": HOME, "appState": APP_STATE}, alice.options)
    sent = parameters_of(url)

    assert await client.get_user(alice.options) is None
    assert SESSION not in alice
    assert {"id_token_hint", "client_id", "post_logout_redirect_uri", "state"} == sent.keys()
    assert 22 == len(sent["state"])
    result = await client.complete_logout(f"{HOME}?state={sent['state']}", alice.options)
    assert APP_STATE == result.app_state == result.get("appState")


@pytest.mark.parametrize("return_to", [f"{HOME}any/page", "https://www.example/bye"])
async def test_own_pages_and_listed_urls_are_returned_to(
    client: ServerClient, alice: Browser, return_to: str
) -> None:
    """Of the application's origin any, of others those that the client lists."""
    assert (
        {}
        == (
            await client.complete_logout(await returning(client, alice, return_to), alice.options)
        ).app_state
    )


@pytest.mark.parametrize(
    "return_to",
    ["https://evil.example/", "https://www.example/", "https://app.example.evil.example/"],
)
async def test_a_foreign_url_is_refused_and_nothing_happens(
    client: ServerClient, alice: Browser, return_to: str
) -> None:
    """The error says where to list it."""
    with pytest.raises(InvalidOption, match="post_logout_redirect_uris"):
        await client.logout({"return_to": return_to}, alice.options)

    assert await client.get_user(alice.options) is not None


async def test_a_state_counts_once(client: ServerClient, alice: Browser) -> None:
    """A reload is told apart, with the app_state."""
    url = await returning(client, alice, app_state=APP_STATE)
    await client.complete_logout(url, alice.options)

    with pytest.raises(TransactionAlreadyUsed) as caught:
        await client.complete_logout(url, alice.options)
    assert APP_STATE == caught.value.app_state


async def test_a_state_counts_in_its_browser_only(client: ServerClient, alice: Browser) -> None:
    """Nobody is sent through another one's return, and a made-up state is nobody's."""
    url = await returning(client, alice)

    for wrong, browser in ((url, Browser()), (f"{HOME}?state=made-up", alice)):
        with pytest.raises(TransactionNotFound):
            await client.complete_logout(wrong, browser.options)
    with pytest.raises(InvalidCallback):
        await client.complete_logout(HOME, alice.options)
    assert await client.complete_logout(url, alice.options)


async def test_a_state_that_is_late_is_refused(
    client: ServerClient, alice: Browser, provider: MemoryProvider
) -> None:
    """The ten minutes of every transaction."""
    url = await returning(client, alice, app_state=APP_STATE)
    provider.clock.advance(600)

    with pytest.raises(TransactionExpired) as caught:
        await client.complete_logout(url, alice.options)
    assert APP_STATE == caught.value.app_state


async def test_a_logout_and_a_login_are_not_completed_as_one_another(
    client: ServerClient, alice: Browser, provider: MemoryProvider
) -> None:
    """Neither by its own method nor by that for all kinds; no code is redeemed, and nobody is signed in."""
    login = await client.start_interactive_login(None, alice.options)
    with pytest.raises(TransactionKindMismatch):
        await client.complete_logout(provider.approve(login), alice.options)
    before = len(provider.sent_to("/token"))
    for complete in (client.complete_callback, client.complete_interactive_login):
        url = await returning(client, alice)
        with pytest.raises(TransactionKindMismatch):
            await complete(f"{url}&code=code&iss={provider.issuer}", alice.options)

    assert before == len(provider.sent_to("/token"))
    assert await client.get_user(alice.options) is None


async def test_a_logout_that_nobody_completes_hinders_no_login(
    client: ServerClient, alice: Browser, provider: MemoryProvider
) -> None:
    """Where the page that users return to knows nothing of it, the state lies there until it expires."""
    await returning(client, alice)
    await sign_in(client, provider, alice)

    assert await client.get_user(alice.options) is not None
