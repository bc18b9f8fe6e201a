"""What linking and unlinking share: the session they start from, and its ID token as the hint."""

from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from support.flow_world import (
    ID_TOKEN,
    ISSUER,
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
from userlink.errors import (
    IdTokenInvalid,
    LinkedUserMismatch,
    ProviderUnreachable,
    ReauthenticationRequired,
    SessionChanged,
    SessionIdTokenExpired,
    SessionRequired,
    TokenResponseInvalid,
    UserlinkError,
)
from userlink.protocol.callback import parse_callback
from userlink.protocol.effects import (
    Discover,
    Effect,
    Entropy,
    GetKeys,
    LoadSession,
    Now,
    SaveTransaction,
    Send,
    UpdateSession,
)
from userlink.protocol.flows.identities import Plan, finish_for_session, start_for_session
from userlink.protocol.freshness import NOTHING_ASKED, Authentication, Freshness
from userlink.protocol.options import LinkOptions
from userlink.protocol.session import Session
from userlink.protocol.token_sets import ConnectionTokenSet, RefreshToken, TokenSet
from userlink.protocol.tokens import refresh_parameters
from userlink.protocol.transaction import TransactionKind
from userlink.protocol.values import HttpResponse, Secret
from userlink.testing.script import Stepper, replay

PARAMS = {"redirect_uri": "https://app.example/callback", "scope": "openid"}
RENEWED = id_token(nonce=None, name="Alice B.", exp=NOW + 7200)
ROTATED = evolve(LOGIN_REFRESH_TOKEN, token=Secret("refresh-2"))
REFUSED = json_answer(400, {"error": "invalid_grant"})
ANYTHING = object


def expired(**changes: Any) -> Session:
    """Return a session whose ID token has just run out."""
    return a_session(id_token_expires_at=NOW, **changes)


def start_asking(freshness: Freshness) -> Any:
    """Start a link that asks for an authentication like that."""
    plan = Plan(
        TransactionKind.LINK, PARAMS, {}, LinkOptions("github", "repo"), freshness, freshness
    )
    return start_for_session(SETTINGS, plan)


def start() -> Any:
    """Start a link, as far as links and unlinks are the same."""
    plan = Plan(
        TransactionKind.LINK, PARAMS, {}, LinkOptions("github"), NOTHING_ASKED, NOTHING_ASKED
    )
    return start_for_session(SETTINGS, plan)


def refused(answers: dict[type[Effect[Any]], Any]) -> tuple[World, UserlinkError]:
    """Run a start that fails: no transaction is kept."""
    world = World(answers)
    with pytest.raises(UserlinkError) as caught:
        Stepper(start()).run(world.perform)
    assert "SaveTransaction" not in world.names
    return world, caught.value


@pytest.mark.parametrize(
    "session", [None, a_session(idle_expires_at=NOW), a_session(absolute_expires_at=NOW)]
)
def test_nothing_starts_without_a_live_session(session: Session | None) -> None:
    """The provider is not even discovered."""
    world, error = refused({LoadSession: session})

    assert isinstance(error, SessionRequired)
    assert "Discover" not in world.names


def test_nothing_starts_from_a_session_of_another_provider() -> None:
    """Neither its ID token nor its refresh token is shown to a provider that did not issue them."""
    world, error = refused({LoadSession: expired(issuer="https://former.example/")})

    assert isinstance(error, SessionRequired)
    assert "LoadSession Now Discover" == world.names


@pytest.mark.parametrize(
    ("check", "authentication"),
    [
        ("auth_time", Authentication(None, "gold")),
        ("auth_time", Authentication(NOW - 361, "gold")),
        ("auth_time", Authentication(NOW + 61, "gold")),
        ("acr", Authentication(NOW, "bronze")),
        ("acr", Authentication(NOW)),
    ],
)
def test_nothing_starts_from_a_session_that_is_not_fresh_enough(
    check: str, authentication: Authentication
) -> None:
    """Before any redirect, and before anything is renewed: an idle session is no proof of who sits there."""
    world = World({LoadSession: expired(authentication=authentication)})

    with pytest.raises(ReauthenticationRequired) as caught:
        Stepper(start_asking(Freshness(300, ("gold",)))).run(world.perform)

    assert check == caught.value.check
    assert {"link": {"connection": "github", "connection_scope": "repo"}} == caught.value.options
    assert "LoadSession Now Discover Now" == world.names


@pytest.mark.parametrize("age_seconds", [0, 300, 360, -60])
def test_a_session_that_is_fresh_enough_starts(age_seconds: int) -> None:
    """The provider is asked for the same, and its answer will be measured by it."""
    authentication = Authentication(NOW - age_seconds, "gold")
    world = World({LoadSession: a_session(authentication=authentication)})

    url = Stepper(start_asking(Freshness(300, ("gold",)))).run(world.perform)

    (kept,) = (effect for effect in world.effects if isinstance(effect, SaveTransaction))
    query = parse_qs(urlsplit(url).query)
    assert Freshness(300, ("gold",)) == kept.transaction.freshness
    assert (["300"], ["gold"]) == (query["max_age"], query["acr_values"])


@pytest.mark.parametrize("kind", [TransactionKind.LINK, TransactionKind.UNLINK])
@pytest.mark.parametrize(
    ("check", "claims"),
    [
        ("auth_time", {"acr": "gold"}),
        ("auth_time", {"acr": "gold", "auth_time": NOW - 361}),
        ("auth_time", {"acr": "gold", "auth_time": NOW + 61}),
        ("acr", {"acr": "bronze", "auth_time": NOW}),
        ("acr", {"auth_time": NOW}),
    ],
)
def test_an_answer_that_is_not_fresh_enough_changes_nothing(
    kind: TransactionKind, check: str, claims: dict[str, Any]
) -> None:
    """OIDC Core, 3.1.2.1: providers may ignore both parameters; left out, old, from the future, of another class."""
    transaction = a_transaction(kind, freshness=Freshness(300, ("gold",)))
    world = World({Send: token_answer(id_token(**claims))})

    with pytest.raises(ReauthenticationRequired) as caught:
        Stepper(finish_for_session(SETTINGS, parse_callback(callback()), transaction)).run(
            world.perform
        )

    assert (check, None) == (caught.value.check, caught.value.options)
    assert [] == world.written


def test_an_id_token_past_its_time_is_renewed_first() -> None:
    """OIDC Core, 12.1; saved before the browser leaves, and the hint is the new one."""
    session = expired()
    renewed = evolve(
        session,
        user={"sub": "auth0|alice", "name": "Alice B.", "plan": "gold"},
        id_token=RENEWED,
        id_token_expires_at=NOW + 7200,
        idle_expires_at=NOW + 86_400,
        refresh_token=ROTATED,
        token_sets=(TokenSet("urn:login", Secret("access-2"), "openid", NOW + 600),),
    )
    refresh = sent(refresh_parameters(Secret("refresh-1")))

    url = replay(
        start(),
        [
            (LoadSession(), session),
            (Now(), NOW),
            (Discover(), METADATA),
            (Now(), NOW),
            (refresh, token_answer(RENEWED, refresh_token="refresh-2")),
            (GetKeys(METADATA.jwks_uri), key_set(KEY)),
            (Now(), NOW),
            (Now(), NOW),
            (Now(), NOW),
            (UpdateSession(renewed), True),
            (Now(), NOW),
            (Entropy(64), bytes(64)),
            (SaveTransaction, None),
        ],
    )

    assert [RENEWED.reveal()] == parse_qs(urlsplit(url).query)["id_token_hint"]


@pytest.mark.parametrize(("seconds", "sends"), [(31, 0), (30, 1), (1, 1), (0, 1)])
def test_a_hint_must_still_be_good_when_it_arrives(seconds: int, sends: int) -> None:
    """Within half a minute of its end an ID token is renewed."""
    world = World(
        {
            LoadSession: a_session(id_token_expires_at=NOW + seconds),
            Send: token_answer(RENEWED),
        }
    )

    Stepper(start()).run(world.perform)

    assert sends == world.names.count("Send")


@pytest.mark.parametrize("refresh_token", [None, RefreshToken(Secret("withdrawn"))])
@pytest.mark.parametrize(
    "later", [a_session(id=Secret("session-2")), a_session(idle_expires_at=NOW), None]
)
def test_a_hint_that_cannot_be_renewed_is_used_as_long_as_it_is_good(
    refresh_token: RefreshToken | None, later: Session | None
) -> None:
    """The last half minute counts too; another session that is there by then lends nothing."""
    session = a_session(id_token_expires_at=NOW + 1, refresh_token=refresh_token)
    world = World({LoadSession: [session, later], Send: REFUSED})

    url = Stepper(start()).run(world.perform)

    assert [session.id_token.reveal()] == parse_qs(urlsplit(url).query)["id_token_hint"]


def test_the_refresh_token_stays_when_no_new_one_came() -> None:
    """RFC 6749, 6: providers need not rotate."""
    world = World({LoadSession: expired(), Send: token_answer(RENEWED)})

    Stepper(start()).run(world.perform)

    (update,) = (effect for effect in world.effects if isinstance(effect, UpdateSession))
    assert LOGIN_REFRESH_TOKEN == update.session.refresh_token


LINK_TOKENS = TokenSet("urn:other", Secret("x"), "openid", NOW + 60, TransactionKind.LINK)


def renewed(session: Session, answer: HttpResponse) -> Session:
    """Return what a session is once its ID token was renewed."""
    world = World({LoadSession: session, Send: answer})
    Stepper(start()).run(world.perform)
    (update,) = (effect for effect in world.effects if isinstance(effect, UpdateSession))
    return update.session


def test_what_the_logins_refresh_token_renews_is_filed_as_the_logins() -> None:
    """In the place of what it held for its audience, with the same scope; those of links stay."""
    session = expired(token_sets=(LOGIN_TOKENS, LINK_TOKENS))

    after = renewed(session, token_answer(RENEWED))

    assert after.token_sets == (
        LINK_TOKENS,
        TokenSet("urn:login", Secret("access-2"), "openid", NOW + 600),
    )


@pytest.mark.parametrize("kind", [TransactionKind.LINK, TransactionKind.UNLINK])
@pytest.mark.parametrize("audience", ["urn:other", "urn:login", None])
def test_what_a_links_refresh_token_renews_is_never_filed_as_the_logins(
    kind: TransactionKind, audience: str | None
) -> None:
    """
    It was granted for linking: the application's calls would be made with less than the login was granted.

    The login's own access token stays, though its time may be up.
    """
    refresh_token = RefreshToken(Secret("refresh-link"), audience, "openid link_account", kind)
    session = expired(refresh_token=refresh_token, token_sets=(LOGIN_TOKENS,))

    after = renewed(session, token_answer(RENEWED, refresh_token="refresh-3"))

    came = TokenSet(audience, Secret("access-2"), "openid link_account", NOW + 600, kind)
    expected = (LOGIN_TOKENS,) if audience == "urn:login" else (LOGIN_TOKENS, came)
    assert expected == after.token_sets
    assert evolve(refresh_token, token=Secret("refresh-3")) == after.refresh_token


def test_a_renewal_without_a_new_refresh_token_keeps_what_another_write_left() -> None:
    """Another request rotated it meanwhile; putting the old one back would lose the grant."""
    later = expired(version=4, refresh_token=ROTATED)
    world = World(
        {
            LoadSession: [expired(), later],
            Send: token_answer(RENEWED),
            UpdateSession: [False, True],
        }
    )

    Stepper(start()).run(world.perform)

    saved = [effect.session for effect in world.effects if isinstance(effect, UpdateSession)]
    assert [LOGIN_REFRESH_TOKEN, ROTATED] == [session.refresh_token for session in saved]


@pytest.mark.parametrize(
    ("session", "answer", "written"),
    [
        (expired(refresh_token=None), ANYTHING, 0),  # nothing to renew it with
        (expired(), REFUSED, 0),  # the grant was withdrawn
        (expired(), token_answer(id_token=None, refresh_token="refresh-2"), 1),  # rotated, kept
    ],
)
def test_an_id_token_that_cannot_be_renewed_is_expired(
    session: Session, answer: object, written: int
) -> None:
    """No grant, a refused grant, an answer without ID token (optional: OIDC Core, 12.2)."""
    world, error = refused({LoadSession: session, Send: answer})

    assert isinstance(error, SessionIdTokenExpired)
    assert written == len(world.written)


def test_a_rotated_refresh_token_is_kept_though_no_id_token_came() -> None:
    """The old one is spent: losing the new one would sign the user out."""
    answer = token_answer(id_token=None, refresh_token="refresh-2")
    world, _ = refused({LoadSession: expired(), Send: answer})

    (update,) = (effect for effect in world.effects if isinstance(effect, UpdateSession))
    assert ROTATED == update.session.refresh_token
    assert expired().id_token == update.session.id_token


@pytest.mark.parametrize(
    ("error", "answers"),
    [
        (ProviderUnreachable, {Send: ProviderUnreachable("Gone.")}),
        (ProviderUnreachable, {Discover: ProviderUnreachable("Gone.")}),
        (TokenResponseInvalid, {Send: HttpResponse(500, {}, b"oops")}),
        (IdTokenInvalid, {Send: token_answer(id_token(iss="https://other.example/"))}),
        (IdTokenInvalid, {Send: token_answer(id_token(exp=NOW - 60))}),
        (LinkedUserMismatch, {Send: token_answer(id_token(sub="auth0|bob", nonce=None))}),
        (SessionChanged, {LoadSession: [expired(), None], UpdateSession: False}),
    ],
)
def test_what_goes_wrong_while_renewing_comes_out_as_it_is(
    error: type[UserlinkError], answers: dict[type[Effect[Any]], Any]
) -> None:
    """A provider that fails is no reason to ask the user to sign in again; another's token never comes in."""
    usual = {LoadSession: expired(), Send: token_answer(RENEWED)}

    world, raised = refused({**usual, **answers})

    assert error is type(raised)
    if error is not SessionChanged:
        assert [] == world.written


class OneGrant(World):
    """A world with one session, whose refresh token is good for one use."""

    def __init__(self) -> None:
        self.held = expired()
        self.grants = {b"refresh_token=refresh-1"}
        super().__init__(
            {LoadSession: lambda effect: self.held, Send: self._send, UpdateSession: self._update}
        )

    def _send(self, effect: Send) -> HttpResponse:
        spent = next((grant for grant in self.grants if grant in effect.request.body), None)
        if spent is None:
            return REFUSED
        self.grants = {b"refresh_token=refresh-2"}
        return token_answer(RENEWED, refresh_token="refresh-2")

    def _update(self, effect: UpdateSession) -> bool:
        if self.held.version != effect.session.version:
            return False
        self.held = evolve(effect.session, version=effect.session.version + 1)
        return True


def test_a_renewal_by_another_tab_serves_this_one_too() -> None:
    """Where refresh tokens rotate, the second tab is refused: by then the session holds a fresh ID token."""
    world = OneGrant()
    slow, fast = Stepper(start()), Stepper(start())
    while not isinstance(slow.effect, Send):
        slow.step(world.perform)

    fast.run(world.perform)
    url = slow.run(world.perform)

    assert [RENEWED.reveal()] == parse_qs(urlsplit(url).query)["id_token_hint"]


@given(schedule=st.lists(st.booleans(), max_size=40))
def test_two_tabs_never_lose_a_rotated_refresh_token(schedule: list[bool]) -> None:
    """However two starts interleave, the session ends with the newest refresh token and ID token."""
    world = OneGrant()
    tabs = Stepper(start()), Stepper(start())

    for second in schedule:
        if not tabs[second].is_done:
            tabs[second].step(world.perform)
    for tab in tabs:
        with suppress(SessionIdTokenExpired):  # refused while the other tab had not saved yet
            tab.run(world.perform)

    assert (RENEWED, ROTATED) == (world.held.id_token, world.held.refresh_token)


def test_what_a_link_brings_is_merged_into_the_session_at_hand() -> None:
    """After a lost race, into what the other request left."""
    changed = evolve(a_session(), version=4, user={"sub": "auth0|alice", "plan": "platinum"})
    world = World({LoadSession: [a_session(), changed], UpdateSession: [False, True]})
    flow = finish_for_session(
        SETTINGS, parse_callback(callback()), a_transaction(TransactionKind.LINK)
    )

    after = Stepper(flow).run(world.perform)

    assert {"sub": "auth0|alice", "name": "Alice", "plan": "platinum"} == after.user
    assert (ISSUER, ID_TOKEN, 5) == (after.issuer, after.id_token, after.version)


@pytest.mark.parametrize("kind", [TransactionKind.LINK, TransactionKind.UNLINK])
def test_the_tokens_of_the_connection_go_in_the_same_write(kind: TransactionKind) -> None:
    """Also those that another request has just saved; other connections keep theirs."""
    github = ConnectionTokenSet("github", "1002", Secret("g"), "gist", NOW + 60)
    google = ConnectionTokenSet("google-oauth2", None, Secret("h"), "email", NOW + 60)
    changed = a_session(connection_token_sets=(github, google), version=4)
    world = World({LoadSession: [a_session(), changed], UpdateSession: [False, True]})

    flow = finish_for_session(SETTINGS, parse_callback(callback()), a_transaction(kind))
    after = Stepper(flow).run(world.perform)

    assert (google,) == after.connection_token_sets
