"""Who links must have authenticated as recently, and as well, as was asked: here before leaving, and in the answer."""

from typing import Any

import pytest

from support.clients import KINDS_OF_STORES, Browser, client_of, sign_in
from support.memory_provider import MemoryProvider, parameters_of
from support.moving_clock import MovingClock
from userlink import ReauthenticationRequired, ServerClient

pytestmark = pytest.mark.anyio

GITHUB = {"connection": "github"}
GOLD = "urn:example:gold"


@pytest.fixture
def clock() -> MovingClock:
    """Return a clock that client and provider share."""
    return MovingClock()


@pytest.fixture
def provider(clock: MovingClock) -> MemoryProvider:
    """Return a provider of its own for each test."""
    return MemoryProvider(clock)


@pytest.fixture(params=KINDS_OF_STORES)
def client(request: pytest.FixtureRequest, provider: MemoryProvider) -> ServerClient:
    """Return a client without any policy, with each kind of stores."""
    return client_of(provider, **KINDS_OF_STORES[request.param])


async def signed_in(client: ServerClient, provider: MemoryProvider, **claims: Any) -> Browser:
    """Return a browser whose user signed in with these claims in the ID token."""
    browser = Browser()
    url = await client.start_interactive_login(None, browser.options)
    await client.complete_callback(provider.approve(url, **claims), browser.options)
    return browser


async def session_of(client: ServerClient, browser: Browser) -> dict[str, Any]:
    """Return everything that the application can know of a session."""
    session = await client.get_session(browser.request().options)
    assert session is not None
    return dict(session)


async def test_the_session_tells_when_and_how_its_user_authenticated(
    client: ServerClient, provider: MemoryProvider, clock: MovingClock
) -> None:
    """From the ID token of the login, and nothing where it says nothing."""
    session = await session_of(
        client, await signed_in(client, provider, auth_time=clock() - 5, acr=GOLD)
    )
    silent = await session_of(client, await signed_in(client, provider))

    assert (clock() - 5, GOLD) == (session["auth_time"], session["acr"])
    assert (None, None) == (silent["auth_time"], silent["acr"])


@pytest.mark.parametrize("start", ["start_link_user", "start_unlink_user"])
@pytest.mark.parametrize(
    ("options", "claims", "check"),
    [
        ({"max_age": 300}, {"auth_time": -361}, "auth_time"),
        ({"max_age": 300}, {"auth_time": 61}, "auth_time"),
        ({"max_age": 300}, {}, "auth_time"),
        ({"acr_values": [GOLD]}, {"acr": "bronze"}, "acr"),
        ({"acrValues": [GOLD]}, {}, "acr"),
    ],
)
async def test_a_session_that_does_not_do_starts_nothing(
    client: ServerClient,
    provider: MemoryProvider,
    clock: MovingClock,
    start: str,
    options: dict[str, Any],
    claims: dict[str, Any],
    check: str,
) -> None:
    """No redirect, no cookie: the error says what to go on with."""
    if "auth_time" in claims:
        claims = {**claims, "auth_time": clock() + claims["auth_time"]}
    browser = await signed_in(client, provider, **claims)
    cookies = dict(browser)

    with pytest.raises(ReauthenticationRequired) as caught:
        await getattr(client, start)({**GITHUB, **options}, browser.options)

    assert check == caught.value.check
    assert caught.value.options is not None
    assert ["link" if start == "start_link_user" else "unlink"] == list(caught.value.options)
    assert cookies == browser


async def test_a_policy_holds_for_every_link_and_unlink_and_for_no_login(
    provider: MemoryProvider, clock: MovingClock
) -> None:
    """And counts from the sign-in at the provider, not from the session's beginning."""
    client = client_of(provider, link_max_age_seconds=300, link_acr_values=[GOLD])
    browser = await signed_in(client, provider, auth_time=clock(), acr=GOLD)

    for start in (client.start_link_user, client.start_unlink_user):
        url = await start(GITHUB, browser.options)
        assert ("300", GOLD) == (parameters_of(url)["max_age"], parameters_of(url)["acr_values"])
    clock.now += 361
    for start in (client.start_link_user, client.start_unlink_user):
        with pytest.raises(ReauthenticationRequired):
            await start(GITHUB, browser.options)
    login = await client.start_interactive_login(None, browser.options)

    assert "max_age" not in parameters_of(login)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"max_age": 60}, ("60", f"{GOLD} silver")),
        ({"max_age": 900}, ("300", f"{GOLD} silver")),
        ({"acr_values": ["bronze", "silver"]}, ("300", "silver")),
        ({"authorization_params": {"max_age": 30, "acr_values": "silver"}}, ("30", "silver")),
    ],
)
async def test_a_call_can_be_stricter_than_the_policy_and_never_laxer(
    provider: MemoryProvider,
    clock: MovingClock,
    options: dict[str, Any],
    expected: tuple[str, str],
) -> None:
    """Whichever way it asks."""
    client = client_of(provider, link_max_age_seconds=300, link_acr_values=[GOLD, "silver"])
    browser = await signed_in(client, provider, auth_time=clock(), acr="silver")

    sent = parameters_of(await client.start_link_user({**GITHUB, **options}, browser.options))

    assert expected == (sent["max_age"], sent["acr_values"])


@pytest.mark.parametrize(
    ("age_seconds", "acr"),
    [(None, GOLD), (361, GOLD), (-61, GOLD), (0, None), (0, "bronze"), (0, ["urn:example:gold"])],
)
@pytest.mark.parametrize("by_params", [False, True])
async def test_an_answer_that_does_not_do_changes_nothing(
    client: ServerClient,
    provider: MemoryProvider,
    clock: MovingClock,
    age_seconds: int | None,
    acr: object,
    by_params: bool,
) -> None:
    """A provider that ignores what it was asked: left out, old, from the future, another class; 0 change."""
    browser = await signed_in(client, provider, auth_time=clock(), acr=GOLD)
    before = await session_of(client, browser)
    asked: dict[str, Any] = {"max_age": 300, "acr_values": GOLD}
    options = {"authorization_params": asked} if by_params else asked
    url = await client.start_link_user(
        {**GITHUB, **options, "app_state": {"n": 1}}, browser.options
    )
    claims: dict[str, Any] = {} if acr is None else {"acr": acr}
    if age_seconds is not None:
        claims["auth_time"] = clock() - age_seconds

    with pytest.raises(ReauthenticationRequired) as caught:
        await client.complete_link_user(provider.approve(url, **claims), browser.options)

    assert {"n": 1} == caught.value.app_state
    assert caught.value.options is None
    assert before == await session_of(client, browser)


async def test_an_answer_that_does_is_remembered(
    client: ServerClient, provider: MemoryProvider, clock: MovingClock
) -> None:
    """The provider had the user sign in on the way: the next link may ask for that."""
    browser = await signed_in(client, provider, auth_time=clock(), acr="bronze")
    clock.now += 200
    url = await client.start_link_user({**GITHUB, "max_age": 300}, browser.options)
    await client.complete_link_user(
        provider.approve(url, auth_time=clock(), acr=GOLD), browser.options
    )
    clock.now += 200

    assert await client.start_link_user(
        {**GITHUB, "max_age": 300, "acr_values": [GOLD]}, browser.options
    )


async def test_a_login_is_measured_by_what_it_asked_for(
    client: ServerClient, provider: MemoryProvider, clock: MovingClock
) -> None:
    """One that does not do signs nobody in, and leaves who was there."""
    browser = Browser()
    await sign_in(client, provider, browser, "auth0|bob")
    url = await client.start_interactive_login({"max_age": 60}, browser.options)
    assert "60" == parameters_of(url)["max_age"]

    with pytest.raises(ReauthenticationRequired):
        await client.complete_interactive_login(
            provider.approve(url, auth_time=clock() - 121), browser.options
        )

    assert "auth0|bob" == (await session_of(client, browser))["subject"]


@pytest.mark.parametrize("says_when", [True, False])
async def test_a_renewed_id_token_makes_no_session_fresher(
    client: ServerClient, provider: MemoryProvider, clock: MovingClock, says_when: bool
) -> None:
    """A provider cannot vouch by a renewal for who sits there (OIDC Core, 12.2), whatever its login has said."""
    signed_in_at = clock()
    claims = {"auth_time": signed_in_at} if says_when else {}
    browser = await signed_in(client, provider, **claims)
    before = await session_of(client, browser)
    clock.now += provider.token_lifetime
    provider.renewed_claims = {"auth_time": signed_in_at if says_when else clock(), "acr": GOLD}

    await client.start_link_user(GITHUB, browser.options)

    after = await session_of(client, browser)
    assert before["id_token"] != after["id_token"]
    assert (before["auth_time"], before["acr"]) == (after["auth_time"], after["acr"])
    with pytest.raises(ReauthenticationRequired):
        await client.start_link_user({**GITHUB, "max_age": 300}, browser.options)
