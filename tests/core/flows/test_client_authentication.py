"""Whatever is sent in the client's own name goes out authenticated."""

import json
from base64 import b64encode, urlsafe_b64decode
from typing import Any
from urllib.parse import parse_qsl

import pytest
from attrs import evolve

from support.flow_world import ISSUER, METADATA, NOW, SETTINGS, json_answer, sent
from support.signing import key_pair, private_pem_of, verifies
from userlink.errors import ProviderUnreachable
from userlink.protocol.effects import Entropy, Now, Send
from userlink.protocol.flows.client_authentication import send_authenticated
from userlink.protocol.pkce import base64url
from userlink.protocol.settings import ClientSettings
from userlink.protocol.values import HttpRequest, HttpResponse, Secret
from userlink.testing.script import replay

ENDPOINT = "https://tenant.example/revoke"
BOTH = ("client_secret_basic", "client_secret_post")
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
        ({"client_secret": "s", "dialect": "auth0"}, BOTH, ["client_id", "client_secret"], None),
        ({"client_secret": "s", "dialect": "oidc"}, BOTH, [], b"app:s"),
        (
            {"client_secret": "s", "token_endpoint_auth_method": "client_secret_post"},
            ("client_secret_basic",),
            ["client_id", "client_secret"],
            None,
        ),
        ({}, ("client_secret_post",), ["client_id"], None),
        (
            {
                "client_secret": "s",
                "client_assertion_signing_key": private_pem_of(key_pair("ES256")),
                "token_endpoint_auth_method": "client_secret_basic",
            },
            ("private_key_jwt",),
            [],
            b"app:s",
        ),
    ],
)
def test_the_client_authenticates_as_settings_and_metadata_say(
    arguments: dict[str, Any], supported: tuple[str, ...], in_form: list[str], header: bytes | None
) -> None:
    """Configured, else supported and best for such a provider; without a secret it is a public client."""
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


def asserted(effect: Send) -> dict[str, Any]:
    """Return the claims of the assertion that a request carries; its signature must be the key's."""
    form = dict(parse_qsl(effect.request.body.decode()))
    assert verifies(form["client_assertion"], key_pair("ES256"), "ES256")
    assert "client_secret" not in form
    payload = form["client_assertion"].split(".")[1]
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


@pytest.mark.parametrize("secret", [None, "app-secret"])
def test_an_assertion_is_made_for_each_request(secret: str | None) -> None:
    """RFC 7523, 3: its time and its name are new, and the secret, where there is one, stays here."""
    settings = settings_with(
        client_secret=secret, client_assertion_signing_key=private_pem_of(key_pair("ES256"))
    )
    claims: list[dict[str, Any]] = []

    def see(effect: Send) -> bool:
        claims.append(asserted(effect))
        return True

    for number in (1, 2):
        replay(
            send_authenticated(settings, METADATA, ENDPOINT, FORM),
            [(Entropy(16), bytes([number]) * 16), (Now(), NOW + number), (see, HttpResponse(200))],
        )

    one, other = claims
    assert {"iss": "app", "sub": "app", "aud": ISSUER} == {
        name: one[name] for name in ("iss", "sub", "aud")
    }
    assert (base64url(bytes([1]) * 16), NOW + 1, NOW + 61) == (one["jti"], one["iat"], one["exp"])
    assert (base64url(bytes([2]) * 16), NOW + 2, NOW + 62) == (
        other["jti"],
        other["iat"],
        other["exp"],
    )


def test_no_endpoint_becomes_the_audience() -> None:
    """
    FAPI 2.0 Security Profile, 5.3.2.1: an assertion is good at one provider, wherever its metadata point.

    A provider that names the token endpoint of another one would else be sent an assertion that counts there.
    """
    settings = settings_with(client_assertion_signing_key=private_pem_of(key_pair("ES256")))
    elsewhere = "https://honest.example/token"
    metadata = evolve(METADATA, token_endpoint=elsewhere)

    def see(effect: Send) -> bool:
        assert elsewhere == effect.request.url
        return bool(asserted(effect)["aud"] == ISSUER)

    replay(
        send_authenticated(settings, metadata, elsewhere, FORM),
        [(Entropy, bytes(16)), (Now, NOW), (see, HttpResponse(200))],
    )
