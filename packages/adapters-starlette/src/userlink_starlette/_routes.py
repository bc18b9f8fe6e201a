"""Ready-made routes: GET to sign in and to come back, POST for whatever a foreign page might want to trigger."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from userlink import (
    ReauthenticationRequired,
    RequestOriginRefused,
    ServerClient,
    TransactionAlreadyUsed,
    UserlinkError,
)
from userlink.web.backchannel import (
    FAILED_LOGOUT_STATUS,
    LARGEST_LOGOUT_BYTES,
    failed_logout,
    logout_token_of,
)
from userlink.web.route_options import METHODS
from userlink.web.route_rules import RouteRules, log_level

from ._answers import AsciiJson, PrivateAnswers, redirect
from ._calling import call
from ._middleware import UserlinkMiddleware
from ._options import RouteName, RouteOptions
from ._parameters import form_parameters, posted_form, query_parameters

__all__ = ["userlink_routes"]

_logger = logging.getLogger("userlink.starlette")


def userlink_routes(client: ServerClient, options: RouteOptions | None = None) -> list[Route]:
    """
    Return routes for login, callback, link, unlink, logout, profile and back-channel logout, for a list of routes.

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
        self._client = client
        self._options = options
        self._rules = RouteRules.of(client.settings, options)
        warning = self._rules.warning()
        if warning is not None:
            _logger.warning("%s", warning)

    def routes(self) -> list[Route]:
        """Return the routes that are not left out."""
        endpoints: Mapping[RouteName, Callable[[Request], Awaitable[Response]]] = {
            "login": self.login,
            "callback": self.callback,
            "link": self.link,
            "unlink": self.unlink,
            "logout": self.logout,
            "logged_out": self.logged_out,
            "profile": self.profile,
            "backchannel_logout": self.backchannel_logout,
        }
        middleware = [Middleware(UserlinkMiddleware), Middleware(PrivateAnswers)]
        return [
            Route(
                path,
                endpoint,
                methods=[METHODS[name]],
                name=self._options.name(name),
                include_in_schema=False,
                middleware=middleware,
            )
            for name, endpoint in endpoints.items()
            if (path := self._options.path(name)) is not None
        ]

    async def login(self, request: Request) -> Response:
        """Send the browser to the provider to sign in."""
        _refuse_head(request)
        options = self._rules.login(query_parameters(request))
        start = self._client.start_interactive_login(options, {"request": request})
        return await self._start(request, options.app_state, start)

    async def link(self, request: Request) -> Response:
        """Send the browser to the provider to link a connection."""
        given = await self._posted(request)
        options = self._rules.link(self._connection(request), given)
        start = self._client.start_link_user(options, {"request": request})
        return await self._start(request, options.app_state, start)

    async def unlink(self, request: Request) -> Response:
        """Send the browser to the provider to unlink a connection."""
        given = await self._posted(request)
        options = self._rules.unlink(self._connection(request), given)
        start = self._client.start_unlink_user(options, {"request": request})
        return await self._start(request, options.app_state, start)

    async def callback(self, request: Request) -> Response:
        """Complete whichever flow the browser comes back from."""
        _refuse_head(request)
        try:
            result = await self._client.complete_callback(_query(request), {"request": request})
        except TransactionAlreadyUsed as error:
            return redirect(self._rules.return_to(error.app_state))
        except UserlinkError as error:
            return await self._failed(request, error)
        next_url = self._rules.next_url(result)
        if next_url is not None:
            return redirect(next_url)
        on_success = self._options.on_success
        answer = None if on_success is None else await call(on_success, request, result)
        return redirect(self._rules.return_to(result.app_state)) if answer is None else answer

    async def logout(self, request: Request) -> Response:
        """End the session here, and send the browser to the provider to end it there."""
        options = self._rules.logout(await self._posted(request))
        try:
            url = await self._client.logout(options, {"request": request})
        except UserlinkError as error:
            return await self._failed(request, error)
        return redirect(url)

    async def logged_out(self, request: Request) -> Response:
        """Send the browser on that comes back from the provider's logout."""
        _refuse_head(request)
        if not self._rules.is_return_from_logout(query_parameters(request)):
            return redirect(self._rules.return_to(None))
        try:
            result = await self._client.complete_logout(_query(request), {"request": request})
        except TransactionAlreadyUsed as error:
            return redirect(self._rules.return_to(error.app_state))
        except UserlinkError as error:
            return await self._failed(request, error)
        return redirect(self._rules.return_to(result.app_state))

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

    async def backchannel_logout(self, request: Request) -> Response:
        """End sessions because the provider says so."""
        try:
            await self._client.handle_backchannel_logout(
                logout_token_of(await posted_form(request, LARGEST_LOGOUT_BYTES)),
                {"request": request},
            )
        except UserlinkError as error:
            _log(error)
            return AsciiJson(failed_logout(error), status_code=FAILED_LOGOUT_STATUS)
        return Response()

    async def _start(
        self, request: Request, app_state: Mapping[str, Any] | None, start: Awaitable[str]
    ) -> Response:
        try:
            return redirect(await self._begun(request, start))
        except UserlinkError as error:
            error.app_state = app_state
            return await self._failed(request, error)

    async def _begun(self, request: Request, start: Awaitable[str]) -> str:
        try:
            return await start
        except ReauthenticationRequired as error:  # the callback goes on from there
            return await self._client.start_reauthentication(error.options, {"request": request})

    async def _posted(self, request: Request) -> Mapping[str, str]:
        try:
            self._rules.check_origin(
                request.headers.getlist("origin"), request.headers.getlist("sec-fetch-site")
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

    async def _failed(self, request: Request, error: UserlinkError) -> Response:
        _log(error)
        on_error = self._options.on_error
        answer = None if on_error is None else await call(on_error, request, error)
        return redirect(self._rules.failure_url(error)) if answer is None else answer


def _query(request: Request) -> str:
    # Only the query counts: the host of the URL is what the request's headers claim it to be. It holds the code, and
    # error reporters show what is in a frame: it is in no variable of the route.
    return f"/?{request.scope['query_string'].decode('latin-1')}"


def _refuse_head(request: Request) -> None:
    # Starlette adds HEAD to every GET route; a link checker must neither start a flow nor use one up.
    if request.method != "GET":
        raise HTTPException(405, headers={"Allow": "GET"})


def _log(error: UserlinkError) -> None:
    # The message is ours and holds no secret; what the provider wrote is not in it.
    level = logging.getLevelNamesMapping()[log_level(error)]
    _logger.log(level, "%s: %s", error.code, error)
