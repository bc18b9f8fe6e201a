"""Starting by a pushed request: what goes to the provider, what to the browser, and what is kept."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from attrs import evolve

from support.flow_world import (
    APP_STATE,
    CALLBACK,
    ISSUER,
    LOGIN_ID_TOKEN,
    METADATA,
    NOW,
    SETTINGS,
    World,
    a_session,
    json_answer,
    sent,
)
from userlink.errors import (
    ProviderUnreachable,
    PushedAuthorizationMismatch,
    PushedAuthorizationRefused,
    PushedAuthorizationResponseInvalid,
    UserlinkError,
)
from userlink.protocol.client_auth import FormParameters
from userlink.protocol.effects import (
    Discover,
    Effect,
    Entropy,
    LoadSession,
    Now,
    SaveTransaction,
    Send,
)
from userlink.protocol.flows.link import start_link
from userlink.protocol.flows.login import start_login
from userlink.protocol.flows.pushed_authorization import authorization_url
from userlink.protocol.flows.unlink import start_unlink
from userlink.protocol.metadata import ProviderMetadata
from userlink.protocol.options import LinkOptions, LoginOptions, UnlinkOptions
from userlink.protocol.pkce import base64url, code_challenge
from userlink.protocol.pushed_authorization import PushedAuthorization
from userlink.protocol.settings import ClientSettings
from userlink.protocol.values import HttpRequest, HttpResponse, Secret
from userlink.testing.script import Stepper, replay

ENDPOINT = "https://tenant.example/par"
PUSHING = evolve(METADATA, pushed_authorization_request_endpoint=ENDPOINT)
ANSWER = json_answer(201, {"request_uri": "urn:example:1", "expires_in": 60})
RANDOM = bytes(range(64))
URL = "https://tenant.example/authorize?client_id=app&request_uri=urn%3Aexample%3A1"


def settings_with(choice: PushedAuthorization) -> ClientSettings:
    """Return the usual settings with another choice."""
    return evolve(SETTINGS, pushed_authorization=choice)


def test_a_link_is_pushed_and_then_kept_in_this_order() -> None:
    """RFC 9126, 2.1: every parameter goes to the provider, authenticated; the browser's URL has two."""
    request = {
        "client_id": "app",
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "openid link_account offline_access",
        "state": base64url(RANDOM[:16]),
        "nonce": base64url(RANDOM[16:32]),
        "code_challenge": code_challenge(base64url(RANDOM[32:])),
        "code_challenge_method": "S256",
        "id_token_hint": LOGIN_ID_TOKEN.reveal(),
        "requested_connection": "github",
        "requested_connection_scope": "read:user",
    }
    options = LinkOptions(connection="github", connection_scope="read:user", app_state=APP_STATE)

    url = replay(
        start_link(SETTINGS, options),
        [
            (LoadSession(), a_session()),
            (Now(), NOW),
            (Discover(), PUSHING),
            (Now(), NOW),
            (Now(), NOW),
            (Entropy(64), RANDOM),
            (sent(request, ENDPOINT), ANSWER),
            (lambda effect: effect.transaction.state.matches(request["state"]), None),
        ],
    )

    assert URL == url


def test_the_url_is_a_secret_until_it_is_handed_out() -> None:
    """It may hold the hint, and error reporters show what is in a frame."""
    request: FormParameters = {"client_id": "app", "id_token_hint": Secret("hint-1")}

    carried = replay(authorization_url(SETTINGS, METADATA, request), [])
    named = replay(
        authorization_url(SETTINGS, PUSHING, request), [(sent(request, ENDPOINT), ANSWER)]
    )
    assert Secret("https://tenant.example/authorize?client_id=app&id_token_hint=hint-1") == carried
    assert Secret(URL) == named


@pytest.mark.parametrize("kind", ["login", "link", "unlink"])
@pytest.mark.parametrize("choice", ["auto", "required"])
def test_every_kind_is_pushed(kind: str, choice: PushedAuthorization) -> None:
    """No hint, no scope and no redirect_uri is left in the URL."""
    world = World({Discover: PUSHING, Send: ANSWER})

    assert URL == run(start(kind, settings_with(choice)), world)
    (pushed,) = requests(world)
    form = dict(parse_qsl(pushed.body.decode()))
    assert (ENDPOINT, CALLBACK) == (pushed.url, form["redirect_uri"])
    assert ("id_token_hint" in form) is (kind != "login")
    assert world.names.endswith("Send SaveTransaction")


@pytest.mark.parametrize("choice", ["auto", "never"])
@pytest.mark.parametrize("kind", ["login", "link", "unlink"])
def test_otherwise_the_url_has_it_all(kind: str, choice: PushedAuthorization) -> None:
    """Where the provider takes none, or the client is told to send none."""
    metadata = METADATA if choice == "auto" else PUSHING
    world = World({Discover: metadata})
    query = dict(parse_qsl(urlsplit(run(start(kind, settings_with(choice)), world)).query))

    assert {"client_id", "redirect_uri", "scope", "state"} <= query.keys()
    assert "request_uri" not in query
    assert ("id_token_hint" in query) is (kind != "login")
    assert [] == requests(world)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (ProviderUnreachable("no answer"), ProviderUnreachable),
        (json_answer(400, {"error": "invalid_request"}), PushedAuthorizationRefused),
        (json_answer(401, {"error": "invalid_client"}), PushedAuthorizationRefused),
        (HttpResponse(404), PushedAuthorizationResponseInvalid),
        (json_answer(201, {}), PushedAuthorizationResponseInvalid),
    ],
)
@pytest.mark.parametrize("kind", ["login", "link"])
def test_a_push_that_fails_is_an_error_and_nothing_is_kept(
    kind: str, answer: Any, error: type[UserlinkError]
) -> None:
    """The request never takes the way by the browser instead: whoever breaks the endpoint would get the hint there."""
    world = World({Discover: PUSHING, Send: answer})

    with pytest.raises(error):
        run(start(kind, SETTINGS), world)
    assert world.names.endswith("Send")
    assert "SaveTransaction" not in world.names


@pytest.mark.parametrize(
    ("choice", "metadata"),
    [
        ("never", evolve(PUSHING, require_pushed_authorization_requests=True)),
        ("required", METADATA),
    ],
)
def test_sides_that_exclude_each_other_send_nothing(
    choice: PushedAuthorization, metadata: ProviderMetadata
) -> None:
    """Neither to the provider nor by the browser."""
    world = World({Discover: metadata})

    with pytest.raises(PushedAuthorizationMismatch):
        run(start("link", settings_with(choice)), world)
    assert [] == requests(world)
    assert "SaveTransaction" not in world.names


def test_a_transaction_that_cannot_be_kept_leads_nowhere() -> None:
    """The pushed request is then forgotten by the provider, in its time."""
    world = World({Discover: PUSHING, Send: ANSWER, SaveTransaction: OSError("full")})

    with pytest.raises(OSError, match="full"):
        run(start("login", SETTINGS), world)


def test_a_repeated_parameter_is_pushed_as_often() -> None:
    """RFC 8707, 2."""
    world = World({Discover: PUSHING, Send: ANSWER})
    params = {"resource": ["urn:a", "urn:b"]}
    run(start_login(SETTINGS, LoginOptions(authorization_params=params)), world)
    (pushed,) = requests(world)

    assert [("resource", "urn:a"), ("resource", "urn:b")] == [
        pair for pair in parse_qsl(pushed.body.decode()) if pair[0] == "resource"
    ]


def start(kind: str, settings: ClientSettings) -> Any:
    """Return the flow that starts a login, a link or an unlink."""
    if kind == "login":
        return start_login(settings, LoginOptions())
    if kind == "link":
        return start_link(settings, LinkOptions(connection="github"))
    return start_unlink(settings, UnlinkOptions(connection="github"))


def run(flow: Any, world: World) -> str:
    """Run a flow in a world, and return the URL."""
    url: str = Stepper(flow).run(world.perform)
    return url


def requests(world: World) -> list[HttpRequest]:
    """Return what was sent."""
    effects: list[Effect[Any]] = world.effects
    return [effect.request for effect in effects if isinstance(effect, Send)]


def test_what_is_pushed_is_for_one_provider() -> None:
    """The issuer that the transaction remembers is the one that was pushed to."""
    world = World({Discover: PUSHING, Send: ANSWER})
    run(start("link", SETTINGS), world)
    (kept,) = [effect for effect in world.effects if isinstance(effect, SaveTransaction)]

    assert ISSUER == kept.transaction.issuer
