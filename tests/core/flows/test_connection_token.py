"""Getting a linked account's own token: from the session, or by an exchange that the session then keeps."""

from typing import Any

import pytest
from attrs import evolve

from support.flow_world import (
    LOGIN_REFRESH_TOKEN,
    METADATA,
    NOW,
    SETTINGS,
    World,
    a_session,
    id_token,
    json_answer,
    sent,
)
from userlink.errors import (
    ConnectionTokensNotSupported,
    GrantRefused,
    ProviderUnreachable,
    RefreshTokenMissing,
    SessionChanged,
    SessionRequired,
    TokenRequestRefused,
    TokenResponseInvalid,
    UserlinkError,
)
from userlink.protocol.dialects.oidc import OidcDialect
from userlink.protocol.effects import Discover, Effect, LoadSession, Now, Send, UpdateSession
from userlink.protocol.flows.connection_token import get_connection_token
from userlink.protocol.options import ConnectionTokenOptions
from userlink.protocol.renewal_lease import RenewalLease
from userlink.protocol.session import Session
from userlink.protocol.token_sets import ConnectionTokenSet
from userlink.protocol.values import HttpResponse, Secret
from userlink.testing.script import Stepper, replay

GITHUB = ConnectionTokenOptions("github")
HELD = ConnectionTokenSet("github", None, Secret("held"), "gist", NOW + 600)
NEW = ConnectionTokenSet("github", None, Secret("ct-1"), "read:user", NOW + 3600)
REFUSED = json_answer(400, {"error": "invalid_grant"})
ROTATED = a_session(refresh_token=evolve(LOGIN_REFRESH_TOKEN, token=Secret("refresh-2")), version=4)
ID_TOKEN_OF_AN_UNLINK = id_token(nonce="of the unlink")


def answer(**changes: Any) -> HttpResponse:
    """Return the answer to an exchange."""
    members = {
        "access_token": "ct-1",
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "read:user",
        **changes,
    }
    return json_answer(200, members)


def exchange(refresh_token: str = "refresh-1", **more: str) -> Send:
    """Return the effect that asks for the token."""
    return sent(
        {
            "grant_type": "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token",
            "subject_token_type": "urn:ietf:params:oauth:token-type:refresh_token",
            "requested_token_type": "http://auth0.com/oauth/token-type/federated-connection-access-token",
            "connection": "github",
            **more,
            "subject_token": Secret(refresh_token),
        }
    )


def refused(
    answers: dict[type[Effect[Any]], Any], options: ConnectionTokenOptions = GITHUB
) -> tuple[World, UserlinkError]:
    """Run a flow that fails: the session is not written."""
    world = World(answers)
    with pytest.raises(UserlinkError) as caught:
        Stepper(get_connection_token(SETTINGS, options)).run(world.perform)
    assert [] == world.written
    return world, caught.value


def test_an_exchange_is_kept_in_the_session() -> None:
    """The refresh token goes out as the subject, and stays; all else in the session is as it was."""
    session = a_session()
    kept = evolve(session, connection_token_sets=(NEW,), idle_expires_at=NOW + 86_400)

    result = replay(
        get_connection_token(SETTINGS, GITHUB),
        [
            (LoadSession(), session),
            (Now(), NOW),
            (Now(), NOW),
            (Discover(), METADATA),
            (exchange(), answer()),
            (Now(), NOW),
            (Now(), NOW),
            (UpdateSession(kept), True),
        ],
    )

    assert ("ct-1", "read:user", NOW + 3600) == (
        result.access_token,
        result.scope,
        result.expires_at,
    )
    assert "ct-1" not in repr(result)


def test_the_login_hint_goes_out_and_files_the_token() -> None:
    """What is held for the connection without a hint is another wish's."""
    options = ConnectionTokenOptions("github", "1002")
    world = World({LoadSession: a_session(connection_token_sets=(HELD,)), Send: answer()})

    Stepper(get_connection_token(SETTINGS, options)).run(world.perform)

    assert exchange(login_hint="1002") in world.effects
    (update,) = (effect for effect in world.effects if isinstance(effect, UpdateSession))
    assert (HELD, evolve(NEW, login_hint="1002")) == update.session.connection_token_sets


def test_a_token_that_is_held_is_returned_without_asking_anybody() -> None:
    """Nor is a refresh token needed for that."""
    session = a_session(connection_token_sets=(HELD,), refresh_token=None)

    result = replay(
        get_connection_token(SETTINGS, GITHUB),
        [(LoadSession(), session), (Now(), NOW), (Now(), NOW)],
    )

    assert ("held", "gist", NOW + 600) == (result.access_token, result.scope, result.expires_at)


def test_a_plain_provider_is_not_asked_for_what_it_cannot_do() -> None:
    """It is an error of configuration, whoever is signed in."""
    plain = evolve(SETTINGS, dialect=OidcDialect())

    with pytest.raises(ConnectionTokensNotSupported):
        replay(get_connection_token(plain, GITHUB), [])


@pytest.mark.parametrize("session", [None, a_session(idle_expires_at=NOW)])
def test_without_a_session_there_is_no_token(session: Session | None) -> None:
    """The provider is not even discovered."""
    world, error = refused({LoadSession: session})

    assert isinstance(error, SessionRequired)
    assert "Discover" not in world.names


def test_a_session_of_another_provider_shows_its_refresh_token_to_nobody() -> None:
    """It was not issued by the provider that is configured."""
    world, error = refused({LoadSession: a_session(issuer="https://former.example/")})

    assert isinstance(error, SessionRequired)
    assert "Send" not in world.names


def test_without_a_refresh_token_there_is_nothing_to_exchange() -> None:
    """The hint says how to get one."""
    world, error = refused({LoadSession: a_session(refresh_token=None)})

    assert isinstance(error, RefreshTokenMissing)
    assert "offline_access" in error.hint
    assert "Send" not in world.names


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (REFUSED, GrantRefused),
        (json_answer(401, {"error": "invalid_client"}), TokenRequestRefused),
        (json_answer(200, {"access_token": "ct-1", "token_type": "DPoP"}), TokenResponseInvalid),
        (HttpResponse(500), TokenResponseInvalid),
        (ProviderUnreachable("Gone."), ProviderUnreachable),
    ],
)
def test_a_provider_that_says_no_leaves_the_session_as_it_was(
    given: object, kind: type[UserlinkError]
) -> None:
    """Asked once: nothing says that asking again would help."""
    world, error = refused({Send: given})

    assert kind is type(error)
    assert 1 == world.names.count("Send")


def test_a_refresh_token_that_was_rotated_meanwhile_is_exchanged_in_its_new_form() -> None:
    """Another request had spent the old one, and saved what it brought."""
    world = World({LoadSession: [a_session(), ROTATED], Send: [REFUSED, answer()]})

    result = Stepper(get_connection_token(SETTINGS, GITHUB)).run(world.perform)

    assert [exchange(), exchange("refresh-2")] == [
        effect for effect in world.effects if isinstance(effect, Send)
    ]
    (update,) = (effect for effect in world.effects if isinstance(effect, UpdateSession))
    assert (NEW,) == update.session.connection_token_sets
    assert ROTATED.refresh_token == update.session.refresh_token
    assert "ct-1" == result.access_token


def test_a_second_refusal_is_the_end() -> None:
    """It is not the rotation, then."""
    world, error = refused({LoadSession: [a_session(), ROTATED], Send: [REFUSED, REFUSED]})

    assert isinstance(error, GrantRefused)
    assert "'github'" in str(error)
    assert 2 == world.names.count("Send")


@pytest.mark.parametrize("later", [None, a_session(), evolve(ROTATED, id=Secret("session-2"))])
def test_a_refusal_that_no_other_request_explains_is_told_at_once(later: Session | None) -> None:
    """The session ended, has the same refresh token, or is another one by now."""
    world, error = refused({LoadSession: [a_session(), later], Send: REFUSED})

    assert isinstance(error, GrantRefused)
    assert "'github'" in str(error)
    assert 1 == world.names.count("Send")


def test_what_other_requests_saved_meanwhile_stays() -> None:
    """The write that came first brought another connection's token and a rotated refresh token."""
    google = ConnectionTokenSet("google-oauth2", None, Secret("g"), "email", NOW + 60)
    theirs = evolve(ROTATED, connection_token_sets=(google,))
    world = World(
        {LoadSession: [a_session(), theirs], Send: answer(), UpdateSession: [False, True]}
    )

    Stepper(get_connection_token(SETTINGS, GITHUB)).run(world.perform)

    both = evolve(theirs, connection_token_sets=(google, NEW), idle_expires_at=NOW + 86_400)
    assert UpdateSession(both) == world.effects[-1]


def test_a_token_from_before_an_unlink_is_not_kept_after_it() -> None:
    """The unlink was completed while the exchange was under way: its caller gets the token, the session does not."""
    unlinked = a_session(id_token=ID_TOKEN_OF_AN_UNLINK, version=4)
    world = World({LoadSession: [a_session(), unlinked], Send: answer(), UpdateSession: False})

    result = Stepper(get_connection_token(SETTINGS, GITHUB)).run(world.perform)

    assert "ct-1" == result.access_token
    assert 1 == len(world.written)


def test_of_many_exchanges_the_first_to_be_saved_counts_for_all() -> None:
    """The others write nothing, and return that one."""
    theirs = a_session(connection_token_sets=(HELD,), version=4)
    world = World({LoadSession: [a_session(), theirs], Send: answer(), UpdateSession: False})

    result = Stepper(get_connection_token(SETTINGS, GITHUB)).run(world.perform)

    assert ("held", "gist") == (result.access_token, result.scope)
    assert 1 == len(world.written)


def test_a_session_that_keeps_changing_takes_no_token_from_its_caller() -> None:
    """It was exchanged, and is good; the next call exchanges anew."""
    world = World({Send: answer(), UpdateSession: False})

    result = Stepper(get_connection_token(SETTINGS, GITHUB)).run(world.perform)

    assert "ct-1" == result.access_token
    assert 8 == len(world.written)


@pytest.mark.parametrize("later", [None, a_session(id=Secret("session-2"))])
def test_a_session_that_ended_meanwhile_gives_no_token(later: Session | None) -> None:
    """Whoever has signed out must not be acted for."""
    world = World({LoadSession: [a_session(), later], Send: answer(), UpdateSession: False})

    with pytest.raises(SessionChanged):
        Stepper(get_connection_token(SETTINGS, GITHUB)).run(world.perform)


def test_a_refresh_token_that_is_being_renewed_is_not_exchanged() -> None:
    """A provider that rotates would take a second use for theft (RFC 9700, 4.14.2): the newest goes out."""
    lease = RenewalLease("of another request", NOW + 9)
    renewing = a_session(renewal_lease=lease)
    world = World({LoadSession: [renewing, renewing, ROTATED], Send: answer()})

    Stepper(get_connection_token(SETTINGS, GITHUB)).run(world.perform)

    assert [exchange("refresh-2")] == [each for each in world.effects if isinstance(each, Send)]
