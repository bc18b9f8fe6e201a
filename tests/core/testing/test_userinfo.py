"""The userinfo endpoint of a provider in memory."""

import json

import pytest

from userlink.protocol.values import HttpRequest
from userlink.testing.accounts import Accounts
from userlink.testing.fixed import FixedEntropy
from userlink.testing.grants import Grant, Grants
from userlink.testing.userinfo import UserinfoEndpoint


def endpoint() -> tuple[UserinfoEndpoint, str]:
    accounts = Accounts()
    accounts.add("alice", plan="gold")
    grants = Grants(FixedEntropy())
    grant = Grant(
        family="",
        subject="auth0|alice",
        client_id="app",
        redirect_uri="https://app.example/callback",
        scope="openid",
        audience=None,
        nonce=None,
        code_challenge="",
        authenticated_at=0,
        expires_at=0,
    )
    served = UserinfoEndpoint(accounts, grants, lambda claims: {**claims, "edited": True})
    return served, grants.access_token(grant)


def asked(authorization: str | None) -> HttpRequest:
    headers = {} if authorization is None else {"authorization": authorization}
    return HttpRequest("GET", "https://x/userinfo", headers)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_an_access_token_is_answered_with_its_users_claims(scheme: str) -> None:
    """OIDC Core, 5.3.2; tests may have it lie."""
    served, token = endpoint()

    response = served.answer(asked(f"{scheme} {token}"))

    claims = json.loads(response.body)
    assert (200, "application/json") == (response.status, response.headers["content-type"])
    assert ("auth0|alice", "gold", True) == (claims["sub"], claims["plan"], claims["edited"])


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer other", "Basic {token}"])
def test_anything_else_is_refused(authorization: str | None) -> None:
    """RFC 6750, 3.1."""
    served, token = endpoint()

    given = None if authorization is None else authorization.format(token=token)
    response = served.answer(asked(given))

    assert (401, b"") == (response.status, response.body)
    assert "invalid_token" in response.headers["www-authenticate"]
