"""The steps that flows share, each by itself."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from attrs import evolve

from support.flow_world import (
    APP_STATE,
    CALLBACK,
    ERROR_CALLBACK,
    ID_TOKEN,
    ISSUER,
    KEY,
    METADATA,
    NOW,
    SETTINGS,
    STATE,
    World,
    a_session,
    a_transaction,
    callback,
    id_token,
    key_set,
    token_answer,
)
from userlink.errors import (
    AuthorizationDenied,
    CallbackIssuerMismatch,
    IdTokenInvalid,
    MetadataInvalid,
    SessionChanged,
    SessionConflict,
    SessionRequired,
    TokenResponseInvalid,
    TransactionExpired,
)
from userlink.protocol.callback import parse_callback
from userlink.protocol.effects import (
    Effect,
    Emit,
    Entropy,
    GetKeys,
    LoadSession,
    Now,
    SaveTransaction,
    Send,
    TakeTransaction,
    UpdateSession,
)
from userlink.protocol.events import Event
from userlink.protocol.flows.steps import (
    begin,
    current_session,
    emit_outcome,
    redeem,
    require_session,
    take,
    token_set,
    update_session,
    validated_claims,
)
from userlink.protocol.session import Session
from userlink.protocol.token_sets import RefreshToken, TokenSet
from userlink.protocol.tokens import TokenResponse
from userlink.protocol.transaction import TransactionKind, TransactionStatus
from userlink.protocol.values import Secret
from userlink.testing.keys import SigningKey
from userlink.testing.script import Stepper, replay

LINK = TransactionKind.LINK


@pytest.mark.parametrize(
    ("now", "is_live"), [(NOW, True), (NOW + 999, True), (NOW + 1000, False), (NOW + 2000, False)]
)
def test_a_session_past_its_expiry_is_none(now: int, is_live: bool) -> None:
    """Idle or absolute, whichever comes first; at the very second it is over."""
    session = a_session()

    assert (session if is_live else None) == replay(
        current_session(), [(LoadSession(), session), (Now(), now)]
    )


def test_a_session_is_required() -> None:
    """Where nobody is signed in, the clock is not even asked."""
    with pytest.raises(SessionRequired):
        replay(require_session(), [(LoadSession(), None)])
    with pytest.raises(SessionRequired):
        replay(require_session(), [(LoadSession(), a_session()), (Now(), NOW + 1000)])
    assert a_session() == replay(require_session(), [(LoadSession(), a_session()), (Now(), NOW)])


def test_a_transaction_begins_with_one_draw_of_randomness_and_is_kept_last() -> None:
    """128 bits for state and for nonce, 256 for the verifier (RFC 9700, 4.7.1; RFC 7636, 7.1)."""
    params: dict[str, str | tuple[str, ...]] = {
        "redirect_uri": CALLBACK,
        "scope": "openid",
        "resource": ("urn:a", "urn:b"),
    }
    flow = begin(SETTINGS, METADATA, LINK, params, None, own={"x": "y"}, connection="github")

    url = replay(flow, [(Now(), NOW), (Entropy(64), bytes(64)), (SaveTransaction, None)])

    query = parse_qs(urlsplit(url).query)
    assert (["A" * 22], ["A" * 22]) == (query["state"], query["nonce"])
    assert (["urn:a", "urn:b"], ["y"]) == (query["resource"], query["x"])


def test_what_cannot_be_kept_is_not_started() -> None:
    """No URL leaves when the transaction could not be saved."""
    params = {"redirect_uri": CALLBACK, "scope": "openid"}

    with pytest.raises(OSError, match="full"):
        replay(
            begin(SETTINGS, METADATA, LINK, params, None),
            [(Now, NOW), (Entropy, bytes(64)), (SaveTransaction, OSError("full"))],
        )


def test_a_transaction_in_time_is_taken() -> None:
    """One second before its end it still counts."""
    taken = replay(
        take(Secret(STATE)), [(TakeTransaction(STATE), a_transaction()), (Now(), NOW + 599)]
    )

    assert TransactionStatus.TAKEN is taken.status


def test_a_transaction_that_is_late_is_told_of() -> None:
    """Judged by the record, after it was taken; the error carries app_state."""
    event = Event("link.expired", NOW + 601, ISSUER, "auth0|alice", "github", "transaction_expired")

    with pytest.raises(TransactionExpired) as caught:
        replay(
            take(Secret(STATE)),
            [
                (TakeTransaction(STATE), a_transaction()),
                (Now(), NOW + 600),
                (Now(), NOW + 601),
                (Emit(event), None),
            ],
        )

    assert APP_STATE == caught.value.app_state


@pytest.mark.parametrize(
    ("expected", "kind", "subject"),
    [
        ("auth0|alice", LINK, None),
        ("auth0|bob", LINK, "auth0|bob"),
        (None, TransactionKind.LOGIN, None),
    ],
)
def test_an_event_names_whoever_is_known(
    expected: str | None, kind: TransactionKind, subject: str | None
) -> None:
    """Who signed in; else who started; at a failed login, nobody."""
    transaction = a_transaction(kind, connection=None)
    event = Event(f"{kind}.started", NOW, ISSUER, expected)

    replay(emit_outcome(transaction, subject=subject), [(Now(), NOW), (Emit(event), None)])


def test_a_grant_is_what_redeeming_a_code_brought() -> None:
    """Every check passed, lifetimes counted from when the answer was judged."""
    world = World({Now: [NOW + 5, NOW + 9], Send: token_answer(refresh_token="refresh-2")})
    link = a_transaction(audience="urn:other", scope="openid link_account")

    grant = Stepper(redeem(SETTINGS, parse_callback(callback()), link)).run(world.perform)

    assert "Discover Send GetKeys Now Now" == world.names
    assert (ID_TOKEN, NOW + 9 + 600) == (grant.id_token, grant.token_set.expires_at)
    assert grant.refresh_token == RefreshToken(
        Secret("refresh-2"), "urn:other", "openid link_account", TransactionKind.LINK
    )
    assert "auth0|alice" == grant.claims["sub"]
    assert "alice" not in repr(grant)


@pytest.mark.parametrize(
    ("error", "url", "answers"),
    [
        (AuthorizationDenied, ERROR_CALLBACK, {}),
        (CallbackIssuerMismatch, callback(iss="https://evil.example/"), {}),
        (TokenResponseInvalid, callback(), {Send: token_answer(id_token=None)}),
    ],
)
def test_a_code_is_not_redeemed_where_a_check_fails(
    error: type[Exception], url: str, answers: dict[type[Effect[Any]], Any]
) -> None:
    """RFC 9207, 2.4; RFC 6749, 4.1.2.1; OIDC Core, 3.1.3.3."""
    with pytest.raises(error):
        Stepper(redeem(SETTINGS, parse_callback(url), a_transaction())).run(World(answers).perform)


def test_a_code_of_one_issuer_is_never_sent_to_another() -> None:
    """RFC 9700, 4.4: the transaction's issuer must be the one that is configured now."""
    world = World()
    transaction = a_transaction(issuer="https://former.example/")

    with pytest.raises(MetadataInvalid):
        Stepper(redeem(SETTINGS, parse_callback(callback()), transaction)).run(world.perform)

    assert "Discover" == world.names


def test_a_callback_without_iss_is_fine_where_none_was_promised() -> None:
    """RFC 9207, 2.4."""
    quiet = evolve(METADATA, authorization_response_iss_parameter_supported=False)
    world = World()
    flow = redeem(SETTINGS, parse_callback(callback(iss=None)), a_transaction())
    stepper = Stepper(flow)
    stepper.answer(quiet)

    assert "auth0|alice" == stepper.run(world.perform).claims["sub"]


@pytest.mark.parametrize(
    ("expires_in", "scope", "expected"),
    [
        (60, "email", TokenSet("urn:api", Secret("a"), "email", NOW + 60, LINK)),
        (None, None, TokenSet("urn:api", Secret("a"), "openid", None, LINK)),
        (0, "", TokenSet("urn:api", Secret("a"), "", NOW, LINK)),
    ],
)
def test_a_token_set_says_what_was_granted(
    expires_in: int | None, scope: str | None, expected: TokenSet
) -> None:
    """A scope that is left out is the one asked for (RFC 6749, 5.1)."""
    tokens = TokenResponse(Secret("a"), expires_in, scope, None, None)

    assert expected == token_set(tokens, "urn:api", "openid", NOW, LINK)


def test_claims_are_judged_by_the_time_after_the_keys_came() -> None:
    """Fetching keys may take seconds: ``exp`` is judged after it."""
    token = id_token(exp=NOW + 1)
    flow = validated_claims(SETTINGS, METADATA, token, Secret("a"), None)

    with pytest.raises(IdTokenInvalid) as caught:
        replay(flow, [(GetKeys(METADATA.jwks_uri), key_set(KEY)), (Now(), NOW + 61)])

    assert "exp" == caught.value.check


@pytest.mark.parametrize("header", [{"kid": "key-2"}, {"kid": None}])
def test_a_key_that_is_not_there_is_looked_for_once_and_no_more(header: dict[str, None]) -> None:
    """OIDC Core, 10.1.1; a token without kid may be of a key that is new, too."""
    token = id_token(SigningKey("key-2"), header)
    flow = validated_claims(SETTINGS, METADATA, token, Secret("a"), None)

    with pytest.raises(IdTokenInvalid) as caught:
        replay(
            flow,
            [
                (GetKeys(METADATA.jwks_uri), key_set(KEY)),
                (GetKeys(METADATA.jwks_uri, refetch=True), key_set(KEY)),
            ],
        )

    assert "kid" == caught.value.check


def renamed(session: Session) -> Session:
    """Change a session."""
    return evolve(session, user={**session.user, "name": "Alice"})


def test_a_change_is_saved_over_the_version_that_was_loaded() -> None:
    """The returned session is as the store holds it now, its idle time begun anew."""
    expected = evolve(renamed(a_session()), idle_expires_at=NOW + 86_400)

    saved = replay(
        update_session(SETTINGS, a_session(), renamed),
        [(Now(), NOW), (UpdateSession(expected), True)],
    )

    assert evolve(expected, version=4) == saved


def test_a_change_is_made_again_on_what_another_write_left() -> None:
    """Nothing of either is lost."""
    other = evolve(a_session(), version=4, refresh_token=RefreshToken(Secret("refresh-2")))
    expected = evolve(renamed(other), idle_expires_at=NOW + 86_400)

    saved = replay(
        update_session(SETTINGS, a_session(), renamed),
        [
            (Now(), NOW),
            (UpdateSession, False),
            (LoadSession(), other),
            (Now(), NOW),
            (Now(), NOW),
            (UpdateSession(expected), True),
        ],
    )

    assert (RefreshToken(Secret("refresh-2")), "Alice") == (saved.refresh_token, saved.user["name"])


@pytest.mark.parametrize(
    "left",
    [
        None,
        a_session(idle_expires_at=NOW),
        a_session(id=Secret("session-2")),
        a_session(subject="auth0|bob"),
    ],
)
def test_a_session_that_ended_meanwhile_is_not_brought_back(left: Session | None) -> None:
    """Signed out, expired, or another one is there now."""
    world = World({UpdateSession: False, LoadSession: left})

    with pytest.raises(SessionChanged):
        Stepper(update_session(SETTINGS, a_session(), renamed)).run(world.perform)

    assert 1 == len(world.written)


@pytest.mark.parametrize(("lost", "fails"), [(7, False), (8, True)])
def test_saving_is_tried_eight_times(lost: int, fails: bool) -> None:
    """A session that keeps changing is given up, and as it was."""
    world = World({UpdateSession: [False] * lost + [True]})
    stepper = Stepper(update_session(SETTINGS, a_session(), renamed))

    if fails:
        with pytest.raises(SessionConflict):
            stepper.run(world.perform)
    else:
        stepper.run(world.perform)

    assert 8 == len(world.written)
