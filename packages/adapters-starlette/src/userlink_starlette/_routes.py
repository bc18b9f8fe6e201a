"""Ready-made routes: GET to sign in and to come back, POST for whatever a foreign page might want to trigger."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from userlink import (
    ConfigurationError,
    LinkOptions,
    LoginOptions,
    LogoutOptions,
    RequestOriginRefused,
    ServerClient,
    TransactionAlreadyUsed,
    UnlinkOptions,
    UserlinkError,
)
from userlink.protocol.request_origin import application_origins, check_request_origin
from userlink.protocol.return_to import safe_return_to

from ._answers import AsciiJson, PrivateAnswers, redirect, with_error_code
from ._calling import call
from ._middleware import UserlinkMiddleware
from ._options import RouteName, RouteOptions
from ._parameters import form_parameters, query_parameters

__all__ = ["userlink_routes"]

_logger = logging.getLogger("userlink.starlette")
# Characters that whoever writes a link may put into a transaction; the cookies of all of them share one header.
_LONGEST_RETURN_TO = 512
_LOG_LEVELS = {
    "application": logging.ERROR,
    "browser": logging.INFO,
    "provider": logging.WARNING,
    "store": logging.WARNING,
}


def userlink_routes(client: ServerClient, options: RouteOptions | None = None) -> list[Route]:
    """
    Return routes for login, callback, link, unlink, logout and profile, for an application's list of routes.

    ``add_userlink()`` does this and the rest; use the routes alone to place them yourself. They set their cookies
    with or without ``UserlinkMiddleware`` around the application.

    Args:
        client: whose flows they run.
        options: paths, limits and hooks.

    Raises:
        ConfigurationError: when the client has no ``redirect_uri``.
    """
    return _Routes(client, RouteOptions() if options is None else options).routes()


class _Routes:
    """The endpoints of one client."""

    def __init__(self, client: ServerClient, options: RouteOptions) -> None:
        redirect_uri = client.settings.authorization_params.get("redirect_uri")
        if not isinstance(redirect_uri, str):
            raise ConfigurationError(
                "The client has no redirect_uri, to which the provider could send users back.",
                hint='Build it with authorization_params={"redirect_uri": "https://…/auth/callback"}.',
            )
        callback = options.path("callback")
        if callback is not None and not urlsplit(redirect_uri).path.endswith(callback):
            # A proxy may rewrite paths; without one, users would come back to an address that nobody serves.
            _logger.warning(
                "redirect_uri leads to %s, and the callback is served at %s: only a proxy that rewrites paths can"
                " bring users there.",
                urlsplit(redirect_uri).path,
                callback,
            )
        self._client = client
        self._options = options
        self._may_post = application_origins(redirect_uri, options.trusted_origins)
        self._may_return = application_origins(redirect_uri, options.allowed_return_to_origins)

    def routes(self) -> list[Route]:
        """Return the routes that are not left out."""
        methods: list[tuple[RouteName, str, Callable[[Request], Awaitable[Response]]]] = [
            ("login", "GET", self.login),
            ("callback", "GET", self.callback),
            ("link", "POST", self.link),
            ("unlink", "POST", self.unlink),
            ("logout", "POST", self.logout),
            ("profile", "GET", self.profile),
        ]
        middleware = [Middleware(UserlinkMiddleware), Middleware(PrivateAnswers)]
        return [
            Route(
                path,
                endpoint,
                methods=[method],
                name=self._options.name(name),
                include_in_schema=False,
                middleware=middleware,
            )
            for name, method, endpoint in methods
            if (path := self._options.path(name)) is not None
        ]

    async def login(self, request: Request) -> Response:
        """Send the browser to the provider to sign in."""
        _refuse_head(request)
        given = query_parameters(request)
        return await self._start(
            request,
            given,
            lambda app_state, params: self._client.start_interactive_login(
                LoginOptions(app_state=app_state, authorization_params=params),
                {"request": request},
            ),
        )

    async def link(self, request: Request) -> Response:
        """Send the browser to the provider to link a connection."""
        given = await self._posted(request)
        connection = self._connection(request)
        return await self._start(
            request,
            given,
            lambda app_state, params: self._client.start_link_user(
                LinkOptions(
                    connection=connection,
                    connection_scope=self._options.connection_scope(connection),
                    app_state=app_state,
                    authorization_params=params,
                ),
                {"request": request},
            ),
        )

    async def unlink(self, request: Request) -> Response:
        """Send the browser to the provider to unlink a connection."""
        given = await self._posted(request)
        connection = self._connection(request)
        return await self._start(
            request,
            given,
            lambda app_state, params: self._client.start_unlink_user(
                UnlinkOptions(
                    connection=connection, app_state=app_state, authorization_params=params
                ),
                {"request": request},
            ),
        )

    async def callback(self, request: Request) -> Response:
        """Complete whichever flow the browser comes back from."""
        _refuse_head(request)
        # Only the query counts: the host of the URL is what the request's headers claim it to be.
        url = f"/?{request.scope['query_string'].decode('latin-1')}"
        try:
            result = await self._client.complete_callback(url, {"request": request})
        except TransactionAlreadyUsed as error:
            return redirect(self._return_to(error.app_state))
        except UserlinkError as error:
            return await self._failed(request, error)
        on_success = self._options.on_success
        answer = None if on_success is None else await call(on_success, request, result)
        return redirect(self._return_to(result.app_state)) if answer is None else answer

    async def logout(self, request: Request) -> Response:
        """End the session here, and send the browser to the provider to end it there."""
        await self._posted(request)
        try:
            url = await self._client.logout(
                LogoutOptions(return_to=self._options.post_logout_redirect_uri),
                {"request": request},
            )
        except UserlinkError as error:
            return await self._failed(request, error)
        return redirect(url)

    async def profile(self, request: Request) -> Response:
        """Return the claims of the signed-in user as JSON."""
        try:
            user = await self._client.get_user({"request": request})
        except UserlinkError as error:
            _log(error)
            return AsciiJson({"error": error.code}, status_code=503)
        if user is None:
            return AsciiJson({"error": "session_required"}, status_code=401)
        return AsciiJson(dict(user))

    async def _start(
        self,
        request: Request,
        given: Mapping[str, str],
        start: Callable[[Mapping[str, Any], Mapping[str, str]], Awaitable[str]],
    ) -> Response:
        is_short = len(given.get("return_to", "")) <= _LONGEST_RETURN_TO
        app_state = {"return_to": self._return_to(given if is_short else None)}
        forwarded = self._options.forwarded_parameters
        params = {name: given[name] for name in forwarded if name in given}
        try:
            return redirect(await start(app_state, params))
        except UserlinkError as error:
            error.app_state = app_state
            return await self._failed(request, error)

    async def _posted(self, request: Request) -> Mapping[str, str]:
        try:
            check_request_origin(
                origin=request.headers.getlist("origin"),
                sec_fetch_site=request.headers.getlist("sec-fetch-site"),
                allowed_origins=self._may_post,
            )
        except RequestOriginRefused as error:
            _log(error)
            raise HTTPException(403, str(error)) from error
        return await form_parameters(request)

    def _connection(self, request: Request) -> str:
        connection: str = request.path_params["connection"]
        if not self._options.allows_connection(connection):
            raise HTTPException(404)
        return connection

    def _return_to(self, given: Mapping[str, Any] | None) -> str:
        return safe_return_to(
            None if given is None else given.get("return_to"),
            allowed_origins=self._may_return,
            default=self._options.default_return_to,
        )

    async def _failed(self, request: Request, error: UserlinkError) -> Response:
        _log(error)
        on_error = self._options.on_error
        answer = None if on_error is None else await call(on_error, request, error)
        if answer is not None:
            return answer
        target = self._options.error_path or self._return_to(error.app_state)
        return redirect(with_error_code(target, error.code))


def _refuse_head(request: Request) -> None:
    # Starlette adds HEAD to every GET route; a link checker must neither start a flow nor use one up.
    if request.method != "GET":
        raise HTTPException(405, headers={"Allow": "GET"})


def _log(error: UserlinkError) -> None:
    # The message is ours and holds no secret; what the provider wrote is not in it.
    _logger.log(_LOG_LEVELS[error.fault], "%s: %s", error.code, error)
