"""An RS256 ID token validated by hand (OIDC Core, 3.1.3.7): signature, and every claim."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

__all__ = ["decode", "read_json", "validate"]

_SKEW_SECONDS = 60


def validate(
    token: str,
    keys: Mapping[str, RSAPublicKey],
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    access_token: str,
    now: int,
) -> dict[str, Any]:
    """Return the claims of a token; raise ValueError when anything about it is wrong."""
    signed, _, signature = token.rpartition(".")
    header_part, _, payload = signed.partition(".")
    header = read_json(decode(header_part))
    key = keys.get(header.get("kid", ""))
    if header.get("alg") != "RS256" or "crit" in header or key is None:
        raise ValueError("header")
    try:
        key.verify(decode(signature), signed.encode(), PKCS1v15(), SHA256())
    except InvalidSignature:
        raise ValueError("signature") from None
    claims = read_json(decode(payload))
    subject = claims.get("sub")
    if claims.get("iss") != issuer:
        raise ValueError("iss")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isascii():
        raise ValueError("sub")
    _check_audience(claims, client_id)
    _check_times(claims, now)
    if not hmac.compare_digest(str(claims.get("nonce")), nonce):
        raise ValueError("nonce")
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    at_hash = base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    if "at_hash" in claims and not hmac.compare_digest(str(claims["at_hash"]), at_hash):
        raise ValueError("at_hash")
    return claims


def _check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    audiences = claims.get("aud")
    if isinstance(audiences, str):
        audiences = [audiences]
    if not isinstance(audiences, list) or client_id not in audiences:
        raise ValueError("aud")
    if claims.get("azp", client_id if len(audiences) == 1 else None) != client_id:
        raise ValueError("azp")


def _check_times(claims: Mapping[str, Any], now: int) -> None:
    if _time(claims, "exp") <= now - _SKEW_SECONDS:
        raise ValueError("exp")
    if _time(claims, "iat") > now + _SKEW_SECONDS:
        raise ValueError("iat")
    if "nbf" in claims and _time(claims, "nbf") > now + _SKEW_SECONDS:
        raise ValueError("nbf")
    if "auth_time" in claims:
        _time(claims, "auth_time")


def _time(claims: Mapping[str, Any], name: str) -> float:
    time = claims.get(name)
    if isinstance(time, bool) or not isinstance(time, int | float) or not 0 <= time < 1e12:
        raise ValueError(name)
    return time


def read_json(data: bytes) -> dict[str, Any]:
    """Read a JSON object; one that means different things to different readers is refused (RFC 7519, 4)."""
    members: object = json.loads(data, object_pairs_hook=_unique, parse_constant=_refuse)
    return members if isinstance(members, dict) else _refuse("no object")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name is there twice")
    return members


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def decode(text: str) -> bytes:
    """Decode base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
