"""Completing: which kind may complete what, what a failure leaves behind, and races for one callback."""

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from support.flow_world import (
    APP_STATE,
    CALLBACK,
    ERROR_CALLBACK,
    ISSUER,
    KEY,
    METADATA,
    NOW,
    SETTINGS,
    STATE,
    World,
    a_session,
    a_transaction,
    another_binding,
    callback,
    id_token,
    json_answer,
    key_set,
    token_answer,
)
from userlink.errors import (
    AuthorizationDenied,
    CallbackIssuerMismatch,
    IdTokenInvalid,
    InvalidCallback,
    KeysInvalid,
    LinkedUserMismatch,
    MetadataInvalid,
    ProviderUnreachable,
    SessionChanged,
    SessionConflict,
    SessionRequired,
    StoreError,
    TokenRequestRefused,
    TokenResponseInvalid,
    TransactionAlreadyUsed,
    TransactionExpired,
    TransactionKindMismatch,
    TransactionNotFound,
    UserlinkError,
)
from userlink.protocol.effects import (
    CreateSession,
    Discover,
    Effect,
    Flow,
    GetKeys,
    LoadSession,
    Send,
    TakeTransaction,
    UpdateSession,
)
from userlink.protocol.events import Event
from userlink.protocol.flows.completion import (
    complete_any,
    complete_link,
    complete_login,
    complete_reauthentication,
    complete_unlink,
)
from userlink.protocol.results import (
    CallbackResult,
    LinkResult,
    LoginResult,
    ReauthenticationResult,
    UnlinkResult,
)
from userlink.protocol.session import Session
from userlink.protocol.settings import ClientSettings
from userlink.protocol.transaction import Transaction, TransactionKind
from userlink.protocol.values import HttpResponse, Secret
from userlink.testing.keys import SigningKey
from userlink.testing.script import Stepper

Complete = Callable[[ClientSettings, str], Flow[Any]]
Answers = dict[type[Effect[Any]], Any]

LOGIN, LINK, UNLINK, REAUTHENTICATION, LOGOUT = TransactionKind
COMPLETE: dict[TransactionKind, Complete] = {
    LOGIN: complete_login,
    LINK: complete_link,
    UNLINK: complete_unlink,
    REAUTHENTICATION: complete_reauthentication,
}
RESULTS: dict[TransactionKind, type[CallbackResult]] = {
    LOGIN: LoginResult,
    LINK: LinkResult,
    UNLINK: UnlinkResult,
    REAUTHENTICATION: ReauthenticationResult,
}
FOR_SESSION = [LINK, UNLINK, REAUTHENTICATION]
STRANGER = SigningKey("key-1")  # of the provider's kid, and not the provider's

# The order of every completion, up to the point that the rows of the tables below reach.
TAKEN = "TakeTransaction Now"
SEEN = f"{TAKEN} LoadSession Now"
SENT = f"{SEEN} Discover Send"
VALIDATED = f"{SENT} GetKeys Now"
TOLD = "Now Emit"


def failed(
    kind: TransactionKind, answers: Answers, url: str, complete: Complete | None = None
) -> tuple[World, UserlinkError]:
    """Run a completion that fails, and check what every failure after the taking has in common."""
    world = World({TakeTransaction: a_transaction(kind), **answers})
    with pytest.raises(UserlinkError) as caught:
        Stepper((complete or COMPLETE[kind])(SETTINGS, url)).run(world.perform)
    error = caught.value
    denied = isinstance(error, AuthorizationDenied)

    assert APP_STATE == error.app_state
    assert 1 == world.names.count("TakeTransaction")
    assert [(f"{kind}.{'denied' if denied else 'failed'}", error.code)] == [
        (event.name, event.error_code) for event in world.events
    ]
    return world, error


@pytest.mark.parametrize("kind", COMPLETE)
def test_each_kind_is_completed_by_its_own_function_and_by_that_for_all(
    kind: TransactionKind,
) -> None:
    """``complete_any()`` gives each kind's own result, by that kind's own steps."""
    transaction: Answers = {TakeTransaction: a_transaction(kind)}
    own, anyone = World(transaction), World(transaction)

    result = Stepper(COMPLETE[kind](SETTINGS, callback())).run(own.perform)
    same = Stepper(complete_any(SETTINGS, callback())).run(anyone.perform)

    assert (RESULTS[kind], RESULTS[kind]) == (type(result), type(same))
    assert dict(result) == dict(same)
    assert own.effects == anyone.effects
    assert APP_STATE == result.app_state


@pytest.mark.parametrize("complete", [*COMPLETE.values(), complete_any])
def test_a_logout_is_completed_by_none_of_them(complete: Complete) -> None:
    """The state of one that comes to a callback is used up, and no code is redeemed."""
    world, raised = failed(LOGOUT, {}, callback(), complete)

    assert isinstance(raised, TransactionKindMismatch)
    assert f"{TAKEN} {TOLD}" == world.names


@pytest.mark.parametrize(
    ("started", "completed"),
    [(one, other) for one in COMPLETE for other in COMPLETE if one is not other],
)
def test_no_kind_completes_another(started: TransactionKind, completed: TransactionKind) -> None:
    """All the wrong pairs: nothing is loaded or sent, and the transaction is spent."""
    world, error = failed(started, {}, callback(), COMPLETE[completed])

    assert isinstance(error, TransactionKindMismatch)
    assert f"{TAKEN} {TOLD}" == world.names


@pytest.mark.parametrize("complete", [*COMPLETE.values(), complete_any])
@pytest.mark.parametrize(
    "url",
    [
        callback(state=None),
        callback(code=None),
        callback(error="access_denied"),
        callback() + f"&state={STATE}",
        callback() + "&x" * 20_000,
    ],
)
def test_a_malformed_callback_touches_nothing(complete: Complete, url: str) -> None:
    """RFC 6749, 3.1 and 4.1.2: the transaction can still be completed by the right callback."""
    world = World()

    with pytest.raises(InvalidCallback):
        Stepper(complete(SETTINGS, url)).run(world.perform)

    assert "" == world.names


@pytest.mark.parametrize("complete", [*COMPLETE.values(), complete_any])
@pytest.mark.parametrize(
    "refusal",
    [TransactionNotFound("Not here."), TransactionAlreadyUsed("Again.", app_state={"a": 1})],
)
def test_what_cannot_be_taken_is_not_completed(complete: Complete, refusal: UserlinkError) -> None:
    """Nothing is sent before this browser's transaction is taken; what is known of it stays on the error."""
    known = refusal.app_state
    world = World({TakeTransaction: refusal})

    with pytest.raises(type(refusal)) as caught:
        Stepper(complete(SETTINGS, callback())).run(world.perform)

    assert "TakeTransaction" == world.names
    assert known == caught.value.app_state


@pytest.mark.parametrize("complete", [*COMPLETE.values(), complete_any])
@pytest.mark.parametrize("kind", COMPLETE)
def test_an_expired_transaction_is_spent_and_told_of(
    complete: Complete, kind: TransactionKind
) -> None:
    """Expiry stands in the record; app_state is still given."""
    world = World({TakeTransaction: a_transaction(kind, expires_at=NOW)})

    with pytest.raises(TransactionExpired) as caught:
        Stepper(complete(SETTINGS, callback())).run(world.perform)

    assert APP_STATE == caught.value.app_state
    assert f"{TAKEN} {TOLD}" == world.names
    assert [(f"{kind}.expired", "transaction_expired")] == [
        (event.name, event.error_code) for event in world.events
    ]


@pytest.mark.parametrize("kind", FOR_SESSION)
@pytest.mark.parametrize("by_any", [False, True])
@pytest.mark.parametrize(
    ("error", "session"),
    [
        (SessionRequired, None),
        (SessionRequired, a_session(idle_expires_at=NOW)),
        (SessionRequired, a_session(absolute_expires_at=NOW)),
        (SessionChanged, a_session(subject="auth0|bob")),
        (SessionChanged, a_session(id=Secret("session-2"))),
        (SessionChanged, a_session(id=Secret("session-2"), subject="auth0|bob")),
    ],
)
def test_only_the_session_that_started_may_complete(
    kind: TransactionKind, by_any: bool, error: type[UserlinkError], session: Session | None
) -> None:
    """No session, an expired one, another user's, or the same user's after a new login: nothing is sent."""
    complete = complete_any if by_any else None

    world, raised = failed(kind, {LoadSession: session}, callback(), complete)

    assert error is type(raised)
    loaded = f"{TAKEN} LoadSession" if session is None else SEEN
    assert f"{loaded} {TOLD}" == world.names


@pytest.mark.parametrize("kind", FOR_SESSION)
@pytest.mark.parametrize("binding", [None, another_binding()])
def test_a_transaction_of_another_session_or_of_none_is_refused(
    kind: TransactionKind, binding: Any
) -> None:
    """However such a record came to be, it completes nothing here."""
    transaction = a_transaction(kind, binding=binding)

    world, raised = failed(kind, {TakeTransaction: transaction}, callback())

    assert isinstance(raised, SessionChanged)
    assert f"{SEEN} {TOLD}" == world.names


REFUSED = json_answer(400, {"error": "invalid_grant"})
OTHER_ISSUER = evolve(METADATA, issuer="https://other.example/")
FAILURES: dict[str, tuple[type[UserlinkError], str, str, Answers]] = {
    "the provider cannot be discovered": (
        ProviderUnreachable,
        callback(),
        "Discover",
        {Discover: ProviderUnreachable("Gone.")},
    ),
    "the provider has another issuer now": (
        MetadataInvalid,
        callback(),
        "Discover",
        {Discover: OTHER_ISSUER},
    ),
    "another iss": (CallbackIssuerMismatch, callback(iss="https://evil.example/"), "Discover", {}),
    "no iss, though promised": (CallbackIssuerMismatch, callback(iss=None), "Discover", {}),
    "another iss, with an error": (
        CallbackIssuerMismatch,
        callback(code=None, error="access_denied", iss="https://evil.example/"),
        "Discover",
        {},
    ),
    "an error": (AuthorizationDenied, ERROR_CALLBACK, "Discover", {}),
    "no answer to the code": (
        ProviderUnreachable,
        callback(),
        "Send",
        {Send: ProviderUnreachable("Gone.")},
    ),
    "the code is refused": (TokenRequestRefused, callback(), "Send", {Send: REFUSED}),
    "no JSON": (TokenResponseInvalid, callback(), "Send", {Send: HttpResponse(200, {}, b"<html>")}),
    "no id_token": (TokenResponseInvalid, callback(), "Send", {Send: token_answer(id_token=None)}),
    "an ID token that is none": (
        IdTokenInvalid,
        callback(),
        "Send",
        {Send: token_answer(id_token="x")},
    ),
    "no keys": (KeysInvalid, callback(), "GetKeys", {GetKeys: KeysInvalid("None.")}),
    "a stranger's signature": (
        IdTokenInvalid,
        callback(),
        "GetKeys",
        {Send: token_answer(id_token(STRANGER))},
    ),
    "an unknown kid": (
        IdTokenInvalid,
        callback(),
        "GetKeys GetKeys",
        {Send: token_answer(id_token(KEY, {"kid": "key-2"}))},
    ),
    **{
        f"{claim} is {value!r}": (
            IdTokenInvalid,
            callback(),
            "GetKeys Now",
            {Send: token_answer(id_token(**{claim: value}))},
        )
        for claim, value in {
            "iss": "https://other.example/",
            "aud": "other",
            "azp": "other",
            "sub": "",
            "exp": NOW - 60,
            "iat": NOW + 61,
            "nonce": "nonce-2",
            "at_hash": "wrong",
        }.items()
    },
    "no nonce": (
        IdTokenInvalid,
        callback(),
        "GetKeys Now",
        {Send: token_answer(id_token(nonce=None))},
    ),
}
STEPS = ["Discover", "Send", "GetKeys", "Now"]


def up_to(last: str, kind: TransactionKind) -> str:
    """Name the effects from the start to the ones that ended it."""
    start = TAKEN if kind is LOGIN else SEEN
    before = STEPS[: STEPS.index(last.split()[0])]
    return " ".join([start, *before, last, TOLD])


@pytest.mark.parametrize("kind", COMPLETE)
@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_on_the_way_writes_no_session(kind: TransactionKind, failure: str) -> None:
    """It stops at the failing step, tells, and raises; the transaction is spent (RFC 9207; OIDC Core, 3.1.3.7)."""
    error, url, last, answers = FAILURES[failure]

    world, raised = failed(kind, answers, url)

    assert error is type(raised)
    assert up_to(last, kind) == world.names
    assert [] == world.written


def test_a_denial_carries_what_the_provider_said() -> None:
    """RFC 6749, 4.1.2.1."""
    _, error = failed(LINK, {}, ERROR_CALLBACK)

    assert isinstance(error, AuthorizationDenied)
    assert ("access_denied", "Not now.") == (error.error, error.error_description)


def test_the_event_of_a_failure_names_the_user_and_the_connection() -> None:
    """Audit logs ask who tried to link what, and where it failed."""
    world, _ = failed(LINK, {Send: REFUSED}, callback())

    assert [
        Event("link.failed", NOW, ISSUER, "auth0|alice", "github", "token_request_refused")
    ] == world.events


@pytest.mark.parametrize("kind", COMPLETE)
def test_an_unknown_kid_is_looked_for_exactly_once_more(kind: TransactionKind) -> None:
    """OIDC Core, 10.1.1: the provider may have rotated its keys since they were fetched."""
    new = SigningKey("key-2")
    world = World(
        {
            TakeTransaction: a_transaction(kind),
            Send: token_answer(id_token(new)),
            GetKeys: [key_set(KEY), key_set(KEY, new)],
        }
    )

    Stepper(COMPLETE[kind](SETTINGS, callback())).run(world.perform)

    asked = [effect for effect in world.effects if isinstance(effect, GetKeys)]
    assert [GetKeys(METADATA.jwks_uri), GetKeys(METADATA.jwks_uri, refetch=True)] == asked


@pytest.mark.parametrize("kind", FOR_SESSION)
@pytest.mark.parametrize("by_any", [False, True])
@pytest.mark.parametrize(
    "answers",
    [
        {Send: token_answer(id_token(sub="auth0|bob"))},
        {LoadSession: a_session(issuer="https://former.example/")},
    ],
)
def test_another_user_is_never_linked_in(
    kind: TransactionKind, by_any: bool, answers: Answers
) -> None:
    """The key of a user is issuer and ``sub`` (OIDC Core, 5.7); nobody is swapped into another account."""
    world, error = failed(kind, answers, callback(), complete_any if by_any else None)

    assert isinstance(error, LinkedUserMismatch)
    assert f"{VALIDATED} Now {TOLD}" == world.names


@pytest.mark.parametrize(
    ("kind", "write"), [(LOGIN, CreateSession), *((kind, UpdateSession) for kind in FOR_SESSION)]
)
def test_a_session_that_cannot_be_saved_fails_the_completion(
    kind: TransactionKind, write: type[Effect[Any]]
) -> None:
    """Saving is the last step, tried once; only the telling comes after."""
    world, error = failed(kind, {write: StoreError("Down.")}, callback())

    assert isinstance(error, StoreError)
    assert world.names.endswith(f"{write.__name__} {TOLD}")
    assert 1 == len(world.written)


@pytest.mark.parametrize("kind", COMPLETE)
def test_a_session_that_cannot_be_loaded_fails_the_completion(kind: TransactionKind) -> None:
    """For a link before anything is sent; for a login before anything is written."""
    world, error = failed(kind, {LoadSession: StoreError("Down.")}, callback())

    assert isinstance(error, StoreError)
    assert [] == world.written


@pytest.mark.parametrize("kind", FOR_SESSION)
def test_a_session_that_vanishes_on_the_way_is_not_brought_back(kind: TransactionKind) -> None:
    """The user signed out while the tokens were fetched."""
    world, error = failed(
        kind, {LoadSession: [a_session(), None], UpdateSession: [False]}, callback()
    )

    assert isinstance(error, SessionChanged)
    assert 1 == len(world.written)


@pytest.mark.parametrize("kind", FOR_SESSION)
def test_a_session_that_keeps_changing_is_given_up(kind: TransactionKind) -> None:
    """After eight attempts, each on what the write before left."""
    world, error = failed(kind, {UpdateSession: False}, callback())

    assert isinstance(error, SessionConflict)
    assert 8 == len(world.written)


class OneTransaction(World):
    """A world in which a transaction can be taken once, as from every store."""

    def __init__(self, transaction: Transaction) -> None:
        self._waiting = [transaction]
        super().__init__({TakeTransaction: self._take})

    def _take(self, effect: TakeTransaction) -> Transaction:
        if not self._waiting:
            raise TransactionAlreadyUsed("This callback was delivered before.")
        return self._waiting.pop()


@given(
    kind=st.sampled_from(list(COMPLETE)),
    by_any=st.lists(st.booleans(), min_size=2, max_size=6),
    schedule=st.lists(st.integers(0, 5), max_size=60),
)
def test_of_callbacks_delivered_at_once_exactly_one_wins(
    kind: TransactionKind, by_any: list[bool], schedule: list[int]
) -> None:
    """In whichever way they interleave: one token request, one session, one event of success."""
    world = OneTransaction(a_transaction(kind))
    racers = [
        Stepper((complete_any if any_ else COMPLETE[kind])(SETTINGS, callback())) for any_ in by_any
    ]

    for number in schedule:
        racer = racers[number % len(racers)]
        if not racer.is_done:
            racer.step(world.perform)
    outcomes = [_outcome(racer, world) for racer in racers]

    assert [f"{kind}.completed"] == [event.name for event in world.events]
    assert 1 == outcomes.count(None)
    assert len(racers) - 1 == outcomes.count(TransactionAlreadyUsed)
    writes = 2 if kind is REAUTHENTICATION else 1
    assert (1, writes) == (world.names.count("Send"), len(world.written))


class OneSession(World):
    """A world with one session, saved by compare-and-set, and a transaction for each of two tabs."""

    def __init__(self, session: Session) -> None:
        self.held: Session | None = session
        super().__init__(
            {
                TakeTransaction: self._take,
                Send: self._send,
                LoadSession: lambda effect: self.held,
                UpdateSession: self._update,
            }
        )

    def _take(self, effect: TakeTransaction) -> Transaction:
        return a_transaction(LINK, state=effect.state, audience=f"urn:{effect.state.reveal()}")

    def _send(self, effect: Send) -> HttpResponse:
        tab = "one" if b"code=one" in effect.request.body else "two"
        return token_answer(id_token(**{f"linked_by_{tab}": True}), access_token=tab)

    def _update(self, effect: UpdateSession) -> bool:
        if self.held is None or self.held.version != effect.session.version:
            return False
        self.held = evolve(effect.session, version=effect.session.version + 1)
        return True


@given(schedule=st.lists(st.booleans(), max_size=40))
def test_two_links_completing_at_once_both_survive(schedule: list[bool]) -> None:
    """Compare-and-set: whichever write comes second is applied to what the first left."""
    world = OneSession(a_session())
    tabs = [
        Stepper(complete_link(SETTINGS, callback(state=name, code=name))) for name in ("one", "two")
    ]

    for second in schedule:
        if not tabs[second].is_done:
            tabs[second].step(world.perform)
    for tab in tabs:
        tab.run(world.perform)

    assert world.held is not None
    assert {"urn:login", "urn:one", "urn:two"} == {held.audience for held in world.held.token_sets}
    assert {"linked_by_one", "linked_by_two"} < set(world.held.user)
    assert 5 == world.held.version


@given(steps=st.integers(0, 20))
def test_a_sign_out_at_any_moment_of_a_link_stays_a_sign_out(steps: int) -> None:
    """Stopping between any two steps is safe, and no step brings an ended session back."""
    world = OneSession(a_session())
    link = Stepper(complete_link(SETTINGS, callback(state="one", code="one")))

    for _ in range(steps):
        if not link.is_done:
            link.step(world.perform)
    world.held = None
    outcome = _outcome(link, world)

    assert world.held is None
    assert outcome in (None, SessionRequired, SessionChanged)


def _outcome(racer: Stepper[Any], world: World) -> type[Exception] | None:
    try:
        racer.run(world.perform)
    except UserlinkError as error:
        return type(error)
    return None


def test_the_redirect_uri_of_the_client_has_no_say_when_completing() -> None:
    """The transaction's own is sent, byte for byte."""
    other = f"{CALLBACK}/of-this-call?x=1"
    world = World({TakeTransaction: a_transaction(redirect_uri=other)})

    Stepper(complete_link(SETTINGS, callback())).run(world.perform)

    (send,) = (effect for effect in world.effects if isinstance(effect, Send))
    assert b"callback%2Fof-this-call%3Fx%3D1" in send.request.body
