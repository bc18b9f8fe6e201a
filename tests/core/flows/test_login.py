"""Logging in, step by step (OIDC Core, 3.1)."""

from urllib.parse import parse_qs, urlsplit

import pytest
from attrs import evolve

from support.flow_world import (
    APP_STATE,
    CALLBACK,
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
    sent,
    token_answer,
)
from userlink.errors import InvalidOption, ReauthenticationRequired, ReservedParameter
from userlink.protocol.callback import parse_callback
from userlink.protocol.effects import (
    CreateSession,
    Discover,
    Effect,
    Emit,
    Entropy,
    GetKeys,
    LoadSession,
    Now,
    SaveTransaction,
    Send,
    TakeTransaction,
)
from userlink.protocol.events import Event
from userlink.protocol.flows.completion import complete_login
from userlink.protocol.flows.login import finish_login, start_login
from userlink.protocol.freshness import Authentication, Freshness
from userlink.protocol.options import LoginOptions
from userlink.protocol.pkce import base64url, code_challenge
from userlink.protocol.session import Session
from userlink.protocol.token_sets import RefreshToken, TokenSet
from userlink.protocol.tokens import code_parameters
from userlink.protocol.transaction import Transaction, TransactionKind
from userlink.protocol.values import Secret
from userlink.testing.script import Stepper, replay

RANDOM = bytes(range(64))
SESSION_ID = bytes(range(32))
LOGIN = a_transaction(TransactionKind.LOGIN)


def new_session() -> Session:
    """Return the session that the usual login begins."""
    return Session(
        id=Secret(base64url(SESSION_ID)),
        issuer=ISSUER,
        subject="auth0|alice",
        user={"sub": "auth0|alice", "name": "Alice"},
        id_token=ID_TOKEN,
        id_token_expires_at=NOW + 3600,
        created_at=NOW,
        idle_expires_at=NOW + 86_400,
        absolute_expires_at=NOW + 259_200,
        refresh_token=RefreshToken(Secret("refresh-2"), None, "openid"),
        sid="sid-1",
        token_sets=(TokenSet(None, Secret("access-2"), "openid", NOW + 600),),
    )


def started(options: LoginOptions) -> tuple[str, Transaction]:
    """Start a login, and return the URL and the transaction that was kept."""
    world = World()
    url = Stepper(start_login(SETTINGS, options)).run(world.perform)
    (saved,) = (effect for effect in world.effects if isinstance(effect, SaveTransaction))
    return url, saved.transaction


def test_a_login_starts_by_keeping_its_secrets_before_it_sends_the_browser_away() -> None:
    """The provider is discovered, secrets are drawn at once, the transaction is kept last."""
    kept: list[Effect[None]] = []

    def keeps(effect: Effect[None]) -> bool:
        kept.append(effect)
        return isinstance(effect, SaveTransaction)

    url = replay(
        start_login(SETTINGS, LoginOptions(app_state=APP_STATE)),
        [(Discover(), METADATA), (Now(), NOW), (Entropy(64), RANDOM), (keeps, None)],
    )

    assert [
        SaveTransaction(
            Transaction(
                kind=TransactionKind.LOGIN,
                state=base64url(RANDOM[:16]),
                nonce=base64url(RANDOM[16:32]),
                code_verifier=base64url(RANDOM[32:]),
                redirect_uri=CALLBACK,
                issuer=ISSUER,
                expires_at=NOW + 600,
                scope="openid profile email offline_access",
                app_state=APP_STATE,
            )
        )
    ] == kept
    assert {
        "client_id": ["app"],
        "response_type": ["code"],
        "redirect_uri": [CALLBACK],
        "scope": ["openid profile email offline_access"],
        "state": [base64url(RANDOM[:16])],
        "nonce": [base64url(RANDOM[16:32])],
        "code_challenge": [code_challenge(base64url(RANDOM[32:]))],
        "code_challenge_method": ["S256"],
    } == parse_qs(urlsplit(url).query)


def test_the_parameters_of_the_call_are_sent_and_kept() -> None:
    """What the token endpoint and the token set need later is in the transaction."""
    other = f"{CALLBACK}/other"
    given = {"redirect_uri": other, "audience": "urn:api", "scope": "email", "prompt": "login"}

    url, transaction = started(LoginOptions(authorization_params=given))

    query = parse_qs(urlsplit(url).query)
    assert (["openid email"], ["login"]) == (query["scope"], query["prompt"])
    assert (other, "urn:api", "openid email") == (
        transaction.redirect_uri,
        transaction.audience,
        transaction.scope,
    )
    assert {} == transaction.app_state


def test_two_logins_share_no_secret() -> None:
    """One draw each, cut into three."""
    world = World()
    for _ in range(2):
        Stepper(start_login(SETTINGS, LoginOptions())).run(world.perform)
    first, second = (
        effect.transaction for effect in world.effects if isinstance(effect, SaveTransaction)
    )

    secrets = {
        value
        for transaction in (first, second)
        for value in (transaction.state, transaction.nonce, transaction.code_verifier)
    }
    assert 6 == len(secrets)


@pytest.mark.parametrize(
    ("error", "given"),
    [(ReservedParameter, {"state": "fixed"}), (InvalidOption, {"redirect_uri": None})],
)
def test_wrong_parameters_are_refused_before_anything_is_done(
    error: type[Exception], given: dict[str, str | None]
) -> None:
    """Nobody is asked and nothing is kept."""
    world = World()

    with pytest.raises(error):
        Stepper(start_login(SETTINGS, LoginOptions(authorization_params=given))).run(world.perform)

    assert "" == world.names


@pytest.mark.parametrize("before", [None, a_session(), a_session(idle_expires_at=NOW)])
def test_a_login_is_completed_in_this_order(before: Session | None) -> None:
    """Taken before anything is sent; a fresh id, never the old one; saved last; then told."""
    result = replay(
        complete_login(SETTINGS, callback()),
        [
            (TakeTransaction(STATE), LOGIN),
            (Now(), NOW),
            (Discover(), METADATA),
            (
                sent(code_parameters(LOGIN, Secret("code-1"))),
                token_answer(refresh_token="refresh-2"),
            ),
            (GetKeys(METADATA.jwks_uri), key_set(KEY)),
            (Now(), NOW),
            (Now(), NOW),
            (LoadSession(), before),
            (Entropy(32), SESSION_ID),
            (Now(), NOW),
            (CreateSession(new_session(), before), None),
            (Now(), NOW),
            (Emit(Event("login.completed", NOW, ISSUER, "auth0|alice")), None),
        ],
    )

    assert (APP_STATE, "auth0|alice") == (result.app_state, result.user["sub"])


@pytest.mark.parametrize("sid", [None, 7])
def test_a_session_of_the_provider_without_a_name_has_none_here(sid: object) -> None:
    """``sid`` is optional, and a string (OIDC Back-Channel Logout, 2.1)."""
    transaction = evolve(LOGIN, audience="urn:api")
    world = World({Send: token_answer(id_token(sid=sid), expires_in=None, scope="openid email")})

    Stepper(finish_login(SETTINGS, parse_callback(callback()), transaction)).run(world.perform)

    (created,) = (effect.session for effect in world.effects if isinstance(effect, CreateSession))
    assert (None, None) == (created.sid, created.refresh_token)
    assert (TokenSet("urn:api", Secret("access-2"), "openid email", None),) == created.token_sets


def test_another_user_may_log_in_over_a_session() -> None:
    """A login replaces whoever was there, and brings nothing of theirs over."""
    world = World({Send: token_answer(id_token(sub="auth0|bob", name="Bob"))})

    Stepper(finish_login(SETTINGS, parse_callback(callback()), LOGIN)).run(world.perform)

    (created,) = (effect for effect in world.effects if isinstance(effect, CreateSession))
    assert a_session() == created.replaced
    assert {"sub": "auth0|bob", "name": "Bob"} == created.session.user
    assert a_session().id != created.session.id


def test_a_login_can_ask_for_freshness() -> None:
    """By the options, by authorization_params, or both: the strictest is sent, and kept for the answer."""
    world = World()
    options = LoginOptions(
        authorization_params={"max_age": 60, "acr_values": "gold"},
        max_age=300,
        acr_values=["silver", "gold"],
    )

    url = Stepper(start_login(SETTINGS, options)).run(world.perform)

    (kept,) = (effect for effect in world.effects if isinstance(effect, SaveTransaction))
    query = parse_qs(urlsplit(url).query)
    assert (["60"], ["gold"]) == (query["max_age"], query["acr_values"])
    assert Freshness(60, ("gold",)) == kept.transaction.freshness


@pytest.mark.parametrize("claims", [{}, {"auth_time": NOW - 361}, {"auth_time": NOW + 61}])
def test_a_login_that_is_not_fresh_enough_is_none(claims: dict[str, int]) -> None:
    """The session before it stays (OIDC Core, 3.1.3.7 (13))."""
    transaction = evolve(LOGIN, freshness=Freshness(300))
    world = World({Send: token_answer(id_token(**claims))})

    with pytest.raises(ReauthenticationRequired):
        Stepper(finish_login(SETTINGS, parse_callback(callback()), transaction)).run(world.perform)

    assert [] == world.written


def test_a_session_remembers_when_and_how_its_user_authenticated() -> None:
    """What links will ask about."""
    world = World({Send: token_answer(id_token(auth_time=NOW - 9, acr="gold"))})

    Stepper(finish_login(SETTINGS, parse_callback(callback()), LOGIN)).run(world.perform)

    (created,) = (effect.session for effect in world.effects if isinstance(effect, CreateSession))
    assert Authentication(NOW - 9, "gold") == created.authentication
