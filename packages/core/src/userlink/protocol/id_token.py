"""
ID token validation, in full and always: OIDC Core 3.1.3.7 and 3.1.3.8, with RFC 8725 for JWT hygiene.

How the signature is verified, ``signed_token.py`` says.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from userlink.errors import IdTokenInvalid

from .json_object import is_mapping
from .pkce import base64url
from .signed_token import TokenKind, check_audience, seconds_claim
from .values import Secret

__all__ = ["ID_TOKEN", "LOGOUT_EVENT", "LONGEST_ID_TOKEN", "Expected", "check_claims"]

LONGEST_ID_TOKEN = 65_536  # characters; a token with hundreds of groups stays below 16 KiB
# RFC 8725, 3.11: access tokens, logout tokens and others say what they are; ID tokens say this or nothing.
ID_TOKEN = TokenKind("ID token", ("jwt",), LONGEST_ID_TOKEN, IdTokenInvalid)
# The member of ``events`` that makes a token a logout token (OIDC Back-Channel Logout, 2.4).
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_SUBJECT = re.compile(r"[\x20-\x7e]{1,255}")
_HASHES: Mapping[str, str] = {"256": "sha256", "384": "sha384", "512": "sha512"}


@frozen
class Expected:
    """
    What an ID token must say.

    Attributes:
        issuer: the provider's issuer identifier.
        client_id: the audience.
        now: Unix seconds.
        clock_skew_seconds: how far the provider's clock may be off.
        nonce: the transaction's; None for a refreshed token (OIDC Core, 12.2).
        access_token: what came beside the ID token, for ``at_hash``.
    """

    issuer: str
    client_id: str
    now: int
    clock_skew_seconds: int
    nonce: Secret | None
    access_token: Secret | None = None


def check_claims(claims: Mapping[str, Any], alg: str, expected: Expected) -> None:
    """
    Check every claim of a verified ID token (OIDC Core, 3.1.3.7, steps 2, 3 and 9 to 13; 3.1.3.8).

    Raises:
        IdTokenInvalid: naming the first claim that is missing or wrong.
    """
    if claims.get("iss") != expected.issuer:
        ID_TOKEN.refuse_claim("iss", "is not the provider's issuer")
    subject = claims.get("sub")
    if not isinstance(subject, str) or _SUBJECT.fullmatch(subject) is None:
        ID_TOKEN.refuse_claim("sub", "is not a string of 1 to 255 printable ASCII characters")
    check_audience(ID_TOKEN, claims, expected.client_id)
    _check_times(claims, expected)
    events = claims.get("events")
    if is_mapping(events) and LOGOUT_EVENT in events:
        ID_TOKEN.refuse_claim("events", "makes it a logout token")
    if expected.nonce is not None:
        nonce = claims.get("nonce")
        if not isinstance(nonce, str) or not expected.nonce.matches(nonce):
            ID_TOKEN.refuse_claim("nonce", "is not the one that was sent")
    _check_at_hash(claims, alg, expected.access_token)


def _check_times(claims: Mapping[str, Any], expected: Expected) -> None:
    skew = expected.clock_skew_seconds
    if _time(claims, "exp") <= expected.now - skew:
        ID_TOKEN.refuse_claim("exp", "is past")
    if _time(claims, "iat") > expected.now + skew:
        ID_TOKEN.refuse_claim("iat", "lies in the future")
    if "nbf" in claims and _time(claims, "nbf") > expected.now + skew:
        ID_TOKEN.refuse_claim("nbf", "lies in the future")
    if "auth_time" in claims:
        _ = _time(claims, "auth_time")


def _time(claims: Mapping[str, Any], name: str) -> float:
    return seconds_claim(ID_TOKEN, claims, name)


def _check_at_hash(claims: Mapping[str, Any], alg: str, access_token: Secret | None) -> None:
    at_hash = claims.get("at_hash")
    if at_hash is None or access_token is None:
        return  # optional in the code flow (OIDC Core, 3.1.3.6)
    # Ed25519 hashes with SHA-512 inside, and so does its at_hash.
    name = _HASHES.get(alg[-3:], "sha512")
    whole = hashlib.new(name, access_token.reveal().encode("utf-8", "surrogatepass")).digest()
    left_half = base64url(whole[: len(whole) // 2])
    if not isinstance(at_hash, str) or not hmac.compare_digest(
        at_hash.encode("utf-8", "surrogatepass"), left_half.encode()
    ):
        ID_TOKEN.refuse_claim("at_hash", "does not belong to the access token")
