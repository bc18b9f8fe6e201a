"""What an application can choose about the ready-made routes."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response

from userlink import CallbackResult, UserlinkError
from userlink.web.route_options import BaseRouteOptions, RouteName

__all__ = ["OnError", "OnSuccess", "RouteName", "RouteOptions"]

OnSuccess: TypeAlias = Callable[
    [Request, CallbackResult], Awaitable[Response | None] | Response | None
]
OnError: TypeAlias = Callable[
    [Request, UserlinkError], Awaitable[Response | None] | Response | None
]


@frozen(kw_only=True)
class RouteOptions(BaseRouteOptions[OnSuccess, OnError]):
    """
    Options of ``add_userlink()`` and ``userlink_routes()``: those of every adapter, documented in the reference.

    ``names`` are those of the routes, ``userlink_login`` and so on where nothing is said. ``on_success`` and
    ``on_error`` return a response or None; they may be coroutines, and plain ones run in a thread.

    Raises:
        ConfigurationError: when an option cannot work.
    """

    def name(self, route: RouteName) -> str:
        """Return the name of a route, for ``url_path_for()``."""
        return self.names.get(route, f"userlink_{route}")
