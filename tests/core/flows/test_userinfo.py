"""Userinfo in every completion: asked after the ID token is validated, before anything is written."""

from typing import Any

import pytest
from attrs import evolve

from support.flow_world import (
    METADATA,
    NOW,
    SETTINGS,
    World,
    a_transaction,
    callback,
    json_answer,
    token_answer,
)
from userlink.errors import MetadataInvalid, ProviderUnreachable, UserinfoInvalid, UserlinkError
from userlink.protocol.effects import (
    CreateSession,
    Discover,
    Effect,
    Send,
    TakeTransaction,
    UpdateSession,
)
from userlink.protocol.flows.completion import complete_any
from userlink.protocol.flows.userinfo import with_userinfo
from userlink.protocol.transaction import TransactionKind
from userlink.protocol.userinfo import userinfo_request
from userlink.protocol.values import HttpResponse, Secret
from userlink.testing.script import Stepper, replay

KINDS = [
    TransactionKind.LOGIN,
    TransactionKind.LINK,
    TransactionKind.UNLINK,
    TransactionKind.REAUTHENTICATION,
]
ASKING = evolve(SETTINGS, userinfo=True)
WITH_USERINFO = evolve(METADATA, userinfo_endpoint="https://tenant.example/userinfo")
ABOUT_ALICE = json_answer(
    200, {"sub": "auth0|alice", "name": "Alice of userinfo", "exp": 1, "auth_time": 1}
)


def completed(kind: TransactionKind, answer: HttpResponse) -> World:
    """Complete a transaction whose userinfo is answered so."""
    world = World(
        {
            TakeTransaction: a_transaction(kind),
            Discover: WITH_USERINFO,
            Send: [token_answer(), answer],
        }
    )
    Stepper(complete_any(ASKING, callback())).run(world.perform)
    return world


@pytest.mark.parametrize("kind", KINDS)
def test_its_claims_come_over_those_of_the_id_token(kind: TransactionKind) -> None:
    """And say nothing about the token: the session lives as long as without them."""
    world = completed(kind, ABOUT_ALICE)

    written = world.written[-1]
    assert isinstance(written, CreateSession | UpdateSession)
    assert "Alice of userinfo" == written.session.user["name"]
    assert NOW + 3600 == written.session.id_token_expires_at
    assert written.session.authentication.time is None
    assert (
        userinfo_request(WITH_USERINFO, Secret("access-2"))
        == [effect.request for effect in world.effects if isinstance(effect, Send)][1]
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (UserinfoInvalid, json_answer(200, {"sub": "auth0|bob"})),
        (UserinfoInvalid, json_answer(401, {"error": "invalid_token"})),
        (ProviderUnreachable, ProviderUnreachable("Gone.")),
    ],
)
def test_a_failure_changes_nothing(
    kind: TransactionKind, error: type[UserlinkError], answer: HttpResponse | Exception
) -> None:
    """OIDC Core, 5.3.2: the claims of another user never come in, and what could not be asked is not guessed."""
    world = World(
        {
            TakeTransaction: a_transaction(kind),
            Discover: WITH_USERINFO,
            Send: [token_answer(), answer],
        }
    )

    with pytest.raises(error):
        Stepper(complete_any(ASKING, callback())).run(world.perform)

    assert [] == world.written


def test_a_provider_without_the_endpoint_fails_the_completion() -> None:
    """What the application asked for is not left out silently."""
    world = World({TakeTransaction: a_transaction(TransactionKind.LOGIN)})

    with pytest.raises(MetadataInvalid):
        Stepper(complete_any(ASKING, callback())).run(world.perform)

    assert [] == world.written


def test_nothing_is_asked_unless_the_client_says_so() -> None:
    """The ID token says enough for most."""
    claims = {"sub": "auth0|alice"}

    assert claims is replay(with_userinfo(SETTINGS, WITH_USERINFO, claims, Secret("access-2")), [])


def test_the_claims_given_stay_as_they_are() -> None:
    """The answer is laid over a copy."""
    claims = {"sub": "auth0|alice", "name": "Alice"}
    asked: Effect[Any] = Send(userinfo_request(WITH_USERINFO, Secret("access-2")))
    flow = with_userinfo(ASKING, WITH_USERINFO, claims, Secret("access-2"))

    assert {"sub": "auth0|alice", "name": "Alice of userinfo"} == replay(
        flow, [(asked, ABOUT_ALICE)]
    )
    assert {"sub": "auth0|alice", "name": "Alice"} == claims
