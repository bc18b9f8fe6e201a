"""Proof Key for Code Exchange (RFC 7636), S256 only, and the base64url form that it and JOSE share."""

import hashlib
from binascii import a2b_base64, b2a_base64

__all__ = ["base64url", "code_challenge", "digest", "from_base64url"]

_PADDING = (b"", b"===", b"==", b"=")
# Bits that the last character has to spare are zero; others become a character that is refused (RFC 4648, 3.5).
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_LAST = tuple(
    bytes(byte if byte in _ALPHABET[::step] else 0x21 for byte in range(256))
    for step in (1, 1, 16, 4)
)


def base64url(data: bytes) -> str:
    """Encode bytes in base64url without padding (RFC 7515, appendix C)."""
    # Replacing twice takes a quarter of the time of bytes.translate(): sessions are thousands of characters long.
    encoded = b2a_base64(data, newline=False).rstrip(b"=")
    return encoded.replace(b"+", b"-").replace(b"/", b"_").decode("ascii")


def from_base64url(text: str) -> bytes:
    """
    Decode base64url without padding: no two texts give the same bytes.

    Raises:
        ValueError: when the text is not base64url, or not what ``base64url()`` makes of those bytes.
    """
    if "+" in text or "/" in text:
        raise ValueError("this is base64 and not base64url")
    data = text.encode("ascii").replace(b"-", b"+").replace(b"_", b"/")
    beyond = len(data) % 4
    last = data[-1:].translate(_LAST[beyond])
    return a2b_base64(data[:-1] + last + _PADDING[beyond], strict_mode=True)


def digest(text: str) -> str:
    """Return the SHA-256 of an ASCII string in base64url: a name for a secret that does not give it away."""
    return base64url(hashlib.sha256(text.encode("ascii")).digest())


def code_challenge(code_verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636, 4.2)."""
    return digest(code_verifier)
