"""Which access token answers a wish: what is held, and what is asked for."""

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from strategies import refresh_tokens, sessions, token_sets
from support.flow_world import LOGIN_REFRESH_TOKEN, LOGIN_TOKENS, a_session
from userlink.protocol.access_tokens import Wish, login_audience
from userlink.protocol.options import AccessTokenOptions
from userlink.protocol.renewal import RenewalRequest
from userlink.protocol.session import Session
from userlink.protocol.token_sets import RefreshToken, TokenSet
from userlink.protocol.transaction import TransactionKind
from userlink.protocol.values import Secret

LINK = TransactionKind.LINK
PARAMS = {"audience": "urn:configured"}
audiences = st.none() | st.sampled_from(["urn:one", "urn:two", "urn:three"])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "urn:login"),
        ({"refresh_token": RefreshToken(Secret("x"))}, None),
        ({"refresh_token": None}, "urn:login"),
        ({"refresh_token": evolve(LOGIN_REFRESH_TOKEN, granted_by=LINK)}, "urn:login"),
        ({"refresh_token": None, "token_sets": ()}, "urn:configured"),
        (
            {"refresh_token": None, "token_sets": (evolve(LOGIN_TOKENS, granted_by=LINK),)},
            "urn:configured",
        ),
    ],
)
def test_the_logins_audience_is_what_it_asked_for(
    changes: dict[str, Any], expected: str | None
) -> None:
    """A login may have asked for another than the client's; its tokens tell."""
    assert expected == login_audience(a_session(**changes), PARAMS)
    assert None is login_audience(a_session(refresh_token=None, token_sets=()), {})


def test_a_wish_without_audience_is_for_the_logins() -> None:
    """And one that names it is the same."""
    named = Wish.of(AccessTokenOptions("urn:login", "a b"), a_session(), {})

    assert named == Wish.of(AccessTokenOptions(None, ["a", "b", "a"]), a_session(), {})


@given(session=sessions, asked=audiences)
def test_a_links_token_is_never_the_answer_for_the_logins_audience(
    session: Session, asked: str | None
) -> None:
    """Nor where the login holds one, nor without the audience being named."""
    wish = Wish.of(AccessTokenOptions(asked), session, {})

    held = wish.held_in(session, {})

    if held is not None and held.granted_by is not TransactionKind.LOGIN:
        assert asked is not None
        assert asked == held.audience != login_audience(session, {})


@given(session=sessions, refresh_token=refresh_tokens, asked=audiences)
def test_a_links_refresh_token_is_sent_for_its_own_audience_alone(
    session: Session, refresh_token: RefreshToken, asked: str | None
) -> None:
    """A login's is sent for any."""
    session = evolve(session, refresh_token=refresh_token)
    wish = Wish.of(AccessTokenOptions(asked), session, {})

    request = wish.request(session, {})

    if refresh_token.granted_by is TransactionKind.LOGIN:
        assert request is not None
    elif request is not None:
        assert asked is not None
        assert asked == refresh_token.audience != login_audience(session, {})
        assert RenewalRequest.usual(refresh_token) == request


@given(session=sessions, held=token_sets)
def test_a_wish_without_scope_is_met_by_any_token(session: Session, held: TokenSet) -> None:
    """One with a scope by those that allow all of it."""
    assert Wish(None, ()).is_met_by(held)
    assert Wish(None, tuple(held.scope.split())).is_met_by(held)
    assert not Wish(None, (*held.scope.split(), "more")).is_met_by(held)


def test_what_a_link_was_granted_is_not_asked_for() -> None:
    """The login's refresh token is sent for what the application wants."""
    link = TokenSet("urn:link", Secret("x"), "openid link_account", None, LINK)
    session = a_session(token_sets=(link,))

    request = Wish("urn:link", ("read",)).request(session, {})

    assert request is not None
    assert {"audience": "urn:link", "scope": "read"} == request.parameters
    assert ("urn:link", "read") == (request.audience, request.scope)
