"""Tokens of linked accounts at real providers: one gives them out, the other says that it does not."""

from collections.abc import AsyncIterator

import httpx
import pytest

from support.certified_tenant import CertifiedTenant
from support.development_tenant import DevelopmentTenant
from support.journey import KINDS_OF_STORES, Journey, journey_at, tenant_of
from userlink import GrantRefused, RefreshTokenMissing, TokenRequestRefused
from userlink_devtenant import DevTenant

pytestmark = pytest.mark.anyio

GITHUB = {"connection": "github"}


def ask_github(http: httpx.Client, journey: Journey, token: str) -> httpx.Response:
    """Call the API that the token is for."""
    headers = {"authorization": f"Bearer {token}"}
    return http.get(f"{journey.tenant.issuer}github/user", headers=headers)


def exchanges(journey: Journey) -> int:
    """Count the exchanges that the provider was sent."""
    return sum("subject_token" in sent for sent in journey.tenant.sent_to("token"))


@pytest.fixture(params=KINDS_OF_STORES)
async def alice(request: pytest.FixtureRequest, devtenant: DevTenant) -> AsyncIterator[Journey]:
    """Give Alice at the development tenant, who is signed in, with each kind of stores."""
    async with journey_at(tenant_of(devtenant), **KINDS_OF_STORES[request.param]) as journey:
        assert isinstance(journey.tenant, DevelopmentTenant)
        await journey.sign_in("alice")
        yield journey


async def test_a_link_brings_a_token_that_opens_the_accounts_api(
    alice: Journey, http: httpx.Client
) -> None:
    """What was agreed to at the link is its scope, and the API knows whose it is."""
    with pytest.raises(GrantRefused):
        await alice.client.get_access_token_for_connection(GITHUB, alice.options)
    await alice.link("github", connection_scope="read:user gist")

    token = await alice.client.get_access_token_for_connection(GITHUB, alice.options)
    again = await alice.client.get_access_token_for_connection(GITHUB, alice.options)

    assert "read:user gist" == token.scope
    assert "alice-codes" == ask_github(http, alice, token.access_token).json()["login"]
    assert token.access_token == again.access_token
    assert 2 == exchanges(alice)


async def test_after_an_unlink_there_is_none(alice: Journey) -> None:
    """Neither kept nor given out; linking again gives a new one."""
    await alice.link("github")
    first = await alice.client.get_access_token_for_connection(GITHUB, alice.options)
    await alice.unlink("github")
    with pytest.raises(GrantRefused):
        await alice.client.get_access_token_for_connection(GITHUB, alice.options)
    await alice.link("github")
    second = await alice.client.get_access_token_for_connection(GITHUB, alice.options)

    assert first.access_token != second.access_token


async def test_a_login_hint_names_the_account(alice: Journey) -> None:
    """As the tenant names it; another account's is refused."""
    await alice.link("github")
    named = {**GITHUB, "login_hint": "alice-codes"}
    await alice.client.get_access_token_for_connection(named, alice.options)

    with pytest.raises(GrantRefused):
        await alice.client.get_access_token_for_connection(
            {**GITHUB, "login_hint": "bob-builds"}, alice.options
        )


async def test_without_offline_access_there_is_nothing_to_exchange(devtenant: DevTenant) -> None:
    """Nothing is sent."""
    async with journey_at(tenant_of(devtenant)) as journey:
        await journey.sign_in("bob", authorization_params={"scope": "openid profile"})
        with pytest.raises(RefreshTokenMissing):
            await journey.client.get_access_token_for_connection(GITHUB, journey.options)

        assert 0 == exchanges(journey)


@pytest.mark.node
async def test_a_provider_without_the_exchange_refuses_it(
    certified_tenant: CertifiedTenant,
) -> None:
    """RFC 6749, 5.2: ``unsupported_grant_type``; signing in or linking anew would not help."""
    async with journey_at(certified_tenant) as journey:
        await journey.sign_in("alice")
        await journey.link("github")
        before = await journey.session()
        with pytest.raises(TokenRequestRefused) as caught:
            await journey.client.get_access_token_for_connection(GITHUB, journey.options)

        assert not isinstance(caught.value, GrantRefused)
        assert "unsupported_grant_type" == caught.value.error
        assert before == await journey.session()
