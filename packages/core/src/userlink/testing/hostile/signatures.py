"""The provider's keys, and tokens signed with them, with others, or not at all (RFC 7515, 3.1 and 7.1)."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from userlink.protocol.pkce import base64url

from ..keys import KeyAlgorithm, SigningKey

__all__ = [
    "ALGORITHMS",
    "ProviderKeys",
    "compact",
    "hmac_signed",
    "shared_key",
    "with_broken_signature",
]

ALGORITHMS: tuple[KeyAlgorithm, ...] = ("RS256", "ES256", "PS256", "EdDSA")


@cache
def shared_key(kid: str, algorithm: KeyAlgorithm) -> SigningKey:
    """Return the key of this name: the same one in the whole process, as making RSA keys takes its time."""
    key = SigningKey(kid, algorithm)
    _ = key.public_jwk  # made now, and not while an application waits for it
    return key


class ProviderKeys:
    """
    The keys of a provider: one for each algorithm, and those that came by rotation.

    Args:
        name: tells the keys of two providers apart.

    Attributes:
        signing: the key that signs now.
        published: what the key set lists.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._usual = [shared_key(f"{name}-{each}", each) for each in ALGORITHMS]
        self._rotations = 0
        self.signing = self._usual[0]
        self.published = list(self._usual)

    def reset(self) -> None:
        """Sign and publish as in the beginning. Keys that were made by rotation are never used again."""
        self.signing = self._usual[0]
        self.published = list(self._usual)

    def of(self, algorithm: KeyAlgorithm) -> SigningKey:
        """Return the usual key for an algorithm."""
        return next(key for key in self._usual if key.algorithm == algorithm)

    def rotate(self) -> SigningKey:
        """Sign with a new key from now on; the old ones stay published."""
        self._rotations += 1
        self.signing = SigningKey(f"{self._name}-rotated-{self._rotations}", "ES256")
        self.published.append(self.signing)
        return self.signing


def compact(header: bytes, payload: bytes, sign: Callable[[bytes], bytes]) -> str:
    """Return a JWS in compact form, whatever its header says."""
    data = f"{base64url(header)}.{base64url(payload)}"
    return f"{data}.{base64url(sign(data.encode()))}"


def hmac_signed(claims: Mapping[str, Any], secret: bytes, **header: object) -> str:
    """Return claims as a JWT by HS256, keyed with whatever bytes these are."""
    members = {"alg": "HS256", "typ": "JWT", **header}

    def sign(data: bytes) -> bytes:
        return hmac.new(secret, data, hashlib.sha256).digest()

    return compact(json.dumps(members).encode(), json.dumps(claims).encode(), sign)


def with_broken_signature(token: str) -> str:
    """Return a token with one bit of its signature turned over."""
    head, _, signature = token.rpartition(".")
    other = "B" if signature[10] == "A" else "A"
    return f"{head}.{signature[:10]}{other}{signature[11:]}"
