"""Getting an access token: what is held and good, or what the refresh token brings."""

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from support.flow_world import (
    LOGIN_TOKENS,
    NOW,
    SETTINGS,
    World,
    a_session,
    json_answer,
)
from support.renewing_world import RenewingWorld
from userlink.errors import (
    InsufficientScope,
    RefreshTokenMissing,
    SessionRequired,
    UserlinkError,
)
from userlink.protocol.effects import Discover, Effect, LoadSession
from userlink.protocol.flows.access_tokens import get_access_token
from userlink.protocol.options import AccessTokenOptions
from userlink.protocol.results import AccessToken
from userlink.protocol.session import Session
from userlink.protocol.token_sets import RefreshToken, TokenSet
from userlink.protocol.transaction import TransactionKind
from userlink.protocol.values import Secret
from userlink.testing.script import Stepper

LINK = TransactionKind.LINK
LINK_TOKENS = TokenSet("urn:link", Secret("link"), "openid link_account", NOW + 600, LINK)


def start(**options: Any) -> Stepper[AccessToken]:
    """Start to get an access token."""
    return Stepper(get_access_token(SETTINGS, AccessTokenOptions(**options)))


def fail(world: World, **options: Any) -> UserlinkError:
    """Get an access token, which fails."""
    with pytest.raises(UserlinkError) as caught:
        start(**options).run(world.perform)
    return caught.value


def good(**changes: Any) -> Session:
    """Return a session whose access token is good for ten minutes."""
    return a_session(token_sets=(evolve(LOGIN_TOKENS, expires_at=NOW + 600),), **changes)


@pytest.mark.parametrize("options", [{}, {"audience": "urn:login"}, {"scope": ["openid"]}])
def test_a_token_that_is_held_is_given_without_asking_anybody(options: dict[str, Any]) -> None:
    """What it allows and until when comes with it."""
    world = World({LoadSession: good()})

    token = start(**options).run(world.perform)

    assert ("access-1", "openid", NOW + 600) == (token.access_token, token.scope, token.expires_at)
    assert not {"Discover", "Send", "UpdateSession"} & set(world.names.split())


@pytest.mark.parametrize(
    ("expires_at", "sends"), [(None, 0), (NOW + 31, 0), (NOW + 30, 1), (NOW, 1), (NOW - 9, 1)]
)
def test_a_token_must_still_be_good_when_it_arrives(expires_at: int | None, sends: int) -> None:
    """Within half a minute of its end it is renewed; where the provider did not say, it is given."""
    world = RenewingWorld(a_session(token_sets=(evolve(LOGIN_TOKENS, expires_at=expires_at),)))

    token = start().run(world.perform)

    assert sends == len(world.sent)
    assert ("access-2" if sends else "access-1") == token.access_token


@pytest.mark.parametrize("session", [None, a_session(idle_expires_at=NOW)])
def test_nobody_who_is_not_signed_in_has_a_token(session: Session | None) -> None:
    """Nor has a session that has ended."""
    assert isinstance(fail(World({LoadSession: session})), SessionRequired)


def test_another_provider_is_not_sent_the_refresh_token() -> None:
    """The client was configured for another one meanwhile."""
    world = World({LoadSession: a_session(issuer="https://former.example/", token_sets=())})

    assert isinstance(fail(world), SessionRequired)
    assert "Send" not in world.names


def test_the_use_of_a_session_rolls_it_on() -> None:
    """As reading it does."""
    world = World({LoadSession: good()})

    start().run(world.perform)

    assert "TouchSession" in world.names


@pytest.mark.parametrize("options", [{}, {"audience": "urn:other"}, {"scope": "admin"}])
def test_without_a_refresh_token_there_is_no_other_token(options: dict[str, Any]) -> None:
    """The provider is not even discovered."""
    expired = (evolve(LOGIN_TOKENS, expires_at=NOW),)
    world = World({LoadSession: a_session(refresh_token=None, token_sets=expired)})

    assert isinstance(fail(world, **options), RefreshTokenMissing)
    assert "Discover" not in world.names


# ------------------------------------------------------------------------- audience and scope


def test_what_the_login_was_granted_is_asked_for_by_the_refresh_token_alone() -> None:
    """RFC 6749, 6: not every provider knows an audience, or a scope, in a renewal."""
    world = RenewingWorld()

    start(scope="openid").run(world.perform)

    assert [{"grant_type": "refresh_token", "refresh_token": "refresh-1"}] == world.sent


def test_another_audience_is_named_and_filed_by_that_name() -> None:
    """The login's token stays beside it."""
    world = RenewingWorld(good())

    token = start(audience="urn:other", scope="read write").run(world.perform)

    (form,) = world.sent
    assert ("urn:other", "read write") == (form["audience"], form["scope"])
    assert ("access-2", "read write") == (token.access_token, token.scope)
    assert ["urn:login", "urn:other"] == [held.audience for held in world.session.token_sets]


def test_callers_with_different_scopes_do_not_undo_each_other() -> None:
    """What is held is asked for again, together with what is missing: one token serves all."""
    world = RenewingWorld(good())

    for scope in ("read", "write", "read", "write read"):
        start(audience="urn:other", scope=scope).run(world.perform)
    start(scope="openid admin").run(world.perform)

    assert ["read", "read write", "openid admin"] == [form["scope"] for form in world.sent]
    assert ["urn:other", "urn:other", None] == [form.get("audience") for form in world.sent]


def test_a_token_for_no_more_than_its_audience_is_asked_for_without_scope() -> None:
    """The provider's default for it."""
    world = RenewingWorld(good(), scope="everything")

    token = start(audience="urn:other").run(world.perform)

    assert "scope" not in world.sent[0]
    assert "everything" == token.scope


def test_what_is_granted_for_less_is_insufficient() -> None:
    """RFC 6749, 5.1; the refresh token that came with it is kept, and so is the wider access token."""
    world = RenewingWorld(good(), scope="profile")

    assert isinstance(fail(world, scope="admin"), InsufficientScope)

    after = world.session
    assert after.refresh_token is not None
    assert world.newest_refresh_token == after.refresh_token.token
    assert good().token_sets == after.token_sets


def test_what_has_just_come_is_given_though_a_wider_one_stays() -> None:
    """What is held allows more, and not what was asked for; the next who asks for that is given it still."""
    held = evolve(LOGIN_TOKENS, scope="openid read", expires_at=NOW + 600)
    world = RenewingWorld(a_session(token_sets=(held,)), scope="openid write")

    assert "access-2" == start(scope="write").run(world.perform).access_token
    assert (held,) == world.session.token_sets


def test_a_refused_scope_is_insufficient() -> None:
    """RFC 6749, 5.2."""
    world = RenewingWorld(good())
    world.answer = json_answer(400, {"error": "invalid_scope"})

    assert isinstance(fail(world, scope="admin"), InsufficientScope)


def test_a_token_that_has_just_come_is_given_however_short_it_lives() -> None:
    """Or there would be none at all."""
    world = RenewingWorld(expires_in=0)

    assert "access-2" == start().run(world.perform).access_token


# --------------------------------------------------------------------------- a link's tokens


@pytest.mark.parametrize("audience", ["urn:login", None])
def test_a_links_token_never_stands_in_for_the_logins(audience: str | None) -> None:
    """It was asked for the login's audience, or both without any: what is given is the login's, renewed."""
    link = evolve(LINK_TOKENS, audience=audience)
    login = RefreshToken(Secret("refresh-1"), audience, "openid")
    world = RenewingWorld(a_session(token_sets=(link,), refresh_token=login))

    token = start().run(world.perform)

    assert "access-2" == token.access_token
    (held,) = world.session.token_sets
    assert TransactionKind.LOGIN is held.granted_by


def test_a_links_token_is_given_to_who_asks_for_its_audience_by_name() -> None:
    """As long as it is good and allows enough; after that, the login's refresh token brings one."""
    world = RenewingWorld(evolve(good(), token_sets=(*good().token_sets, LINK_TOKENS)))
    names = [
        start(audience="urn:link").run(world.perform).access_token,
        start(audience="urn:link", scope="read").run(world.perform).access_token,
        start(audience="urn:link", scope="read").run(world.perform).access_token,
    ]

    assert ["link", "access-2", "access-2"] == names
    assert "read" == world.sent[0]["scope"]  # and not link_account


@pytest.mark.parametrize("granted_by", [LINK, None])
def test_a_links_tokens_are_none_for_the_configured_audience(
    granted_by: TransactionKind | None,
) -> None:
    """Where the login's tokens do not tell its audience, the configuration does."""
    configured = evolve(SETTINGS, authorization_params={"audience": "urn:link"})
    refresh = RefreshToken(Secret("refresh-1"), "urn:link", "openid", LINK) if granted_by else None
    world = RenewingWorld(a_session(refresh_token=refresh, token_sets=(LINK_TOKENS,)))

    with pytest.raises(RefreshTokenMissing):
        Stepper(get_access_token(configured, AccessTokenOptions())).run(world.perform)

    assert [] == world.sent


def test_of_two_who_want_a_links_token_one_asks() -> None:
    """The other is given what that brought."""
    refresh = RefreshToken(Secret("refresh-1"), "urn:link", "openid link_account", LINK)
    expired = evolve(LINK_TOKENS, expires_at=NOW)
    world = RenewingWorld(a_session(refresh_token=refresh, token_sets=(expired,)))
    one, other = start(audience="urn:link"), start(audience="urn:link")

    while not (one.is_done and other.is_done):
        for flow in (one, other):
            if not flow.is_done:
                flow.step(world.perform)

    assert ["access-2"] * 2 == [flow.result().access_token for flow in (one, other)]
    assert 1 == len(world.sent)


@pytest.mark.parametrize(("audience", "error"), [("urn:link", None), ("urn:x", 1), (None, 1)])
def test_a_links_refresh_token_brings_the_links_token_and_no_other(
    audience: str | None, error: int | None
) -> None:
    """Where the login brought none."""
    session = a_session(
        refresh_token=RefreshToken(Secret("refresh-1"), "urn:link", "openid link_account", LINK),
        token_sets=(evolve(LOGIN_TOKENS, expires_at=NOW), evolve(LINK_TOKENS, expires_at=NOW)),
    )
    world = RenewingWorld(session)

    if error:
        assert isinstance(fail(world, audience=audience), RefreshTokenMissing)
        assert [] == world.sent
    else:
        assert "access-2" == start(audience=audience).run(world.perform).access_token
        assert {TransactionKind.LOGIN, LINK} == {
            held.granted_by for held in world.session.token_sets
        }


# --------------------------------------------------------------------------------- many at once


@given(schedule=st.lists(st.integers(0, 3), max_size=60))
def test_calls_for_two_audiences_are_all_served(schedule: list[int]) -> None:
    """However they interleave: one request for each audience, and each by the newest refresh token."""
    world = RenewingWorld(a_session(token_sets=()))
    flows = [start(audience=audience) for audience in ("urn:one", "urn:two", "urn:one", "urn:two")]

    def step(flow: Stepper[AccessToken]) -> None:
        if not flow.is_done:
            flow.step(world.perform)

    for number in schedule:
        step(flows[number])
    while not all(flow.is_done for flow in flows):
        for flow in flows:
            step(flow)

    tokens = [flow.result().access_token for flow in flows]
    assert 2 == len(world.sent) == len(set(tokens))
    assert tokens[:2] == tokens[2:]


def test_a_failed_discovery_comes_out() -> None:
    """Nothing was done."""
    answers: dict[type[Effect[Any]], Any] = {Discover: UserlinkError("Gone.")}
    world = RenewingWorld(answers=answers)

    assert "Gone." in str(fail(world))
    assert [] == world.written
