"""Every way of client authentication at both providers: for what is pushed, a login, a renewal and a link."""

from typing import Any

import pytest

from support.certified_tenant import CertifiedTenant
from support.development_tenant import DevelopmentTenant
from support.journey import journey_at
from support.signing import jwk_of, key_pair, pem_of, private_jwk_of
from support.tenants import AFTER_LOGOUT, CALLBACK, DATABASE, Tenant
from userlink import PushedAuthorizationRefused
from userlink_devtenant import Client

pytestmark = pytest.mark.anyio

SECRET = "s+cr%t: &=*~ of the client"
KEY_ALGORITHMS = ["RS256", "ES256", "PS256", "EdDSA"]


def register(tenant: Tenant, method: str, alg: str = "ES256") -> dict[str, Any]:
    """Register the client for one method only, and return the arguments with which it proves itself."""
    pair = key_pair(alg)
    if isinstance(tenant, CertifiedTenant):
        metadata: Any = {"token_endpoint_auth_method": method}
        if method == "private_key_jwt":
            metadata["jwks"] = {"keys": [jwk_of(pair, kid="key-1")]}
            metadata["token_endpoint_auth_signing_alg"] = alg
        if method.startswith("client_secret"):
            metadata["client_secret"] = SECRET
        tenant.provider.register_client(client_id=tenant.client_id, **metadata)
    else:
        assert isinstance(tenant, DevelopmentTenant)
        client = Client(
            tenant.client_id,
            client_secret=SECRET if method.startswith("client_secret") else None,
            public_key=pem_of(pair).decode() if method == "private_key_jwt" else None,
            token_endpoint_auth_method=method,  # type: ignore[arg-type]  # one of the four
            redirect_uris=(CALLBACK,),
            post_logout_redirect_uris=(AFTER_LOGOUT,),
        )
        tenant.tenant.add_client(client)
    if method == "private_key_jwt":
        return {
            "client_secret": None,
            "client_assertion_signing_key": private_jwk_of(pair, kid="key-1"),
            "client_assertion_signing_alg": alg,
        }
    secret = SECRET if method.startswith("client_secret") else None
    return {"client_secret": secret, "token_endpoint_auth_method": method}


async def log_in_renew_and_link(tenant: Tenant, **arguments: Any) -> None:
    """Walk through all that asks for the client's authentication: three requests to the token endpoint."""
    short_seconds = 20  # too short for a hint, so that a link renews the ID token first
    if isinstance(tenant, CertifiedTenant):
        tenant.provider.change_settings(id_token_lifetime_seconds=short_seconds)
    else:
        assert isinstance(tenant, DevelopmentTenant)
        tenant.tenant.set_lifetimes(id_token_seconds=short_seconds)
    async with journey_at(tenant, **arguments) as alice:
        await alice.sign_in()
        await alice.link("github")

    assert (DATABASE, "github") == tenant.connections_of("alice")
    assert ["authorization_code", "refresh_token", "authorization_code"] == [
        sent["grant_type"] for sent in tenant.sent_to("token")
    ]


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
@pytest.mark.parametrize("pushed", ["auto", "never"])
async def test_with_a_secret_or_none(tenant: Tenant, method: str, pushed: str) -> None:
    """RFC 6749, 2.3: each is accepted where the client is registered for it; PKCE is in all of them."""
    arguments = register(tenant, method)

    await log_in_renew_and_link(tenant, pushed_authorization=pushed, **arguments)
    for sent in tenant.sent_to("token"):
        assert ("client_secret" in sent) is (method == "client_secret_post")
        assert ("code_verifier" in sent) is ("code" in sent)


@pytest.mark.parametrize("alg", KEY_ALGORITHMS)
async def test_with_a_key(tenant: Tenant, alg: str) -> None:
    """OIDC Core, 9: an assertion for each request, which both providers accept once."""
    arguments = register(tenant, "private_key_jwt", alg)

    await log_in_renew_and_link(tenant, **arguments)
    sent = tenant.sent_to("token")
    assert 3 == len(sent) == len({form["client_assertion"] for form in sent})
    assert not [form for form in sent if "client_secret" in form]


async def test_with_the_key_of_another(tenant: Tenant) -> None:
    """The provider says invalid_client, and nobody gets as far as its pages."""
    arguments = register(tenant, "private_key_jwt")
    other = private_jwk_of(key_pair("ES256", 1), kid="key-1")
    async with journey_at(tenant, **{**arguments, "client_assertion_signing_key": other}) as alice:
        with pytest.raises(PushedAuthorizationRefused, match="invalid_client"):
            await alice.client.start_interactive_login(None, alice.options)

    assert [] == tenant.sent_to("browser")
