"""
Client assertions (``private_key_jwt``: RFC 7523; OIDC Core, section 9): each is good for one use.

The audience must be the issuer and nothing else, as current guidance has it. A tenant that took the
address of an endpoint too would hide the mistake of a client that sends it.
"""

import threading
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from .clock import Clock

__all__ = ["ASSERTION_ALGORITHMS", "ASSERTION_TYPE", "AssertionLog", "read_public_key"]

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_ALGORITHMS = ("RS256", "RS384", "PS256", "ES256", "EdDSA")
MAX_LIFETIME_SECONDS = 300  # Auth0's limit


def read_public_key(pem: str) -> Key:
    """
    Import a public key from PEM.

    Raises:
        ValueError: when it is none, or of a kind that no assertion is signed with.
    """
    try:
        key = load_pem_public_key(pem.encode())
    except UnsupportedAlgorithm as error:
        raise ValueError(str(error)) from error
    if isinstance(key, RSAPublicKey):
        return RSAKey.import_key(key)
    if isinstance(key, EllipticCurvePublicKey):
        return ECKey.import_key(key)
    if isinstance(key, Ed25519PublicKey):
        return OKPKey.import_key(key)
    raise ValueError("no algorithm is for such a key")


class AssertionLog:
    """Judges assertions, and remembers those that were used until they expire."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._used: dict[tuple[str, str], int] = {}

    def reset(self) -> None:
        """Forget them."""
        with self._lock:
            self._used.clear()

    def problem_with(
        self, assertion: str, client_id: str, public_key: str, issuer: str
    ) -> str | None:
        """Use an assertion up; return what is wrong with it, or None."""
        claims = _verified(assertion, read_public_key(public_key))
        if claims is None:
            return "its signature is not that of the client's key"
        if (claims.get("iss"), claims.get("sub")) != (client_id, client_id):
            return "its iss and sub are not the client_id"
        if claims.get("aud") != issuer:
            return f"its aud is not the issuer, {issuer}, and that alone"
        expires_at, now = claims.get("exp"), self._clock.now()
        if not isinstance(expires_at, int) or not now < expires_at <= now + MAX_LIFETIME_SECONDS:
            return f"its exp is not within the next {MAX_LIFETIME_SECONDS} seconds"
        jti = claims.get("jti")
        if not isinstance(jti, str) or not self._use(client_id, jti, expires_at):
            return "its jti is missing or was used before"
        return None

    def _use(self, client_id: str, jti: str, expires_at: int) -> bool:
        now = self._clock.now()
        with self._lock:
            self._used = {name: end for name, end in self._used.items() if end > now}
            if (client_id, jti) in self._used:
                return False
            self._used[client_id, jti] = expires_at
            return True


def _verified(assertion: str, key: Key) -> dict[str, Any] | None:
    registry = JWSRegistry(algorithms=list(ASSERTION_ALGORITHMS))
    # joserfc warns of the name EdDSA at every use; RFC 9864 calls the same algorithm Ed25519.
    registry.algorithms = {
        name: JWSRegistry.algorithms["Ed25519" if name == "EdDSA" else name]
        for name in ASSERTION_ALGORITHMS
    }
    try:
        return jwt.decode(assertion, key, registry=registry).claims
    except (JoseError, ValueError):
        return None
