"""Unlinking, step by step."""

from urllib.parse import parse_qs, urlsplit

import pytest
from attrs import evolve

from support.flow_world import (
    APP_STATE,
    ID_TOKEN,
    ISSUER,
    KEY,
    LOGIN_ID_TOKEN,
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
    GetKeys,
    LoadSession,
    Now,
    SaveTransaction,
    TakeTransaction,
    UpdateSession,
)
from userlink.protocol.events import Event
from userlink.protocol.flows.completion import complete_unlink
from userlink.protocol.flows.unlink import finish_unlink, start_unlink
from userlink.protocol.freshness import Authentication, Freshness
from userlink.protocol.options import UnlinkOptions
from userlink.protocol.settings import ClientSettings
from userlink.protocol.token_sets import TokenSet
from userlink.protocol.tokens import code_parameters
from userlink.protocol.transaction import TransactionKind
from userlink.protocol.values import Secret
from userlink.testing.script import Stepper, replay


def test_an_unlink_starts_from_the_session_and_is_bound_to_it() -> None:
    """Like a link, with its own scopes."""
    world = World()

    url = Stepper(start_unlink(SETTINGS, UnlinkOptions("github", APP_STATE))).run(world.perform)

    (saved,) = (effect for effect in world.effects if isinstance(effect, SaveTransaction))
    query = parse_qs(urlsplit(url).query)
    assert "LoadSession Now Discover Now Now Entropy SaveTransaction" == world.names
    assert (TransactionKind.UNLINK, "github", a_session().binding, APP_STATE) == (
        saved.transaction.kind,
        saved.transaction.connection,
        saved.transaction.binding,
        saved.transaction.app_state,
    )
    assert {
        "scope": ["openid unlink_account"],
        "requested_connection": ["github"],
        "id_token_hint": [LOGIN_ID_TOKEN.reveal()],
    }.items() <= query.items()


@pytest.mark.parametrize(
    ("error", "settings", "given"),
    [
        (ReservedParameter, SETTINGS, {"requested_connection": "other"}),
        (LinkingNotSupported, evolve(SETTINGS, dialect=OidcDialect()), {}),
    ],
)
def test_a_wrong_call_is_refused_before_anything_is_done(
    error: type[UserlinkError], settings: ClientSettings, given: dict[str, str]
) -> None:
    """Nobody is asked and nothing is kept."""
    world = World()
    options = UnlinkOptions("github", authorization_params=given)

    with pytest.raises(error):
        Stepper(start_unlink(settings, options)).run(world.perform)

    assert "" == world.names


def test_the_strictest_of_all_who_ask_counts() -> None:
    """The option, the parameters of the call, and the client's policy; none of them softens another."""
    settings = evolve(SETTINGS, link_freshness=Freshness(900, ("gold", "silver")))
    options = UnlinkOptions(
        "github",
        authorization_params={"max_age": 600, "acr_values": "silver bronze"},
        max_age=300,
    )
    authentication = Authentication(NOW - 10, "silver")
    world = World({LoadSession: a_session(authentication=authentication)})

    url = Stepper(start_unlink(settings, options)).run(world.perform)

    query = parse_qs(urlsplit(url).query)
    assert (["300"], ["silver"]) == (query["max_age"], query["acr_values"])


def test_what_parameters_ask_is_for_the_provider() -> None:
    """It has the user authenticate anew where that is due; the answer is measured by it, the session is not."""
    world = World()
    options = UnlinkOptions("github", authorization_params={"max_age": 60})

    Stepper(start_unlink(SETTINGS, options)).run(world.perform)

    (kept,) = (effect for effect in world.effects if isinstance(effect, SaveTransaction))
    assert Freshness(60) == kept.transaction.freshness


def test_a_policy_is_asked_for_without_any_option() -> None:
    """It holds for every unlink of the client."""
    settings = evolve(SETTINGS, link_freshness=Freshness(900))
    world = World()

    with pytest.raises(ReauthenticationRequired) as caught:
        Stepper(start_unlink(settings, UnlinkOptions("github", app_state=APP_STATE))).run(
            world.perform
        )

    assert {"unlink": {"connection": "github", "app_state": APP_STATE}} == caught.value.options
    assert APP_STATE == caught.value.app_state


def test_an_unlink_is_completed_in_this_order() -> None:
    """The order of a link: taken, the session checked, then sent; saved last; then told."""
    unlink = a_transaction(TransactionKind.UNLINK)
    updated = evolve(
        a_session(),
        user={"sub": "auth0|alice", "name": "Alice", "plan": "gold"},
        id_token=ID_TOKEN,
        idle_expires_at=NOW + 86_400,
        token_sets=(
            LOGIN_TOKENS,
            TokenSet(None, Secret("access-2"), "openid", NOW + 600, TransactionKind.UNLINK),
        ),
    )

    result = replay(
        complete_unlink(SETTINGS, callback()),
        [
            (TakeTransaction(STATE), unlink),
            (Now(), NOW),
            (LoadSession(), a_session()),
            (Now(), NOW),
            (Discover(), METADATA),
            (sent(code_parameters(unlink, Secret("code-1"))), token_answer()),
            (GetKeys(METADATA.jwks_uri), key_set(KEY)),
            (Now(), NOW),
            (Now(), NOW),
            (Now(), NOW),
            (UpdateSession(updated), True),
            (Now(), NOW),
            (Emit(Event("unlink.completed", NOW, ISSUER, "auth0|alice", "github")), None),
        ],
    )

    assert (APP_STATE, "github", updated.user) == (result.app_state, result.connection, result.user)


def test_a_connection_that_no_transaction_named_is_empty_in_the_result() -> None:
    """A record of an unlink always has one; the result's type promises a string."""
    transaction = a_transaction(TransactionKind.UNLINK, connection=None)
    flow = finish_unlink(SETTINGS, parse_callback(callback()), transaction)

    assert "" == Stepper(flow).run(World().perform).connection
