"""What an application can choose about the ready-made routes, whatever its framework."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Generic, Literal, TypeVar, get_args

from attrs import field, frozen

from userlink.errors import ConfigurationError
from userlink.protocol.options import LogoutOptions
from userlink.protocol.params import check_authorization_params
from userlink.protocol.request_origin import application_origins
from userlink.protocol.return_to import safe_return_to

__all__ = ["METHODS", "BaseRouteOptions", "RouteName"]

RouteName = Literal[
    "login", "callback", "link", "unlink", "logout", "logged_out", "profile", "backchannel_logout"
]
OnSuccessT = TypeVar("OnSuccessT")
OnErrorT = TypeVar("OnErrorT")

# POST for whatever a page of another site might want to trigger.
METHODS: Mapping[RouteName, str] = {
    "login": "GET",
    "callback": "GET",
    "link": "POST",
    "unlink": "POST",
    "logout": "POST",
    "logged_out": "GET",
    "profile": "GET",
    "backchannel_logout": "POST",
}
_ROUTE_NAMES: tuple[str, ...] = get_args(RouteName)
_PATHS: Mapping[RouteName, str] = {
    "login": "/login",
    "callback": "/callback",
    "link": "/link/{connection}",
    "unlink": "/unlink/{connection}",
    "logout": "/logout",
    "logged_out": "/logged-out",
    "profile": "/profile",
    "backchannel_logout": "/backchannel-logout",
}
# Names as providers allow them; what else stands in a path is not passed on to anybody.
_CONNECTION = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,126}[A-Za-z0-9])?")


@frozen(kw_only=True)
class BaseRouteOptions(Generic[OnSuccessT, OnErrorT]):
    """
    Options of the ready-made routes; an adapter's ``RouteOptions`` says what its hooks are.

    Attributes:
        prefix: what the paths of all routes begin with.
        paths: other paths below the prefix, by route; None leaves a route out. Those of ``link`` and ``unlink`` hold
            ``{connection}``.
        names: other names, by route.
        default_return_to: where to send a user when nothing usable is asked for.
        allowed_return_to_origins: origins, besides the application's own, to which ``return_to`` may lead.
        trusted_origins: origins, besides the application's own, whose pages may start linking, unlinking and logout,
            and open WebSockets as the signed-in user.
        connections: the connections that may be linked and unlinked, perhaps with the scope to ask of each:
            ``["github"]`` or ``{"github": "read:user"}``. None allows every well-formed name.
        forwarded_parameters: parameters of the request that are passed on to the provider at a start, such as
            ``login_hint``; nothing else is.
        post_logout_redirect_uri: where the provider sends the user after a logout; it is registered there. That of
            the route ``logged_out`` sends the user on to ``return_to``. None leaves it to the provider.
        error_path: where to send the user after a failure; None for the ``return_to`` of the flow.
        on_success: called with the request and the result after a completed flow. It may return the response;
            with None, the user is sent to ``return_to``.
        on_error: called with the request and the error after a failed start or callback, likewise. The ``app_state``
            of the error has the flow's ``return_to`` where it is known.

    Raises:
        ConfigurationError: when an option cannot work.
    """

    prefix: str = "/auth"
    paths: Mapping[RouteName, str | None] = field(factory=dict[RouteName, str | None])
    names: Mapping[RouteName, str] = field(factory=dict[RouteName, str])
    default_return_to: str = "/"
    allowed_return_to_origins: Sequence[str] = ()
    trusted_origins: Sequence[str] = ()
    connections: Sequence[str] | Mapping[str, str | None] | None = None
    forwarded_parameters: Sequence[str] = ()
    post_logout_redirect_uri: str | None = None
    error_path: str | None = None
    on_success: OnSuccessT | None = None
    on_error: OnErrorT | None = None

    def __attrs_post_init__(self) -> None:
        _check_lists(self)
        _check_paths(self)
        _check_targets(self)
        application_origins(None, self.allowed_return_to_origins)
        application_origins(None, self.trusted_origins)
        check_authorization_params(dict.fromkeys(self.forwarded_parameters))
        LogoutOptions(return_to=self.post_logout_redirect_uri)
        for name in self.connections or ():
            if _CONNECTION.fullmatch(name) is None:
                raise ConfigurationError(f"{name!r} is not the name of a connection.")

    def path(self, route: RouteName) -> str | None:
        """Return the whole path of a route, None when it is left out."""
        path = self.paths.get(route, _PATHS[route])
        return None if path is None else f"{self.prefix}{path}"

    def allows_connection(self, connection: str) -> bool:
        """Tell whether a connection that a path names may be linked and unlinked."""
        if self.connections is not None:
            return connection in self.connections
        return _CONNECTION.fullmatch(connection) is not None

    def connection_scope(self, connection: str) -> str | None:
        """Return the scope to ask of a connection."""
        if isinstance(self.connections, Mapping):
            return self.connections.get(connection)
        return None


_AnyOptions = BaseRouteOptions[Any, Any]


def _check_lists(options: _AnyOptions) -> None:
    for name in ("connections", "forwarded_parameters"):
        if isinstance(getattr(options, name), str):
            raise ConfigurationError(
                f"The route option {name} is one string.", hint="Give a list of strings."
            )


def _check_targets(options: _AnyOptions) -> None:
    for name, target in (
        ("default_return_to", options.default_return_to),
        ("error_path", options.error_path or "/"),
    ):
        if safe_return_to(target, default="") != target:
            raise ConfigurationError(
                f"The route option {name} is not a path of this application.",
                hint="Begin it with one slash, such as /profile.",
            )


def _check_paths(options: _AnyOptions) -> None:
    for route in {**options.paths, **options.names}:
        if route not in _ROUTE_NAMES:
            raise ConfigurationError(
                f"There is no route {route!r}.", hint=f"Known are {', '.join(_ROUTE_NAMES)}."
            )
    if options.prefix and (not options.prefix.startswith("/") or options.prefix.endswith("/")):
        raise ConfigurationError(
            f"The prefix {options.prefix!r} cannot begin a path.",
            hint="Begin it with a slash and end it without one, such as /auth, or leave it empty.",
        )
    for route, path in options.paths.items():
        if path is None:
            continue
        if not path.startswith("/"):
            raise ConfigurationError(f"The path {path!r} does not begin with a slash.")
        if ("{connection}" in path) is not (route in ("link", "unlink")):
            raise ConfigurationError(
                f"The path {path!r} does not fit the route {route}.",
                hint="The paths of link and unlink hold {connection}, and no others.",
            )
