"""What a browser has to carry: flags and prefixes, several tabs, many abandoned starts, large sessions."""

from collections.abc import Callable
from typing import Any

import pytest

from support.clients import KINDS_OF_STORES, Browser, client_of, sign_in
from support.memory_provider import MemoryProvider
from support.moving_clock import MovingClock
from userlink import (
    Cookie,
    CookieOverlay,
    Exchange,
    InvalidOption,
    LinkResult,
    MemoryStateStore,
    SessionTooLarge,
    TransactionNotFound,
    hookimpl,
)
from userlink.stores.protocols import StoreOptions

pytestmark = pytest.mark.anyio

SERVERS_TAKE = 8_192  # bytes of one header, commonly


class Recorder(CookieOverlay):
    """An exchange that remembers each cookie as it was set."""

    writable = True

    def __init__(self, browser: Browser) -> None:
        super().__init__(browser, {})
        self.headers: list[str] = []

    @property
    def ages(self) -> list[int]:
        """How long each cookie is to live."""
        return [int(header.split("Max-Age=")[1].split(";")[0]) for header in self.headers]

    def set_cookie(self, cookie: Cookie) -> None:
        """Remember the header that it makes."""
        self.headers.append(cookie.header())
        super().set_cookie(cookie)


class RecordingPlugin:
    """Binds ``{"recorder": …}``."""

    @hookimpl
    def userlink_bind_exchange(self, store_options: StoreOptions) -> Exchange | None:
        """Return the recorder itself."""
        recorder: Recorder | None = store_options.get("recorder")
        return recorder


@pytest.fixture
def provider() -> MemoryProvider:
    """Return a provider of its own for each test."""
    return MemoryProvider(MovingClock())


# ------------------------------------------------------------------------------------- flags


@pytest.mark.parametrize("kind", KINDS_OF_STORES)
@pytest.mark.parametrize(
    ("changes", "prefix", "flags"),
    [
        ({}, "__Host-userlink_", {"path=/", "httponly", "samesite=lax", "secure"}),
        (
            {"authorization_params": {"redirect_uri": "http://localhost:3000/callback"}},
            "userlink_",
            {"path=/", "httponly", "samesite=lax"},
        ),
        (
            {"secure_cookies": False, "cookie_prefix": "shop"},
            "shop_",
            {"path=/", "httponly", "samesite=lax"},
        ),
    ],
    ids=["https", "loopback", "asked for"],
)
async def test_every_cookie_has_its_flags(
    provider: MemoryProvider,
    kind: str,
    changes: dict[str, Any],
    prefix: str,
    flags: set[str],
) -> None:
    """Set or deleted, of a session or a transaction: all flags, no domain (RFC 6265bis, 4.1.3.2)."""
    client = client_of(provider, plugins=[RecordingPlugin()], **KINDS_OF_STORES[kind], **changes)
    recorder = Recorder(Browser())
    options = {"recorder": recorder}

    url = await client.start_interactive_login(None, options)
    await client.complete_interactive_login(provider.approve(url), options)
    url = await client.start_link_user({"connection": "github"}, options)
    await client.complete_link_user(provider.approve(url), options)
    await client.logout(None, options)

    assert len(recorder.headers) >= 6
    for header in recorder.headers:
        pair, max_age, *others = header.split("; ")
        assert pair.startswith((f"{prefix}session=", f"{prefix}tx_"))
        assert max_age.startswith("Max-Age=")
        assert flags == {other.lower() for other in others}


async def test_cookies_live_as_long_as_what_they_hold(provider: MemoryProvider) -> None:
    """A transaction's ten minutes, a session's day, and none when it is deleted."""
    client = client_of(provider, plugins=[RecordingPlugin()])
    recorder = Recorder(Browser())
    options = {"recorder": recorder}

    url = await client.start_interactive_login(None, options)
    provider.clock.advance(60)
    await client.complete_interactive_login(provider.approve(url), options)
    await client.logout(None, options)

    assert [600, 540, 86_400, 0] == recorder.ages


async def test_the_cookie_of_an_id_is_set_when_the_session_begins_and_not_again(
    provider: MemoryProvider,
) -> None:
    """With a state store it lives for the 72 hours that a session may have, however it is used."""
    client = client_of(provider, plugins=[RecordingPlugin()], state_store=MemoryStateStore())
    recorder = Recorder(Browser())
    options = {"recorder": recorder}
    url = await client.start_interactive_login(None, options)
    await client.complete_interactive_login(provider.approve(url), options)
    assert [600, 600, 259_200] == recorder.ages

    for _ in range(4):
        provider.clock.advance(60_000)
        assert await client.get_user(options) is not None
    assert 3 == len(recorder.headers)

    provider.clock.advance(259_200 - 4 * 60_000)
    assert await client.get_user(options) is None


@pytest.mark.parametrize("action", ["log out", "log in"])
async def test_a_slow_answer_with_a_state_store_overwrites_no_newer_session(
    provider: MemoryProvider, action: str
) -> None:
    """It read the session and rolled it on before another tab ended it, and its cookies arrive last."""
    client = client_of(provider, plugins=[RecordingPlugin()], state_store=MemoryStateStore())
    browser = Browser()
    await sign_in(client, provider, browser)
    provider.clock.advance(7_200)
    slow = Recorder(browser.request())
    assert await client.get_user({"recorder": slow}) is not None

    if action == "log out":
        await client.logout(None, browser.options)
    else:
        await sign_in(client, provider, browser, "auth0|bob")
    browser.update(slow.cookies if slow.headers else {})

    expected = None if action == "log out" else {"sub": "auth0|bob"}
    assert expected == await client.get_user(browser.options)


# -------------------------------------------------------------------------------- several tabs


@pytest.mark.parametrize("kind", KINDS_OF_STORES)
async def test_a_second_start_does_not_break_the_first(provider: MemoryProvider, kind: str) -> None:
    """Three tabs, completed in any order, each with its own connection and app_state."""
    client, browser = client_of(provider, **KINDS_OF_STORES[kind]), Browser()
    await sign_in(client, provider, browser)
    tabs: dict[str, str] = {}
    for connection in ("github", "google-oauth2", "twitter"):
        url = await client.start_link_user(
            {"connection": connection, "app_state": {"tab": connection}}, browser.options
        )
        tabs[connection] = provider.approve(url)

    for connection in ("google-oauth2", "twitter", "github"):
        result = await client.complete_link_user(tabs[connection], browser.options)
        assert isinstance(result, LinkResult)
        assert (connection, {"tab": connection}) == (result.connection, result.app_state)


@pytest.mark.parametrize("kind", KINDS_OF_STORES)
async def test_eight_tabs_all_complete(provider: MemoryProvider, kind: str) -> None:
    """The first of them too."""
    client, browser = client_of(provider, **KINDS_OF_STORES[kind]), Browser()
    urls = [await client.start_interactive_login(None, browser.options) for _ in range(8)]

    for url in urls:
        assert await client.complete_interactive_login(provider.approve(url), browser.options)


# ------------------------------------------------------------------------------ abandoned starts


@pytest.mark.parametrize("kind", KINDS_OF_STORES)
@pytest.mark.parametrize(
    "app_state",
    [{}, {"return_to": "/profile"}, {"return_to": "/x" * 500}, {"return_to": "/x" * 1_800}],
    ids=["none", "usual", "one kB", "large"],
)
async def test_fifty_abandoned_starts_stay_small(
    provider: MemoryProvider, kind: str, app_state: dict[str, str]
) -> None:
    """At most eight alive, the newest completes, the oldest is gone, and servers take the header."""
    client, browser = client_of(provider, **KINDS_OF_STORES[kind]), Browser()
    await sign_in(client, provider, browser)
    callbacks: list[str] = []

    for _ in range(50):
        provider.clock.advance(1)
        url = await client.start_link_user(
            {"connection": "github", "app_state": app_state}, browser.options
        )
        callbacks.append(provider.approve(url))
        assert len(browser.header("_tx_")) < SERVERS_TAKE
        names = {name.partition(".")[0] for name in browser if "_tx_" in name}
        assert len(names) <= 8

    result = await client.complete_link_user(callbacks[-1], browser.options)
    assert app_state == result.app_state
    with pytest.raises(TransactionNotFound):
        await client.complete_link_user(callbacks[0], browser.options)


@pytest.mark.parametrize("length", [0, 200, 400, 700, 1_000, 1_500, 2_000, 2_500])
async def test_a_session_of_two_kilobytes_fits_beside_them(
    provider: MemoryProvider, length: int
) -> None:
    """However large each app_state is: whole Cookie headers stay below what servers take."""
    client, browser = client_of(provider), Browser()
    url = await client.start_interactive_login(None, browser.options)
    await client.complete_interactive_login(provider.approve(url, note="x" * 280), browser.options)
    (session,) = (len(value) for name, value in browser.items() if name.endswith("_session"))
    assert 1_950 < session <= 2_048

    for _ in range(50):
        await client.start_link_user(
            {"connection": "github", "app_state": {"a": "x" * length}}, browser.options
        )
        assert len(browser.header()) < SERVERS_TAKE


@pytest.mark.parametrize("note", [500, 1_000, 1_500])
async def test_logins_that_a_page_forces_do_not_lock_a_user_out(
    provider: MemoryProvider, note: int
) -> None:
    """Started before or after signing in: whole Cookie headers stay below what servers take."""
    client, browser = client_of(provider), Browser()

    async def force() -> None:
        for length in (500, 100, 500, 0, 500, 500):
            app_state = {"return_to": "/" + "a" * length}
            await client.start_interactive_login({"app_state": app_state}, browser.options)
            assert len(browser.header()) < SERVERS_TAKE

    await force()
    url = await client.start_interactive_login(None, browser.options)
    callback = provider.approve(url, note="x" * note)
    await client.complete_interactive_login(callback, browser.options)
    assert len(browser.header()) < SERVERS_TAKE

    await force()
    assert await client.get_user(browser.options) is not None


@pytest.mark.parametrize("kind", KINDS_OF_STORES)
async def test_logins_that_a_page_forces_do_not_push_a_link_out(
    provider: MemoryProvider, kind: str
) -> None:
    """The victim is at the provider, choosing an account; then comes back and is linked."""
    client, browser = client_of(provider, **KINDS_OF_STORES[kind]), Browser()
    await sign_in(client, provider, browser)
    link = await client.start_link_user({"connection": "github"}, browser.options)

    for _ in range(20):
        provider.clock.advance(1)
        app_state = {"return_to": "/" + "a" * 2_000}
        await client.start_interactive_login({"app_state": app_state}, browser.options)

    result = await client.complete_link_user(provider.approve(link), browser.options)
    assert "github" == result.connection


@pytest.mark.parametrize("kind", KINDS_OF_STORES)
async def test_an_app_state_that_no_cookie_should_carry_is_refused(
    provider: MemoryProvider, kind: str
) -> None:
    """At the start, and not by a server that refuses every request for ten minutes."""
    client, browser = client_of(provider, **KINDS_OF_STORES[kind]), Browser()

    with pytest.raises(InvalidOption, match="bytes of cookies") as caught:
        await client.start_interactive_login({"app_state": {"a": "x" * 9_000}}, browser.options)

    assert "app_state" in caught.value.hint
    assert {} == browser


# ------------------------------------------------------------------------------- large sessions


@pytest.mark.parametrize("length", [10, 3_000, 6_000, 9_000])
async def test_a_large_session_is_split_and_joined(provider: MemoryProvider, length: int) -> None:
    """Over 4096 bytes in several cookies, none of them larger, and all gone after the logout."""
    client = client_of(provider, plugins=[RecordingPlugin()])
    recorder = Recorder(Browser())
    options = {"recorder": recorder}

    url = await client.start_interactive_login(None, options)
    await client.complete_interactive_login(provider.approve(url, note="x" * length), options)

    user = await client.get_user(options)
    assert user is not None
    assert length == len(user["note"])
    assert all(len(header) <= 4_096 for header in recorder.headers)
    parts = [name for name in recorder.cookies if "_session" in name]
    assert (len(parts) > 1) is (length >= 3_000)

    await client.logout(None, options)
    assert not [name for name in recorder.cookies if "_session" in name]


@pytest.mark.parametrize(("before", "after"), [(9_000, 10), (10, 9_000), (9_000, 4_000)])
async def test_a_session_that_grows_or_shrinks_leaves_nothing_behind(
    provider: MemoryProvider, before: int, after: int
) -> None:
    """A link brings other claims; stale parts would make the session unreadable."""
    client, browser = client_of(provider), Browser()
    url = await client.start_interactive_login(None, browser.options)
    callback = provider.approve(url, note="b" * before)
    await client.complete_interactive_login(callback, browser.options)
    url = await client.start_link_user({"connection": "github"}, browser.options)

    await client.complete_link_user(provider.approve(url, note="a" * after), browser.options)

    user = await client.get_user(browser.options)
    assert user is not None
    assert "a" * after == user["note"]


async def test_a_session_too_large_for_cookies_is_said_so(provider: MemoryProvider) -> None:
    """With what to do; whoever was signed in still is."""
    client, browser = client_of(provider), Browser()
    await sign_in(client, provider, browser, "auth0|bob")
    url = await client.start_interactive_login(None, browser.options)

    with pytest.raises(SessionTooLarge) as caught:
        await client.complete_interactive_login(
            provider.approve(url, note="x" * 20_000), browser.options
        )

    assert "state_store" in caught.value.hint
    assert {"sub": "auth0|bob"} == await client.get_user(browser.options)


async def test_a_session_too_large_for_cookies_fits_into_a_store(provider: MemoryProvider) -> None:
    """What is stored can be opened again, however large the provider makes it."""
    client, browser = client_of(provider, state_store=MemoryStateStore()), Browser()
    url = await client.start_interactive_login(None, browser.options)
    callback = provider.approve(url, note="x" * 45_000)

    await client.complete_interactive_login(callback, browser.options)

    user = await client.get_user(browser.options)
    assert user is not None
    assert 45_000 == len(user["note"])


async def test_moving_to_a_store_clears_the_sealed_cookies_away(provider: MemoryProvider) -> None:
    """After the next login nothing of a split session is sent along any more."""
    browser = Browser()
    before, after = client_of(provider), client_of(provider, state_store="memory:")
    url = await before.start_interactive_login(None, browser.options)
    await before.complete_interactive_login(
        provider.approve(url, note="x" * 9_000), browser.options
    )
    assert await after.get_user(browser.options) is None

    await sign_in(after, provider, browser)

    assert ["__Host-userlink_session"] == [name for name in browser if "_session" in name]
    assert await after.get_user(browser.options) is not None
    assert await before.get_user(browser.options) is None


# ------------------------------------------------------------------------------ spoilt sessions


SPOILT: dict[str, Callable[[str], str]] = {
    "one character changed": lambda value: (
        value[:-5] + ("A" if value[-5] != "A" else "B") + value[-4:]
    ),
    "truncated": lambda value: value[: len(value) // 2],
    "empty": lambda value: "",
    "foreign": lambda value: "eyJhbGciOiJub25lIn0.e30.",
    "not ASCII": lambda value: "é" * 100,
    "a megabyte": lambda value: value * (1_000_000 // len(value)),
    "null": lambda value: "\x00",
}


@pytest.mark.parametrize("kind", KINDS_OF_STORES)
@pytest.mark.parametrize("spoil", SPOILT)
async def test_a_spoilt_cookie_means_not_signed_in(
    provider: MemoryProvider, kind: str, spoil: str
) -> None:
    """Never an exception, whichever method meets it; and signing in again makes it good."""
    client, browser = client_of(provider, **KINDS_OF_STORES[kind]), Browser()
    await sign_in(client, provider, browser)
    name = "__Host-userlink_session"
    browser[name] = SPOILT[spoil](browser[name])

    assert await client.get_user(browser.options) is None
    assert await client.get_session(browser.options) is None
    assert await client.logout(None, browser.request().options)
    await sign_in(client, provider, browser)
    assert {"sub": "auth0|alice"} == await client.get_user(browser.options)


@pytest.mark.parametrize("kind", KINDS_OF_STORES)
@pytest.mark.parametrize("spoil", SPOILT)
async def test_a_spoilt_transaction_means_not_found(
    provider: MemoryProvider, kind: str, spoil: str
) -> None:
    """Never another error; and starting again works beside it."""
    client, browser = client_of(provider, **KINDS_OF_STORES[kind]), Browser()
    callback = provider.approve(await client.start_interactive_login(None, browser.options))
    (name,) = browser
    browser[name] = SPOILT[spoil](browser[name])

    with pytest.raises(TransactionNotFound):
        await client.complete_interactive_login(callback, browser.options)

    await sign_in(client, provider, browser)


async def test_a_rotated_secret_opens_what_the_old_one_sealed(provider: MemoryProvider) -> None:
    """While both are configured; once the old one is dropped, its sessions are none, without an error."""
    old, new = (
        "canary-old-secret-of-unpredictable-bytes",
        "canary-new-secret-of-unpredictable-bytes",
    )
    browser = Browser()
    await sign_in(client_of(provider, secret=old), provider, browser)

    rotated = client_of(provider, secret=[new, old])
    assert await rotated.get_user(browser.request().options) is not None
    assert await client_of(provider, secret=[new]).get_user(browser.request().options) is None

    provider.clock.advance(50_000)  # the next use writes the session anew, under the new secret
    assert await rotated.get_user(browser.options) is not None
    assert await client_of(provider, secret=new).get_user(browser.options) is not None
