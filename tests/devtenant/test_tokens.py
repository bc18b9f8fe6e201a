"""What the tokens say: ID tokens, access tokens, UserInfo and revocation."""

import base64
import hashlib

import pytest
from joserfc import jws

from devtenant.relying_party import RelyingParty, problem


def userinfo(rp: RelyingParty, access_token: str) -> dict[str, object] | None:
    """Ask for the user; None when the token is refused."""
    answer = rp.http.get(
        f"{rp.tenant.issuer}userinfo", headers={"Authorization": f"Bearer {access_token}"}
    )
    if answer.status_code == 401:
        return None
    body: dict[str, object] = answer.raise_for_status().json()
    return body


def test_an_id_token_holds_what_openid_connect_asks_for(rp: RelyingParty) -> None:
    """OIDC Core 2."""
    claims = rp.claims(rp.log_in("alice", nonce="n-1")["id_token"])

    assert rp.tenant.issuer == claims["iss"]
    assert "auth0|alice" == claims["sub"]
    assert rp.client_id == claims["aud"]
    assert "n-1" == claims["nonce"]
    assert claims["iat"] + 3600 == claims["exp"]
    assert 0 <= claims["iat"] - claims["auth_time"] <= 60
    assert claims["sid"]


def test_the_at_hash_is_that_of_the_access_token(rp: RelyingParty) -> None:
    """OIDC Core 3.1.3.6: the left half of its SHA-256."""
    tokens = rp.log_in("alice")

    left_half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    expected = base64.urlsafe_b64encode(left_half).rstrip(b"=").decode()
    assert expected == rp.claims(tokens["id_token"])["at_hash"]


def test_the_header_names_a_published_key(rp: RelyingParty) -> None:
    """RFC 7515 4.1.4; the key set holds no private part."""
    header = jws.extract_compact(rp.log_in("alice")["id_token"].encode()).headers()
    published = rp.http.get(f"{rp.tenant.issuer}.well-known/jwks.json").json()["keys"]

    assert {"alg": "RS256", "kid": published[0]["kid"], "typ": "JWT"} == header
    for key in published:
        assert {"kty", "kid", "use", "alg", "n", "e"} == set(key)


@pytest.mark.parametrize(
    ("scope", "present", "absent"),
    [
        ("openid", {"identities"}, {"name", "nickname", "email", "email_verified"}),
        ("openid profile", {"identities", "name", "nickname"}, {"email"}),
        ("openid email", {"identities", "email", "email_verified"}, {"name"}),
    ],
)
def test_claims_follow_the_scope(
    rp: RelyingParty, scope: str, present: set[str], absent: set[str]
) -> None:
    """OIDC Core 5.4; identities always."""
    tokens = rp.log_in("alice", scope=scope)

    for claims in (rp.claims(tokens["id_token"]), userinfo(rp, tokens["access_token"]) or {}):
        assert present <= set(claims)
        assert not absent & set(claims)


def test_an_unverified_address_says_so(rp: RelyingParty) -> None:
    """It is a boolean (OIDC Core 5.1)."""
    assert rp.claims(rp.log_in("carol")["id_token"])["email_verified"] is False


def test_no_nonce_is_claimed_where_none_was_sent(rp: RelyingParty) -> None:
    """OIDC Core 2: the nonce is that of the request."""
    assert "nonce" not in rp.claims(rp.log_in("alice", nonce=None)["id_token"])


def test_the_lifetime_of_id_tokens_can_be_set(rp: RelyingParty) -> None:
    """For tests of what happens when they expire."""
    rp.tenant.set_lifetimes(id_token_seconds=7)

    claims = rp.claims(rp.log_in("alice")["id_token"])

    assert claims["iat"] + 7 == claims["exp"]


def test_without_an_audience_access_tokens_are_opaque(rp: RelyingParty) -> None:
    """As Auth0's are."""
    assert 0 == rp.log_in("alice")["access_token"].count(".")


def test_with_an_audience_access_tokens_are_jwts(rp: RelyingParty) -> None:
    """RFC 9068; the audience is the one that was asked for."""
    token = rp.log_in("alice", audience="https://api.example/", scope="openid read:all")[
        "access_token"
    ]

    claims = rp.claims(token)
    assert "at+jwt" == jws.extract_compact(token.encode()).headers()["typ"]
    assert "https://api.example/" == claims["aud"]
    assert "openid read:all" == claims["scope"]
    assert ("auth0|alice", rp.client_id) == (claims["sub"], claims["client_id"])


def test_userinfo_names_the_same_subject(rp: RelyingParty) -> None:
    """OIDC Core 5.3.2."""
    claims = userinfo(rp, rp.log_in("alice")["access_token"])

    assert claims is not None
    assert "auth0|alice" == claims["sub"]
    assert "alice@example.com" == claims["email"]


def test_userinfo_may_be_posted(rp: RelyingParty) -> None:
    """OIDC Core 5.3.1."""
    bearer = {"Authorization": f"Bearer {rp.log_in('alice')['access_token']}"}

    answer = rp.http.post(f"{rp.tenant.issuer}userinfo", headers=bearer)

    assert "auth0|alice" == answer.json()["sub"]


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", "Basic dTpw"])
def test_userinfo_without_a_good_token_is_refused(rp: RelyingParty, header: str | None) -> None:
    """RFC 6750 3: 401 with a challenge."""
    answer = rp.http.get(
        f"{rp.tenant.issuer}userinfo", headers={} if header is None else {"Authorization": header}
    )

    assert 401 == answer.status_code
    assert "WWW-Authenticate" in answer.headers


def test_a_token_in_the_url_is_refused(rp: RelyingParty) -> None:
    """RFC 6750 2.3 is not supported: URLs end up in logs."""
    answer = rp.http.get(f"{rp.tenant.issuer}userinfo?access_token=abc")

    assert (400, "invalid_request") == problem(answer)


def test_an_expired_access_token_is_refused(rp: RelyingParty) -> None:
    """RFC 6750 3.1."""
    token = rp.log_in("alice")["access_token"]
    rp.tenant.advance_clock(3601)

    assert userinfo(rp, token) is None


def test_a_revoked_access_token_is_refused(rp: RelyingParty) -> None:
    """RFC 7009 2.1; the refresh token stays."""
    tokens = rp.log_in("alice")

    answer = rp.post("oauth/revoke", {"token": tokens["access_token"]})

    assert 200 == answer.status_code
    assert userinfo(rp, tokens["access_token"]) is None
    assert 200 == rp.refresh(tokens["refresh_token"]).status_code


def test_revoking_a_refresh_token_ends_all_that_came_from_it(rp: RelyingParty) -> None:
    """RFC 7009 2.1; a wrong hint does not matter."""
    tokens = rp.log_in("alice")

    form = {"token": tokens["refresh_token"], "token_type_hint": "access_token"}
    answer = rp.post("oauth/revoke", form)

    assert 200 == answer.status_code
    assert (400, "invalid_grant") == problem(rp.refresh(tokens["refresh_token"]))
    assert userinfo(rp, tokens["access_token"]) is None


def test_revoking_an_unknown_token_is_fine(rp: RelyingParty) -> None:
    """RFC 7009 2.2: it does not count any more, which is what was wanted."""
    assert 200 == rp.post("oauth/revoke", {"token": "unknown"}).status_code


def test_revoking_needs_a_token(rp: RelyingParty) -> None:
    """RFC 7009 2.1."""
    assert (400, "invalid_request") == problem(rp.post("oauth/revoke", {}))


def test_revoking_needs_client_authentication(rp: RelyingParty) -> None:
    """RFC 7009 2.1."""
    token = rp.log_in("alice")["refresh_token"]

    answer = rp.http.post(f"{rp.tenant.issuer}oauth/revoke", data={"token": token})

    assert (401, "invalid_client") == problem(answer)
    assert 200 == rp.refresh(token).status_code


def test_another_clients_token_cannot_be_revoked(rp: RelyingParty) -> None:
    """RFC 7009 2.1."""
    token = rp.log_in("alice")["refresh_token"]
    public = RelyingParty(rp.tenant, rp.browser, rp.http, "userlink-public", None)

    assert (400, "invalid_grant") == problem(public.post("oauth/revoke", {"token": token}))
    assert 200 == rp.refresh(token).status_code
