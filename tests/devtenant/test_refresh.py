"""Refreshing: rotation, reuse, scopes, and other audiences."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest

from devtenant.relying_party import RelyingParty, problem


def test_a_refresh_gives_new_tokens_for_the_same_user(rp: RelyingParty) -> None:
    """OIDC Core 12.2: the same iss, sub, aud and auth_time, and no nonce."""
    old = rp.log_in("alice")

    new = rp.refresh(old["refresh_token"]).raise_for_status().json()

    before, after = rp.claims(old["id_token"]), rp.claims(new["id_token"])
    for name in ("iss", "sub", "aud", "auth_time", "sid"):
        assert before[name] == after[name]
    assert "nonce" not in after
    assert old["access_token"] != new["access_token"]
    assert old["refresh_token"] != new["refresh_token"]
    assert old["scope"] == new["scope"]


def test_a_refreshed_id_token_lists_the_identities_of_now(rp: RelyingParty) -> None:
    """A link in between shows in the next refresh."""
    tokens = rp.log_in("alice")
    rp.browser.open(rp.start_link(tokens["id_token"]).url)
    rp.browser.choose_account("alice-codes")

    new = rp.refresh(tokens["refresh_token"]).json()

    assert 2 == len(rp.claims(new["id_token"])["identities"])


def test_reusing_a_rotated_refresh_token_revokes_the_family(rp: RelyingParty) -> None:
    """RFC 9700 4.14.2: one of the two users of the token is a thief."""
    first = rp.log_in("alice")["refresh_token"]
    second = rp.refresh(first).json()

    reuse = rp.refresh(first)

    assert (400, "invalid_grant") == problem(reuse)
    assert "used before" in reuse.json()["error_description"]
    assert (400, "invalid_grant") == problem(rp.refresh(second["refresh_token"]))
    bearer = {"Authorization": f"Bearer {second['access_token']}"}
    assert 401 == rp.http.get(f"{rp.tenant.issuer}userinfo", headers=bearer).status_code


def test_another_sign_ins_family_survives(rp: RelyingParty) -> None:
    """Only what came from the same code is revoked."""
    mine = rp.log_in("alice")["refresh_token"]
    other = rp.log_in("alice", prompt="login")["refresh_token"]
    rp.refresh(mine)
    rp.refresh(mine)

    assert 200 == rp.refresh(other).status_code


def test_of_parallel_refreshes_one_succeeds(rp: RelyingParty) -> None:
    """A refresh token is rotated atomically."""
    token = rp.log_in("alice")["refresh_token"]
    ready = Barrier(10)

    def refresh(_: int) -> int:
        ready.wait()
        with httpx.Client(trust_env=False) as http:
            return RelyingParty(rp.tenant, rp.browser, http).refresh(token).status_code

    with ThreadPoolExecutor(max_workers=10) as pool:
        statuses = list(pool.map(refresh, range(10)))

    assert 1 == statuses.count(200)
    assert 9 == statuses.count(400)


def test_an_expired_refresh_token_is_refused(rp: RelyingParty) -> None:
    """RFC 6749 5.2: invalid_grant."""
    rp.tenant.set_lifetimes(refresh_token_seconds=-1)

    answer = rp.refresh(rp.log_in("alice")["refresh_token"])

    assert (400, "invalid_grant") == problem(answer)
    assert "expired" in answer.json()["error_description"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "openid read:all"}, "invalid_scope"),
        ({"scope": "openid link_account"}, "invalid_scope"),
        ({"scope": "openid link_account", "audience": "urn:api"}, "invalid_scope"),
    ],
)
def test_a_bad_refresh_is_refused(
    rp: RelyingParty, changes: dict[str, str | None], error: str
) -> None:
    """RFC 6749 6: no scope may be added; and a failed attempt uses nothing up."""
    token = rp.log_in("alice")["refresh_token"]

    assert (400, error) == problem(rp.refresh(token, **changes))
    assert 200 == rp.refresh(token).status_code


def test_an_unknown_refresh_token_is_refused(rp: RelyingParty) -> None:
    """RFC 6749 5.2: invalid_grant."""
    assert (400, "invalid_grant") == problem(rp.refresh("unknown"))


def test_a_missing_refresh_token_is_refused(rp: RelyingParty) -> None:
    """RFC 6749 5.2: invalid_request."""
    answer = rp.post("oauth/token", {"grant_type": "refresh_token"})

    assert (400, "invalid_request") == problem(answer)


def test_another_client_cannot_refresh(rp: RelyingParty) -> None:
    """RFC 6749 6: the token is bound to the client."""
    token = rp.log_in("alice")["refresh_token"]
    public = RelyingParty(rp.tenant, rp.browser, rp.http, "userlink-public", None)

    assert (400, "invalid_grant") == problem(public.refresh(token))
    assert 200 == rp.refresh(token).status_code


def test_a_narrower_scope_narrows_only_the_access_token(rp: RelyingParty) -> None:
    """RFC 6749 6: the new refresh token's scope is that of the old one."""
    token = rp.log_in("alice")["refresh_token"]

    narrow = rp.refresh(token, scope="openid").json()
    wide = rp.refresh(narrow["refresh_token"]).json()

    assert "openid" == narrow["scope"]
    assert "openid profile email offline_access" == wide["scope"]


def test_another_audience_can_be_asked_for(rp: RelyingParty) -> None:
    """Auth0's multi-resource refresh tokens: audience and scope of the other API."""
    token = rp.log_in("alice")["refresh_token"]

    other = rp.refresh(token, audience="urn:other:api", scope="openid read:all").json()
    back = rp.refresh(other["refresh_token"]).json()

    claims = rp.claims(other["access_token"])
    assert "urn:other:api" == claims["aud"]
    assert "openid read:all" == other["scope"] == claims["scope"]
    assert rp.client_id == rp.claims(other["id_token"])["aud"]
    assert "." not in back["access_token"]


def test_the_audience_of_the_login_is_kept(rp: RelyingParty) -> None:
    """A refresh that names none is for the one of the sign-in."""
    token = rp.log_in("alice", audience="urn:first:api")["refresh_token"]

    assert "urn:first:api" == rp.claims(rp.refresh(token).json()["access_token"])["aud"]


def test_a_refresh_without_openid_gives_no_id_token(rp: RelyingParty) -> None:
    """The answer follows the scope that was asked for."""
    token = rp.log_in("alice")["refresh_token"]

    assert "id_token" not in rp.refresh(token, audience="urn:api", scope="read:all").json()
