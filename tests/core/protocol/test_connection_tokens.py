"""The tokens of linked accounts that a session holds: what answers a wish, what comes in, what goes."""

import pytest

from support.flow_world import NOW, a_session
from userlink.errors import GrantRefused, TokenRequestRefused
from userlink.protocol.connection_tokens import (
    connection_token_set,
    held_connection_token,
    refused_connection,
    with_connection_token,
    without_connection,
)
from userlink.protocol.dialects import dialect_named
from userlink.protocol.options import ConnectionTokenOptions
from userlink.protocol.session import Session
from userlink.protocol.token_sets import ConnectionTokenSet
from userlink.protocol.tokens import TokenResponse
from userlink.protocol.values import Secret

GITHUB = ConnectionTokenOptions("github")


def held(
    connection: str = "github", hint: str | None = None, expires_at: int | None = NOW + 600
) -> ConnectionTokenSet:
    """Return a token that a session holds."""
    name = f"{connection}-{hint}"
    return ConnectionTokenSet(connection, hint, Secret(name), "read:user", expires_at)


def holding(*tokens: ConnectionTokenSet) -> Session:
    """Return a session with these tokens."""
    return a_session(connection_token_sets=tokens)


@pytest.mark.parametrize(
    ("expires_at", "is_good"), [(NOW + 30, False), (NOW + 31, True), (NOW - 1, False), (None, True)]
)
def test_a_token_answers_until_half_a_minute_before_its_end(
    expires_at: int | None, is_good: bool
) -> None:
    """One whose lifetime the provider did not say is good as long as the session."""
    token = held(expires_at=expires_at)

    assert (token if is_good else None) == held_connection_token(holding(token), GITHUB, NOW)


@pytest.mark.parametrize(
    ("connection", "hint", "found"),
    [
        ("github", None, held()),
        ("github", "1002", held(hint="1002")),
        ("github", "1003", None),
        ("google-oauth2", None, None),
    ],
)
def test_connection_and_login_hint_choose_together(
    connection: str, hint: str | None, found: ConnectionTokenSet | None
) -> None:
    """A token for one account never stands in for that of another."""
    session = holding(held(hint="1002"), held())

    assert found == held_connection_token(session, ConnectionTokenOptions(connection, hint), NOW)


def test_a_session_that_holds_none_answers_none() -> None:
    """Nor does any token of the provider itself stand in."""
    assert held_connection_token(a_session(), GITHUB, NOW) is None


@pytest.mark.parametrize(
    ("expires_in", "scope", "expected"),
    [(60, "gist", ("gist", NOW + 60)), (None, None, ("", None))],
)
def test_what_came_is_filed_under_what_was_asked_for(
    expires_in: int | None, scope: str | None, expected: tuple[str, int | None]
) -> None:
    """RFC 8693, 2.2.1: lifetime and scope are optional."""
    tokens = TokenResponse(Secret("new"), expires_in, scope, None, None)

    assert ConnectionTokenSet("github", "1002", Secret("new"), *expected) == connection_token_set(
        ConnectionTokenOptions("github", "1002"), tokens, NOW
    )


def test_a_token_takes_the_place_of_its_predecessor_and_the_expired_go() -> None:
    """What is good for another connection or account stays: the session does not grow for ever."""
    other, hinted, endless = held("google-oauth2"), held(hint="1002"), held("box", None, None)
    session = holding(other, held(expires_at=NOW + 5), held("slack", None, NOW), hinted, endless)
    new = held(expires_at=NOW + 900)

    assert holding(other, hinted, endless, new) == with_connection_token(session, new, NOW)


def test_a_connection_goes_with_the_tokens_of_all_its_accounts() -> None:
    """Other connections keep theirs."""
    other = held("google-oauth2")

    assert holding(other) == without_connection(holding(held(), other, held(hint="1002")), "github")


@pytest.mark.parametrize(
    ("dialect", "error", "kind"),
    [
        ("auth0", "invalid_grant", GrantRefused),
        ("auth0", "access_denied", GrantRefused),
        ("auth0", "user_not_found", GrantRefused),
        ("auth0", "federated_connection_refresh_token_not_found", GrantRefused),
        ("auth0", "unauthorized_client", TokenRequestRefused),
        ("auth0", "invalid_client", TokenRequestRefused),
        ("oidc", "invalid_grant", GrantRefused),
        ("oidc", "access_denied", TokenRequestRefused),
    ],
)
def test_a_refusal_of_the_user_is_told_from_one_of_the_client(
    dialect: str, error: str, kind: type[TokenRequestRefused]
) -> None:
    """Linking or signing in helps against the one, configuring against the other."""
    refusal = TokenRequestRefused("No.", error=error, status=400)

    told = refused_connection(dialect_named(dialect), refusal, "github")

    assert kind is type(told)
    assert (error, 400) == (told.error, told.status)
    assert ("link the connection" in told.hint) is (kind is GrantRefused)
