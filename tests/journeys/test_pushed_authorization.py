"""Pushed authorization requests (RFC 9126) at both providers: what browsers carry, and what they can change."""

import pytest

from support.journey import journey_at, tenant_of, with_query
from support.tenants import DATABASE, Tenant
from userlink import PushedAuthorizationMismatch, PushedAuthorizationRefused
from userlink_devtenant import DevTenant

pytestmark = pytest.mark.anyio


async def test_browsers_carry_a_name_and_no_token(tenant: Tenant) -> None:
    """Login, link and unlink: no id_token_hint, scope, redirect_uri or state is in any Location."""
    async with journey_at(tenant) as alice:
        await alice.sign_in()
        await alice.link("github")
        await alice.unlink("github")

    carried = tenant.sent_to("browser")
    assert [{"client_id", "request_uri"}] * 3 == [set(sent) for sent in carried]
    login, link, unlink = tenant.sent_to("authorize")
    assert "id_token_hint" not in login
    assert "github" == link["requested_connection"] == unlink["requested_connection"]
    assert link["id_token_hint"] != unlink["id_token_hint"]


async def test_a_client_that_is_told_to_pushes_nothing(tenant: Tenant) -> None:
    """The way without this specification stays open."""
    async with journey_at(tenant, pushed_authorization="never") as alice:
        await alice.sign_in()
        await alice.link("github")

    _, link = tenant.sent_to("browser")
    assert "request_uri" not in link
    assert "id_token_hint" in link


async def test_nobody_at_the_browser_changes_what_was_pushed(tenant: Tenant) -> None:
    """RFC 9126, 7: the link is the one that was started, whatever is added to the URL."""
    async with journey_at(tenant) as alice:
        await alice.sign_in()
        url = with_query(
            await alice.start_link("github"),
            scope="openid",
            nonce="another",
            state="another",
            requested_connection="email",
        )
        callback = alice.visitor.choose_account(url, tenant.accounts["github"])
        await alice.client.complete_link_user(callback, alice.options)

    assert (DATABASE, "github") == tenant.connections_of("alice")


async def test_a_wrong_secret_is_found_out_before_the_browser_leaves(tenant: Tenant) -> None:
    """RFC 9126, 2: the push is authenticated, and nothing is kept of a login that cannot be."""
    async with journey_at(tenant, client_secret="not the secret") as alice:
        with pytest.raises(PushedAuthorizationRefused) as caught:
            await alice.client.start_interactive_login(None, alice.options)

        assert ("invalid_client", 401) == (caught.value.error, caught.value.status)
        assert "not the secret" not in repr(caught.value)
        assert {} == alice.cookies
    assert [] == tenant.sent_to("browser")


async def test_a_connection_that_there_is_not_is_refused_at_the_start(tenant: Tenant) -> None:
    """RFC 9126, 2.3: the error comes to the application, and the session is as it was."""
    async with journey_at(tenant) as alice:
        await alice.sign_in()
        before = await alice.session()
        with pytest.raises(PushedAuthorizationRefused) as caught:
            await alice.start_link("nowhere")

        assert ("invalid_request", 400) == (caught.value.error, caught.value.status)
        assert before == await alice.session()


async def test_a_provider_may_insist(devtenant: DevTenant, devtenant_tenant: Tenant) -> None:
    """RFC 9126, 5: whoever is told never to push hears of it before the provider does."""
    devtenant.set_pushed_authorization("required")
    async with journey_at(devtenant_tenant) as alice:
        await alice.sign_in()
        await alice.link("github")
    async with journey_at(devtenant_tenant, pushed_authorization="never") as bob:
        with pytest.raises(PushedAuthorizationMismatch):
            await bob.client.start_interactive_login(None, bob.options)

    assert 2 == len(devtenant_tenant.sent_to("browser"))


async def test_a_client_may_insist(devtenant: DevTenant, devtenant_tenant: Tenant) -> None:
    """A provider that stops to take pushed requests does not get the hint into a URL by that."""
    devtenant.set_pushed_authorization("off")
    async with journey_at(devtenant_tenant, pushed_authorization="required") as alice:
        with pytest.raises(PushedAuthorizationMismatch):
            await alice.client.start_interactive_login(None, alice.options)
    async with journey_at(devtenant_tenant) as alice:
        await alice.sign_in()

    (carried,) = devtenant_tenant.sent_to("browser")
    assert "request_uri" not in carried


@pytest.fixture
def devtenant_tenant(devtenant: DevTenant) -> Tenant:
    """Give the development tenant, which can be told what to offer."""
    return tenant_of(devtenant)
