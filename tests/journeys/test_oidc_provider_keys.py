"""
Signatures and keys, against the certified provider: which are accepted, and what happens when keys
change between two logins, or while a user is at the provider.
"""

import pytest

from support.certified_tenant import CertifiedTenant
from support.journey import Journey, SteerableClock, journey_at
from support.oidc_provider_values import Algorithm
from support.tenants import DATABASE
from userlink import IdTokenInvalid, LoginResult

pytestmark = [pytest.mark.anyio, pytest.mark.node]


async def login_again(journey: Journey) -> LoginResult:
    """Log in by the session that there is at the provider, which shows no page then."""
    url = await journey.client.start_interactive_login(None, journey.options)
    callback = journey.visitor.pass_through(url)
    return await journey.client.complete_interactive_login(callback, journey.options)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
async def test_signatures_of_both_kinds_are_accepted(
    certified_tenant: CertifiedTenant, algorithm: Algorithm
) -> None:
    """Both are among the default algorithms, for logins and links."""
    provider = certified_tenant.provider
    provider.register_client(client_id=provider.client_id, id_token_signed_response_alg=algorithm)
    async with journey_at(certified_tenant) as alice:
        await alice.sign_in()
        result = await alice.link("github")

    assert "auth0|alice" == result.user["sub"]
    assert (DATABASE, "github") == certified_tenant.connections_of("alice")


async def test_an_algorithm_that_is_not_configured_is_refused(
    certified_tenant: CertifiedTenant,
) -> None:
    """The token's header does not decide (RFC 8725 3.1)."""
    async with journey_at(certified_tenant, algorithms=["ES256"]) as alice:
        with pytest.raises(IdTokenInvalid) as caught:
            await alice.sign_in()

        assert "alg" == caught.value.check
        assert await alice.session() is None


async def test_keys_are_fetched_once(alice: Journey) -> None:
    """Metadata and keys serve all requests until a key is not among them."""
    await alice.sign_in()
    await alice.link("github")
    assert isinstance(alice.tenant, CertifiedTenant)
    provider = alice.tenant.provider

    assert (1, 1) == (len(provider.events("discovery")), len(provider.events("jwks")))


@pytest.mark.parametrize("retire_old", [False, True], ids=["kept", "retired"])
async def test_new_keys_between_two_logins_are_accepted(
    certified_tenant: CertifiedTenant, retire_old: bool
) -> None:
    """An unknown `kid` makes the client fetch the keys again, whether old ones stay or go."""
    async with journey_at(certified_tenant) as alice:
        await alice.sign_in()
        certified_tenant.provider.rotate_keys(retire_old=retire_old)
        again = await login_again(alice)

    assert "auth0|alice" == again.user["sub"]
    assert 2 == len(certified_tenant.provider.events("jwks"))


async def test_new_keys_while_the_user_is_at_the_provider_are_accepted(
    certified_tenant: CertifiedTenant,
) -> None:
    """A token may be signed with a key that did not exist when the link was started."""
    async with journey_at(certified_tenant) as alice:
        await alice.sign_in()
        callback = await alice.approve_link("github")
        certified_tenant.provider.rotate_keys(retire_old=True)
        result = await alice.client.complete_link_user(callback, alice.options)

    assert "auth0|alice" == result.user["sub"]
    assert 2 == len(certified_tenant.provider.events("jwks"))


async def test_keys_that_change_twice_in_a_minute_are_refused_for_a_while(
    certified_tenant: CertifiedTenant,
) -> None:
    """One fetch a minute for unknown keys: forged tokens are no flood at the provider's door."""
    clock = SteerableClock()
    async with journey_at(certified_tenant, clock=clock) as alice:
        await alice.sign_in()
        certified_tenant.provider.rotate_keys(retire_old=True)
        await login_again(alice)
        before = await alice.session()
        certified_tenant.provider.rotate_keys(retire_old=True)
        with pytest.raises(IdTokenInvalid) as caught:
            await login_again(alice)
        assert "kid" == caught.value.check
        assert before == await alice.session()
        assert 2 == len(certified_tenant.provider.events("jwks"))

        clock.advance(60)
        assert "auth0|alice" == (await login_again(alice)).user["sub"]
        assert 3 == len(certified_tenant.provider.events("jwks"))
