"""The provider ends sessions: in stores on every process at once, and nowhere by a token that fails a check."""

import json
from typing import Any

import pytest

from support.clients import Browser, client_of, sign_in
from support.memory_provider import CLIENT_ID, CLIENT_SECRET, MemoryProvider, json_response
from support.moving_clock import MovingClock
from support.signing import compact, hmac_token, key_pair, signed
from userlink import (
    BackchannelLogoutNotSupported,
    Event,
    LogoutClaims,
    LogoutTokenInvalid,
    MemoryStateStore,
    ProviderError,
    ProviderUnreachable,
    ServerClient,
    SessionRequired,
    StoreError,
    hookimpl,
)
from userlink.stores.protocols import StoreOptions

pytestmark = pytest.mark.anyio

EVENT = "http://schemas.openid.net/event/backchannel-logout"
OTHER_ISSUER = "https://other.example/"


class Listener:
    """Notes events."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    @hookimpl
    def userlink_event(self, event: Event) -> None:
        """Note it."""
        self.events.append(event)


class Store(MemoryStateStore):
    """A store that can be told to fail once."""

    def __init__(self) -> None:
        super().__init__()
        self.fails: set[str] = set()

    async def delete_by_logout_token(
        self, claims: LogoutClaims, store_options: StoreOptions
    ) -> None:
        """Delete, or fail."""
        self._fail("delete_by_logout_token")
        await super().delete_by_logout_token(claims, store_options)

    async def set(self, *arguments: Any) -> bool:
        """Write, or fail."""
        self._fail("set")
        return await super().set(*arguments)

    def _fail(self, method: str) -> None:
        if method in self.fails:
            self.fails.remove(method)
            raise OSError("away")


@pytest.fixture
def provider() -> MemoryProvider:
    """Return a provider of its own for each test."""
    return MemoryProvider(MovingClock())


@pytest.fixture
def store() -> Store:
    """Return an empty store."""
    return Store()


@pytest.fixture
def listener() -> Listener:
    """Return a listener that has heard nothing."""
    return Listener()


@pytest.fixture
def client(provider: MemoryProvider, store: Store, listener: Listener) -> ServerClient:
    """Return a client whose sessions are in the store."""
    return client_of(provider, state_store=store, plugins=[listener])


@pytest.fixture
async def alice(client: ServerClient, provider: MemoryProvider) -> Browser:
    """Return a browser in which Alice is signed in."""
    browser = Browser()
    await sign_in(client, provider, browser)
    return browser


async def test_the_session_that_is_named_ends_on_every_process(
    client: ServerClient, alice: Browser, provider: MemoryProvider, store: Store, listener: Listener
) -> None:
    """A client of another process takes the token; nobody's browser is part of it (section 2.7)."""
    elsewhere = client_of(provider, state_store=store, plugins=[listener])

    await elsewhere.handle_backchannel_logout(provider.logout_token())

    assert await client.get_user(alice.options) is None
    assert await elsewhere.get_user(alice.options) is None
    assert ("logout.backchannel", "auth0|alice") == (
        listener.events[-1].name,
        listener.events[-1].subject,
    )


async def test_a_sid_ends_one_session_and_a_sub_ends_all_of_them(
    client: ServerClient, provider: MemoryProvider
) -> None:
    """Sections 2.4 and 2.7; other users stay signed in."""
    browsers = {"laptop": Browser(), "phone": Browser(), "bob": Browser()}
    for name, browser in browsers.items():
        url = await client.start_interactive_login(None, browser.options)
        subject = "auth0|bob" if name == "bob" else "auth0|alice"
        callback = provider.approve(url, subject, sid=f"sid-{name}")
        await client.complete_interactive_login(callback, browser.options)

    async def signed_in() -> set[str]:
        return {
            name
            for name, browser in browsers.items()
            if await client.get_user(browser.options) is not None
        }

    await client.handle_backchannel_logout(provider.logout_token(sid="sid-laptop", sub=None))
    assert {"phone", "bob"} == await signed_in()
    await client.handle_backchannel_logout(provider.logout_token(sid=None))
    assert {"bob"} == await signed_in()


async def test_an_identity_that_the_session_was_not_opened_with_ends_nothing(
    client: ServerClient, alice: Browser, provider: MemoryProvider
) -> None:
    """A session belongs to who signed in, whatever else is linked; that there is none to end is no failure."""
    await client.handle_backchannel_logout(provider.logout_token(sub="github|1", sid=None))

    assert await client.get_user(alice.options) is not None


async def test_a_session_that_was_ended_does_not_come_back(
    client: ServerClient, alice: Browser, provider: MemoryProvider
) -> None:
    """A link that was on its way is refused, and writes nothing."""
    url = await client.start_link_user({"connection": "github"}, alice.options)
    await client.handle_backchannel_logout(provider.logout_token())

    with pytest.raises(SessionRequired):
        await client.complete_link_user(provider.approve(url), alice.options)

    assert await client.get_user(alice.options) is None


def forged(provider: MemoryProvider, header: dict[str, Any]) -> str:
    """Return a token with the right claims under another header, signed with nothing."""
    return compact(header, claims_of(provider))


def claims_of(provider: MemoryProvider, **changes: Any) -> dict[str, Any]:
    """Return the claims of a logout token."""
    now = provider.clock()
    claims = {"iss": provider.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 120, "jti": "x"}
    return {**claims, "sub": "auth0|alice", "sid": "sid-1", "events": {EVENT: {}}, **changes}


REFUSED: dict[str, tuple[str, Any]] = {
    "alg none": ("alg", lambda given: forged(given, {"alg": "none"})),
    "HS256 with the client secret": (
        "alg",
        lambda given: hmac_token(claims_of(given), CLIENT_SECRET.encode()),
    ),
    "an algorithm that is not allowed": (
        "alg",
        lambda given: signed(claims_of(given), key_pair("RS384"), "RS384"),
    ),
    "a key of somebody else": (
        "kid",
        lambda given: signed(claims_of(given), key_pair("ES256"), "ES256", kid="mine"),
    ),
    "a forged signature": (
        "signature",
        lambda given: signed(claims_of(given), key_pair("ES256"), "ES256", kid="key-0"),
    ),
    "no token": ("form", lambda given: "logout"),
    "wrong iss": ("iss", lambda given: given.logout_token(iss=OTHER_ISSUER)),
    "wrong aud": ("aud", lambda given: given.logout_token(aud="client-2")),
    "no events": ("events", lambda given: given.logout_token(events=None)),
    "wrong event": ("events", lambda given: given.logout_token(events={"logout": {}})),
    "an event that is no object": ("events", lambda given: given.logout_token(events={EVENT: ""})),
    "nonce": ("nonce", lambda given: given.logout_token(nonce="n")),
    "neither sub nor sid": ("sid", lambda given: given.logout_token(sub=None, sid=None)),
    "no jti": ("jti", lambda given: given.logout_token(jti=None)),
    "no exp": ("exp", lambda given: given.logout_token(exp=None)),
    "expired": ("exp", lambda given: given.logout_token(exp=given.clock() - 60)),
    "no iat": ("iat", lambda given: given.logout_token(iat=None)),
    "from the future": ("iat", lambda given: given.logout_token(iat=given.clock() + 61)),
}


@pytest.mark.parametrize(("check", "make"), REFUSED.values(), ids=REFUSED)
async def test_a_token_that_fails_a_check_ends_nothing(
    client: ServerClient,
    alice: Browser,
    provider: MemoryProvider,
    store: Store,
    listener: Listener,
    check: str,
    make: Any,
) -> None:
    """Back-Channel Logout, 2.6, and the tests of the OpenID Foundation: the session lives, nothing is written."""
    before, told = dict(store._records), len(listener.events)

    with pytest.raises(LogoutTokenInvalid) as caught:
        await client.handle_backchannel_logout(make(provider))

    assert check == caught.value.check
    assert before == store._records
    assert told == len(listener.events)
    assert await client.get_user(alice.options) is not None


async def test_the_sid_of_another_issuer_ends_nothing(
    client: ServerClient, alice: Browser, provider: MemoryProvider, store: Store
) -> None:
    """Two providers' applications share a store; each may end the sessions of its own users only."""
    other = MemoryProvider(provider.clock, OTHER_ISSUER)
    beside = client_of(other, state_store=store)

    await beside.handle_backchannel_logout(other.logout_token())

    assert await client.get_user(alice.options) is not None


async def test_an_id_token_is_no_logout_token(
    client: ServerClient, alice: Browser, provider: MemoryProvider
) -> None:
    """Browsers and logs may know one; nobody is signed out with it (section 4.1)."""
    id_token = next(token for token in provider.issued if token.count(".") == 2)

    with pytest.raises(LogoutTokenInvalid):
        await client.handle_backchannel_logout(id_token)

    assert await client.get_user(alice.options) is not None


async def test_a_token_counts_once_among_all_processes(
    client: ServerClient, alice: Browser, provider: MemoryProvider, store: Store
) -> None:
    """Who captures one cannot sign the user out again after the next login (section 4)."""
    token = provider.logout_token(sid=None)
    elsewhere = client_of(provider, state_store=store)
    await client.handle_backchannel_logout(token)
    await sign_in(client, provider, alice)

    for each in (client, elsewhere):
        with pytest.raises(LogoutTokenInvalid) as caught:
            await each.handle_backchannel_logout(token)
        assert "jti" == caught.value.check
    assert await client.get_user(alice.options) is not None


@pytest.mark.parametrize("method", ["delete_by_logout_token", "set"])
async def test_a_store_that_was_away_is_asked_again(
    client: ServerClient, alice: Browser, provider: MemoryProvider, store: Store, method: str
) -> None:
    """The provider sends the same token again, and it is not taken for a replay."""
    token = provider.logout_token()
    store.fails.add(method)
    with pytest.raises(StoreError):
        await client.handle_backchannel_logout(token)

    await client.handle_backchannel_logout(token)

    assert await client.get_user(alice.options) is None


async def test_sealed_cookies_refuse_to_pretend(provider: MemoryProvider) -> None:
    """Only the browser has the session; the error says which store to use, and the provider is not asked."""
    client, browser = client_of(provider), Browser()
    await sign_in(client, provider, browser)
    asked = len(provider.requests)

    for token in (provider.logout_token(), "nonsense"):
        with pytest.raises(BackchannelLogoutNotSupported, match="state_store"):
            await client.handle_backchannel_logout(token)

    assert asked == len(provider.requests)
    assert await client.get_user(browser.options) is not None


async def test_unknown_keys_have_the_provider_asked_once(
    client: ServerClient, alice: Browser, provider: MemoryProvider
) -> None:
    """Anybody can send tokens here: a hundred names of keys cost at most one more request for keys."""
    asked = len(provider.requests)
    for number in range(100):
        token = signed(claims_of(provider), key_pair("ES256"), "ES256", kid=f"unknown-{number}")
        with pytest.raises(LogoutTokenInvalid):
            await client.handle_backchannel_logout(token)

    assert 1 >= len(provider.requests) - asked


async def test_a_provider_that_is_down_ends_nothing(provider: MemoryProvider, store: Store) -> None:
    """A signature that cannot be verified is not believed."""
    client = client_of(provider, state_store=store)
    for path, answer in (
        ("/.well-known/openid-configuration", ProviderUnreachable("Gone.")),
        ("/jwks", json_response(500, {})),
    ):
        provider.answers[path] = answer
        with pytest.raises(ProviderError) as caught:
            await client.handle_backchannel_logout(provider.logout_token())
        assert not isinstance(caught.value, LogoutTokenInvalid)
        provider.answers.clear()


async def test_what_is_kept_of_a_token_tells_nothing(
    client: ServerClient, provider: MemoryProvider, store: Store
) -> None:
    """Neither its name nor its user; the record may be purged when the token has expired."""
    await client.handle_backchannel_logout(provider.logout_token())
    ((identifier, record),) = store._records.items()

    kept = json.dumps([identifier, record.sealed.decode(), record.issuer, record.subject])
    assert not [word for word in ("canary", "alice", "tenant.example", "sid-1") if word in kept]
    assert provider.clock() + 120 <= record.expires_at <= provider.clock() + 200
