"""Renewing tokens: one request at a time for a session, and nothing of what it brings is lost."""

from typing import Any
from urllib.parse import parse_qs

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from support.flow_world import (
    KEY,
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
    json_answer,
    key_set,
    sent,
    token_answer,
)
from support.renewing_world import REFUSED, RENEWED, RenewingWorld
from userlink.errors import (
    GrantRefused,
    IdTokenInvalid,
    InsufficientScope,
    LinkedUserMismatch,
    ProviderUnreachable,
    RefreshTokenMissing,
    SessionChanged,
    SessionConflict,
    SessionTooLarge,
    StoreError,
    TokenRequestRefused,
    TokenResponseInvalid,
    UserlinkError,
)
from userlink.protocol.callback import parse_callback
from userlink.protocol.effects import (
    Effect,
    Entropy,
    FindRenewal,
    ForgetRenewal,
    GetKeys,
    KeepRenewal,
    LoadSession,
    Now,
    Pause,
    Send,
    TakeTransaction,
    UpdateSession,
)
from userlink.protocol.flows.link import finish_link
from userlink.protocol.flows.renewal import Renewed, renewed, settled
from userlink.protocol.renewal import Renewal, RenewalRequest
from userlink.protocol.renewal_lease import RenewalLease
from userlink.protocol.session import Session
from userlink.protocol.token_sets import TokenSet
from userlink.protocol.tokens import parse_token_response, refresh_parameters
from userlink.protocol.transaction import TransactionKind
from userlink.protocol.values import HttpResponse, Secret
from userlink.testing.script import Stepper, replay

CALLERS = 4
REVOKING = evolve(METADATA, revocation_endpoint="https://tenant.example/revoke")
LEASE_SECONDS = 15  # the time-out of a request and a margin


def suffices(session: Session, moment: int) -> bool:
    """Tell whether the login's access token is good."""
    held = session.token_set_for("urn:login")
    return held is not None and held.is_good_at(moment)


def asks(session: Session) -> RenewalRequest:
    """Send the refresh token for what it came with."""
    if session.refresh_token is None:
        raise RefreshTokenMissing("None.")
    return RenewalRequest.usual(session.refresh_token)


def start(session: Session) -> Stepper[Renewed]:
    """Start to renew a session."""
    return Stepper(renewed(SETTINGS, METADATA, session, suffices, asks))


def run(world: RenewingWorld) -> Renewed:
    """Renew the world's session."""
    return start(world.session).run(world.perform)


def fail(world: RenewingWorld) -> UserlinkError:
    """Renew the world's session, which fails."""
    with pytest.raises(UserlinkError) as caught:
        run(world)
    return caught.value


def up_to(kind: type[Effect[Any]], flow: Stepper[Any], world: World) -> None:
    """Let a flow run until it waits for the answer to an effect of this kind."""
    while not isinstance(flow.effect, kind):
        flow.step(world.perform)


def finish_together(flows: list[Stepper[Any]], world: World) -> None:
    """Step flows in turns until all have ended."""
    while not all(flow.is_done for flow in flows):
        for flow in flows:
            if not flow.is_done:
                flow.step(world.perform)


def test_a_session_is_renewed_in_this_order() -> None:
    """The lease is written before anything is sent; what comes is kept, checked, saved, and no longer kept."""
    session = a_session(token_sets=())
    lease = RenewalLease("AAAAAAAAAAAA", NOW + LEASE_SECONDS)
    leased = evolve(session, renewal_lease=lease)
    answer = token_answer(RENEWED, refresh_token="refresh-2")
    request = RenewalRequest.usual(LOGIN_REFRESH_TOKEN)
    renewal = Renewal(
        request, parse_token_response(answer), NOW, session.id_token, session.absolute_expires_at
    )
    after = evolve(
        session,
        version=4,
        user={"sub": "auth0|alice", "name": "Alice B.", "plan": "gold"},
        id_token=RENEWED,
        id_token_expires_at=NOW + 7200,
        idle_expires_at=NOW + 86_400,
        refresh_token=evolve(LOGIN_REFRESH_TOKEN, token=Secret("refresh-2")),
        token_sets=(TokenSet("urn:login", Secret("access-2"), "openid", NOW + 600),),
    )

    outcome = replay(
        renewed(SETTINGS, METADATA, session, suffices, asks),
        [
            (Now(), NOW),
            (FindRenewal(Secret("refresh-1")), None),
            (Entropy(9), bytes(9)),
            (UpdateSession(leased), True),
            (evolve(sent(refresh_parameters(Secret("refresh-1"))), shielded=True), answer),
            (Now(), NOW),
            (KeepRenewal(renewal), None),
            (GetKeys(METADATA.jwks_uri), key_set(KEY)),
            (Now(), NOW),
            (UpdateSession(after), True),
            (ForgetRenewal(renewal), None),
        ],
    )

    assert (evolve(after, version=5), renewal) == outcome


def test_the_lease_outlives_the_request() -> None:
    """A client with a longer time-out has a longer lease; else another would send the same refresh token."""
    world = RenewingWorld()
    flow = renewed(evolve(SETTINGS, timeout_seconds=29.5), METADATA, world.session, suffices, asks)
    stepper = Stepper(flow)

    up_to(Send, stepper, world)

    assert world.session.renewal_lease is not None
    assert NOW + 35 == world.session.renewal_lease.expires_at


def test_nothing_is_sent_without_a_refresh_token() -> None:
    """Nor is a lease written."""
    world = RenewingWorld(a_session(refresh_token=None))

    assert isinstance(fail(world), RefreshTokenMissing)
    assert "" == world.names


# ------------------------------------------------------------------------------- one at a time


@given(schedule=st.lists(st.integers(0, CALLERS - 1), max_size=60))
def test_of_many_at_once_one_sends_and_all_are_served(schedule: list[int]) -> None:
    """However they interleave (RFC 9700, 4.14.2): the newest refresh token is in the session."""
    world = RenewingWorld()
    flows = [start(world.session) for _ in range(CALLERS)]

    for number in schedule:
        if not flows[number].is_done:
            flows[number].step(world.perform)
    finish_together(flows, world)

    sessions = [flow.result()[0] for flow in flows]
    assert 1 == len(world.sent)
    assert all(suffices(session, NOW + 30) for session in sessions)
    assert world.session.refresh_token is not None
    assert Secret("refresh-2") == world.session.refresh_token.token == world.newest_refresh_token
    assert (None, {}) == (world.session.renewal_lease, world.kept)


@given(schedule=st.lists(st.integers(0, 2), max_size=60))
def test_a_link_and_renewals_lose_nothing_of_each_other(schedule: list[int]) -> None:
    """
    What each brings is in the session.

    The ID token is the link's, which knows of the new identity, unless the renewal was sent for after that.
    """
    session = a_session(token_sets=(evolve(LOGIN_TOKENS, expires_at=NOW),))
    linked = id_token(name="Alice", identities=["github"])
    transaction = a_transaction(TransactionKind.LINK, audience="urn:link")
    world = RenewingWorld(session, {TakeTransaction: transaction})
    renewals = [start(session), start(session)]
    link = Stepper(finish_link(SETTINGS, parse_callback(callback()), transaction))
    flows: list[Stepper[Any]] = [*renewals, link]

    link_came_first = False

    def perform(effect: Effect[Any]) -> object:
        nonlocal link_came_first
        if isinstance(effect, Send) and b"authorization_code" in effect.request.body:
            return token_answer(linked, access_token="of the link")
        if isinstance(effect, Send):
            link_came_first = link.is_done
        return world.perform(effect)

    def step(flow: Stepper[Any]) -> None:
        if not flow.is_done:
            flow.step(perform)

    for number in schedule:
        step(flows[number])
    while not all(flow.is_done for flow in flows):
        for flow in flows:
            step(flow)

    assert 1 == len(world.sent)
    for flow in flows:
        flow.result()
    after = world.session
    assert after.refresh_token is not None
    assert world.newest_refresh_token == after.refresh_token.token
    assert {"urn:login": Secret("access-2"), "urn:link": Secret("of the link")} == {
        held.audience: held.access_token for held in after.token_sets
    }
    assert ["github"] == after.user["identities"]
    assert after.id_token == linked or link_came_first


def test_who_waits_looks_again_at_growing_intervals() -> None:
    """A provider answers within a few hundred milliseconds; a store is not asked a hundred times for that."""
    world = RenewingWorld()
    holder = start(world.session)
    up_to(Send, holder, world)
    waiter = start(world.session)

    for _ in range(30):
        waiter.step(world.perform)

    pauses = [effect.milliseconds for effect in world.effects if isinstance(effect, Pause)]
    assert [25, 50, 100, 200, 200] == pauses[:5]


def test_who_waited_is_given_a_token_however_short_it_lives() -> None:
    """It is new; another would live no longer, and each of many would ask for its own."""
    world = RenewingWorld(expires_in=5)
    holder, waiter = start(world.session), start(world.session)
    up_to(Send, holder, world)
    up_to(Pause, waiter, world)

    holder.run(world.perform)
    session, renewal = waiter.run(world.perform)

    assert (1, None) == (len(world.sent), renewal)
    assert suffices(session, NOW)


def test_a_renewal_that_does_not_suffice_is_followed_by_another() -> None:
    """The one that was waited for was for another audience: by the new refresh token, one is sent for this one."""
    world = RenewingWorld()

    def elsewhere(session: Session) -> RenewalRequest:
        return evolve(asks(session), audience="urn:other", parameters={"audience": "urn:other"})

    other = Stepper(renewed(SETTINGS, METADATA, world.session, lambda *_: False, elsewhere))
    this = start(world.session)
    up_to(Send, other, world)
    up_to(Pause, this, world)

    other.run(world.perform)
    this.run(world.perform)

    assert ["refresh-1", "refresh-2"] == [form["refresh_token"] for form in world.sent]
    assert {"urn:other", "urn:login"} == {held.audience for held in world.session.token_sets}


def test_a_holder_that_was_killed_costs_the_time_of_its_lease() -> None:
    """Its lease is over by the clock; the next one sends."""
    world = RenewingWorld()
    world.passes = True
    killed, waiter = start(world.session), start(world.session)
    up_to(Send, killed, world)

    waiter.run(world.perform)

    assert 1 == len(world.sent)
    assert LEASE_SECONDS == world.now - NOW


def test_a_lease_is_over_though_clocks_differ() -> None:
    """The holder's was an hour ahead, or this one stands still: what was spent waiting counts."""
    lease = RenewalLease("of a process that died", NOW + 3600)
    world = RenewingWorld(a_session(token_sets=(), renewal_lease=lease))

    run(world)

    waited = sum(effect.milliseconds for effect in world.effects if isinstance(effect, Pause))
    assert LEASE_SECONDS * 1000 <= waited < LEASE_SECONDS * 1000 + 200


def test_a_lease_that_another_took_over_is_waited_for_anew() -> None:
    """Whoever holds it now has all of its time."""
    world = RenewingWorld()
    up_to(Send, start(world.session), world)
    first_lease, waiter = world.session.renewal_lease, start(world.session)
    up_to(Pause, waiter, world)
    world.now += LEASE_SECONDS
    second = start(world.session)
    up_to(Send, second, world)
    assert first_lease != world.session.renewal_lease

    for _ in range(8):
        waiter.step(world.perform)
    second.run(world.perform)
    waiter.run(world.perform)

    assert 1 == len(world.sent)


def test_whoever_takes_a_lease_over_has_all_of_its_time() -> None:
    """What was spent waiting for the holder before does not count against the one that holds it now."""
    world = RenewingWorld()
    up_to(Send, start(world.session), world)
    waiter = start(world.session)

    def pauses() -> list[int]:
        return [effect.milliseconds for effect in world.effects if isinstance(effect, Pause)]

    while sum(pauses()) < 10_000:
        waiter.step(world.perform)
    before = len(pauses())
    world.now += LEASE_SECONDS
    up_to(Send, start(world.session), world)
    while sum(pauses()) < 20_000:
        waiter.step(world.perform)

    assert [] == world.sent
    assert 25 in pauses()[before:]  # the new holder may be done soon


def test_a_lease_is_over_at_the_second_it_says() -> None:
    """Nobody waits for it then."""
    world = RenewingWorld(a_session(token_sets=(), renewal_lease=RenewalLease("a", NOW)))

    run(world)

    assert [] == [effect for effect in world.effects if isinstance(effect, Pause)]


def test_a_session_that_others_keep_changing_is_a_conflict() -> None:
    """There is an end to it."""
    world = RenewingWorld(answers={UpdateSession: False})

    assert isinstance(fail(world), SessionConflict)
    assert [] == world.sent


def test_a_session_that_was_changed_is_looked_at_again() -> None:
    """By who was too late for the lease: the other one's write may have brought what is missing."""
    renewed_elsewhere = a_session(version=4)
    world = RenewingWorld(
        answers={UpdateSession: False, LoadSession: evolve(renewed_elsewhere, token_sets=(GOOD,))}
    )

    session, renewal = run(world)

    assert ((GOOD,), None, []) == (session.token_sets, renewal, world.sent)


GOOD = evolve(LOGIN_TOKENS, expires_at=NOW + 600)


@pytest.mark.parametrize(
    "later", [None, a_session(id=Secret("session-2")), a_session(idle_expires_at=NOW)]
)
def test_a_session_that_ends_while_it_is_waited_for_is_not_renewed(later: Session | None) -> None:
    """The user has signed out, or another has signed in."""
    world = RenewingWorld()
    holder, waiter = start(world.session), start(world.session)
    up_to(Send, holder, world)
    up_to(Pause, waiter, world)
    world.held = later

    with pytest.raises(SessionChanged):
        waiter.run(world.perform)


# ------------------------------------------------------------------------------- what fails

UNREACHABLE = ProviderUnreachable("Gone.")
OTHER_USER = id_token(sub="auth0|bob", nonce=None)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (REFUSED, GrantRefused),
        (json_answer(401, {"error": "invalid_client"}), TokenRequestRefused),
        (json_answer(400, {"error": "invalid_scope"}), TokenRequestRefused),
        (HttpResponse(500, {}, b"oops"), TokenResponseInvalid),
        (UNREACHABLE, ProviderUnreachable),
        (token_answer(OTHER_USER, refresh_token="refresh-2"), LinkedUserMismatch),
        (token_answer(id_token(iss="https://other.example/")), IdTokenInvalid),
        (token_answer(id_token(exp=NOW - 60)), IdTokenInvalid),
        (token_answer(id_token(auth_time=True)), IdTokenInvalid),
        (token_answer(id_token(at_hash="of another access token")), IdTokenInvalid),
    ],
)
def test_whatever_fails_the_session_is_as_it_was(answer: Any, error: type[UserlinkError]) -> None:
    """But for the lease, which is over; nothing of another user's is kept either."""
    world = RenewingWorld()
    world.answer = answer
    before = world.session

    raised = fail(world)

    assert error is type(raised)
    left = world.session.renewal_lease
    assert left is None or (left.failure, NOW + 5) == (raised.code, left.expires_at)
    assert before == evolve(world.session, renewal_lease=None, version=before.version)
    assert {} == world.kept


def test_a_refused_scope_is_insufficient() -> None:
    """RFC 6749, 5.2: where one was asked for."""
    world = RenewingWorld()
    world.answer = json_answer(400, {"error": "invalid_scope"})

    def asks_more(session: Session) -> RenewalRequest:
        return evolve(asks(session), parameters={"scope": "openid admin"})

    flow = Stepper(renewed(SETTINGS, METADATA, world.session, suffices, asks_more))
    with pytest.raises(InsufficientScope):
        flow.run(world.perform)

    assert world.session.renewal_lease is None


@pytest.mark.parametrize(
    ("answer", "error"), [(REFUSED, GrantRefused), (UNREACHABLE, ProviderUnreachable)]
)
def test_who_waited_for_a_failure_fails_alike(answer: Any, error: type[UserlinkError]) -> None:
    """Twenty callers do not each send a dead grant, nor wait for a dead provider one after the other."""
    world = RenewingWorld()
    world.answer = answer
    flows = [start(world.session) for _ in range(CALLERS)]
    up_to(Send, flows[0], world)
    for flow in flows[1:]:
        up_to(Pause, flow, world)

    finish_together(flows, world)

    assert [error] * CALLERS == [type(flow.error) for flow in flows]
    assert 1 == len(world.sent)


def test_a_refused_grant_is_not_sent_again_at_once() -> None:
    """Nor by who comes a moment later; after that, one more try may show otherwise."""
    world = RenewingWorld()
    world.answer = REFUSED
    first = fail(world)

    second = fail(world)
    assert 1 == len(world.sent)
    for refused in (first, second):
        assert isinstance(refused, GrantRefused)
        assert ("invalid_grant", 400) == (refused.error, refused.status)
        assert "refused" in str(refused)
    world.now += 5
    world.answer = None
    run(world)

    assert 2 == len(world.sent)


def test_a_provider_that_did_not_answer_is_asked_again_by_who_comes_later() -> None:
    """That was then."""
    world = RenewingWorld()
    world.answer = UNREACHABLE
    assert isinstance(fail(world), ProviderUnreachable)
    world.answer = None

    run(world)

    assert 2 == len(world.sent)


def test_a_refusal_is_none_when_another_refresh_token_has_come_meanwhile() -> None:
    """The lease was over before its request was: what that one brought is in the session now."""
    world = RenewingWorld()
    slow, fast = start(world.session), start(world.session)
    up_to(Send, slow, world)
    world.now += LEASE_SECONDS

    fast.run(world.perform)
    session, renewal = slow.run(world.perform)

    assert (2, None) == (len(world.sent), renewal)
    assert suffices(session, NOW)


def test_a_lease_that_cannot_be_given_up_is_over_after_its_time() -> None:
    """What failed comes out, not that."""
    world = RenewingWorld()
    world.answer = REFUSED
    leases = [world.session]
    world.store_fails = lambda session: StoreError("down") if leases.pop() is None else None
    leases.insert(0, None)  # type: ignore[arg-type]  # the second write fails

    assert isinstance(fail(world), GrantRefused)


def test_a_lease_that_another_holds_is_not_given_up() -> None:
    """It was over before the answer came."""
    world = RenewingWorld()
    slow, fast = start(world.session), start(world.session)
    up_to(Send, slow, world)
    world.now += LEASE_SECONDS
    up_to(Send, fast, world)
    lease = world.session.renewal_lease

    slow.answer(UNREACHABLE)
    with pytest.raises(ProviderUnreachable):
        slow.run(world.perform)

    assert lease is not None
    assert lease == world.session.renewal_lease


def test_giving_up_the_lease_loses_no_other_write() -> None:
    """A link has come meanwhile: the lease is taken from what it left."""
    world = RenewingWorld()
    flow = start(world.session)
    up_to(Send, flow, world)
    world.held = evolve(world.session, version=9, sid="of the link")

    flow.answer(json_answer(401, {"error": "invalid_client"}))
    with pytest.raises(TokenRequestRefused):
        flow.run(world.perform)

    assert ("of the link", None) == (world.session.sid, world.session.renewal_lease)


def test_giving_up_the_lease_has_an_end() -> None:
    """Others keep writing; the error comes out all the same."""
    world = RenewingWorld()
    flow = start(world.session)
    up_to(Send, flow, world)
    leased = world.session
    flow.answer(UNREACHABLE)
    losing = World({UpdateSession: False, LoadSession: leased})

    with pytest.raises(ProviderUnreachable):
        flow.run(losing.perform)


# ------------------------------------------------------------------------ what cannot be saved


def failing(times: int, error: UserlinkError) -> Any:
    """Fail these many writes of what a renewal brought; those of a lease succeed."""
    left = [error] * times

    def store_fails(session: Session) -> Exception | None:
        return left.pop() if session.renewal_lease is None and left else None

    return store_fails


@pytest.mark.parametrize("error", [StoreError("down"), SessionConflict("busy")])
def test_saving_is_tried_again(error: UserlinkError) -> None:
    """A database that fails over is back in a moment."""
    world = RenewingWorld()
    world.store_fails = failing(3, error)

    run(world)

    assert world.session.refresh_token is not None
    assert world.newest_refresh_token == world.session.refresh_token.token
    assert {} == world.kept
    assert [100, 400, 1500] == [e.milliseconds for e in world.effects if isinstance(e, Pause)]


def test_what_cannot_be_saved_is_kept_and_saved_by_the_next_call() -> None:
    """The caller has its token; the refresh token that was spent is not sent again (RFC 9700, 4.14.2)."""
    world = RenewingWorld()
    before = world.session
    world.store_fails = failing(4, StoreError("down"))

    session, renewal = run(world)

    assert renewal is not None
    assert suffices(session, NOW)
    assert before == evolve(world.session, renewal_lease=None, version=before.version)
    assert [Secret("refresh-1")] == list(world.kept)

    session, renewal = run(world)

    assert (1, None, {}) == (len(world.sent), renewal, world.kept)
    assert world.session.refresh_token is not None
    assert world.newest_refresh_token == world.session.refresh_token.token
    assert suffices(session, NOW)


def test_what_other_writes_keep_from_being_saved_is_kept_too() -> None:
    """The caller has its token all the same."""

    def writes_leases(effect: UpdateSession) -> bool:
        return effect.session.renewal_lease is not None

    world = RenewingWorld(answers={UpdateSession: writes_leases})

    session, renewal = run(world)

    assert renewal is not None
    assert suffices(session, NOW)
    assert [Secret("refresh-1")] == list(world.kept)


def test_what_is_kept_and_has_expired_still_brings_the_refresh_token() -> None:
    """The next request is by that one."""
    world = RenewingWorld()
    world.store_fails = failing(4, StoreError("down"))
    run(world)
    world.now += 900  # also past the ID token's time, had it been shorter

    run(world)

    assert ["refresh-1", "refresh-2"] == [form["refresh_token"] for form in world.sent]
    assert world.session.refresh_token is not None
    assert world.newest_refresh_token == world.session.refresh_token.token


def test_an_id_token_that_was_kept_is_judged_as_of_when_it_came() -> None:
    """Nothing is wrong with it, and the refresh token beside it is the only one there is."""
    world = RenewingWorld(
        a_session(token_sets=(), idle_expires_at=NOW + 9999, absolute_expires_at=NOW + 9999)
    )
    world.store_fails = failing(4, StoreError("down"))
    run(world)
    world.now, world.members["id_token"] = NOW + 8000, None

    run(world)

    assert ["refresh-1", "refresh-2"] == [form["refresh_token"] for form in world.sent]


@pytest.mark.parametrize("given", [None, "refresh-1"])
def test_nothing_is_kept_where_the_refresh_token_stays(given: str | None) -> None:
    """It can be sent again (RFC 6749, 6)."""
    world = RenewingWorld(refresh_token=given)
    world.store_fails = failing(4, StoreError("down"))

    session, _ = run(world)

    assert suffices(session, NOW)
    assert {} == world.kept


def test_nothing_is_sent_when_not_even_the_lease_can_be_written() -> None:
    """The refresh token is not risked on a store that is down."""
    world = RenewingWorld()
    world.store_fails = lambda session: StoreError("down")

    assert isinstance(fail(world), StoreError)
    assert [] == world.sent


def test_what_does_not_fit_into_cookies_is_said_and_leaves_the_refresh_token() -> None:
    """The application must hear of it; another audience's token may fit, and is then renewed by the newest."""
    world = RenewingWorld()
    world.store_fails = lambda session: SessionTooLarge("too large") if session.token_sets else None

    assert isinstance(fail(world), SessionTooLarge)
    assert isinstance(fail(world), SessionTooLarge)

    assert ["refresh-1", "refresh-2"] == [form["refresh_token"] for form in world.sent]
    assert ({}, None) == (world.kept, world.session.renewal_lease)
    assert world.session.refresh_token is not None
    assert world.newest_refresh_token == world.session.refresh_token.token


def test_what_does_not_fit_and_has_not_rotated_is_forgotten() -> None:
    """Kept, it would be in the way of every other renewal by that refresh token."""
    world = RenewingWorld(refresh_token=None)
    world.store_fails = lambda session: SessionTooLarge("too large") if session.token_sets else None

    assert isinstance(fail(world), SessionTooLarge)

    assert ({}, None) == (world.kept, world.session.renewal_lease)


def test_a_refresh_token_that_does_not_fit_either_is_kept() -> None:
    """Nothing of it is lost while the process runs."""
    world = RenewingWorld()
    flow = start(world.session)
    up_to(GetKeys, flow, world)
    world.store_fails = lambda session: SessionTooLarge("too large")

    with pytest.raises(SessionTooLarge):
        flow.run(world.perform)
    world.held = evolve(world.session, renewal_lease=None)

    assert isinstance(fail(world), SessionTooLarge)
    assert (1, [Secret("refresh-1")]) == (len(world.sent), list(world.kept))


def test_what_was_brought_for_a_session_that_has_ended_is_forgotten() -> None:
    """The user has signed out meanwhile."""
    world = RenewingWorld()
    flow = start(world.session)
    up_to(GetKeys, flow, world)
    world.held = None

    with pytest.raises(SessionChanged):
        flow.run(world.perform)

    assert {} == world.kept


@pytest.mark.parametrize(("rotates", "revoked"), [("refresh-2", ["refresh-2"]), (None, [])])
def test_a_refresh_token_for_a_session_that_has_ended_is_revoked(
    rotates: str | None, revoked: list[str]
) -> None:
    """The logout knew the one before, which is worth nothing by now (RFC 7009)."""
    sent: list[str] = []

    def answer(effect: Send) -> HttpResponse:
        form = parse_qs(effect.request.body.decode())
        if effect.request.url == REVOKING.revocation_endpoint:
            sent.extend(form["token"])
            return HttpResponse(200)
        return token_answer(RENEWED, refresh_token=rotates)

    world = RenewingWorld(answers={Send: answer})
    flow = Stepper(renewed(SETTINGS, REVOKING, world.session, suffices, asks))
    up_to(GetKeys, flow, world)
    world.held = None

    with pytest.raises(SessionChanged):
        flow.run(world.perform)

    assert (revoked, {}) == (sent, world.kept)


# ------------------------------------------------------------------------ waiting for others


@pytest.mark.parametrize(
    "session", [a_session(), a_session(refresh_token=None, renewal_lease=RenewalLease("a", NOW))]
)
def test_a_session_that_nobody_renews_is_settled(session: Session) -> None:
    """Nothing is looked at."""
    assert session is replay(settled(SETTINGS, session), [])


def test_a_session_is_settled_when_its_renewal_is_saved() -> None:
    """The refresh token that came is there, and the one that was sent goes nowhere else."""
    world = RenewingWorld()
    holder = start(world.session)
    up_to(Send, holder, world)
    waiter = Stepper(settled(SETTINGS, world.session))

    finish_together([waiter, holder], world)

    session = waiter.result()
    assert session.refresh_token is not None
    assert world.newest_refresh_token == session.refresh_token.token


def test_a_session_is_not_settled_while_another_has_taken_the_lease_over() -> None:
    """The first was killed; the second sends the same refresh token, and what comes for it must be there."""
    world = RenewingWorld()
    up_to(Send, start(world.session), world)
    waiter = Stepper(settled(SETTINGS, world.session))
    up_to(Pause, waiter, world)
    world.now += LEASE_SECONDS
    second = start(world.session)
    up_to(Send, second, world)

    for _ in range(20):
        waiter.step(world.perform)
    assert not waiter.is_done
    second.run(world.perform)
    session = waiter.run(world.perform)

    assert session.refresh_token is not None
    assert world.newest_refresh_token == session.refresh_token.token


def test_a_session_that_others_keep_renewing_is_never_settled() -> None:
    """There is an end to waiting for them."""
    numbers = iter(range(1000))

    def renewing(effect: Effect[Any]) -> Session:
        return a_session(renewal_lease=RenewalLease(str(next(numbers)), NOW + LEASE_SECONDS))

    with pytest.raises(SessionConflict):
        Stepper(settled(SETTINGS, renewing(LoadSession()))).run(
            RenewingWorld(answers={LoadSession: renewing}).perform
        )


def test_a_session_is_settled_by_what_a_cancelled_task_had_received() -> None:
    """It is saved by whoever needs it first."""
    world = RenewingWorld()
    cancelled = start(world.session)
    up_to(GetKeys, cancelled, world)

    session = Stepper(settled(SETTINGS, world.session)).run(world.perform)

    assert session.refresh_token is not None
    assert (world.newest_refresh_token, {}) == (session.refresh_token.token, world.kept)


@pytest.mark.parametrize("answer", [REFUSED, UNREACHABLE])
def test_a_session_whose_renewal_failed_is_settled(answer: HttpResponse | Exception) -> None:
    """The failure is for those who would renew."""
    world = RenewingWorld()
    holder = start(world.session)
    up_to(Send, holder, world)
    waiter = Stepper(settled(SETTINGS, world.session))
    up_to(Pause, waiter, world)
    world.answer = answer
    with pytest.raises(UserlinkError):
        holder.run(world.perform)

    assert world.session == waiter.run(world.perform)


def test_keys_that_cannot_be_had_cost_no_refresh_token() -> None:
    """The answer is kept, and checked by the next call."""
    world = RenewingWorld(answers={GetKeys: [UNREACHABLE, key_set(KEY)]})

    assert isinstance(fail(world), ProviderUnreachable)
    session, _ = run(world)

    assert 1 == len(world.sent)
    assert suffices(session, NOW)
    assert world.session.refresh_token is not None
    assert world.newest_refresh_token == world.session.refresh_token.token


def test_what_a_cancelled_task_had_received_is_taken_over() -> None:
    """Its lease stands, but after a second others look among what is kept."""
    world = RenewingWorld()
    cancelled = start(world.session)
    up_to(GetKeys, cancelled, world)
    waiter = start(world.session)

    session, renewal = waiter.run(world.perform)

    waited = sum(effect.milliseconds for effect in world.effects if isinstance(effect, Pause))
    assert (1, None, None) == (len(world.sent), renewal, world.session.renewal_lease)
    assert 1000 <= waited < 1200
    assert suffices(session, NOW)


def test_no_id_token_in_the_answer_keeps_the_old_one() -> None:
    """OIDC Core, 12.2: it is optional there; the rest comes in."""
    world = RenewingWorld(id_token=None)
    before = world.session

    run(world)

    assert before.id_token == world.session.id_token
    assert before.refresh_token != world.session.refresh_token
    assert suffices(world.session, NOW)
