"""
Logout token validation, in full and always: OIDC Back-Channel Logout 1.0, 2.4 and 2.6.

How the signature is verified, ``signed_token.py`` says. That a token counts once is for the flow to see to.
"""

import re
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from userlink.errors import LogoutTokenInvalid

from .id_token import LOGOUT_EVENT
from .json_object import is_mapping
from .signed_token import TokenKind, check_audience, seconds_claim

__all__ = ["LOGOUT_TOKEN", "LogoutToken", "check_logout_claims"]

_LONGEST_LOGOUT_TOKEN = (
    16_384  # characters; one with a certificate chain in its header stays below 8 KiB
)
# Tokens should say ``logout+jwt`` (2.4), and none has to. Some providers say ``JWT``, as of any token: what tells those
# from ID tokens is the event, which an ID token may not have, and the nonce.
LOGOUT_TOKEN = TokenKind(
    "logout token", ("logout+jwt", "jwt"), _LONGEST_LOGOUT_TOKEN, LogoutTokenInvalid
)
_NAME = re.compile(r"[\x20-\x7e]{1,255}")


@frozen
class LogoutToken:
    """
    What a logout token says, every check passed.

    Attributes:
        issuer: whose sessions end.
        client_id: for whom it was made.
        subject: all sessions of this user end, unless ``sid`` narrows it; or None.
        sid: that one session of the provider's ends; or None.
        jti: the token's own name, by which a second use is known.
        expires_at: Unix seconds until which the use must be remembered.
    """

    issuer: str
    client_id: str
    subject: str | None
    sid: str | None
    jti: str = field(repr=False)
    expires_at: int


def check_logout_claims(
    claims: Mapping[str, Any], issuer: str, client_id: str, now: int, clock_skew_seconds: int
) -> LogoutToken:
    """
    Check every claim of a verified logout token (2.6, steps 3 to 7).

    Args:
        claims: of the token.
        issuer: the provider's issuer identifier.
        client_id: the audience.
        now: Unix seconds.
        clock_skew_seconds: how far the provider's clock may be off.

    Raises:
        LogoutTokenInvalid: naming the first claim that is missing or wrong.
    """
    if claims.get("iss") != issuer:
        LOGOUT_TOKEN.refuse_claim("iss", "is not the provider's issuer")
    check_audience(LOGOUT_TOKEN, claims, client_id)
    expires_at = _checked_times(claims, now, clock_skew_seconds)
    events = claims.get("events")
    if not is_mapping(events) or not is_mapping(events.get(LOGOUT_EVENT)):
        LOGOUT_TOKEN.refuse_claim("events", "does not announce a logout")
    if "nonce" in claims:
        LOGOUT_TOKEN.refuse_claim("nonce", "is there, and only ID tokens have one")
    jti = _name(claims, "jti")
    if jti is None:
        LOGOUT_TOKEN.refuse_claim("jti", "is missing")
    subject, sid = _name(claims, "sub"), _name(claims, "sid")
    if subject is None and sid is None:
        LOGOUT_TOKEN.refuse_claim("sid", "is missing, and sub is too")
    return LogoutToken(issuer, client_id, subject, sid, jti, expires_at)


def _checked_times(claims: Mapping[str, Any], now: int, skew: int) -> int:
    expires_at = seconds_claim(LOGOUT_TOKEN, claims, "exp")
    if expires_at <= now - skew:
        LOGOUT_TOKEN.refuse_claim("exp", "is past")
    for name in ("iat", "nbf"):
        if (name == "iat" or name in claims) and (
            seconds_claim(LOGOUT_TOKEN, claims, name) > now + skew
        ):
            LOGOUT_TOKEN.refuse_claim(name, "lies in the future")
    # So long, and a second for what a fraction hides, it would be accepted again.
    return int(expires_at) + skew + 1


def _name(claims: Mapping[str, Any], claim: str) -> str | None:
    value = claims.get(claim)
    if value is None:
        return None
    if not isinstance(value, str) or _NAME.fullmatch(value) is None:
        LOGOUT_TOKEN.refuse_claim(claim, "is not a string of 1 to 255 printable ASCII characters")
    return value
