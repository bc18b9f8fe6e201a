"""The provider is honest until it is told otherwise, over HTTP."""

import hashlib
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from userlink.protocol.pkce import base64url
from userlink.testing.hostile import HostileNetwork, HostileProvider, Misbehaviour, Weakness
from userlink.testing.hostile.answers import with_members

VERIFIER = "v" * 43
REDIRECT_URI = "http://localhost/cb"


def authorization_url(provider: HostileProvider, **changes: str) -> str:
    """Return an authorization request."""
    challenge = base64url(hashlib.sha256(VERIFIER.encode()).digest())
    parameters = {
        "client_id": provider.client_id,
        "response_type": "code",
        "redirect_uri": REDIRECT_URI,
        "scope": "openid",
        "state": "s",
        "nonce": "n",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **changes,
    }
    return f"{provider.issuer}/authorize?{urlencode(parameters)}"


def redeem(provider: HostileProvider, callback: str) -> httpx.Response:
    """Send the code of a callback."""
    form = {
        "grant_type": "authorization_code",
        "code": parse_qs(urlsplit(callback).query)["code"][0],
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
        "client_id": provider.client_id,
        "client_secret": provider.client_secret,
    }
    return httpx.post(f"{provider.issuer}/oauth/token", data=form)


def test_an_honest_login(network: HostileNetwork) -> None:
    """Code, token, signature and metadata are in order; requests and nonces are remembered."""
    network.reset()
    provider = network.provider
    callback = provider.authorize(authorization_url(provider), "victim")
    answer = redeem(provider, callback)
    metadata = httpx.get(f"{provider.issuer}/.well-known/openid-configuration").json()
    keys = httpx.get(metadata["jwks_uri"]).json()["keys"]

    assert callback.startswith(f"{REDIRECT_URI}?code=")
    claims = provider.keys.signing.claims_of(answer.json()["id_token"])
    assert claims is not None
    assert ("auth0|victim", "n") == (claims["sub"], claims["nonce"])
    assert [key.kid for key in provider.keys.published] == [key["kid"] for key in keys]
    assert ["token", "discovery", "jwks"] == [request.endpoint for request in provider.requests]
    assert parse_qs(urlsplit(callback).query)["code"] == provider.codes_sent()
    assert ["n"] == provider.nonces
    assert claims["sid"] == provider.last_sid


def test_each_part_can_be_wrong(network: HostileNetwork) -> None:
    """Claims, signature, and every answer; after a reset, all is well again."""
    network.reset()
    provider = network.provider
    provider.misbehave(
        Misbehaviour(
            claims=lambda claims, _: {**claims, "sub": "nobody"},
            sign=lambda claims, _: f"signed for {claims['sub']}",
            discovery=lambda answer, _: with_members(answer, issuer="another"),
            jwks=lambda answer, _: with_members(answer, keys=[]),
            token=lambda answer, _: with_members(answer, token_type="odd"),
            userinfo=lambda answer, _: with_members(answer, sub="somebody-else"),
            callback=lambda parameters, _: [*parameters, ("state", "again")],
        )
    )
    callback = provider.authorize(authorization_url(provider), "victim")
    tokens = redeem(provider, callback).json()
    metadata = httpx.get(f"{provider.issuer}/.well-known/openid-configuration").json()

    bearer = {"authorization": f"Bearer {tokens['access_token']}"}
    userinfo = httpx.get(metadata["userinfo_endpoint"], headers=bearer).json()

    assert "somebody-else" == userinfo["sub"]
    assert ["s", "again"] == parse_qs(urlsplit(callback).query)["state"]
    assert ("signed for nobody", "odd") == (tokens["id_token"], tokens["token_type"])
    assert "another" == metadata["issuer"]
    assert {"keys": []} == httpx.get(metadata["jwks_uri"]).json()
    network.reset()
    again = httpx.get(f"{provider.issuer}/.well-known/openid-configuration").json()
    assert provider.issuer == again["issuer"]
    assert [] == provider.codes_sent()


def test_a_wrong_request_comes_back_with_an_error(network: HostileNetwork) -> None:
    """An honest provider demands PKCE."""
    provider = network.provider
    callback = provider.authorize(authorization_url(provider, code_challenge=""), "victim")

    assert ["invalid_request"] == parse_qs(urlsplit(callback).query)["error"]


def test_a_pushed_request_is_opened_once(network: HostileNetwork) -> None:
    """RFC 9126, 2 and 4: whatever its redirect_uri; a name that was given to nobody is the application's mistake."""
    network.reset()
    provider = network.provider
    form = urlsplit(authorization_url(provider)).query + f"&client_secret={provider.client_secret}"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = httpx.post(f"{provider.issuer}/oauth/par", content=form, headers=headers)
    named = {"client_id": provider.client_id, "request_uri": answer.json()["request_uri"]}
    url = f"{provider.issuer}/authorize?{urlencode(named)}"

    assert 201 == answer.status_code
    assert provider.authorize(url, "victim").startswith(f"{REDIRECT_URI}?code=")
    assert REDIRECT_URI == provider.asked["redirect_uri"]
    with pytest.raises(Weakness, match="cannot open the request"):
        provider.authorize(url, "victim")


def test_other_places_are_not_there(network: HostileNetwork) -> None:
    """They are remembered all the same."""
    network.reset()

    assert 404 == httpx.get(f"{network.provider.issuer}/else").status_code
    assert [None] == [request.endpoint for request in network.provider.requests]
    assert [] == network.provider.requests_to("token")
