"""Records sealed in cookies, by hand: JSON, AES-256-GCM, base64url, and values split over several cookies."""

import base64
import json
import os
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from benchmarks.web import Request, Response

__all__ = ["delete_cookie", "read_cookie", "seal", "unseal", "write_cookie"]

_NONCE_BYTES = 12
_ROOM = 3900  # characters of a value in one cookie


def seal(cipher: AESGCM, record: object, purpose: str) -> str:
    """Write a record as JSON and seal it for a purpose."""
    plain = json.dumps(record, separators=(",", ":")).encode()
    nonce = os.urandom(_NONCE_BYTES)
    sealed = nonce + cipher.encrypt(nonce, plain, purpose.encode())
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def unseal(cipher: AESGCM, text: str, purpose: str) -> Any:
    """Open a record and read its JSON; None when it was not sealed with this key for this purpose."""
    try:
        sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        plain = cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose.encode())
        return json.loads(plain)
    except (ValueError, InvalidTag):
        return None


def read_cookie(cookies: Mapping[str, str], name: str) -> str:
    """Return the value of a cookie, joined when it was split; empty when there is none."""
    value = cookies.get(name)
    if value is not None:
        return value
    parts: list[str] = []
    while (part := cookies.get(f"{name}.{len(parts)}")) is not None:
        parts.append(part)
    return "".join(parts)


def write_cookie(request: Request, response: Response, name: str, value: str, max_age: int) -> None:
    """Set a cookie, split when it is too long for one, and delete what an older value leaves over."""
    if len(value) <= _ROOM:
        parts = {name: value}
    else:
        starts = range(0, len(value), _ROOM)
        parts = {f"{name}.{number}": value[at : at + _ROOM] for number, at in enumerate(starts)}
    for part, chunk in parts.items():
        _set(response, part, chunk, max_age)
    for held in request.cookies:
        if held not in parts and (held == name or held.startswith(f"{name}.")):
            delete_cookie(response, held)


def delete_cookie(response: Response, name: str) -> None:
    """Delete a cookie."""
    _set(response, name, "", 0)


def _set(response: Response, name: str, value: str, max_age: int) -> None:
    response.set_cookie(
        name, value, max_age=max_age, path="/", secure=True, httponly=True, samesite="Lax"
    )
