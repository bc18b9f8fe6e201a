"""Ending sessions because the provider says so (OIDC Back-Channel Logout 1.0)."""

from typing import Any

import pytest

from support.flow_world import ISSUER, KEY, METADATA, NOW, SETTINGS, id_token, key_set
from support.frames import assert_no_variable_shows
from userlink.errors import (
    BackchannelLogoutNotSupported,
    LogoutTokenInvalid,
    ProviderUnreachable,
    StoreError,
    UserlinkError,
)
from userlink.protocol.effects import (
    Discover,
    Emit,
    EndSessions,
    GetKeys,
    LogoutTokenWasUsed,
    MarkLogoutTokenUsed,
    Now,
    RequireEndableSessions,
)
from userlink.protocol.events import Event
from userlink.protocol.flows.backchannel_logout import backchannel_logout
from userlink.protocol.id_token import LOGOUT_EVENT
from userlink.protocol.logout_token import LogoutToken
from userlink.protocol.values import Secret
from userlink.testing.keys import SigningKey
from userlink.testing.script import Expectation, replay

Script = list[tuple[Expectation, object]]


def logout_token(key: SigningKey = KEY, typ: str = "logout+jwt", **changes: Any) -> Secret:
    """Sign a logout token that is right but for the changes."""
    claims = {
        "iss": ISSUER,
        "aud": "app",
        "iat": NOW,
        "exp": NOW + 120,
        "jti": "jti-1",
        "sub": "auth0|alice",
        "sid": "sid-1",
        "events": {LOGOUT_EVENT: {}},
        **changes,
    }
    return Secret(key.sign(claims, typ=typ))


TOKEN = LogoutToken(ISSUER, "app", "auth0|alice", "sid-1", "jti-1", NOW + 120 + 60 + 1)
VERIFYING: Script = [
    (RequireEndableSessions(), None),
    (Discover(), METADATA),
    (GetKeys(METADATA.jwks_uri), key_set(KEY)),
]
CHECKING: Script = [*VERIFYING, (Now(), NOW), (LogoutTokenWasUsed(TOKEN), False)]
TOLD = Event("logout.backchannel", NOW + 1, ISSUER, "auth0|alice")


def test_sessions_end_before_the_token_is_remembered() -> None:
    """Stopped in between, the provider's next attempt does it all; the listeners are told last."""
    replay(
        backchannel_logout(SETTINGS, logout_token()),
        [
            *CHECKING,
            (EndSessions(TOKEN), None),
            (MarkLogoutTokenUsed(TOKEN), True),
            (Now(), NOW + 1),
            (Emit(TOLD), None),
        ],
    )


def test_where_sessions_are_in_cookies_nothing_is_asked_of_anybody() -> None:
    """The provider's keys are not fetched for an answer that is known."""
    with pytest.raises(BackchannelLogoutNotSupported):
        replay(
            backchannel_logout(SETTINGS, logout_token()),
            [(RequireEndableSessions(), BackchannelLogoutNotSupported("In cookies."))],
        )


def test_a_token_that_was_used_ends_nothing() -> None:
    """A captured one would sign the user out again and again (section 4)."""
    with pytest.raises(LogoutTokenInvalid) as caught:
        replay(
            backchannel_logout(SETTINGS, logout_token()),
            [*VERIFYING, (Now(), NOW), (LogoutTokenWasUsed(TOKEN), True)],
        )

    assert "jti" == caught.value.check


def test_of_two_deliveries_at_once_one_is_told_that_it_was_second() -> None:
    """Both ended the same sessions, which does no harm; one event is told."""
    with pytest.raises(LogoutTokenInvalid) as caught:
        replay(
            backchannel_logout(SETTINGS, logout_token()),
            [*CHECKING, (EndSessions(TOKEN), None), (MarkLogoutTokenUsed(TOKEN), False)],
        )

    assert "jti" == caught.value.check


@pytest.mark.parametrize(
    "script",
    [
        [*VERIFYING, (Now(), NOW), (LogoutTokenWasUsed(TOKEN), StoreError("Down."))],
        [*CHECKING, (EndSessions(TOKEN), StoreError("Down."))],
        [*CHECKING, (EndSessions(TOKEN), None), (MarkLogoutTokenUsed(TOKEN), StoreError("Down."))],
    ],
    ids=["reading", "ending", "remembering"],
)
def test_a_store_that_fails_leaves_the_token_to_be_sent_again(script: Script) -> None:
    """Wherever it fails, the token is not marked; no listener is told of what may not have happened."""
    with pytest.raises(StoreError):
        replay(backchannel_logout(SETTINGS, logout_token()), script)


@pytest.mark.parametrize(
    ("check", "token"),
    [
        ("typ", logout_token(typ="at+jwt")),
        ("aud", logout_token(aud="other")),
        ("events", logout_token(events={})),
        ("nonce", logout_token(nonce="n")),
        ("exp", logout_token(exp=NOW - 60)),
        ("events", id_token(nonce=None)),
    ],
)
def test_a_token_that_fails_a_check_reaches_no_store(check: str, token: Secret) -> None:
    """Nobody without the provider's key has the store searched; an ID token is no logout token."""
    script = VERIFYING[:2] if check == "typ" else [*VERIFYING, (Now(), NOW)]
    with pytest.raises(LogoutTokenInvalid) as caught:
        replay(backchannel_logout(SETTINGS, token), script)

    assert check == caught.value.check


def test_a_key_that_is_not_known_is_looked_for_once() -> None:
    """The provider may have a new one; how often that is asked, the cache decides."""
    new = SigningKey("key-2")
    unknown: Script = [
        *VERIFYING,
        (GetKeys(METADATA.jwks_uri, refetch=True), key_set(KEY)),
    ]
    with pytest.raises(LogoutTokenInvalid) as caught:
        replay(backchannel_logout(SETTINGS, logout_token(new)), unknown)
    assert "kid" == caught.value.check

    found: Script = [
        *VERIFYING,
        (GetKeys(METADATA.jwks_uri, refetch=True), key_set(KEY, new)),
        (Now(), NOW),
        (LogoutTokenWasUsed(TOKEN), False),
        (EndSessions(TOKEN), None),
        (MarkLogoutTokenUsed(TOKEN), True),
        (Now(), NOW + 1),
        (Emit(TOLD), None),
    ]
    replay(backchannel_logout(SETTINGS, logout_token(new)), found)


@pytest.mark.parametrize("asked", [Discover(), GetKeys(METADATA.jwks_uri)])
def test_a_provider_that_is_down_ends_nothing(asked: Expectation) -> None:
    """A signature that cannot be verified is not believed."""
    before = [step for step in VERIFYING[:2] if step[0] != asked]
    with pytest.raises(ProviderUnreachable):
        replay(
            backchannel_logout(SETTINGS, logout_token()),
            [*before, (asked, ProviderUnreachable("Gone."))],
        )


def test_a_refusal_shows_no_token() -> None:
    """Error reporters send the variables of every frame along; a token is good until it was used."""
    token = logout_token(aud="other")
    with pytest.raises(UserlinkError) as caught:
        replay(backchannel_logout(SETTINGS, token), [*VERIFYING, (Now(), NOW)])

    assert_no_variable_shows(caught.value, token.reveal())
