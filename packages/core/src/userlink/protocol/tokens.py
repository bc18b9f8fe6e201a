"""The token endpoint (RFC 6749, 4.1.3, 5 and 6; OIDC Core, 3.1.3 and 12): requests, answers, refusals."""

import re
from collections.abc import Mapping
from typing import Any, NoReturn

from attrs import frozen

from userlink.errors import TokenRequestRefused, TokenResponseInvalid

from .client_auth import FormParameters
from .oauth_answer import answered_members, error_code_of
from .transaction import Transaction
from .values import HttpResponse, Secret

__all__ = ["TokenResponse", "code_parameters", "parse_token_response", "refresh_parameters"]

_TOKEN = re.compile(
    r"[\x20-\x7e]+"
)  # RFC 6749, A.12 and A.17: VSCHAR; it goes into headers and forms
_MOST_SECONDS = 10**11  # three thousand years


@frozen
class TokenResponse:
    """
    A successful answer of the token endpoint.

    Attributes:
        access_token: the token.
        expires_in: its lifetime in seconds, or None when the provider did not say.
        scope: what was granted, or None when that is what was asked for (RFC 6749, 5.1).
        id_token: the encoded ID token, not yet validated, or None.
        refresh_token: or None.
    """

    access_token: Secret
    expires_in: int | None
    scope: str | None
    id_token: Secret | None
    refresh_token: Secret | None


def code_parameters(transaction: Transaction, code: Secret) -> FormParameters:
    """Return what exchanges a code; its redirect_uri is the transaction's, byte for byte."""
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": transaction.redirect_uri,
        "code_verifier": transaction.code_verifier,
    }


def refresh_parameters(
    refresh_token: Secret, asked_for: Mapping[str, str] | None = None
) -> FormParameters:
    """
    Return what renews the tokens of a session (RFC 6749, 6).

    Args:
        refresh_token: the session's.
        asked_for: what to ask for beyond what the refresh token came with: ``audience``, ``scope``.
    """
    return {
        **(asked_for or {}),
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
    }


def parse_token_response(response: HttpResponse) -> TokenResponse:
    """
    Judge the token endpoint's answer.

    Raises:
        TokenRequestRefused: when it is an error (RFC 6749, 5.2).
        TokenResponseInvalid: when it is neither a success nor an error as specified.
    """
    members = _members(response)
    if response.status != 200:
        _refuse(response, members)
    access_token, token_type = _optional_token(members, "access_token"), members.get("token_type")
    if access_token is None:
        raise TokenResponseInvalid("The token endpoint's answer has no access_token.")
    # RFC 6749, 7.1: a client must not use a token whose type it does not understand.
    if not isinstance(token_type, str) or token_type.lower() != "bearer":
        raise TokenResponseInvalid(
            "The token endpoint's answer has another token_type than Bearer."
        )
    return TokenResponse(
        access_token=access_token,
        expires_in=_expires_in(members),
        scope=_optional_string(members, "scope"),
        id_token=_optional_token(members, "id_token"),
        refresh_token=_optional_token(members, "refresh_token"),
    )


def _members(response: HttpResponse) -> Mapping[str, Any]:
    members = answered_members(response)
    if members is None and response.status == 200:
        raise TokenResponseInvalid(
            "The token endpoint's answer is not a JSON object of the type application/json."
        )
    return members or {}


def _refuse(response: HttpResponse, members: Mapping[str, Any]) -> NoReturn:
    error = error_code_of(members)
    if error is None:
        raise TokenResponseInvalid(
            f"The token endpoint answered with HTTP status {response.status} and no OAuth error."
        )
    raise TokenRequestRefused(
        f"The token endpoint refused the request with {error} (HTTP status {response.status}).",
        error=error,
        status=response.status,
    )


def _expires_in(members: Mapping[str, Any]) -> int | None:
    seconds = members.get("expires_in")
    if seconds is None:
        return None
    if isinstance(seconds, str) and seconds.isdecimal() and len(seconds) < 12:
        seconds = int(seconds)  # a common deviation, and harmless
    if (
        isinstance(seconds, bool)
        or not isinstance(seconds, int)
        or not 0 <= seconds < _MOST_SECONDS
    ):
        raise TokenResponseInvalid("The token endpoint's expires_in is not a number of seconds.")
    return seconds


def _optional_string(members: Mapping[str, Any], name: str) -> str | None:
    value = members.get(name)
    if value is not None and not isinstance(value, str):
        raise TokenResponseInvalid(f"The token endpoint's {name} is not a string.")
    return value


def _optional_token(members: Mapping[str, Any], name: str) -> Secret | None:
    value = _optional_string(members, name)
    if not value:
        return None
    if _TOKEN.fullmatch(value) is None:
        raise TokenResponseInvalid(
            f"The token endpoint's {name} has characters that no token may have."
        )
    return Secret(value)
