"""Whatever is sent in the client's own name goes out authenticated."""

from base64 import b64encode
from typing import Any
from urllib.parse import parse_qsl

import pytest
from attrs import evolve

from support.flow_world import METADATA, SETTINGS, json_answer, sent
from userlink.errors import ProviderUnreachable
from userlink.protocol.effects import Send
from userlink.protocol.flows.client_authentication import send_authenticated
from userlink.protocol.settings import ClientSettings
from userlink.protocol.values import HttpRequest, HttpResponse, Secret
from userlink.testing.script import replay

ENDPOINT = "https://tenant.example/revoke"
FORM = {"token": Secret("token-1")}


def settings_with(**arguments: Any) -> ClientSettings:
    """Read settings that authenticate in another way."""
    given = {"domain": SETTINGS.issuer.accepted[0], "client_id": "app", "client_secret": None}
    return ClientSettings.read(**{**given, **arguments})


def test_the_answer_is_handed_back_as_it_is() -> None:
    """To whichever endpoint; judging the answer is the caller's."""
    answer = json_answer(503, {})

    assert answer is replay(
        send_authenticated(SETTINGS, METADATA, ENDPOINT, FORM), [(sent(FORM, ENDPOINT), answer)]
    )


def test_no_answer_is_the_transports_error() -> None:
    """It passes through."""
    with pytest.raises(ProviderUnreachable):
        replay(
            send_authenticated(SETTINGS, METADATA, ENDPOINT, FORM),
            [(Send, ProviderUnreachable("no answer"))],
        )


@pytest.mark.parametrize(
    ("arguments", "supported", "in_form", "header"),
    [
        ({"client_secret": "s"}, ("client_secret_post",), ["client_id", "client_secret"], None),
        ({"client_secret": "s"}, ("client_secret_basic",), [], b"app:s"),
        (
            {"client_secret": "s", "token_endpoint_auth_method": "client_secret_post"},
            ("client_secret_basic",),
            ["client_id", "client_secret"],
            None,
        ),
        ({}, ("client_secret_post",), ["client_id"], None),
    ],
)
def test_the_client_authenticates_as_settings_and_metadata_say(
    arguments: dict[str, Any], supported: tuple[str, ...], in_form: list[str], header: bytes | None
) -> None:
    """Configured, else by what the provider supports; without a secret it is a public client."""
    metadata = evolve(METADATA, token_endpoint_auth_methods_supported=supported)
    requests: list[HttpRequest] = []

    def see(effect: Send) -> bool:
        requests.append(effect.request)
        return True

    replay(
        send_authenticated(settings_with(**arguments), metadata, ENDPOINT, FORM),
        [(see, HttpResponse(200))],
    )

    (request,) = requests
    assert sorted(["token", *in_form]) == sorted(
        name for name, _ in parse_qsl(request.body.decode())
    )
    expected = None if header is None else f"Basic {b64encode(header).decode()}"
    assert expected == request.headers.get("authorization")
