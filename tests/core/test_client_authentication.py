"""Each way of client authentication, from the client's arguments to a provider that checks it."""

from typing import Any, cast

import pytest

from support.clients import CALLBACK, Browser, client_of
from support.frames import assert_no_variable_shows
from support.memory_provider import MemoryProvider
from support.signing import jwk_of, key_pair, private_jwk_of, private_pem_of
from userlink import ProviderUnreachable, ServerClient, TokenRequestRefused
from userlink.testing import FixedClock, InMemoryProvider

pytestmark = pytest.mark.anyio

CLIENT_ID, CLIENT_SECRET = "app: 1+%", "s+cr%t: &=*~ canary"


class Provider(InMemoryProvider):
    """A provider at which the client is registered in one way."""

    def __init__(self, method: str | None = None, **registered: Any) -> None:
        self.clock = FixedClock()
        metadata = {} if method is None else {"token_endpoint_auth_methods_supported": [method]}
        super().__init__(
            client_id=CLIENT_ID,
            redirect_uris=(CALLBACK,),
            clock=self.clock,
            metadata=metadata,
            **{"client_secret": None, **registered},
        )


def client_at(provider: Provider, **proof: Any) -> ServerClient:
    """Build a client that proves itself in one way."""
    arguments = {"client_id": CLIENT_ID, "client_secret": None, **proof}
    return client_of(cast("MemoryProvider", provider), **arguments)


async def log_in_renew_and_link(client: ServerClient, provider: Provider) -> list[str]:
    """Use the token endpoint for a login, a renewal and a link."""
    browser = Browser()
    url = await client.start_interactive_login(None, browser.options)
    await client.complete_interactive_login(provider.authorize(url), browser.options)
    provider.clock.advance(36_000)  # the ID token is now past its time
    url = await client.start_link_user({"connection": "github"}, browser.options)
    result = await client.complete_link_user(provider.authorize(url), browser.options)
    return [identity["connection"] for identity in result.user["identities"][1:]]


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
@pytest.mark.parametrize("chosen_by", ["metadata", "argument"])
async def test_a_secret_arrives_whatever_it_holds(method: str, chosen_by: str) -> None:
    """RFC 6749, 2.3.1: client_id and client_secret have colons, signs and spaces here."""
    provider = Provider(method if chosen_by == "metadata" else None, client_secret=CLIENT_SECRET)
    configured = None if chosen_by == "metadata" else method
    client = client_at(provider, client_secret=CLIENT_SECRET, token_endpoint_auth_method=configured)

    assert ["github"] == await log_in_renew_and_link(client, provider)
    by_header = ["authorization" in sent.request.headers for sent in provider.requests_to("token")]
    assert [method == "client_secret_basic"] * 3 == by_header


@pytest.mark.parametrize("alg", ["RS256", "ES256", "PS256", "EdDSA"])
@pytest.mark.parametrize("form", ["PEM", "JWK"])
async def test_a_key_signs_an_assertion_for_every_request(alg: str, form: str) -> None:
    """OIDC Core, 9: the provider accepts each one once, and has the public key alone."""
    pair = key_pair(alg)
    named = {"kid": "key-1"} if form == "JWK" else {}  # PEM has no place for a name
    key: Any = private_pem_of(pair) if form == "PEM" else private_jwk_of(pair, **named)
    provider = Provider(client_public_key=jwk_of(pair, **named))
    client = client_at(provider, client_assertion_signing_key=key, client_assertion_signing_alg=alg)

    assert ["github"] == await log_in_renew_and_link(client, provider)
    forms = [sent.form for sent in provider.requests_to("token")]
    assert 3 == len({form["client_assertion"] for form in forms})


async def test_a_secret_beside_a_key_is_kept() -> None:
    """Not even a provider that says it knows secrets alone is sent it."""
    pair = key_pair("ES256")
    provider = Provider("client_secret_post", client_public_key=jwk_of(pair))
    client = client_at(
        provider, client_secret=CLIENT_SECRET, client_assertion_signing_key=private_pem_of(pair)
    )

    await log_in_renew_and_link(client, provider)
    for sent in provider.requests:
        assert "client_secret" not in sent.form
        assert "authorization" not in sent.request.headers


async def test_a_public_client_has_pkce() -> None:
    """RFC 7636: the verifier is all that it proves anything with."""
    provider = Provider()
    client = client_at(provider)

    assert ["github"] == await log_in_renew_and_link(client, provider)
    for sent in provider.requests_to("token"):
        assert CLIENT_ID == sent.form["client_id"]
        assert ("code_verifier" in sent.form) is ("code" in sent.form)


async def test_another_key_is_refused() -> None:
    """RFC 6749, 5.2: the error says invalid_client, and shows no assertion."""
    provider = Provider(client_public_key=jwk_of(key_pair("ES256")))
    client = client_at(provider, client_assertion_signing_key=private_pem_of(key_pair("ES256", 1)))
    browser = Browser()
    url = await client.start_interactive_login(None, browser.options)

    with pytest.raises(TokenRequestRefused, match="invalid_client") as caught:
        await client.complete_interactive_login(provider.authorize(url), browser.options)
    (sent,) = provider.requests_to("token")
    assert sent.form["client_assertion"] not in str(caught.value)
    assert_no_variable_shows(caught.value, sent.form["client_assertion"])


async def test_the_key_is_in_no_error_and_no_frame() -> None:
    """Error reporters show what is in a frame."""
    pair = key_pair("ES256")
    provider = Provider(client_public_key=jwk_of(pair))
    client = client_at(provider, client_assertion_signing_key=private_pem_of(pair).decode())
    browser = Browser()
    url = await client.start_interactive_login(None, browser.options)
    callback = provider.authorize(url)
    provider.fail("token", exception=ProviderUnreachable("no answer"))

    with pytest.raises(ProviderUnreachable) as caught:
        await client.complete_interactive_login(callback, browser.options)
    (sent,) = provider.requests_to("token")
    secrets = {sent.form["client_assertion"], private_jwk_of(pair)["d"], "PRIVATE KEY"}
    assert_no_variable_shows(caught.value, *secrets)
