"""The token endpoint of a provider in memory: what it checks, each check seen firing."""

import hashlib
import json
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import urlencode

import pytest

from userlink.protocol.values import HttpRequest
from userlink.testing.accounts import Accounts
from userlink.testing.fixed import FixedClock, FixedEntropy
from userlink.testing.grants import Grant, Grants
from userlink.testing.keys import SigningKey
from userlink.testing.registration import Registration
from userlink.testing.token_endpoint import TokenEndpoint

KEY = SigningKey("k")
VERIFIER = "v" * 43
CALLBACK = "https://app.example/callback"
FORM = {
    "grant_type": "authorization_code",
    "redirect_uri": CALLBACK,
    "code_verifier": VERIFIER,
    "client_id": "app",
    "client_secret": "secret",
}


def half_hash(text: str, size: int = 32) -> str:
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:size]).rstrip(b"=").decode()


class Rig:
    """An endpoint with one user, one client and one code."""

    def __init__(self, scope: str = "openid offline_access") -> None:
        self.clock = FixedClock()
        self.grants = Grants(FixedEntropy())
        accounts = Accounts()
        accounts.add("alice")
        self.endpoint = TokenEndpoint(
            issuer="https://tenant.example/",
            registration=Registration("app", "secret", (CALLBACK,), ()),
            accounts=accounts,
            grants=self.grants,
            key=lambda: KEY,
            clock=self.clock,
            edit_claims=lambda claims: {**claims, "edited": True},
        )
        grant = Grant(
            family="",
            subject="auth0|alice",
            client_id="app",
            redirect_uri=CALLBACK,
            scope=scope,
            audience=None,
            nonce="nonce",
            code_challenge=half_hash(VERIFIER),
            authenticated_at=self.clock.now - 5,
            expires_at=self.clock.now + 60,
        )
        self.code = self.grants.keep(grant)

    def post(self, form: dict[str, str], content_type: str = "") -> tuple[int, dict[str, Any]]:
        headers = {"content-type": content_type or "application/x-www-form-urlencoded"}
        request = HttpRequest("POST", "https://x/", headers, urlencode(form).encode())
        response = self.endpoint.answer(request)
        assert "no-store" == response.headers["cache-control"]
        return response.status, json.loads(response.body)

    def redeem(self, **changes: str) -> tuple[int, dict[str, Any]]:
        return self.post({**FORM, "code": self.code, **changes})

    def refresh(self, token: str, **changes: str) -> tuple[int, dict[str, Any]]:
        form = {**FORM, "grant_type": "refresh_token", "refresh_token": token}
        return self.post({**form, **changes})


def test_a_code_is_exchanged_for_tokens_about_the_user() -> None:
    """OIDC Core, 3.1.3.3 and 2; at_hash as 3.1.3.6 says."""
    rig = Rig()

    status, members = rig.redeem()
    claims = KEY.claims_of(members["id_token"])

    assert (200, "Bearer") == (status, members["token_type"])
    assert claims is not None
    assert ("https://tenant.example/", "app", "auth0|alice", "nonce", True) == tuple(
        claims[name] for name in ("iss", "aud", "sub", "nonce", "edited")
    )
    assert half_hash(members["access_token"], 16) == claims["at_hash"]
    assert rig.clock.now - 5 == claims["auth_time"]


@pytest.mark.parametrize(
    ("expected", "changes"),
    [
        ((401, "invalid_client"), {"client_secret": "wrong"}),
        ((400, "invalid_grant"), {"code": "other"}),
        ((400, "invalid_grant"), {"redirect_uri": CALLBACK + "/"}),
        ((400, "invalid_grant"), {"code_verifier": "w" * 43}),
        ((400, "unsupported_grant_type"), {"grant_type": "password"}),
    ],
)
def test_a_wrong_request_is_refused(expected: tuple[int, str], changes: dict[str, str]) -> None:
    """RFC 6749, 4.1.3 and 5.2; RFC 7636, 4.6."""
    status, members = Rig().redeem(**changes)

    assert expected == (status, members["error"])


def test_a_code_is_good_once_and_for_a_minute() -> None:
    """RFC 6749, 4.1.2: a repeat also revokes the tokens of the first use."""
    rig = Rig()
    _, members = rig.redeem()

    assert "invalid_grant" == rig.redeem()[1]["error"]
    assert "invalid_grant" == rig.refresh(members["refresh_token"])[1]["error"]

    late = Rig()
    late.clock.advance(60)
    assert "invalid_grant" == late.redeem()[1]["error"]


def test_a_code_that_failed_once_is_spent() -> None:
    """Nobody tries verifiers one after the other."""
    rig = Rig()

    rig.redeem(code_verifier="wrong")

    assert "invalid_grant" == rig.redeem()[1]["error"]


def test_a_request_must_be_a_form_without_repeats() -> None:
    """RFC 6749, 3.2."""
    rig = Rig()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    doubled = HttpRequest("POST", "https://x/", headers, urlencode(FORM).encode() + b"&client_id=x")

    assert "invalid_request" == rig.post(FORM, "application/json")[1]["error"]
    assert b"invalid_request" in rig.endpoint.answer(doubled).body


def test_a_refresh_token_rotates_and_its_repeat_ends_the_family() -> None:
    """RFC 9700, 4.14.2; the new ID token has no nonce (OIDC Core, 12.2)."""
    rig = Rig()
    first = rig.redeem()[1]["refresh_token"]

    status, members = rig.refresh(first)
    claims = KEY.claims_of(members["id_token"])

    assert 200 == status
    assert claims is not None
    assert "nonce" not in claims
    assert first != members["refresh_token"]
    assert "invalid_grant" == rig.refresh(first)[1]["error"]
    assert "invalid_grant" == rig.refresh(members["refresh_token"])[1]["error"]


def test_a_refresh_token_comes_only_with_offline_access() -> None:
    """OIDC Core, 11."""
    assert "refresh_token" not in Rig("openid").redeem()[1]


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ({}, "openid offline_access"),
        ({"scope": "openid"}, "openid"),
        ({"scope": ""}, "openid offline_access"),
        ({"audience": "urn:api", "scope": "read"}, "read"),
        ({"audience": "urn:api"}, "openid offline_access"),
        ({"scope": "openid read"}, None),
    ],
)
def test_a_renewal_grants_what_is_asked_for(asked: dict[str, str], granted: str | None) -> None:
    """No more than at the login (RFC 6749, 6), but for another audience; the next one starts from the login again."""
    rig = Rig()
    _, tokens = rig.redeem()

    status, answer = rig.refresh(tokens["refresh_token"], **asked)

    if granted is None:
        assert (400, "invalid_scope") == (status, answer["error"])
        assert 200 == rig.refresh(tokens["refresh_token"])[0]
    else:
        assert (200, granted) == (status, answer["scope"])
        _, again = rig.refresh(answer["refresh_token"])
        assert "openid offline_access" == again["scope"]
