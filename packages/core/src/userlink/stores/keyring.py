"""From the application's secrets to keys: HKDF-SHA256 (RFC 5869), once, when the client is built."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import field, frozen

from userlink.protocol.pkce import base64url

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = ["SealingKey", "derive_keys"]

_KEY_BYTES = 32  # AES-256
_KEY_ID_BYTES = 6


@frozen
class SealingKey:
    """
    One key for one purpose.

    Attributes:
        key_id: names the secret it comes from without giving it away.
        aead: the cipher, ready for use.
        material: the key itself.
    """

    key_id: str
    aead: "AESGCM" = field(repr=False)
    material: bytes = field(repr=False)


def derive_keys(secrets: Sequence[bytes], *purpose: str) -> tuple[SealingKey, ...]:
    """
    Derive one key from each secret.

    Args:
        secrets: at least one; the first is for sealing, all are for opening.
        purpose: one text or several, none with a NUL. They go into the derivation, so that what is sealed for one
            purpose opens for no other.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    info = "\0".join(purpose)
    keys: list[SealingKey] = []
    for secret in secrets:
        material = _hkdf(secret, f"userlink/1 seal {info}", _KEY_BYTES)
        key_id = base64url(_hkdf(secret, f"userlink/1 key id {info}", _KEY_ID_BYTES))
        keys.append(SealingKey(key_id, AESGCM(material), material))
    return tuple(keys)


def _hkdf(secret: bytes, info: str, length: int) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info.encode()).derive(secret)
