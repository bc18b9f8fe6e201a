"""How the client proves itself to the endpoints that it calls (RFC 6749, 2.3; OIDC Core, 9), and what it sends them."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Literal, TypeAlias
from urllib.parse import quote_plus

from attrs import field, frozen

from .params import pairs
from .urls import form_encode
from .values import HttpRequest, Secret

__all__ = [
    "AuthMethod",
    "ClientAuthentication",
    "FormParameters",
    "authenticate",
    "choose_method",
    "form_request",
]

FormParameters: TypeAlias = Mapping[str, str | Secret | tuple[str, ...]]
AuthMethod: TypeAlias = Literal[
    "client_secret_basic", "client_secret_post", "private_key_jwt", "none"
]
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"  # RFC 7523, 2.2


@frozen
class ClientAuthentication:
    """What authentication adds to a request: headers, and parameters of the body."""

    headers: Mapping[str, str] = field(repr=False)
    parameters: Mapping[str, str] = field(repr=False)


def choose_method(
    configured: AuthMethod | None,
    has_key: bool,
    has_secret: bool,
    supported: tuple[str, ...],
    preferred: AuthMethod,
) -> AuthMethod:
    """
    Choose the method: the configured one, else the client's key, else the way of two that the provider supports.

    Args:
        configured: what the application asked for, or None.
        has_key: whether the client has a key to sign with, which is better than a secret: it never leaves.
        has_secret: whether the client has a secret; with neither, it is a public client.
        supported: the provider's ``token_endpoint_auth_methods_supported``.
        preferred: what this kind of provider is best sent.
    """
    if configured is not None:
        return configured
    if has_key:
        return "private_key_jwt"
    if not has_secret:
        return "none"
    if preferred in supported:
        return preferred
    if "client_secret_post" in supported and "client_secret_basic" not in supported:
        return "client_secret_post"
    return "client_secret_basic"


def authenticate(
    method: AuthMethod,
    client_id: str,
    client_secret: Secret | None,
    assertion: Secret | None = None,
) -> ClientAuthentication:
    """
    Return what the method adds to a request.

    Args:
        method: as chosen. ``none`` names the client, and leaves the proof to PKCE.
        client_id: the client's.
        client_secret: for the methods that send it.
        assertion: for ``private_key_jwt``; made for this one request. The secret is then not sent.
    """
    if assertion is not None:
        proof = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion.reveal()}
        return ClientAuthentication({}, {"client_id": client_id, **proof})
    if method == "none" or client_secret is None:
        return ClientAuthentication({}, {"client_id": client_id})
    if method == "client_secret_post":
        return ClientAuthentication(
            {}, {"client_id": client_id, "client_secret": client_secret.reveal()}
        )
    # RFC 6749, 2.3.1: both parts are form-encoded before they are joined.
    pair = f"{quote_plus(client_id)}:{quote_plus(client_secret.reveal())}"
    return ClientAuthentication({"authorization": f"Basic {b64encode(pair.encode()).decode()}"}, {})


def form_request(
    endpoint: str, parameters: FormParameters, proof: ClientAuthentication
) -> HttpRequest:
    """
    Build a request of the client to an endpoint of the provider (RFC 6749, 3.2 and appendix B).

    Args:
        endpoint: where it goes.
        parameters: what is sent; secrets are opened here, and nowhere on the way.
        proof: what authenticates the client; its parameters count when both have one of a name.
    """
    headers = {
        "accept": "application/json",
        "content-type": "application/x-www-form-urlencoded",
        **proof.headers,
    }
    body = form_encode(pairs({**parameters, **proof.parameters})).encode()
    return HttpRequest("POST", endpoint, headers, body)
