"""Cookies that are waiting for the response of one request."""

import logging
from collections.abc import MutableMapping
from typing import Any, Protocol

from starlette.datastructures import MutableHeaders
from starlette.responses import Response

from userlink import Cookie, CookiesNotWritable

__all__ = [
    "PendingCookies",
    "ResponseCookies",
    "WaitingCookies",
    "discard",
    "find",
    "hold",
    "keep_from_caches",
]

_logger = logging.getLogger("userlink.starlette")

_KEY = "userlink_starlette.cookies"
_PRIVATE = {
    "private",
    "no-store",
}  # without arguments: private="set-cookie" lets caches have the rest
_VARYING = {"cookie", "*"}


class PendingCookies(Protocol):
    """Where the cookies of one request wait."""

    @property
    def by_name(self) -> dict[str, Cookie]:
        """What was set so far, by name."""
        ...

    @property
    def writable(self) -> bool:
        """Whether a cookie set now will reach the browser."""
        ...

    def put(self, cookie: Cookie) -> None:
        """Set a cookie; a later one of the same name replaces it."""
        ...


class WaitingCookies:
    """Cookies that the middleware puts on whichever response leaves; one object for each request."""

    __slots__ = ("_leaving", "by_name")

    def __init__(self) -> None:
        self.by_name: dict[str, Cookie] = {}
        self._leaving = False

    @property
    def writable(self) -> bool:
        """Whether the response has not left yet."""
        return not self._leaving

    def put(self, cookie: Cookie) -> None:
        """
        Let a cookie wait for the response.

        Raises:
            CookiesNotWritable: when the headers of the response are on their way, or the request is over.
        """
        if self._leaving:
            raise CookiesNotWritable(
                f"The response has left without the cookie {cookie.name}.",
                hint="Finish with userlink before the response starts: not while it streams,"
                " and not in a background task.",
            )
        self.by_name[cookie.name] = cookie

    def leave(self) -> list[Cookie]:
        """Hand over what waits, once; nothing can be added any more."""
        leaving = [] if self._leaving else list(self.by_name.values())
        self._leaving = True
        return leaving

    def lose(self) -> None:
        """End the waiting without a response, and log the names of the cookies that are lost."""
        lost = self.leave()
        if lost:
            _logger.warning(
                "%d cookies were not sent, because no response of the application left through UserlinkMiddleware: %s",
                len(lost),
                ", ".join(cookie.name for cookie in lost),
            )


class ResponseCookies:
    """
    Cookies set directly on the response that a caller gave, where there is no middleware.

    Args:
        response: the one that will leave.
    """

    __slots__ = ("by_name", "response")

    def __init__(self, response: Response) -> None:
        self.response = response
        self.by_name: dict[str, Cookie] = {}

    @property
    def writable(self) -> bool:
        """Always: whether the response is the one that leaves is for the caller to know."""
        return True

    def put(self, cookie: Cookie) -> None:
        """Set the cookie on the response, in the place of an earlier one of the same name."""
        self.by_name[cookie.name] = cookie
        start = f"{cookie.name}=".encode("latin-1")
        self.response.raw_headers = [
            header
            for header in self.response.raw_headers
            if not (header[0].lower() == b"set-cookie" and header[1].startswith(start))
        ]
        headers = MutableHeaders(raw=self.response.raw_headers)
        headers.append("set-cookie", cookie.header())
        keep_from_caches(headers)


def keep_from_caches(headers: MutableHeaders) -> None:
    """
    Keep a response with cookies out of shared caches, whatever the application said about the page (RFC 9111, 7.3).

    ``private`` and ``no-store`` stay as they are; all else gives way, because a cache that everybody shares would hand
    one user's session to the others. ``Vary`` says that the page without the cookie is another one.
    """
    if _PRIVATE.isdisjoint(_members(headers, "cache-control")):
        headers["cache-control"] = "no-store"
    if _VARYING.isdisjoint(_members(headers, "vary")):
        headers.add_vary_header("Cookie")


def _members(headers: MutableHeaders, name: str) -> set[str]:
    """Return the members of a list, over all fields of the name (RFC 9110, 5.6.1)."""
    return {each.strip().lower() for each in ",".join(headers.getlist(name)).split(",")}


def find(scope: MutableMapping[str, Any], response: Response | None) -> PendingCookies | None:
    """
    Return where cookies of a request wait: in the middleware if there is one, else on the response if one was given.

    Calls with the same request and response are given the same object, so that each sees what those before it set.
    """
    held: object = scope.get(_KEY)
    if isinstance(held, WaitingCookies):
        return held
    if response is None:
        return None
    if isinstance(held, ResponseCookies) and held.response is response:
        return held
    created = scope[_KEY] = ResponseCookies(response)
    return created


def discard(scope: MutableMapping[str, Any]) -> None:
    """
    Let the cookies of a request that has failed leave no more, and log which ones those are.

    Where all of them delete something they do leave, so that a logout holds; where one is set, what it replaces stays.
    """
    held: object = scope.get(_KEY)
    if isinstance(held, WaitingCookies) and any(each.max_age > 0 for each in held.by_name.values()):
        held.lose()


def hold(scope: MutableMapping[str, Any]) -> WaitingCookies | None:
    """Begin to hold the cookies of a request; None when a middleware further out holds them already."""
    held: object = scope.get(_KEY)
    if isinstance(held, WaitingCookies) and held.writable:
        return None
    created = scope[_KEY] = WaitingCookies()
    return created
