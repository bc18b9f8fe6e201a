"""Which tokens are revoked, by which form, and what the answer says (RFC 7009)."""

import pytest
from attrs import evolve

from support.flow_world import LOGIN_TOKENS, NOW, a_session, json_answer
from userlink.errors import TokenRequestRefused
from userlink.protocol.revocation import check_revoked, revocable_tokens, revocation_parameters
from userlink.protocol.token_sets import ConnectionTokenSet, RefreshToken, TokenSet
from userlink.protocol.transaction import TransactionKind
from userlink.protocol.values import HttpResponse, Secret

LINK_TOKENS = TokenSet("urn:link", Secret("of-a-link"), "openid", NOW + 60, TransactionKind.LINK)
GITHUB = ConnectionTokenSet("github", None, Secret("of-github"), "read:user", NOW + 60)


def test_with_the_refresh_token_go_the_access_tokens_of_its_grant() -> None:
    """RFC 7009, 2.1: revoking it invalidates them, so they are not sent one by one."""
    assert [("refresh_token", Secret("refresh-1"))] == revocable_tokens(a_session(), NOW)


def test_access_tokens_of_another_grant_follow_the_refresh_token() -> None:
    """What a link brought does not hang on the refresh token of the login."""
    session = a_session(token_sets=(LINK_TOKENS, LOGIN_TOKENS))

    assert [
        ("refresh_token", Secret("refresh-1")),
        ("access_token", Secret("of-a-link")),
    ] == revocable_tokens(session, NOW)


def test_a_links_refresh_token_does_not_speak_for_the_logins_access_token() -> None:
    """The other way round, where the login brought no refresh token."""
    refresh_token = RefreshToken(Secret("refresh-2"), granted_by=TransactionKind.LINK)
    session = a_session(refresh_token=refresh_token, token_sets=(LINK_TOKENS, LOGIN_TOKENS))

    assert [
        ("refresh_token", Secret("refresh-2")),
        ("access_token", Secret("access-1")),
    ] == revocable_tokens(session, NOW)


def test_without_a_refresh_token_the_access_tokens_are_revoked_themselves() -> None:
    """RFC 7009, 2: servers should support it."""
    session = a_session(refresh_token=None, token_sets=(LINK_TOKENS, LOGIN_TOKENS))

    assert [
        ("access_token", Secret("of-a-link")),
        ("access_token", Secret("access-1")),
    ] == revocable_tokens(session, NOW)


@pytest.mark.parametrize(("expires_at", "count"), [(NOW, 0), (NOW + 1, 1), (None, 1)])
def test_an_access_token_that_has_expired_is_left_alone(expires_at: int | None, count: int) -> None:
    """One whose lifetime the provider did not say may still be good."""
    held = evolve(LOGIN_TOKENS, expires_at=expires_at)

    assert count == len(revocable_tokens(a_session(refresh_token=None, token_sets=(held,)), NOW))


def test_tokens_of_linked_accounts_are_not_for_the_provider_to_revoke() -> None:
    """They are another provider's; they are not even shown."""
    session = a_session(refresh_token=None, token_sets=(), connection_token_sets=(GITHUB,))

    assert [] == revocable_tokens(session, NOW)


def test_the_kind_of_token_is_sent_as_a_hint() -> None:
    """RFC 7009, 2.1; the token stays a secret up to the wire."""
    form = revocation_parameters("refresh_token", Secret("refresh-1"))

    assert {"token": Secret("refresh-1"), "token_type_hint": "refresh_token"} == form


def test_any_200_means_revoked() -> None:
    """RFC 7009, 2.2: the body is ignored."""
    check_revoked(HttpResponse(200, {}, b"whatever"))


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (json_answer(400, {"error": "unsupported_token_type"}), "unsupported_token_type"),
        (json_answer(401, {"error": 1}), "server_error"),
        (HttpResponse(503, {"retry-after": "60"}), "server_error"),
        (HttpResponse(302, {"location": "https://elsewhere.example/"}), "server_error"),
    ],
)
def test_any_other_answer_is_a_refusal(response: HttpResponse, error: str) -> None:
    """RFC 7009, 2.2.1; a redirect is not followed either."""
    with pytest.raises(TokenRequestRefused) as caught:
        check_revoked(response)

    assert (error, response.status) == (caught.value.error, caught.value.status)
