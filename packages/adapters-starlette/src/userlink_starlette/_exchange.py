"""A Starlette request, and the response that will leave, as userlink sees them."""

from typing import TypeGuard

from starlette.requests import HTTPConnection
from starlette.responses import Response

from userlink import Cookie, CookieOverlay, CookiesNotWritable, StoreOptions
from userlink.plugins.cookie_header import parse_cookie_header

from ._pending import PendingCookies, find

__all__ = ["StarletteExchange", "bind_starlette"]


class StarletteExchange(CookieOverlay):
    """
    An exchange over a Starlette request.

    The cookies are read from the raw header: ``request.cookies`` tidies names, and so takes what a sibling host has
    planted for ours, past the ``__Host-`` of the name.

    Args:
        request: whose cookies are read.
        pending: where cookies wait for the response; None when there is none.
    """

    __slots__ = ("_target",)

    def __init__(self, request: HTTPConnection, pending: PendingCookies | None) -> None:
        received = parse_cookie_header(request.headers.getlist("cookie"))
        super().__init__(received, {} if pending is None else pending.by_name)
        self._target = pending

    @property
    def writable(self) -> bool:
        """Whether a cookie set now will reach the browser."""
        return self._target is not None and self._target.writable

    def set_cookie(self, cookie: Cookie) -> None:
        """
        Set a cookie on the response that will leave.

        Raises:
            CookiesNotWritable: when there is none, or it has left.
        """
        if self._target is None:
            raise CookiesNotWritable("There is no response to set cookies on.")
        self._target.put(cookie)


def bind_starlette(store_options: StoreOptions) -> StarletteExchange | None:
    """Return the exchange of store options that hold a Starlette request, None for others."""
    request: object = store_options.get("request")
    if not _is_connection(request):
        return None
    response: object = store_options.get("response")
    return StarletteExchange(
        request, find(request.scope, response if isinstance(response, Response) else None)
    )


def _is_connection(value: object) -> TypeGuard[HTTPConnection]:
    return isinstance(value, HTTPConnection)
