"""
Client authentication at the token, PAR and revocation endpoints (RFC 6749, section 2.3).

Authlib's own check tries one method after the other; this one looks at what was sent, and can
therefore say what is wrong with it.
"""

import base64
import binascii
import hmac
from urllib.parse import unquote_plus

from werkzeug.datastructures import MultiDict

from .config import Client
from .errors import Refusal
from .state import TenantState

__all__ = ["authenticate_client"]


def authenticate_client(
    state: TenantState, authorization: str | None, form: MultiDict[str, str]
) -> tuple[Client, str]:
    """
    Return the client that sent a request, and the method it used.

    Raises:
        Refusal: ``invalid_client``, or ``invalid_request`` for two methods at once.
    """
    client_id, secret, method = _credentials(authorization, form)
    client = state.client(client_id)
    if client is None:
        raise _invalid("The client_id is missing or not registered at this tenant.")
    if method not in client.auth_methods:
        raise _invalid(
            f"The client used {method}, and is registered for {' or '.join(client.auth_methods)}."
        )
    if secret is not None and not _equal(secret, client.client_secret or ""):
        raise _invalid("The client_secret is wrong.")
    return client, method


def _credentials(
    authorization: str | None, form: MultiDict[str, str]
) -> tuple[str | None, str | None, str]:
    in_form = form.get("client_id") or None
    if "client_assertion" in form or "client_assertion_type" in form:
        raise _invalid("Client assertions are not supported by this tenant.")
    if authorization is None:
        secret = form.get("client_secret") or None
        return in_form, secret, "none" if secret is None else "client_secret_post"
    if "client_secret" in form:
        raise Refusal(
            "invalid_request",
            "The client authenticated twice, in the Authorization header and in the body.",
        )
    client_id, secret = _basic(authorization)
    if in_form not in (None, client_id):
        raise Refusal(
            "invalid_request", "The client_id in the body is not that of the Authorization header."
        )
    return client_id, secret, "client_secret_basic"


def _basic(header: str) -> tuple[str, str]:
    """Read an Authorization header; both parts are form-encoded (RFC 6749, section 2.3.1)."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise _invalid("The Authorization header is not of the scheme Basic.")
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        raise _invalid("The Authorization header is not base64 of UTF-8 text.") from None
    client_id, colon, secret = text.partition(":")
    if not colon or not secret:
        raise _invalid("The Authorization header holds no client_secret.")
    return unquote_plus(client_id), unquote_plus(secret)


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _invalid(description: str) -> Refusal:
    challenge = (("WWW-Authenticate", 'Basic realm="devtenant"'),)
    return Refusal("invalid_client", description, status=401, headers=challenge)
