"""Reauthenticating, and going on with the link that was asked for."""

from typing import Any

import pytest

from support.clients import KINDS_OF_STORES, Browser, client_of, sign_in
from support.memory_provider import MemoryProvider, json_response, parameters_of
from support.moving_clock import MovingClock
from userlink import (
    AuthorizationDenied,
    Event,
    LinkedUserMismatch,
    LinkResult,
    ReauthenticationRequired,
    ReauthenticationResult,
    ServerClient,
    SessionChanged,
    SessionRequired,
    TransactionAlreadyUsed,
    TransactionKindMismatch,
    UnlinkResult,
    UserlinkError,
    hookimpl,
)

pytestmark = pytest.mark.anyio

GITHUB = {"connection": "github", "app_state": {"return_to": "/profile"}}


class Listener:
    """Notes the names of events."""

    def __init__(self) -> None:
        self.names: list[str] = []

    @hookimpl
    def userlink_event(self, event: Event) -> None:
        """Note it."""
        self.names.append(event.name)


@pytest.fixture
def clock() -> MovingClock:
    """Return a clock that client and provider share."""
    return MovingClock()


@pytest.fixture
def provider(clock: MovingClock) -> MemoryProvider:
    """Return a provider of its own for each test."""
    return MemoryProvider(clock)


@pytest.fixture
def listener() -> Listener:
    """Return a listener that has heard nothing."""
    return Listener()


@pytest.fixture(params=KINDS_OF_STORES)
def client(
    request: pytest.FixtureRequest, provider: MemoryProvider, listener: Listener
) -> ServerClient:
    """Return a client whose links ask for a fresh sign-in, with each kind of stores."""
    return client_of(
        provider,
        link_max_age_seconds=300,
        plugins=[listener],
        **KINDS_OF_STORES[request.param],
    )


@pytest.fixture
async def browser(client: ServerClient, provider: MemoryProvider) -> Browser:
    """Return a browser in which Alice signed in, nobody knows when."""
    browser = Browser()
    await sign_in(client, provider, browser)
    return browser


async def session_of(client: ServerClient, browser: Browser) -> dict[str, Any] | None:
    """Return everything that the application can know of a session."""
    session = await client.get_session(browser.request().options)
    return None if session is None else dict(session)


async def reauthentication(client: ServerClient, browser: Browser, start: str = "link") -> str:
    """Ask for a link, and return where the user is to authenticate anew."""
    begin = client.start_link_user if start == "link" else client.start_unlink_user
    with pytest.raises(ReauthenticationRequired) as caught:
        await begin(GITHUB, browser.options)
    return await client.start_reauthentication(caught.value.options, browser.options)


@pytest.mark.parametrize(("start", "result"), [("link", LinkResult), ("unlink", UnlinkResult)])
async def test_after_a_fresh_sign_in_the_link_goes_on(
    client: ServerClient,
    provider: MemoryProvider,
    clock: MovingClock,
    browser: Browser,
    listener: Listener,
    start: str,
    result: type,
) -> None:
    """From the start to the end: one answer of the application for each step."""
    url = await reauthentication(client, browser, start)
    proved = await client.complete_callback(
        provider.approve(url, auth_time=clock()), browser.options
    )
    assert isinstance(proved, ReauthenticationResult)
    assert proved.redirect_to is not None
    linked = await client.complete_callback(
        provider.approve(proved.redirect_to, auth_time=clock()), browser.options
    )

    assert result is type(linked)
    assert {"return_to": "/profile"} == proved.app_state == linked.app_state
    assert ["login.completed", "reauthentication.completed", f"{start}.completed"] == listener.names


async def test_the_session_goes_on_under_a_fresh_id(
    client: ServerClient, provider: MemoryProvider, clock: MovingClock, browser: Browser
) -> None:
    """A copy of its cookie, which anybody may have taken before, has no part in what the user proved."""
    stolen = browser.request()
    before = await session_of(client, browser)
    url = await client.start_reauthentication(None, browser.options)
    proved = await client.complete_reauthentication(
        provider.approve(url, auth_time=clock()), browser.options
    )
    after = await session_of(client, browser)

    assert proved.redirect_to is None
    assert before is not None
    assert after is not None
    assert clock() == after["auth_time"]
    for kept in ("subject", "created_at", "refresh_token", "sid"):
        assert before[kept] == after[kept]
    assert await session_of(client, stolen) is None


async def test_what_another_user_proves_is_nothing(
    client: ServerClient, provider: MemoryProvider, clock: MovingClock, browser: Browser
) -> None:
    """Whoever sits down at the browser signs in as themselves: nobody is swapped, and no link begins."""
    before = await session_of(client, browser)
    url = await reauthentication(client, browser)

    with pytest.raises(LinkedUserMismatch):
        await client.complete_callback(
            provider.approve(url, "auth0|eve", auth_time=clock()), browser.options
        )

    assert before == await session_of(client, browser)


@pytest.mark.parametrize("age_seconds", [None, 120, -61])
async def test_a_provider_that_asked_nobody_proves_nothing(
    client: ServerClient,
    provider: MemoryProvider,
    clock: MovingClock,
    browser: Browser,
    age_seconds: int | None,
) -> None:
    """``prompt=login`` ignored: an authentication of before the start does not do, however young."""
    before = await session_of(client, browser)
    url = await reauthentication(client, browser)
    claims: dict[str, Any] = {} if age_seconds is None else {"auth_time": clock() - age_seconds}

    with pytest.raises(ReauthenticationRequired) as caught:
        await client.complete_callback(provider.approve(url, **claims), browser.options)

    assert {"return_to": "/profile"} == caught.value.app_state
    assert before == await session_of(client, browser)


async def test_a_user_who_cancels_changes_nothing(
    client: ServerClient, provider: MemoryProvider, browser: Browser
) -> None:
    """The link that waited is forgotten."""
    before = await session_of(client, browser)
    url = await reauthentication(client, browser)

    with pytest.raises(AuthorizationDenied):
        await client.complete_callback(provider.refuse(url), browser.options)

    assert before == await session_of(client, browser)


async def test_a_proof_is_for_the_session_that_asked(
    client: ServerClient, provider: MemoryProvider, clock: MovingClock, browser: Browser
) -> None:
    """Another sign-in in between, or a sign-out: nothing begins."""
    url = await reauthentication(client, browser)
    other = await reauthentication(client, browser)
    await sign_in(client, provider, browser)

    with pytest.raises(SessionChanged):
        await client.complete_callback(provider.approve(url, auth_time=clock()), browser.options)
    await client.logout(None, browser.options)
    with pytest.raises(SessionRequired):
        await client.complete_callback(provider.approve(other, auth_time=clock()), browser.options)


async def test_what_was_on_its_way_under_the_old_id_is_refused(
    client: ServerClient, provider: MemoryProvider, clock: MovingClock, browser: Browser
) -> None:
    """Whoever started it may have had a copy of the old cookie."""
    url = await reauthentication(client, browser)
    older = await reauthentication(client, browser)
    await client.complete_callback(provider.approve(url, auth_time=clock()), browser.options)

    with pytest.raises(SessionChanged):
        await client.complete_callback(provider.approve(older, auth_time=clock()), browser.options)


async def test_it_counts_once(
    client: ServerClient, provider: MemoryProvider, clock: MovingClock, browser: Browser
) -> None:
    """RFC 9700, 4.5: a second delivery begins no second link."""
    callback = provider.approve(await reauthentication(client, browser), auth_time=clock())
    await client.complete_callback(callback, browser.options)

    with pytest.raises(TransactionAlreadyUsed):
        await client.complete_callback(callback, browser.options)


@pytest.mark.parametrize(
    "complete",
    ["complete_interactive_login", "complete_link_user", "complete_unlink_user"],
)
async def test_no_other_completion_accepts_it(
    client: ServerClient,
    provider: MemoryProvider,
    clock: MovingClock,
    browser: Browser,
    complete: str,
) -> None:
    """Least of all as a link."""
    before = await session_of(client, browser)
    callback = provider.approve(await reauthentication(client, browser), auth_time=clock())

    with pytest.raises(TransactionKindMismatch):
        await getattr(client, complete)(callback, browser.options)

    assert before == await session_of(client, browser)


async def test_what_waits_is_in_no_address(client: ServerClient, browser: Browser) -> None:
    """Nobody who sees or writes the URL has a say in what is linked."""
    url = await reauthentication(client, browser)

    assert "github" not in url
    assert ("login", "0") == (parameters_of(url)["prompt"], parameters_of(url)["max_age"])


async def test_a_failure_at_the_token_endpoint_leaves_the_session(
    client: ServerClient, provider: MemoryProvider, clock: MovingClock, browser: Browser
) -> None:
    """As with every completion."""
    before = await session_of(client, browser)
    url = await reauthentication(client, browser)
    provider.answers["/token"] = json_response(500, {})

    with pytest.raises(UserlinkError):
        await client.complete_callback(provider.approve(url, auth_time=clock()), browser.options)

    assert before == await session_of(client, browser)


async def test_nobody_reauthenticates_without_a_session(client: ServerClient) -> None:
    """That would be a login."""
    with pytest.raises(SessionRequired):
        await client.start_reauthentication(None, Browser().options)
