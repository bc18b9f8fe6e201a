"""What linking and unlinking share: the session they start from, and its ID token as the hint."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from support.flow_world import (
    ID_TOKEN,
    ISSUER,
    LOGIN_REFRESH_TOKEN,
    LOGIN_TOKENS,
    NOW,
    SETTINGS,
    World,
    a_session,
    a_transaction,
    callback,
    id_token,
    token_answer,
)
from support.renewing_world import REFUSED, RENEWED, RenewingWorld
from userlink.errors import (
    IdTokenInvalid,
    LinkedUserMismatch,
    ProviderUnreachable,
    ReauthenticationRequired,
    RefreshTokenMissing,
    SessionChanged,
    SessionIdTokenExpired,
    SessionRequired,
    UserlinkError,
)
from userlink.protocol.callback import parse_callback
from userlink.protocol.effects import (
    Discover,
    Effect,
    LoadSession,
    SaveTransaction,
    Send,
    UpdateSession,
)
from userlink.protocol.flows.identities import Plan, finish_for_session, start_for_session
from userlink.protocol.freshness import NOTHING_ASKED, Authentication, Freshness
from userlink.protocol.options import LinkOptions
from userlink.protocol.session import Session
from userlink.protocol.token_sets import ConnectionTokenSet, RefreshToken, TokenSet
from userlink.protocol.transaction import TransactionKind
from userlink.protocol.values import HttpResponse, Secret
from userlink.testing.script import Stepper

PARAMS = {"redirect_uri": "https://app.example/callback", "scope": "openid"}
ROTATED = evolve(LOGIN_REFRESH_TOKEN, token=Secret("refresh-2"))
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
    world = World({LoadSession: expired(), Send: token_answer(RENEWED, refresh_token="refresh-2")})

    url = Stepper(start()).run(world.perform)

    assert [RENEWED.reveal()] == parse_qs(urlsplit(url).query)["id_token_hint"]
    assert (RENEWED, ROTATED) == (world.saved.id_token, world.saved.refresh_token)
    assert world.names.endswith("UpdateSession ForgetRenewal Now Entropy SaveTransaction")


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
def test_a_hint_that_cannot_be_renewed_is_used_as_long_as_it_is_good(
    refresh_token: RefreshToken | None,
) -> None:
    """The last half minute counts too."""
    session = a_session(id_token_expires_at=NOW + 1, refresh_token=refresh_token)
    world = World({LoadSession: session, Send: REFUSED})

    url = Stepper(start()).run(world.perform)

    assert [session.id_token.reveal()] == parse_qs(urlsplit(url).query)["id_token_hint"]


@pytest.mark.parametrize(
    "later", [a_session(id=Secret("session-2")), a_session(idle_expires_at=NOW), None]
)
def test_nothing_starts_when_the_session_ends_while_its_id_token_is_renewed(
    later: Session | None,
) -> None:
    """Another session that is there by then lends nothing."""
    session = a_session(id_token_expires_at=NOW + 1)

    _, error = refused({LoadSession: [session, later], Send: REFUSED})

    assert isinstance(error, SessionChanged)


def test_a_refresh_token_that_is_gone_meanwhile_is_missed() -> None:
    """No flow takes it away, but stores can be written to by other releases."""
    without = expired(refresh_token=None)

    _, error = refused({LoadSession: [expired(), without], UpdateSession: False})

    assert isinstance(error, RefreshTokenMissing)


def test_the_refresh_token_stays_when_no_new_one_came() -> None:
    """RFC 6749, 6: providers need not rotate."""
    world = World({LoadSession: expired(), Send: token_answer(RENEWED)})

    Stepper(start()).run(world.perform)

    assert LOGIN_REFRESH_TOKEN == world.saved.refresh_token


LINK_TOKENS = TokenSet("urn:other", Secret("x"), "openid", NOW + 60, TransactionKind.LINK)


def renewed(session: Session, answer: HttpResponse) -> Session:
    """Return what a session is once its ID token was renewed."""
    world = World({LoadSession: session, Send: answer})
    Stepper(start()).run(world.perform)
    return world.saved


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
    later = expired(version=5, refresh_token=ROTATED)
    world = World(
        {
            LoadSession: [expired(), later],
            Send: token_answer(RENEWED),
            UpdateSession: [True, False, True],
        }
    )

    Stepper(start()).run(world.perform)

    assert ROTATED == world.saved.refresh_token


@pytest.mark.parametrize(
    ("session", "answer"),
    [
        (expired(refresh_token=None), ANYTHING),  # nothing to renew it with
        (expired(), REFUSED),  # the grant was withdrawn
        (expired(), token_answer(id_token=None, refresh_token="refresh-2")),  # rotated, kept
    ],
)
def test_an_id_token_that_cannot_be_renewed_is_expired(session: Session, answer: object) -> None:
    """No grant, a refused grant, an answer without ID token (optional: OIDC Core, 12.2)."""
    world, error = refused({LoadSession: session, Send: answer})

    assert isinstance(error, SessionIdTokenExpired)
    assert (session.refresh_token is not None) is ("Send" in world.names)


def test_a_rotated_refresh_token_is_kept_though_no_id_token_came() -> None:
    """The old one is spent: losing the new one would sign the user out."""
    answer = token_answer(id_token=None, refresh_token="refresh-2")
    world, _ = refused({LoadSession: expired(), Send: answer})

    assert (ROTATED, expired().id_token) == (world.saved.refresh_token, world.saved.id_token)


@pytest.mark.parametrize(
    ("error", "answers"),
    [
        (ProviderUnreachable, {Send: ProviderUnreachable("Gone.")}),
        (ProviderUnreachable, {Discover: ProviderUnreachable("Gone.")}),
        (IdTokenInvalid, {Send: token_answer(id_token(iss="https://other.example/"))}),
        (LinkedUserMismatch, {Send: token_answer(id_token(sub="auth0|bob", nonce=None))}),
    ],
)
def test_what_goes_wrong_while_renewing_comes_out_as_it_is(
    error: type[UserlinkError], answers: dict[type[Effect[Any]], Any]
) -> None:
    """A provider that fails is no reason to ask the user to sign in again."""
    _, raised = refused({LoadSession: expired(), Send: token_answer(RENEWED), **answers})

    assert error is type(raised)


@given(schedule=st.lists(st.booleans(), max_size=40))
def test_two_tabs_send_one_refresh_token_and_both_start(schedule: list[bool]) -> None:
    """However two starts interleave, both have the renewed ID token as their hint."""
    world = RenewingWorld(expired(), {SaveTransaction: None})
    tabs = Stepper(start()), Stepper(start())

    for second in schedule:
        if not tabs[second].is_done:
            tabs[second].step(world.perform)
    while not all(tab.is_done for tab in tabs):
        for tab in tabs:
            if not tab.is_done:
                tab.step(world.perform)

    hints = [parse_qs(urlsplit(tab.result()).query)["id_token_hint"] for tab in tabs]
    assert [[RENEWED.reveal()]] * 2 == hints
    assert 1 == len(world.sent)
    assert (RENEWED, ROTATED) == (world.session.id_token, world.session.refresh_token)


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
