"""Pushed authorization requests at a provider in memory (RFC 9126)."""

import json
from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from attrs import define, field

from userlink.protocol.urls import add_query
from userlink.protocol.values import HttpRequest, HttpResponse
from userlink.runtime.clock import Clock

from .authorization import AuthorizationEndpoint, AuthorizationError, RequestRefused
from .registration import Registration

__all__ = ["PushedAuthorization", "PushedRequests"]

PushedAuthorization: TypeAlias = Literal["off", "offered", "required"]

_NO_STORE = {"content-type": "application/json", "cache-control": "no-store"}
_LIFETIME_SECONDS = 60
_CREDENTIALS = ("client_secret", "client_assertion", "client_assertion_type")


@define
class PushedRequests:
    """
    Keeps what the client pushes, until a browser names it, and no longer than a minute.

    Args:
        choice: whether requests may be pushed, or must.
        registration: of the client.
        authorization: judges what is pushed.
        token: returns a string that nobody guesses.
        clock: tells the time.
    """

    choice: PushedAuthorization
    registration: Registration
    authorization: AuthorizationEndpoint
    token: Callable[[], str]
    clock: Clock
    _waiting: dict[str, tuple[str, int]] = field(factory=dict[str, tuple[str, int]], init=False)

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer a request: with a ``request_uri``, or with the error that RFC 9126, 2.3 has for it."""
        if request.headers.get("content-type") != "application/x-www-form-urlencoded":
            return _json(415, {"error": "invalid_request"})
        pairs = parse_qsl(request.body.decode(), keep_blank_values=True)
        form = dict(pairs)
        if not self.registration.is_proved_by(request.headers.get("authorization"), form):
            return _json(401, {"error": "invalid_client"})
        if self.choice == "off" or "request_uri" in form:
            return _json(400, {"error": "invalid_request"})
        kept = [(name, value) for name, value in pairs if name not in _CREDENTIALS]
        url = add_query(self.authorization.url, kept)
        try:
            self.authorization.check(self.authorization.read(url))
        except RequestRefused:
            return _json(400, {"error": "invalid_request"})
        except AuthorizationError as error:
            return _json(400, {"error": error.error})
        request_uri = f"urn:ietf:params:oauth:request_uri:{self.token()}"
        self._waiting[request_uri] = url, self.clock() + _LIFETIME_SECONDS
        return _json(201, {"request_uri": request_uri, "expires_in": _LIFETIME_SECONDS})

    def opened(self, url: str) -> str:
        """
        Return the URL that a browser would carry if nothing had been pushed; what was pushed is then spent.

        Raises:
            RequestRefused: when what it names was not pushed, is too old, or another parameter is needed.
        """
        query = dict(parse_qsl(urlsplit(url).query))
        request_uri = query.get("request_uri")
        if request_uri is None:
            if self.choice == "required":
                raise RequestRefused("requests must be pushed")
            return url
        if query.get("client_id") != self.registration.client_id:
            raise RequestRefused("the client_id is unknown")
        pushed, expires_at = self._waiting.pop(request_uri, ("", 0))
        if expires_at <= self.clock():
            raise RequestRefused("the request_uri is unknown, or was used, or has expired")
        return pushed


def _json(status: int, members: Mapping[str, object]) -> HttpResponse:
    return HttpResponse(status, _NO_STORE, json.dumps(members).encode())
