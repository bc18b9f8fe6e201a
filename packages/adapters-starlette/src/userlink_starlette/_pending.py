"""Cookies that are waiting for the response of one request."""

import logging
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.responses import Response

from userlink import Cookie
from userlink.web.caching import is_for_one_user, varies_by_cookie
from userlink.web.waiting_cookies import PendingCookies, WaitingCookies

__all__ = [
    "RequestCookies",
    "ResponseCookies",
    "discard",
    "find",
    "hold",
    "keep_from_caches",
]

_logger = logging.getLogger("userlink.starlette")

_KEY = "userlink_starlette.cookies"


class RequestCookies(WaitingCookies):
    """Cookies that the middleware puts on whichever response leaves; one object for each request."""

    __slots__ = ()

    def lose(self) -> None:
        """End the waiting without a response, and log the names of the cookies that are lost."""
        _log(self.leave())


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

    ``private`` and ``no-store`` stay as they are; all else gives way.
    """
    if not is_for_one_user(headers.getlist("cache-control")):
        headers["cache-control"] = "no-store"
    if not varies_by_cookie(headers.getlist("vary")):
        headers.add_vary_header("Cookie")


def find(scope: MutableMapping[str, Any], response: Response | None) -> PendingCookies | None:
    """
    Return where cookies of a request wait: in the middleware if there is one, else on the response if one was given.

    Calls with the same request and response are given the same object, so that each sees what those before it set.
    """
    held: object = scope.get(_KEY)
    if isinstance(held, RequestCookies):
        return held
    if response is None:
        return None
    if isinstance(held, ResponseCookies) and held.response is response:
        return held
    created = scope[_KEY] = ResponseCookies(response)
    return created


def discard(scope: MutableMapping[str, Any]) -> None:
    """Let the cookies of a request that has failed leave no more, unless all of them delete, and log which ones."""
    held: object = scope.get(_KEY)
    if isinstance(held, RequestCookies):
        _log(held.discard())


def hold(scope: MutableMapping[str, Any]) -> RequestCookies | None:
    """Begin to hold the cookies of a request; None when a middleware further out holds them already."""
    held: object = scope.get(_KEY)
    if isinstance(held, RequestCookies) and held.writable:
        return None
    created = scope[_KEY] = RequestCookies()
    return created


def _log(lost: list[Cookie]) -> None:
    if lost:
        _logger.warning(
            "%d cookies were not sent, because no response of the application left through UserlinkMiddleware: %s",
            len(lost),
            ", ".join(cookie.name for cookie in lost),
        )
