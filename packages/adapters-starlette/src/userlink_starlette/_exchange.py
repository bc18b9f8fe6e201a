"""A Starlette request, and the response that will leave, as userlink sees them."""

from typing import TypeGuard

from starlette.requests import HTTPConnection
from starlette.responses import Response

from userlink import StoreOptions
from userlink.plugins.cookie_header import parse_cookie_header
from userlink.web.waiting_cookies import PendingExchange

from ._pending import find

__all__ = ["bind_starlette"]


def bind_starlette(store_options: StoreOptions) -> PendingExchange | None:
    """Return the exchange of store options that hold a Starlette request, None for others."""
    request: object = store_options.get("request")
    if not _is_connection(request):
        return None
    response: object = store_options.get("response")
    return PendingExchange(
        parse_cookie_header(request.headers.getlist("cookie")),
        find(request.scope, response if isinstance(response, Response) else None),
    )


def _is_connection(value: object) -> TypeGuard[HTTPConnection]:
    return isinstance(value, HTTPConnection)
