"""The keys that sign (RS256 only), made when the tenant starts and kept in memory alone."""

import threading
from collections.abc import Mapping
from typing import Any

from attrs import frozen
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization, RSAKey

__all__ = ["ALGORITHM", "KEY_SIZE_BITS", "SigningKeys", "VerifiedToken"]

ALGORITHM = "RS256"
KEY_SIZE_BITS = 2048


@frozen(repr=False)
class VerifiedToken:
    """The header and claims of a token whose signature is one of ours."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]


class SigningKeys:
    """The current signing key and those before it that are still published."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys = [_new_key()]

    def sign(self, claims: Mapping[str, Any], *, token_type: str = "JWT") -> str:
        """Sign claims with the current key; ``token_type`` becomes the header's ``typ``."""
        key = self.current
        header = {"alg": ALGORITHM, "kid": key.kid, "typ": token_type}
        return jwt.encode(header, dict(claims), key, [ALGORITHM])

    def verify(self, token: str) -> VerifiedToken | None:
        """Return what a token says if its signature is ours, or None; claims are not judged."""
        try:
            decoded = jwt.decode(token, self.key_set, [ALGORITHM])
        except (JoseError, ValueError):
            return None
        return VerifiedToken(decoded.header, decoded.claims)

    def rotate(self, *, keep_old: bool = True) -> str:
        """
        Make a new signing key and return its ``kid``.

        Args:
            keep_old: keep publishing the old keys, so that what they signed stays valid.
        """
        key = _new_key()
        with self._lock:
            self._keys = [key, *(self._keys if keep_old else [])]
        return key.kid or ""

    @property
    def current(self) -> RSAKey:
        """The key that signs."""
        with self._lock:
            return self._keys[0]

    @property
    def key_set(self) -> KeySet:
        """All keys, private parts included."""
        with self._lock:
            return KeySet(list(self._keys))

    def public(self) -> KeySetSerialization:
        """Return the JWK set to publish (RFC 7517), without any private part."""
        return self.key_set.as_dict(private=False)


def _new_key() -> RSAKey:
    return RSAKey.generate_key(
        KEY_SIZE_BITS, parameters={"use": "sig", "alg": ALGORITHM}, auto_kid=True
    )
