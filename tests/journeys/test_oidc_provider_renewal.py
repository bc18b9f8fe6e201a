"""
Starting a link when the session's ID token is stale, against the certified provider.

The provider refuses an expired ``id_token_hint``, so the client renews it first when it can. Nobody
waits: tokens are made short-lived, and the client's clock is moved.
"""

from collections.abc import AsyncIterator
from http import HTTPStatus

import httpx
import pytest

from support.certified_tenant import CertifiedTenant
from support.journey import KINDS_OF_STORES, Journey, SteerableClock, journey_at
from support.tenants import DATABASE
from userlink import SessionData, SessionIdTokenExpired

pytestmark = [pytest.mark.anyio, pytest.mark.node]

HOUR_SECONDS = 3600
# Less than a link wants to be left of an ID token, so such a one is renewed; it is not expired yet.
STALE_SECONDS = 25
PAST_EXPIRY_SECONDS = 60
WITHOUT_REFRESH_TOKEN = {"scope": "openid profile email"}


@pytest.fixture
def clock() -> SteerableClock:
    """Give the clock of the client; the provider's is the real one."""
    return SteerableClock()


@pytest.fixture(params=KINDS_OF_STORES)
async def alice(
    certified_tenant: CertifiedTenant, clock: SteerableClock, request: pytest.FixtureRequest
) -> AsyncIterator[Journey]:
    """Give Alice, who is not signed in yet, with each kind of stores."""
    stores = KINDS_OF_STORES[request.param]
    async with journey_at(certified_tenant, clock=clock, **stores) as journey:
        yield journey


async def session_of(journey: Journey) -> SessionData:
    """Return the session that there must be."""
    session = await journey.client.get_session(journey.options)
    assert session is not None
    return session


async def sign_in_briefly(
    alice: Journey, tenant: CertifiedTenant, **authorization_params: str
) -> SessionData:
    """Log in with an ID token that is stale at once; later ones last an hour."""
    tenant.provider.change_settings(id_token_lifetime_seconds=STALE_SECONDS)
    await alice.sign_in(authorization_params=authorization_params)
    tenant.provider.change_settings(id_token_lifetime_seconds=HOUR_SECONDS)
    return await session_of(alice)


@pytest.mark.parametrize("later_seconds", [0, PAST_EXPIRY_SECONDS], ids=["stale", "expired"])
async def test_the_id_token_is_renewed_before_it_is_sent(
    alice: Journey,
    certified_tenant: CertifiedTenant,
    clock: SteerableClock,
    later_seconds: int,
) -> None:
    """The hint is the new ID token, and the rotated refresh token is kept (OIDC Core 12, RFC 6749 6)."""
    before = await sign_in_briefly(alice, certified_tenant)
    clock.advance(later_seconds)
    url = await alice.start_link("github")
    renewed = await session_of(alice)
    callback = alice.visitor.choose_account(url, alice.tenant.accounts["github"])
    result = await alice.client.complete_link_user(callback, alice.options)

    [_, refresh, _] = alice.tenant.sent_to("token")
    [_, link] = alice.tenant.sent_to("authorize")
    assert ("refresh_token", before.refresh_token) == (
        refresh["grant_type"],
        refresh["refresh_token"],
    )
    assert before.refresh_token != renewed.refresh_token
    assert before.id_token != renewed.id_token == link["id_token_hint"]
    assert (before.subject, before.sid, before.created_at) == (
        renewed.subject,
        renewed.sid,
        renewed.created_at,
    )
    assert "auth0|alice" == result.user["sub"]
    assert (DATABASE, "github") == alice.tenant.connections_of("alice")


async def test_each_renewal_uses_the_token_of_the_one_before(
    alice: Journey, certified_tenant: CertifiedTenant
) -> None:
    """A provider that rotates takes an old refresh token for theft (RFC 9700 4.14.2): none comes twice."""
    certified_tenant.provider.change_settings(id_token_lifetime_seconds=STALE_SECONDS)
    await alice.sign_in()
    held = [(await session_of(alice)).refresh_token]
    for _ in range(3):
        await alice.start_link("github")
        held.append((await session_of(alice)).refresh_token)
    sent = [request.get("refresh_token") for request in alice.tenant.sent_to("token")]

    assert [None, *held[:-1]] == sent
    assert 4 == len(set(held))


async def test_a_link_leaves_the_logins_refresh_token_in_place(
    alice: Journey, certified_tenant: CertifiedTenant
) -> None:
    """The provider gives one for the link too, granted for linking; the login's goes on being renewed."""
    certified_tenant.provider.change_settings(id_token_lifetime_seconds=STALE_SECONDS)
    await alice.sign_in()
    url = await alice.start_link("github")
    held = (await session_of(alice)).refresh_token
    callback = alice.visitor.choose_account(url, alice.tenant.accounts["github"])
    await alice.client.complete_link_user(callback, alice.options)
    kept = (await session_of(alice)).refresh_token
    await alice.start_link("google-oauth2")

    assert held == kept == alice.tenant.sent_to("token")[-1]["refresh_token"]
    assert held != (await session_of(alice)).refresh_token


async def test_a_provider_that_does_not_rotate_is_sent_the_same_token(
    alice: Journey, certified_tenant: CertifiedTenant
) -> None:
    """The refresh token stays, whether the answer repeats it or leaves it out (RFC 6749 6)."""
    certified_tenant.provider.change_settings(
        id_token_lifetime_seconds=STALE_SECONDS, rotate_refresh_tokens=False
    )
    await alice.sign_in()
    held = (await session_of(alice)).refresh_token
    for _ in range(2):
        await alice.start_link("github")
    sent = [request.get("refresh_token") for request in alice.tenant.sent_to("token")]

    assert [None, held, held] == sent
    assert held == (await session_of(alice)).refresh_token


async def test_a_fresh_id_token_is_sent_as_it_is(alice: Journey) -> None:
    """Nothing is renewed without need."""
    await alice.sign_in()
    await alice.start_link("github")

    assert ["authorization_code"] == [sent["grant_type"] for sent in alice.tenant.sent_to("token")]


async def test_without_a_refresh_token_an_expired_one_is_an_error(
    alice: Journey, certified_tenant: CertifiedTenant, clock: SteerableClock
) -> None:
    """The user has to sign in again; the session and its user are still there until then."""
    await sign_in_briefly(alice, certified_tenant, **WITHOUT_REFRESH_TOKEN)
    before = await alice.session()
    clock.advance(PAST_EXPIRY_SECONDS)
    with pytest.raises(SessionIdTokenExpired) as caught:
        await alice.start_link("github")

    assert "sign in again" in caught.value.hint
    assert before == await alice.session()
    assert 1 == len(alice.tenant.sent_to("authorize"))
    assert 1 == len(alice.tenant.sent_to("token"))


class TestRevoked:
    """An administrator, or the user elsewhere, has revoked the refresh token (RFC 7009)."""

    async def test_the_id_token_at_hand_is_sent_while_it_lasts(
        self, alice: Journey, certified_tenant: CertifiedTenant, http: httpx.Client
    ) -> None:
        """A refusal of the renewal is no reason to stop the user (RFC 6749 5.2)."""
        session = await sign_in_briefly(alice, certified_tenant)
        revoke(http, certified_tenant, session)
        result = await alice.link("github")

        assert ["invalid_grant"] == [
            event.error for event in certified_tenant.provider.events("token") if event.error
        ]
        assert "auth0|alice" == result.user["sub"]
        assert session.id_token == alice.tenant.sent_to("authorize")[-1]["id_token_hint"]
        assert (DATABASE, "github") == alice.tenant.connections_of("alice")

    async def test_once_it_is_expired_the_user_has_to_sign_in(
        self,
        alice: Journey,
        certified_tenant: CertifiedTenant,
        clock: SteerableClock,
        http: httpx.Client,
    ) -> None:
        """The session is there until then, as it was."""
        session = await sign_in_briefly(alice, certified_tenant)
        before = await alice.session()
        revoke(http, certified_tenant, session)
        clock.advance(PAST_EXPIRY_SECONDS)
        with pytest.raises(SessionIdTokenExpired):
            await alice.start_link("github")

        assert before == await alice.session()
        assert 1 == len(alice.tenant.sent_to("authorize"))


def revoke(http: httpx.Client, tenant: CertifiedTenant, session: SessionData) -> None:
    """Let the refresh token of a session be good for nothing any more."""
    answer = http.post(
        f"{tenant.issuer}/token/revocation",
        data={
            "token": session.refresh_token or "",
            "client_id": tenant.client_id,
            "client_secret": tenant.client_secret,
        },
    )
    assert HTTPStatus.OK == answer.status_code
