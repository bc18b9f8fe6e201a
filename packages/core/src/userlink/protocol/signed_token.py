"""
Signed tokens of the provider (RFC 7515, RFC 7519), taken apart and verified: what ID tokens and logout tokens share.

The header is believed in nothing but the choice of a key: algorithms come from the configuration, keys from the
provider's key set, and ``jwk``, ``jku``, ``x5u`` and ``x5c`` are never looked at.
"""

from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any, NoReturn, TypeAlias

from attrs import field, frozen

from userlink.errors import IdTokenInvalid, LogoutTokenInvalid

from .json_object import is_sequence, parse_json_object
from .keys import IMPLEMENTED_BY, KeySet
from .pkce import from_base64url
from .values import Secret

__all__ = [
    "SignedToken",
    "TokenKind",
    "check_audience",
    "parse_signed_token",
    "seconds_claim",
    "verify",
]

TokenInvalid: TypeAlias = type[IdTokenInvalid] | type[LogoutTokenInvalid]
_LONGEST = 65_536  # characters of any token of any kind


@frozen
class TokenKind:
    """
    A kind of token: no token of one kind may pass as one of another (RFC 8725, 2.8).

    Attributes:
        name: for messages.
        types: what ``typ`` may say, in lower case; tokens without it are accepted (RFC 8725, 3.11).
        longest: characters.
        error: what is raised.
    """

    name: str
    types: tuple[str, ...]
    longest: int
    error: TokenInvalid

    def refuse(self, check: str, reason: str) -> NoReturn:
        """Raise the kind's error: which check failed, and what the token does or is."""
        raise self.error(f"The {self.name} {reason}.", check=check)

    def refuse_claim(self, claim: str, reason: str) -> NoReturn:
        """Raise the kind's error: which claim is wrong, and how."""
        raise self.error(f"The {self.name}'s {claim} {reason}.", check=claim)


@frozen
class SignedToken:
    """
    A JWS in compact form, taken apart and not yet verified.

    Attributes:
        kind: what it has to be.
        alg: from the header, found among the allowed algorithms.
        kid: from the header, or None.
        parts: the token as joserfc took it apart.
    """

    kind: TokenKind = field(repr=False)
    alg: str
    kid: str | None
    parts: Any = field(repr=False)


def parse_signed_token(kind: TokenKind, token: Secret, algorithms: tuple[str, ...]) -> SignedToken:
    """
    Take a token apart and check its header (RFC 7515, 4 and 4.1; RFC 8725, 3.1 and 3.11).

    Raises:
        IdTokenInvalid: or the error of the kind, when it is no JWS, its algorithm is not allowed, it is a token of
            another type, or its header is critical in ways unknown.
    """
    from joserfc.errors import JoseError
    from joserfc.jws import extract_compact

    # The token is in no variable: error reporters show what is in a frame.
    if len(token.reveal()) > kind.longest:
        kind.refuse("size", f"is longer than {kind.longest} characters")
    taken_apart = None
    with suppress(JoseError, ValueError, RecursionError):
        parts = extract_compact(token.reveal().encode(), registry=_registry(None))
        # joserfc takes the last of two members of one name; others may take the first.
        taken_apart = parts, parse_json_object(from_base64url(token.reveal().partition(".")[0]))
    if taken_apart is None:
        kind.refuse("form", "is not a signed JWT in compact form")
    parts, header = taken_apart
    if header is None:
        kind.refuse("form", "has a header that is not a JSON object whose names are unique")
    alg, kid = header.get("alg"), header.get("kid")
    if alg not in algorithms:
        kind.refuse("alg", "is signed with an algorithm that is not allowed")
    if "crit" in header:
        kind.refuse("crit", "has a header with critical extensions")
    if "kid" in header and not isinstance(kid, str):
        kind.refuse("kid", "has a kid that is not a string")
    if "typ" in header and _media_type(header["typ"]) not in kind.types:
        kind.refuse("typ", "is a token of another type")
    return SignedToken(kind, alg, kid, parts)


def _media_type(typ: object) -> str:
    return str(typ).lower().removeprefix("application/")  # RFC 7515, 4.1.9


def verify(token: SignedToken, keys: KeySet) -> Mapping[str, Any] | None:
    """
    Verify the signature and return the claims, or None when the key that made it is not in the set.

    Without a ``kid``, exactly one key must verify; if none does, the set may be out of date.

    Raises:
        IdTokenInvalid: or the error of the token's kind, when the signature is wrong or the payload is no JSON object.
    """
    candidates = keys.candidates(token.kid, token.alg)
    verifying = sum(_verifies(token, key.material) for key in candidates)
    if not candidates or (token.kid is None and not verifying):
        return None
    if verifying != 1:
        token.kind.refuse("signature", "has a signature that does not verify")
    claims = parse_json_object(token.parts.payload)
    if claims is None:
        token.kind.refuse("form", "has a payload that is not a JSON object")
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
    registry.max_header_length = registry.max_signature_length = _LONGEST
    if alg is not None:
        registry.allowed = [alg]
        registry.algorithms = {alg: JWSRegistry.algorithms[IMPLEMENTED_BY.get(alg, alg)]}
    return registry


def check_audience(kind: TokenKind, claims: Mapping[str, Any], client_id: str) -> None:
    """
    Check that a token is for this client, and for it alone (OIDC Core, 3.1.3.7, steps 3 to 5).

    Raises:
        IdTokenInvalid: or the error of the kind.
    """
    audience, authorized_party = claims.get("aud"), claims.get("azp")
    audiences = [audience] if isinstance(audience, str) else audience
    if not is_sequence(audiences) or client_id not in audiences:
        kind.refuse_claim("aud", "does not name this client")
    if len(audiences) > 1 and authorized_party is None:
        kind.refuse_claim("azp", "is missing, though there are several audiences")
    if authorized_party is not None and authorized_party != client_id:
        kind.refuse_claim("azp", "names another client")


def seconds_claim(kind: TokenKind, claims: Mapping[str, Any], name: str) -> float:
    """
    Return a claim that is a time (RFC 7519, 2: NumericDate).

    Raises:
        IdTokenInvalid: or the error of the kind, when it is missing or no time.
    """
    value = claims.get(name)
    # NaN compares false with everything, and infinity never expires.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        kind.refuse_claim(name, "is not a time in seconds")
    return value
