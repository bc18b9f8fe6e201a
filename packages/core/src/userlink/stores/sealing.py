"""
Sealing: JWE in compact form, ``dir`` with ``A256GCM`` (RFC 7516, 7.1; RFC 7518, 4.5 and 5.3).

The protected header is authenticated, and names the key and the id that the record is sealed for. It is never
parsed: the one header that a record may have is built and compared, so nothing in a forged one is believed.
The format is JOSE's, and joserfc opens it (the tests do); the few lines here save what a general library spends on
headers it has to read, which is more than the encryption itself.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

from userlink.protocol.pkce import base64url, from_base64url

from .keyring import SealingKey

__all__ = ["LONGEST_SEALED", "Sealer"]

# Characters: a session in a store holds tokens of up to a MiB, an answer's limit. Cookies never come near it.
LONGEST_SEALED = 2_097_152
_IV_BYTES = 12  # RFC 7518, 5.3
_TAG_BYTES = 16


class Sealer:
    """
    Seals and opens records of one purpose.

    Args:
        keys: from ``derive_keys()``; the first seals, any opens.
        entropy: returns this many unpredictable bytes.
    """

    __slots__ = ("_entropy", "_keys")

    def __init__(self, keys: Sequence[SealingKey], entropy: Callable[[int], bytes]) -> None:
        self._keys = tuple((_header_start(key), key.aead) for key in keys)
        self._entropy = entropy

    def seal(self, payload: bytes, record_id: str) -> str:
        """
        Encrypt and authenticate a record.

        Args:
            payload: the record.
            record_id: what it will be looked up by: ASCII without quotation marks and backslashes.
        """
        start, aead = self._keys[0]
        header = _header(start, record_id)
        iv = self._entropy(_IV_BYTES)
        sealed = aead.encrypt(iv, payload, header.encode("ascii"))
        ciphertext, tag = sealed[:-_TAG_BYTES], sealed[-_TAG_BYTES:]
        return f"{header}..{base64url(iv)}.{base64url(ciphertext)}.{base64url(tag)}"

    def open(self, sealed: str, record_id: str) -> bytes | None:
        """Return the record, or None when the text is anything but a record sealed for this id by one of the keys."""
        if len(sealed) > LONGEST_SEALED or not record_id.isascii():
            return None
        for start, aead in self._keys:
            header = _header(start, record_id)
            if sealed.startswith(header):
                return _decrypt(aead.decrypt, header, sealed[len(header) :])
        return None


def _decrypt(
    decrypt: Callable[[bytes, bytes, bytes], bytes], header: str, rest: str
) -> bytes | None:
    from cryptography.exceptions import InvalidTag

    try:
        # RFC 7516, 7.1: header.encrypted_key.iv.ciphertext.tag; with "dir" the encrypted key is empty.
        before, encrypted_key, iv, ciphertext, tag = rest.split(".")
        if before or encrypted_key:
            return None
        vector, authentication = from_base64url(iv), from_base64url(tag)
        if len(vector) != _IV_BYTES or len(authentication) != _TAG_BYTES:
            return None
        return decrypt(vector, from_base64url(ciphertext) + authentication, header.encode("ascii"))
    except (ValueError, InvalidTag):
        return None


def _header_start(key: SealingKey) -> str:
    return f'{{"alg":"dir","enc":"A256GCM","kid":"{key.key_id}","id":"'


@lru_cache(maxsize=64)  # the name of the session's cookie comes back with every request
def _header(start: str, record_id: str) -> str:
    return base64url(f'{start}{record_id}"}}'.encode("ascii"))
