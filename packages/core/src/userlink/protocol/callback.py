"""
The callback: from the URL that a browser brought, to parameters that may be used.

An attacker can write this URL. It is parsed into a ``Callback``, in which nothing is believed yet; only
``check_issuer()`` and ``require_code()``, against the transaction it answers, lead to an authorization code.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from attrs import field, frozen

from userlink.errors import AuthorizationDenied, CallbackIssuerMismatch, InvalidCallback

from .values import Secret, as_secret

__all__ = [
    "LONGEST_CALLBACK",
    "Callback",
    "check_issuer",
    "parse_callback",
    "parse_logout_return",
    "require_code",
]

LONGEST_CALLBACK = 16_384  # characters; servers commonly stop at 8 KiB, JWT codes run to some 4 KiB
_MOST_PARAMETERS = 32
_SINGLE = ("state", "code", "error", "error_description", "error_uri", "iss", "session_state")
_VISIBLE = re.compile(r"[\x20-\x7e]+")  # RFC 6749, appendices A.5 and A.11: VSCHAR
# RFC 6749, appendices A.7 and A.8: NQSCHAR, printable ASCII without quotation mark and backslash.
_NOT_ERROR_TEXT = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")


@frozen
class Callback:
    """
    The parameters of a callback, well-formed and not yet trusted.

    Attributes:
        state: names the transaction.
        code: the authorization code, or None when there is an error.
        error: the provider's error code, or None when there is a code.
        error_description: the provider's text for the error, or None.
        issuer: the ``iss`` parameter (RFC 9207), or None.
    """

    state: Secret = field(converter=as_secret)
    code: Secret | None
    error: str | None
    error_description: str | None
    issuer: str | None


def parse_callback(url: str) -> Callback:
    """
    Read the callback's parameters (RFC 6749, 4.1.2 and 4.1.2.1).

    Args:
        url: the whole URL that the browser requested, or its path and query.

    Raises:
        InvalidCallback: when it is too long, lacks ``state``, has neither or both of ``code`` and ``error``, or
            has a parameter twice (RFC 6749, 3.1).
    """
    parameters = _parameters(url)
    state, code, error = _state(parameters), parameters.get("code"), parameters.get("error")
    if (code is None) == (error is None):
        both = "both" if code is not None else "neither"
        raise InvalidCallback(f"The callback has {both} of the parameters code and error.")
    if code is not None and _VISIBLE.fullmatch(code) is None:
        raise InvalidCallback("The callback's code is empty or has characters that no code has.")
    return Callback(
        state=state,
        code=None if code is None else Secret(code),
        error=None if error is None else _error_text(error) or "invalid_error",
        error_description=_error_text(parameters.get("error_description", "")) or None,
        issuer=parameters.get("iss"),
    )


def parse_logout_return(url: str) -> Secret:
    """
    Read the state that the provider's logout sends back (OIDC RP-Initiated Logout 1.0, 3).

    Args:
        url: the whole URL that the browser requested, or its path and query.

    Raises:
        InvalidCallback: when it is too long, lacks ``state``, or has it twice.
    """
    return Secret(_state(_parameters(url)))


def _parameters(url: str) -> dict[str, str]:
    if not isinstance(url, str):
        raise InvalidCallback("The callback URL is not a string.", hint="Pass str(request.url).")
    if len(url) > LONGEST_CALLBACK:
        raise InvalidCallback(f"The callback URL is longer than {LONGEST_CALLBACK} characters.")
    try:
        query = urlsplit(url).query
        given = parse_qsl(
            query, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS
        )
    except ValueError:
        raise InvalidCallback("The callback URL cannot be parsed.") from None
    parameters = dict(given)
    names = [name for name, _ in given]
    for name in _SINGLE:
        if names.count(name) > 1:
            raise InvalidCallback(f"The callback has the parameter {name} more than once.")
    return parameters


def _state(parameters: Mapping[str, str]) -> str:
    state = parameters.get("state")
    if state is None or _VISIBLE.fullmatch(state) is None:
        raise InvalidCallback("The callback has no usable state parameter.")
    return state


def check_issuer(callback: Callback, issuer: str, required: bool) -> None:
    """
    Check that the answer comes from the issuer that was asked (RFC 9207, 2.4).

    Args:
        callback: the parsed callback.
        issuer: the issuer of the transaction.
        required: whether the provider's metadata promise the parameter.

    Raises:
        CallbackIssuerMismatch: when ``iss`` is another one, or is missing though promised.
    """
    if callback.issuer is None:
        if required:
            raise CallbackIssuerMismatch(
                "The callback lacks iss, which the provider promises to send."
            )
    elif callback.issuer != issuer:
        raise CallbackIssuerMismatch("The callback's iss names another issuer than the one asked.")


def require_code(callback: Callback) -> Secret:
    """
    Return the authorization code of a callback whose issuer was checked.

    Raises:
        AuthorizationDenied: when the provider answered with an error instead.
    """
    if callback.code is None:
        raise AuthorizationDenied(
            f"The provider answered with the error {callback.error}.",
            error=callback.error or "",
            error_description=callback.error_description,
        )
    return callback.code


def _error_text(text: str) -> str:
    # The text comes from the URL: control characters and quotes have no business there (CRLF, HTML attributes).
    return _NOT_ERROR_TEXT.sub("", text[:1024])
