"""
Client authentication at the token, PAR and revocation endpoints (RFC 6749, section 2.3).

Authlib's own check tries one method after the other; this one looks at what was sent, and can
therefore say what is wrong with it.
"""

import base64
import binascii
import hmac
import json
from base64 import urlsafe_b64decode
from urllib.parse import unquote_plus

from attrs import field, frozen
from werkzeug.datastructures import MultiDict

from .client_assertions import ASSERTION_TYPE
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
    given = _credentials(authorization, form)
    client = state.client(given.client_id)
    if client is None:
        raise _invalid("The client_id is missing or not registered at this tenant.")
    if given.method not in client.auth_methods:
        raise _invalid(
            f"The client used {given.method}, and is registered for"
            f" {' or '.join(client.auth_methods)}."
        )
    if given.method == "private_key_jwt":
        _check_assertion(state, client, given.proof or "")
    elif given.proof is not None and not _equal(given.proof, client.client_secret or ""):
        raise _invalid("The client_secret is wrong.")
    return client, given.method


@frozen
class _Credentials:
    client_id: str | None
    method: str
    proof: str | None = field(default=None, repr=False)


def _credentials(authorization: str | None, form: MultiDict[str, str]) -> _Credentials:
    in_form = form.get("client_id") or None
    asserted = "client_assertion" in form or "client_assertion_type" in form
    if sum((authorization is not None, "client_secret" in form, asserted)) > 1:
        raise Refusal(
            "invalid_request",
            "The client authenticated twice: in the header, by a secret or by an assertion in the"
            " body. One of them is enough.",
        )
    if asserted:
        return _asserted(in_form, form)
    if authorization is None:
        secret = form.get("client_secret") or None
        method = "none" if secret is None else "client_secret_post"
        return _Credentials(in_form, method, secret)
    client_id, secret = _basic(authorization)
    if in_form not in (None, client_id):
        raise Refusal(
            "invalid_request", "The client_id in the body is not that of the Authorization header."
        )
    return _Credentials(client_id, "client_secret_basic", secret)


def _asserted(in_form: str | None, form: MultiDict[str, str]) -> _Credentials:
    """Read an assertion; who it speaks for is believed once its signature was verified."""
    assertion = form.get("client_assertion", "")
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise _invalid(f"The client_assertion_type is not {ASSERTION_TYPE}.")
    if in_form is None:  # RFC 7521, section 4.2: it may be left out
        try:
            subject = json.loads(urlsafe_b64decode(f"{assertion.split('.')[1]}==")).get("sub")
        except (ValueError, IndexError, AttributeError):
            raise _invalid("The client_assertion is not a JWT.") from None
        in_form = subject if isinstance(subject, str) else None
    return _Credentials(in_form, "private_key_jwt", assertion)


def _check_assertion(state: TenantState, client: Client, assertion: str) -> None:
    problem = state.assertions.problem_with(
        assertion, client.client_id, client.public_key or "", state.issuer
    )
    if problem is not None:
        raise _invalid(f"The client_assertion is refused: {problem}.")


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
