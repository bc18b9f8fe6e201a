"""Proof Key for Code Exchange (RFC 7636), S256 only, and the base64url form that it and JOSE share."""

import hashlib
from binascii import a2b_base64, b2a_base64

__all__ = ["base64url", "code_challenge", "digest", "from_base64url"]

_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_", b"+/")
_PADDING = (b"", b"===", b"==", b"=")


def base64url(data: bytes) -> str:
    """Encode bytes in base64url without padding (RFC 7515, appendix C)."""
    return b2a_base64(data, newline=False).translate(_TO_URL).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """
    Decode base64url without padding.

    Raises:
        ValueError: when the text is not base64url.
    """
    data = text.encode("ascii").translate(_FROM_URL)
    return a2b_base64(data + _PADDING[len(data) % 4], strict_mode=True)


def digest(text: str) -> str:
    """Return the SHA-256 of an ASCII string in base64url: a name for a secret that does not give it away."""
    return base64url(hashlib.sha256(text.encode("ascii")).digest())


def code_challenge(code_verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636, 4.2)."""
    return digest(code_verifier)
