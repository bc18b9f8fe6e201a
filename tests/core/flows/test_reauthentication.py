"""Reauthenticating: the user proves anew who they are, and a link that waited for it begins."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from attrs import evolve

from support.flow_world import (
    APP_STATE,
    CALLBACK,
    ISSUER,
    KEY,
    LOGIN_ID_TOKEN,
    LOGIN_REFRESH_TOKEN,
    LOGIN_TOKENS,
    METADATA,
    NOW,
    SETTINGS,
    World,
    a_session,
    a_transaction,
    callback,
    id_token,
    key_set,
    sent,
    token_answer,
)
from userlink.errors import (
    InvalidOption,
    ReauthenticationRequired,
    ReservedParameter,
    SessionConflict,
    SessionRequired,
    SessionTooLarge,
    StoreError,
    UserlinkError,
)
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
    UpdateSession,
)
from userlink.protocol.events import Event
from userlink.protocol.flows.completion import complete_reauthentication
from userlink.protocol.flows.reauthentication import start_reauthentication
from userlink.protocol.freshness import Authentication, Freshness
from userlink.protocol.options import LinkOptions, UnlinkOptions
from userlink.protocol.pkce import base64url
from userlink.protocol.reauthentication import ReauthenticationOptions
from userlink.protocol.renewal_lease import RenewalLease
from userlink.protocol.results import ReauthenticationResult
from userlink.protocol.session import Session
from userlink.protocol.token_sets import RefreshToken, TokenSet
from userlink.protocol.tokens import code_parameters
from userlink.protocol.transaction import Transaction, TransactionKind
from userlink.protocol.values import Secret
from userlink.testing.script import Stepper, replay

REAUTHENTICATION = TransactionKind.REAUTHENTICATION
PROVED = id_token(auth_time=NOW - 5, acr="gold", sid="sid-2")
SINCE = Freshness(since=NOW - 30)
STRICT = evolve(SETTINGS, link_freshness=Freshness(300, ("gold", "platinum")))


def begun(url: str) -> dict[str, list[str]]:
    """Return the parameters of a URL."""
    return parse_qs(urlsplit(url).query)


def saved(world: World) -> Transaction:
    """Return the one transaction that was kept."""
    (effect,) = (effect for effect in world.effects if isinstance(effect, SaveTransaction))
    return effect.transaction


def started(
    options: ReauthenticationOptions, **answers: Any
) -> tuple[Transaction, dict[str, list[str]]]:
    """Start a reauthentication, and return what was kept and sent."""
    world = World({LoadSession: a_session(**answers)})
    url = Stepper(start_reauthentication(STRICT, options)).run(world.perform)
    return saved(world), begun(url)


def completed(
    transaction: Transaction, answers: dict[type[Effect[Any]], Any] | None = None
) -> tuple[World, ReauthenticationResult]:
    """Complete a reauthentication."""
    world = World({TakeTransaction: transaction, Send: token_answer(PROVED), **(answers or {})})
    result = Stepper(complete_reauthentication(STRICT, callback())).run(world.perform)
    return world, result


def proving(then: dict[str, Any] | None = None, **changes: Any) -> Transaction:
    """Return a reauthentication that was started half a minute ago."""
    return a_transaction(REAUTHENTICATION, connection=None, freshness=SINCE, then=then, **changes)


def test_it_starts_from_the_session_and_demands_an_authentication_of_now() -> None:
    """OIDC Core, 3.1.2.1: ``prompt=login`` for it to happen, ``max_age`` for the answer to say when it did."""
    kept, asked = started(ReauthenticationOptions(app_state=APP_STATE))

    assert {
        "prompt": ["login"],
        "max_age": ["0"],
        "id_token_hint": [LOGIN_ID_TOKEN.reveal()],
        "scope": ["openid profile email"],
    }.items() <= asked.items()
    assert "acr_values" not in asked
    assert (REAUTHENTICATION, a_session().binding, APP_STATE, None) == (
        kept.kind,
        kept.binding,
        kept.app_state,
        kept.then,
    )
    assert Freshness(since=NOW) == kept.freshness


@pytest.mark.parametrize("prompt", ["none", "consent"])
def test_the_clients_own_prompt_has_no_say(prompt: str) -> None:
    """Nobody reauthenticates without being asked to."""
    _, asked = started(
        ReauthenticationOptions(authorization_params={"prompt": prompt, "foo": "bar"})
    )

    assert (["login"], ["bar"]) == (asked["prompt"], asked["foo"])


def test_what_the_link_will_need_is_asked_for_at_once() -> None:
    """Or the user would authenticate twice."""
    link = LinkOptions("github", app_state=APP_STATE, max_age=60)
    kept, asked = started(ReauthenticationOptions(link=link, acr_values="gold silver"))

    assert (["gold"], ["0"]) == (asked["acr_values"], asked["max_age"])
    assert Freshness(60, ("gold",), NOW) == kept.freshness
    assert {"link": {"connection": "github", "max_age": 60}} == kept.then
    assert APP_STATE == kept.app_state
    assert "requested_connection" not in asked


def test_an_app_state_of_its_own_leaves_that_of_the_link_alone() -> None:
    """Both come back, each with its own."""
    link = LinkOptions("github", app_state=APP_STATE)
    kept, _ = started(ReauthenticationOptions(link=link, app_state={"asked": "for a link"}))

    assert {"link": {"connection": "github", "app_state": APP_STATE}} == kept.then
    assert {"asked": "for a link"} == kept.app_state


@pytest.mark.parametrize("seconds", [-5, 0, 30])
def test_an_id_token_about_to_run_out_is_left_out(seconds: int) -> None:
    """Nothing is renewed for it: the answer has to be about the same user anyway."""
    _, asked = started(ReauthenticationOptions(), id_token_expires_at=NOW + seconds)

    assert "id_token_hint" not in asked


@pytest.mark.parametrize(
    ("error", "options"),
    [
        (ReservedParameter, {"authorization_params": {"state": "x"}}),
        (ReservedParameter, {"link": {"connection": "g", "authorization_params": {"nonce": "x"}}}),
        (InvalidOption, {"acr_values": ["bronze"], "unlink": {"connection": "github"}}),
        (InvalidOption, {"authorization_params": {"redirect_uri": None}}),
    ],
)
def test_a_wrong_call_is_refused_before_anything_is_done(
    error: type[UserlinkError], options: dict[str, Any]
) -> None:
    """Nobody is asked and nothing is kept."""
    world = World()

    with pytest.raises(error):
        Stepper(start_reauthentication(STRICT, ReauthenticationOptions.read(options))).run(
            world.perform
        )

    assert "" == world.names


@pytest.mark.parametrize("session", [None, a_session(issuer="https://former.example/")])
def test_who_is_not_signed_in_cannot_reauthenticate(session: Session | None) -> None:
    """That would be a login."""
    world = World({LoadSession: session})

    with pytest.raises(SessionRequired):
        Stepper(start_reauthentication(SETTINGS, ReauthenticationOptions())).run(world.perform)

    assert "SaveTransaction" not in world.names


def test_it_is_completed_in_this_order() -> None:
    """The old session expires by compare-and-set, then the new one begins under a fresh id."""
    transaction = proving()
    ended = evolve(a_session(), idle_expires_at=NOW)
    random = bytes(range(32))
    began = evolve(
        a_session(),
        id=Secret(base64url(random)),
        user={"sub": "auth0|alice", "name": "Alice", "plan": "gold"},
        id_token=PROVED,
        idle_expires_at=NOW + 86_400,
        sid="sid-2",
        authentication=Authentication(NOW - 5, "gold"),
        token_sets=(
            LOGIN_TOKENS,
            TokenSet(None, Secret("access-2"), "openid", NOW + 600, REAUTHENTICATION),
        ),
        version=0,
    )

    result = replay(
        complete_reauthentication(SETTINGS, callback()),
        [
            (TakeTransaction, transaction),
            (Now(), NOW),
            (LoadSession(), a_session()),
            (Now(), NOW),
            (Discover(), METADATA),
            (sent(code_parameters(transaction, Secret("code-1"))), token_answer(PROVED)),
            (GetKeys(METADATA.jwks_uri), key_set(KEY)),
            (Now(), NOW),
            (Now(), NOW),
            (Entropy(32), random),
            (Now(), NOW),
            (UpdateSession(ended), True),
            (Now(), NOW),
            (CreateSession(began, evolve(ended, version=4)), None),
            (Now(), NOW),
            (Emit(Event("reauthentication.completed", NOW, ISSUER, "auth0|alice")), None),
        ],
    )

    assert (APP_STATE, began.user, None) == (result.app_state, result.user, result.redirect_to)
    assert LOGIN_REFRESH_TOKEN == began.refresh_token


@pytest.mark.parametrize(
    ("then", "kind", "scope"),
    [
        ({"link": {"connection": "github"}}, TransactionKind.LINK, "link_account"),
        ({"unlink": {"connection": "github"}}, TransactionKind.UNLINK, "unlink_account"),
    ],
)
def test_what_waited_begins_for_the_session_that_goes_on(
    then: dict[str, Any], kind: TransactionKind, scope: str
) -> None:
    """Bound to the fresh id, with the new ID token as the hint, and as fresh as the policy asks."""
    world, result = completed(proving(then))

    create = next(effect for effect in world.effects if isinstance(effect, CreateSession))
    following = saved(world)
    assert (kind, "github", create.session.binding, APP_STATE) == (
        following.kind,
        following.connection,
        following.binding,
        following.app_state,
    )
    assert STRICT.link_freshness == following.freshness
    assert result.redirect_to is not None
    asked = begun(result.redirect_to)
    assert scope in asked["scope"][0]
    assert {
        "id_token_hint": [PROVED.reveal()],
        "requested_connection": ["github"],
        "max_age": ["300"],
        "acr_values": ["gold platinum"],
    }.items() <= asked.items()
    assert asked["redirect_uri"] == [CALLBACK]


def test_the_app_states_of_both_come_back() -> None:
    """Where each was given its own."""
    then = {"link": {"connection": "github", "app_state": {"of": "the link"}}}
    world, result = completed(proving(then, app_state={"of": "the proof"}))

    assert {"of": "the link"} == saved(world).app_state
    assert {"of": "the proof"} == result.app_state


@pytest.mark.parametrize(
    ("check", "claims"),
    [
        ("auth_time", {}),
        ("auth_time", {"auth_time": NOW - 30 - 61}),
        ("auth_time", {"auth_time": NOW + 61}),
        ("acr", {"auth_time": NOW}),
        ("acr", {"auth_time": NOW, "acr": "bronze"}),
    ],
)
def test_a_provider_that_asked_nobody_proves_nothing(check: str, claims: dict[str, Any]) -> None:
    """Left out, before it was started, from the future, of another class: 0 change, and nothing begins."""
    demand = Freshness(None, ("gold",), NOW - 30)
    world = World(
        {
            TakeTransaction: evolve(proving({"link": {"connection": "github"}}), freshness=demand),
            Send: token_answer(id_token(**claims)),
        }
    )

    with pytest.raises(ReauthenticationRequired) as caught:
        Stepper(complete_reauthentication(STRICT, callback())).run(world.perform)

    assert (check, None, APP_STATE) == (
        caught.value.check,
        caught.value.options,
        caught.value.app_state,
    )
    assert [] == world.written
    assert "SaveTransaction" not in world.names


def test_a_proof_that_does_not_do_for_what_waits_changes_nothing() -> None:
    """The client's policy may have become stricter while the user was away."""
    world = World(
        {
            TakeTransaction: proving({"link": {"connection": "github"}}),
            Send: token_answer(id_token(auth_time=NOW, acr="bronze")),
        }
    )

    with pytest.raises(ReauthenticationRequired) as caught:
        Stepper(complete_reauthentication(STRICT, callback())).run(world.perform)

    assert {"link": {"connection": "github", "app_state": APP_STATE}} == caught.value.options
    assert [] == world.written


def test_what_waited_and_cannot_begin_leaves_the_session_as_it_was() -> None:
    """It begins before the session is written."""
    world = World(
        {
            TakeTransaction: proving({"link": {"connection": "github"}}),
            Send: token_answer(PROVED),
            SaveTransaction: StoreError("Down."),
        }
    )

    with pytest.raises(StoreError):
        Stepper(complete_reauthentication(STRICT, callback())).run(world.perform)

    assert [] == world.written


@pytest.mark.parametrize("then", [{"link": {"conection": "github"}}, {"other": {}}])
def test_a_record_with_something_else_to_follow_is_refused(then: dict[str, Any]) -> None:
    """Such a record was written by another release; no code is spent for it."""
    world = World({TakeTransaction: proving(then)})

    with pytest.raises(InvalidOption):
        Stepper(complete_reauthentication(STRICT, callback())).run(world.perform)

    assert "Send" not in world.names


@pytest.mark.parametrize("restored", [True, StoreError("Down, too.")])
def test_a_session_that_cannot_go_on_stays_as_it_was(restored: object) -> None:
    """Its expiry is taken back; if that fails too, the first failure is told."""
    failing: dict[type[Effect[Any]], Any] = {
        CreateSession: SessionTooLarge("Too large."),
        UpdateSession: [True, restored],
    }
    world = World({TakeTransaction: proving(), Send: token_answer(PROVED), **failing})

    with pytest.raises(SessionTooLarge):
        Stepper(complete_reauthentication(SETTINGS, callback())).run(world.perform)

    last = world.written[-1]
    assert isinstance(last, UpdateSession)
    assert evolve(a_session(), idle_expires_at=NOW + 86_400, version=4) == last.session


def test_a_write_of_another_request_is_not_lost() -> None:
    """What it left is what goes on: compare-and-set on the old id."""
    rotated = evolve(LOGIN_REFRESH_TOKEN, token=Secret("refresh-9"))
    world, _ = completed(
        proving(),
        {
            LoadSession: [a_session(), a_session(version=9, refresh_token=rotated)],
            UpdateSession: [False, True],
        },
    )

    create = world.written[-1]
    assert isinstance(create, CreateSession)
    assert rotated == create.session.refresh_token


@pytest.mark.parametrize("held", [LOGIN_REFRESH_TOKEN, None])
def test_a_refresh_token_that_came_is_better_than_none(held: RefreshToken | None) -> None:
    """The login's stays; where it brought none, the user need not sign in again for the next access token."""
    world, _ = completed(
        proving(),
        {
            LoadSession: a_session(refresh_token=held),
            Send: token_answer(PROVED, refresh_token="of the proof"),
        },
    )

    (create,) = (effect for effect in world.effects if isinstance(effect, CreateSession))
    assert create.session.refresh_token is not None
    expected = Secret("of the proof") if held is None else held.token
    assert expected == create.session.refresh_token.token


def test_a_session_that_keeps_changing_does_not_go_on() -> None:
    """Nothing is begun in its place."""
    with pytest.raises(SessionConflict):
        completed(proving(), {UpdateSession: False})


def test_the_providers_name_for_its_session_stays_unless_a_new_one_came() -> None:
    """OIDC Back-Channel Logout, 2.1: a logout token will name the newest."""
    world, _ = completed(proving(), {Send: token_answer(id_token(auth_time=NOW, sid=None))})

    create = world.written[-1]
    assert isinstance(create, CreateSession)
    assert "sid-1" == create.session.sid


def test_the_options_of_both_steps_are_read_alike() -> None:
    """A link by its class or by a dict starts the same."""
    one, _ = started(ReauthenticationOptions(unlink=UnlinkOptions("github")))
    other, _ = started(ReauthenticationOptions.read({"unlink": {"connection": "github"}}))

    assert one == other


def test_a_refresh_token_that_is_on_its_way_is_waited_for() -> None:
    """Handed over meanwhile, it would be the spent one, and the session could never be renewed again."""
    newer = evolve(LOGIN_REFRESH_TOKEN, token=Secret("refresh-2"))
    renewing = a_session(renewal_lease=RenewalLease("of another request", NOW + 9))
    renewed = a_session(refresh_token=newer, version=renewing.version + 2)

    world, _ = completed(proving(), {LoadSession: [renewing, renewed]})

    (begun_session,) = [each.session for each in world.effects if isinstance(each, CreateSession)]
    assert newer == begun_session.refresh_token
