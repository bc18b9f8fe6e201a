"""What a refresh token is sent for, and what of the answer comes into a session."""

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given

from strategies import sessions, token_sets
from support.flow_world import (
    LOGIN_REFRESH_TOKEN,
    LOGIN_TOKENS,
    NOW,
    a_session,
    id_token,
)
from userlink.errors import IdTokenInvalid, LinkedUserMismatch
from userlink.protocol.renewal import Renewal, RenewalRequest, check_renewed_claims
from userlink.protocol.renewal_lease import RenewalLease
from userlink.protocol.session import Session
from userlink.protocol.token_sets import RefreshToken, TokenSet
from userlink.protocol.tokens import TokenResponse
from userlink.protocol.transaction import TransactionKind
from userlink.protocol.values import Secret

NEW = Secret("refresh-2")
TOKENS = TokenResponse(Secret("access-2"), 600, None, None, NEW)
CLAIMS = {"iss": "https://tenant.example/", "sub": "auth0|alice", "exp": NOW + 9}


def renewal(tokens: TokenResponse = TOKENS, **changes: Any) -> Renewal:
    """Return what came in answer to the login's refresh token."""
    request = evolve(RenewalRequest.usual(LOGIN_REFRESH_TOKEN), **changes)
    return Renewal(request, tokens, NOW, a_session().id_token, NOW + 2000)


def test_what_came_is_filed_under_what_was_asked_for() -> None:
    """Its scope is that of the request where the answer names none (RFC 6749, 5.1); its time counts from then."""
    silent = renewal(audience="urn:other", scope="read")
    other = renewal(evolve(TOKENS, scope="profile", expires_in=None))

    assert TokenSet("urn:other", Secret("access-2"), "read", NOW + 600) == silent.token_set
    assert TokenSet("urn:login", Secret("access-2"), "profile", None) == other.token_set


def test_what_a_links_refresh_token_brings_is_the_links() -> None:
    """Whatever it is asked for."""
    token = RefreshToken(Secret("refresh-1"), "urn:link", "openid", TransactionKind.LINK)

    assert TransactionKind.LINK is renewal(refresh_token=token).token_set.granted_by


@pytest.mark.parametrize(("token", "rotated"), [(None, 0), (Secret("refresh-1"), 0), (NEW, 1)])
def test_a_provider_rotates_when_another_refresh_token_comes(
    token: Secret | None, rotated: int
) -> None:
    """RFC 9700, 4.14.2; some repeat the one that was sent."""
    assert bool(rotated) is renewal(evolve(TOKENS, refresh_token=token)).has_rotated


def test_a_lease_ends_with_what_came() -> None:
    """It was for the refresh token that has been sent."""
    session = a_session(renewal_lease=RenewalLease("one", NOW + 9))

    assert renewal().applied_to(session, None).renewal_lease is None


def test_the_lease_on_another_refresh_token_stays() -> None:
    """Its holder is sending that one; were it sent twice, the provider would take it for stolen."""
    newer = evolve(LOGIN_REFRESH_TOKEN, token=Secret("refresh-9"))
    lease = RenewalLease("of its holder", NOW + 9)

    after = renewal().applied_to(a_session(refresh_token=newer, renewal_lease=lease), None)

    assert (newer, lease) == (after.refresh_token, after.renewal_lease)


def test_a_refresh_token_that_another_flow_brought_stays() -> None:
    """It is newer than the one that came in answer to the old one."""
    newer = evolve(LOGIN_REFRESH_TOKEN, token=Secret("refresh-9"))

    after = renewal().applied_to(a_session(refresh_token=newer), None)
    without = renewal().applied_to(a_session(refresh_token=None), None)

    assert (newer, None) == (after.refresh_token, without.refresh_token)


def test_an_id_token_that_another_flow_brought_stays() -> None:
    """A link's knows of the identity that was linked."""
    tokens = evolve(TOKENS, id_token=id_token())
    linked = a_session(id_token=Secret("of the link"))

    assert tokens.id_token == renewal(tokens).applied_to(a_session(), CLAIMS).id_token
    assert linked.id_token == renewal(tokens).applied_to(linked, CLAIMS).id_token


@pytest.mark.parametrize(
    ("held", "replaced"),
    [
        ({"scope": "openid admin", "expires_at": NOW + 1}, False),
        ({"scope": "openid admin", "expires_at": NOW}, True),
        ({"scope": "openid", "expires_at": NOW + 999}, True),
        (
            {"scope": "openid x", "expires_at": NOW + 1, "granted_by": TransactionKind.LINK},
            True,
        ),
    ],
)
def test_a_wider_token_that_is_good_stays(held: dict[str, Any], replaced: bool) -> None:
    """Who asked for more than is granted must not take what others have; a link's has no such claim."""
    session = a_session(token_sets=(evolve(LOGIN_TOKENS, **held),))

    (after,) = renewal().applied_to(session, None).token_sets

    assert replaced is (Secret("access-2") == after.access_token)


@given(session=sessions, other=token_sets)
def test_what_is_applied_twice_is_applied_once(session: Session, other: TokenSet) -> None:
    """Two tasks may bring the same answer in."""
    token = session.refresh_token or RefreshToken(Secret("spent"))
    came = evolve(TOKENS, id_token=Secret("new"))
    brought = Renewal(RenewalRequest.usual(token), came, NOW, session.id_token, NOW)

    once = brought.applied_to(session, CLAIMS)
    twice = brought.applied_to(once, CLAIMS)

    assert once == evolve(twice, token_sets=once.token_sets)
    assert sorted(map(repr, once.token_sets)) == sorted(map(repr, twice.token_sets))
    assert other.audience in (None, "urn:one", "urn:two", "urn:three")


@pytest.mark.parametrize("changes", [{"sub": "auth0|bob"}, {"iss": "https://other.example/"}])
def test_the_tokens_of_another_user_are_refused(changes: dict[str, str]) -> None:
    """The pair is the key of a user (OIDC Core, 12.2 and 5.7)."""
    with pytest.raises(LinkedUserMismatch):
        check_renewed_claims(a_session(), {**CLAIMS, **changes})


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        (100, 100, False),
        (100, 101, True),
        (100, 99, False),  # a link has made the user sign in after the login
        (None, 101, False),
        (100, None, False),
    ],
)
def test_a_renewal_is_no_sign_in(before: int | None, after: int | None, refused: bool) -> None:
    """OIDC Core, 12.2: auth_time stays that of the original authentication."""
    session = a_session(id_token=id_token(auth_time=before))
    claims = {**CLAIMS, **({} if after is None else {"auth_time": after})}

    if refused:
        with pytest.raises(IdTokenInvalid) as caught:
            check_renewed_claims(session, claims)
        assert "auth_time" == caught.value.check
    else:
        check_renewed_claims(session, claims)


def test_a_nonce_is_not_looked_at() -> None:
    """Some providers repeat the login's; it guards a redirect, and there was none."""
    check_renewed_claims(a_session(), {**CLAIMS, "nonce": "whatever"})


def test_an_id_token_that_cannot_be_read_has_no_auth_time() -> None:
    """Only tests hold such."""
    check_renewed_claims(a_session(id_token=Secret("no JWT")), {**CLAIMS, "auth_time": 5})
