"""Pushed authorization requests (RFC 9126): kept for a minute, used once."""

import secrets
import threading
from collections.abc import Mapping

from attrs import field, frozen

from .clock import Clock
from .errors import Refusal

__all__ = ["PushedRequestStore"]

_PREFIX = "urn:ietf:params:oauth:request_uri:"


@frozen
class _Pushed:
    client_id: str
    parameters: Mapping[str, str] = field(repr=False)
    expires_at: int


class PushedRequestStore:
    """Authorization requests that clients pushed and browsers have not asked for yet."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: dict[str, _Pushed] = {}

    def reset(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._waiting.clear()

    def push(self, client_id: str, parameters: Mapping[str, str], lifetime_seconds: int) -> str:
        """Keep a request and return its ``request_uri``."""
        request_uri = _PREFIX + secrets.token_urlsafe(32)
        expires_at = self._clock.now() + lifetime_seconds
        with self._lock:
            self._waiting[request_uri] = _Pushed(client_id, dict(parameters), expires_at)
        return request_uri

    def take(self, request_uri: str, client_id: str | None) -> Mapping[str, str]:
        """
        Take a request out of the store.

        Raises:
            Refusal: ``invalid_request_uri``, when it is unknown, used, expired or another
                client's (RFC 9126, section 4).
        """
        with self._lock:
            pushed = self._waiting.get(request_uri)
            if pushed is None:
                raise _bad_uri("The request_uri is not known, or was used before.")
            if pushed.client_id != client_id:
                raise _bad_uri("The request_uri was issued to another client than client_id says.")
            del self._waiting[request_uri]
        if pushed.expires_at <= self._clock.now():
            raise _bad_uri("The request_uri has expired.")
        return pushed.parameters


def _bad_uri(description: str) -> Refusal:
    return Refusal("invalid_request_uri", description)
