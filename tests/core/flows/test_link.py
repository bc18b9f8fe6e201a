"""Linking, step by step."""

from urllib.parse import parse_qs, urlsplit

import pytest
from attrs import evolve

from support.flow_world import (
    APP_STATE,
    CALLBACK,
    ID_TOKEN,
    ISSUER,
    KEY,
    LOGIN_ID_TOKEN,
    LOGIN_REFRESH_TOKEN,
    LOGIN_TOKENS,
    METADATA,
    NOW,
    SETTINGS,
    STATE,
    World,
    a_session,
    a_transaction,
    callback,
    key_set,
    sent,
    token_answer,
)
from userlink.errors import (
    InvalidOption,
    LinkingNotSupported,
    ReauthenticationRequired,
    ReservedParameter,
    UserlinkError,
)
from userlink.protocol.callback import parse_callback
from userlink.protocol.dialects.oidc import OidcDialect
from userlink.protocol.effects import (
    Discover,
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
from userlink.protocol.flows.completion import complete_link
from userlink.protocol.flows.link import finish_link, start_link
from userlink.protocol.freshness import Authentication, Freshness
from userlink.protocol.options import LinkOptions
from userlink.protocol.pkce import base64url, code_challenge
from userlink.protocol.session import Session
from userlink.protocol.settings import ClientSettings
from userlink.protocol.token_sets import RefreshToken, TokenSet
from userlink.protocol.tokens import code_parameters
from userlink.protocol.transaction import Transaction, TransactionKind
from userlink.protocol.values import HttpResponse, Secret
from userlink.testing.script import Stepper, replay

RANDOM = bytes(range(64))
SCOPE = "openid link_account offline_access"


def linked(answer: HttpResponse, session: Session, **changes: str | None) -> Session:
    """Return what a session is after a link."""
    world = World({LoadSession: session, Send: answer})
    transaction = a_transaction(TransactionKind.LINK, **changes)
    Stepper(finish_link(SETTINGS, parse_callback(callback()), transaction)).run(world.perform)
    (update,) = (effect for effect in world.effects if isinstance(effect, UpdateSession))
    return update.session


def test_a_link_starts_from_the_session_and_is_bound_to_it() -> None:
    """The session, the provider, the hint's freshness; then secrets are drawn and the transaction is kept."""
    transaction = Transaction(
        kind=TransactionKind.LINK,
        state=base64url(RANDOM[:16]),
        nonce=base64url(RANDOM[16:32]),
        code_verifier=base64url(RANDOM[32:]),
        redirect_uri=CALLBACK,
        issuer=ISSUER,
        expires_at=NOW + 600,
        scope=SCOPE,
        connection="github",
        binding=a_session().binding,
        app_state=APP_STATE,
    )

    url = replay(
        start_link(SETTINGS, LinkOptions("github", "read:user", APP_STATE)),
        [
            (LoadSession(), a_session()),
            (Now(), NOW),
            (Discover(), METADATA),
            (Now(), NOW),
            (Now(), NOW),
            (Entropy(64), RANDOM),
            (SaveTransaction(transaction), None),
        ],
    )

    assert {
        "client_id": ["app"],
        "response_type": ["code"],
        "redirect_uri": [CALLBACK],
        "scope": [SCOPE],
        "state": [transaction.state.reveal()],
        "nonce": [transaction.nonce.reveal()],
        "code_challenge": [code_challenge(transaction.code_verifier.reveal())],
        "code_challenge_method": ["S256"],
        "id_token_hint": [LOGIN_ID_TOKEN.reveal()],
        "requested_connection": ["github"],
        "requested_connection_scope": ["read:user"],
    } == parse_qs(urlsplit(url).query)


@pytest.mark.parametrize(
    ("error", "settings", "given"),
    [
        (ReservedParameter, SETTINGS, {"id_token_hint": "forged"}),
        (InvalidOption, SETTINGS, {"redirect_uri": None}),
        (LinkingNotSupported, evolve(SETTINGS, dialect=OidcDialect()), {}),
    ],
)
def test_a_wrong_call_is_refused_before_anything_is_done(
    error: type[UserlinkError], settings: ClientSettings, given: dict[str, str | None]
) -> None:
    """Nobody is asked and nothing is kept."""
    world = World()
    options = LinkOptions("github", authorization_params=given)

    with pytest.raises(error):
        Stepper(start_link(settings, options)).run(world.perform)

    assert "" == world.names


def test_the_strictest_of_all_who_ask_counts() -> None:
    """The option, the parameters of the call, and the client's policy; none of them softens another."""
    settings = evolve(SETTINGS, link_freshness=Freshness(900, ("gold", "silver")))
    options = LinkOptions(
        "github",
        authorization_params={"max_age": 600, "acr_values": "silver bronze"},
        max_age=300,
    )
    authentication = Authentication(NOW - 10, "silver")
    world = World({LoadSession: a_session(authentication=authentication)})

    url = Stepper(start_link(settings, options)).run(world.perform)

    query = parse_qs(urlsplit(url).query)
    assert (["300"], ["silver"]) == (query["max_age"], query["acr_values"])


def test_what_parameters_ask_is_for_the_provider() -> None:
    """It has the user authenticate anew where that is due; the answer is measured by it, the session is not."""
    world = World()
    options = LinkOptions("github", authorization_params={"max_age": 60})

    Stepper(start_link(SETTINGS, options)).run(world.perform)

    (kept,) = (effect for effect in world.effects if isinstance(effect, SaveTransaction))
    assert Freshness(60) == kept.transaction.freshness


def test_a_policy_is_asked_for_without_any_option() -> None:
    """It holds for every link of the client."""
    settings = evolve(SETTINGS, link_freshness=Freshness(900))
    world = World()

    with pytest.raises(ReauthenticationRequired) as caught:
        Stepper(start_link(settings, LinkOptions("github", app_state=APP_STATE))).run(world.perform)

    assert {"link": {"connection": "github", "app_state": APP_STATE}} == caught.value.options
    assert APP_STATE == caught.value.app_state


def test_a_link_is_completed_in_this_order() -> None:
    """Taken, the session checked, then sent; validated; saved over what was loaded, last; then told."""
    link = a_transaction(TransactionKind.LINK)
    updated = evolve(
        a_session(),
        user={"sub": "auth0|alice", "name": "Alice", "plan": "gold"},
        id_token=ID_TOKEN,
        id_token_expires_at=NOW + 3600,
        idle_expires_at=NOW + 86_400,
        token_sets=(
            LOGIN_TOKENS,
            TokenSet(None, Secret("access-2"), "openid", NOW + 600, TransactionKind.LINK),
        ),
    )

    result = replay(
        complete_link(SETTINGS, callback()),
        [
            (TakeTransaction(STATE), link),
            (Now(), NOW),
            (LoadSession(), a_session()),
            (Now(), NOW),
            (Discover(), METADATA),
            (sent(code_parameters(link, Secret("code-1"))), token_answer()),
            (GetKeys(METADATA.jwks_uri), key_set(KEY)),
            (Now(), NOW),
            (Now(), NOW),
            (Now(), NOW),
            (UpdateSession(updated), True),
            (Now(), NOW),
            (Emit(Event("link.completed", NOW, ISSUER, "auth0|alice", "github")), None),
        ],
    )

    assert (APP_STATE, "github", updated.user) == (result.app_state, result.connection, result.user)


def test_a_link_updates_the_session_and_never_replaces_it() -> None:
    """Id, sid, creation, the absolute end, the version to write over: all stay."""
    before = a_session()

    after = linked(token_answer(), before)

    for name in ("id", "sid", "issuer", "subject", "created_at", "absolute_expires_at", "version"):
        assert getattr(before, name) == getattr(after, name)


@pytest.mark.parametrize("given", [None, "refresh-2"])
def test_a_link_keeps_the_refresh_token_of_the_login(given: str | None) -> None:
    """The link's was granted for linking: what it renews is not what the application asked for at the login."""
    after = linked(token_answer(refresh_token=given), a_session(), audience="urn:other")

    assert LOGIN_REFRESH_TOKEN == after.refresh_token


def test_the_refresh_token_of_a_link_is_better_than_none() -> None:
    """Filed as what it is; that of a later link does not take its place."""
    first = linked(
        token_answer(refresh_token="refresh-2"),
        a_session(refresh_token=None),
        audience="urn:other",
        scope=SCOPE,
    )
    second = linked(token_answer(refresh_token="refresh-3"), first)

    expected = RefreshToken(Secret("refresh-2"), "urn:other", SCOPE, TransactionKind.LINK)
    assert expected == first.refresh_token == second.refresh_token


def test_the_tokens_of_a_link_never_stand_in_for_those_of_the_login() -> None:
    """Asked for the login's audience, they give way; asked for another, they stand beside."""
    same = linked(token_answer(), a_session(), audience="urn:login")
    other = linked(token_answer(), a_session(), audience="urn:other")

    assert (LOGIN_TOKENS,) == same.token_sets
    assert ["urn:login", "urn:other"] == [held.audience for held in other.token_sets]
    assert LOGIN_TOKENS == other.token_sets[0]


def test_the_tokens_of_a_later_link_replace_those_of_an_earlier_one() -> None:
    """One token set an audience."""
    once = linked(token_answer(access_token="first"), a_session(), audience="urn:other")
    twice = linked(token_answer(access_token="second"), once, audience="urn:other")

    assert [LOGIN_TOKENS.access_token, Secret("second")] == [
        held.access_token for held in twice.token_sets
    ]


def test_a_connection_that_no_transaction_named_is_empty_in_the_result() -> None:
    """A record of a link always has one; the result's type promises a string."""
    flow = finish_link(SETTINGS, parse_callback(callback()), a_transaction(connection=None))

    assert "" == Stepper(flow).run(World().perform).connection
