"""
Authorization parameters: the client's, the call's over them key by key, and on top those that the flow owns.

``{"audience": "urn:my:api"}`` of the client and ``{"audience": "urn:another:api", "foo": "bar"}`` of the call give
``{"audience": "urn:another:api", "foo": "bar"}``. A value of None removes a default.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from userlink.errors import InvalidOption, ReservedParameter

from .json_object import is_mapping, is_sequence
from .urls import is_secure_web_url, is_sendable
from .values import Secret

__all__ = [
    "RESERVED",
    "AuthorizationParams",
    "Params",
    "check_authorization_params",
    "merge",
    "pairs",
    "scope_set",
]

AuthorizationParams: TypeAlias = Mapping[str, str | int | Sequence[str] | None]
Params: TypeAlias = Mapping[str, str | tuple[str, ...] | None]

_BY_THE_FLOW = "Leave it out: every flow makes its own."
RESERVED: Mapping[str, str] = {
    "client_id": "Give it to the client as client_id.",
    "response_type": "Leave it out: userlink speaks the code flow only.",
    "response_mode": "Leave it out: callbacks arrive as a query.",
    "state": _BY_THE_FLOW,
    "nonce": _BY_THE_FLOW,
    "code_challenge": _BY_THE_FLOW,
    "code_challenge_method": _BY_THE_FLOW,
    "id_token_hint": "Leave it out: links and unlinks send the session's ID token.",
    "requested_connection": "Use the option connection of start_link_user() or start_unlink_user().",
    "requested_connection_scope": "Use the option connection_scope of start_link_user().",
    "request": "Leave it out: request objects would bypass the flow's own parameters.",
    "request_uri": "Leave it out: request objects would bypass the flow's own parameters.",
}
_NAME = re.compile(
    r"[-._0-9A-Za-z]+"
)  # RFC 6749, 8.2: no padding, no letters that only look the same
_REPEATABLE = frozenset({"resource"})  # RFC 8707, 2


def check_authorization_params(params: object) -> Params:
    """
    Check parameters as an application gives them, and bring their values into one form.

    Args:
        params: a mapping of names to strings, integers, None, or lists of strings where a specification lets
            the parameter repeat (``resource``, RFC 8707).

    Raises:
        ReservedParameter: when one belongs to the flow, in any letter case.
        InvalidOption: when a name or a value is of the wrong form.
    """
    if not is_mapping(params):
        raise InvalidOption("authorization_params is not a mapping.")
    return {_checked_name(name): _checked_value(name, params[name]) for name in params}


def _checked_name(name: object) -> str:
    if not isinstance(name, str) or not name:
        raise InvalidOption("authorization_params has a name that is not a string.")
    advice = RESERVED.get(name.lower())
    if advice is not None:
        raise ReservedParameter(
            f"authorization_params may not set {name}, which the flow owns.", hint=advice
        )
    if _NAME.fullmatch(name) is None:
        raise InvalidOption(
            f"The parameter name {name!r} has characters other than letters, digits, '-', '.' and '_'."
        )
    return name


def _checked_value(name: str, value: object) -> str | tuple[str, ...] | None:
    if name == "redirect_uri":
        return _checked_redirect_uri(value)
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
        return str(value)
    if is_sequence(value):
        if name not in _REPEATABLE:
            raise InvalidOption(f"The parameter {name} has a list, and may not be sent repeatedly.")
        if all(isinstance(item, str) and is_sendable(item) for item in value):
            return tuple(value)
    if isinstance(value, str) and is_sendable(value):
        return value
    raise InvalidOption(
        f"The value of the parameter {name} is not a string that can be sent, an integer or None."
    )


def _checked_redirect_uri(value: object) -> str | None:
    if value is None:
        return None
    # RFC 9700, 2.6 and RFC 8252, 7.3: plain http is for loopback only.
    if not isinstance(value, str) or "#" in value or not is_secure_web_url(value):
        raise InvalidOption(
            "The redirect_uri is not an absolute https URL, nor http to a loopback host.",
            hint="Give the complete URL, such as https://app.example/auth/callback.",
        )
    return value


def merge(client: Params, call: Params) -> dict[str, str | tuple[str, ...]]:
    """Lay the call's parameters over the client's, key by key, and drop those whose value is None."""
    return {name: value for name, value in {**client, **call}.items() if value is not None}


def scope_set(required: Iterable[str], asked: str | None) -> str:
    """
    Join scopes as a set, the required ones first (RFC 6749, 3.3).

    ``scope_set(("openid", "link_account"), "openid email")`` is ``"openid link_account email"``.
    """
    return " ".join(dict.fromkeys((*required, *(asked or "").split())))


def pairs(params: Mapping[str, str | Secret | tuple[str, ...]]) -> list[tuple[str, str]]:
    """Lay parameters out for encoding: a repeated one as often as it has values, secrets opened."""
    return [
        (name, value)
        for name, values in params.items()
        for value in (values if isinstance(values, tuple) else (_opened(values),))
    ]


def _opened(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value
