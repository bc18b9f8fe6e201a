"""
ID token validation, in full and always: OIDC Core 3.1.3.7 and 3.1.3.8, with RFC 8725 for JWT hygiene.

The header is believed in nothing but the choice of a key: algorithms come from the configuration, keys from the
provider's key set, and ``jwk``, ``jku``, ``x5u`` and ``x5c`` are never looked at.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NoReturn

from attrs import field, frozen

from userlink.errors import IdTokenInvalid

from .json_object import is_sequence, parse_json_object
from .keys import IMPLEMENTED_BY, KeySet
from .pkce import base64url, from_base64url
from .values import Secret

__all__ = [
    "LONGEST_ID_TOKEN",
    "Expected",
    "SignedToken",
    "check_claims",
    "parse_signed_token",
    "verify",
]

LONGEST_ID_TOKEN = 65_536  # characters; a token with hundreds of groups stays below 16 KiB
# RFC 8725, 3.11: access tokens, logout tokens and others say what they are; ID tokens say this or nothing.
_TYPES = ("jwt", "application/jwt")
_SUBJECT = re.compile(r"[\x20-\x7e]{1,255}")
_HASHES: Mapping[str, str] = {"256": "sha256", "384": "sha384", "512": "sha512"}


@frozen
class SignedToken:
    """
    A JWS in compact form, taken apart and not yet verified.

    Attributes:
        alg: from the header, found among the allowed algorithms.
        kid: from the header, or None.
        parts: the token as joserfc took it apart.
    """

    alg: str
    kid: str | None
    parts: Any = field(repr=False)


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


def parse_signed_token(token: Secret, algorithms: tuple[str, ...]) -> SignedToken:
    """
    Take a token apart and check its header (RFC 7515, 4 and 4.1; RFC 8725, 3.1 and 3.11).

    Raises:
        IdTokenInvalid: when it is no JWS, its algorithm is not allowed, it is a token of another type, or its header
            is critical in ways unknown.
    """
    from joserfc.errors import JoseError
    from joserfc.jws import extract_compact

    # The token is in no variable: error reporters show what is in a frame.
    if len(token.reveal()) > LONGEST_ID_TOKEN:
        raise IdTokenInvalid(
            f"The ID token is longer than {LONGEST_ID_TOKEN} characters.", check="size"
        )
    try:
        parts = extract_compact(token.reveal().encode(), registry=_registry(None))
        # joserfc takes the last of two members of one name; others may take the first.
        header = parse_json_object(from_base64url(token.reveal().partition(".")[0]))
    except (JoseError, ValueError, RecursionError):
        raise IdTokenInvalid(
            "The ID token is not a signed JWT in compact form.", check="form"
        ) from None
    if header is None:
        raise IdTokenInvalid(
            "The ID token's header is not a JSON object whose names are unique.", check="form"
        )
    alg, kid = header.get("alg"), header.get("kid")
    if alg not in algorithms:
        raise IdTokenInvalid(
            "The ID token is signed with an algorithm that is not allowed.", check="alg"
        )
    if "crit" in header:
        raise IdTokenInvalid("The ID token's header has critical extensions.", check="crit")
    if "kid" in header and not isinstance(kid, str):
        raise IdTokenInvalid("The ID token's kid is not a string.", check="kid")
    if "typ" in header and str(header["typ"]).lower() not in _TYPES:
        raise IdTokenInvalid("The token is of another type than an ID token.", check="typ")
    return SignedToken(alg, kid, parts)


def verify(token: SignedToken, keys: KeySet) -> Mapping[str, Any] | None:
    """
    Verify the signature and return the claims, or None when the key that made it is not in the set.

    Without a ``kid``, exactly one key must verify; if none does, the set may be out of date.

    Raises:
        IdTokenInvalid: when the signature is wrong or the payload is no JSON object.
    """
    candidates = keys.candidates(token.kid, token.alg)
    verifying = sum(_verifies(token, key.material) for key in candidates)
    if not candidates or (token.kid is None and not verifying):
        return None
    if verifying != 1:
        raise IdTokenInvalid("The ID token's signature does not verify.", check="signature")
    claims = parse_json_object(token.parts.payload)
    if claims is None:
        raise IdTokenInvalid("The ID token's payload is not a JSON object.", check="form")
    return claims


def _verifies(token: SignedToken, material: Any) -> bool:
    from joserfc.errors import JoseError
    from joserfc.jws import validate_compact

    try:
        return validate_compact(token.parts, material, registry=_registry(token.alg))
    except (JoseError, ValueError):
        return False


@cache
def _registry(alg: str | None) -> Any:
    from joserfc.jws import JWSRegistry

    # Strict header checks would refuse headers that providers really add; ours are above. So is the limit of size:
    # joserfc's own would refuse a header with a certificate chain, and signatures of large keys.
    registry = JWSRegistry(strict_check_header=False)
    registry.max_header_length = registry.max_signature_length = LONGEST_ID_TOKEN
    if alg is not None:
        registry.allowed = [alg]
        registry.algorithms = {alg: JWSRegistry.algorithms[IMPLEMENTED_BY.get(alg, alg)]}
    return registry


def check_claims(claims: Mapping[str, Any], alg: str, expected: Expected) -> None:
    """
    Check every claim of a verified ID token (OIDC Core, 3.1.3.7, steps 2, 3 and 9 to 13; 3.1.3.8).

    Raises:
        IdTokenInvalid: naming the first claim that is missing or wrong.
    """
    if claims.get("iss") != expected.issuer:
        _refuse("iss", "is not the provider's issuer")
    subject = claims.get("sub")
    if not isinstance(subject, str) or _SUBJECT.fullmatch(subject) is None:
        _refuse("sub", "is not a string of 1 to 255 printable ASCII characters")
    _check_audience(claims, expected.client_id)
    _check_times(claims, expected)
    if expected.nonce is not None:
        nonce = claims.get("nonce")
        if not isinstance(nonce, str) or not expected.nonce.matches(nonce):
            _refuse("nonce", "is not the one that was sent")
    _check_at_hash(claims, alg, expected.access_token)


def _check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    audience, authorized_party = claims.get("aud"), claims.get("azp")
    audiences = [audience] if isinstance(audience, str) else audience
    if not is_sequence(audiences) or client_id not in audiences:
        _refuse("aud", "does not name this client")
    if len(audiences) > 1 and authorized_party is None:
        _refuse("azp", "is missing, though there are several audiences")
    if authorized_party is not None and authorized_party != client_id:
        _refuse("azp", "names another client")


def _check_times(claims: Mapping[str, Any], expected: Expected) -> None:
    skew = expected.clock_skew_seconds
    if _time(claims, "exp") <= expected.now - skew:
        _refuse("exp", "is past")
    if _time(claims, "iat") > expected.now + skew:
        _refuse("iat", "lies in the future")
    if "nbf" in claims and _time(claims, "nbf") > expected.now + skew:
        _refuse("nbf", "lies in the future")
    if "auth_time" in claims:
        _ = _time(claims, "auth_time")


def _time(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    # NaN compares false with everything, and infinity never expires.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        _refuse(name, "is not a time in seconds")
    return value


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
        _refuse("at_hash", "does not belong to the access token")


def _refuse(claim: str, reason: str) -> NoReturn:
    raise IdTokenInvalid(f"The ID token's {claim} {reason}.", check=claim)
