"""What an application can choose about the ready-made routes."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from attrs import frozen
from flask import Request
from flask.typing import ResponseReturnValue

from userlink import CallbackResult, UserlinkError
from userlink.web.route_options import BaseRouteOptions, RouteName

__all__ = ["Answer", "OnError", "OnSuccess", "RouteName", "RouteOptions"]

Answer: TypeAlias = ResponseReturnValue | None
OnSuccess: TypeAlias = Callable[[Request, CallbackResult], Awaitable[Answer] | Answer]
OnError: TypeAlias = Callable[[Request, UserlinkError], Awaitable[Answer] | Answer]


@frozen(kw_only=True)
class RouteOptions(BaseRouteOptions[OnSuccess, OnError]):
    """
    Options of ``Userlink`` and ``userlink_blueprint()``: those of every adapter, documented in the reference.

    ``names`` are those of the blueprint's endpoints, ``login`` and so on where nothing is said: ``userlink.login`` for
    ``url_for()``. ``on_success`` and ``on_error`` return whatever a view of Flask may return, or None.

    Raises:
        ConfigurationError: when an option cannot work.
    """

    def endpoint(self, route: RouteName) -> str:
        """Return the name of a route within its blueprint."""
        return self.names.get(route, route)
