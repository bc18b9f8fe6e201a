"""Who is signed in, for an application's own routes."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

from starlette.exceptions import HTTPException, WebSocketException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from userlink import RequestOriginRefused
from userlink.protocol.request_origin import check_request_origin

from ._answers import ERROR_PARAMETER
from ._application import Application, application_of
from ._calling import call

__all__ = ["User", "current_user", "require_user", "user_required"]

_logger = logging.getLogger("userlink.starlette")

User: TypeAlias = Mapping[str, Any]
_POLICY_VIOLATION = 1008  # RFC 6455, 7.4.1
# What stands unencoded in paths and queries (RFC 3986, 3.3 and 3.4), and the percent sign of what is encoded.
_KEPT_IN_ADDRESS = "/?:@!$&'()*+,;=-._~%"


async def current_user(request: HTTPConnection) -> User | None:
    """
    Return the claims of the signed-in user, or None.

    A WebSocket that was not opened by a page of the application or of a trusted origin has no user: browsers send the
    cookies with it whoever opens it, and let the page read what comes (RFC 6455, 10.2).

    Args:
        request: a request, or a WebSocket.

    Raises:
        ConfigurationError: when the application was not set up with a client.
        StoreError: when the state store fails.
    """
    application = application_of(request.scope)
    if _is_foreign_websocket(request, application):
        return None
    return await application.client.get_user({"request": request})


async def require_user(request: HTTPConnection) -> User:
    """
    Return the claims of the signed-in user; send everybody else to the login.

    A dependency for FastAPI, ``user: Annotated[User, Depends(require_user)]``, and to be called in any endpoint.

    Args:
        request: a request, or a WebSocket.

    Raises:
        HTTPException: 303 to the login route for a browser that opens a page, and comes back to it; 401 for
            everything else, for a page that is told of a failed login, which would fail again, and where the address of
            the login would lead to another host.
        WebSocketException: 1008 for a WebSocket of nobody, or of a page of another origin.
        ConfigurationError: when the application was not set up with a client.
        StoreError: when the state store fails.
    """
    user = await current_user(request)
    if user is not None:
        return user
    if request.scope["type"] == "websocket":
        raise WebSocketException(_POLICY_VIOLATION, "Sign in first, on a page of this application.")
    application = application_of(request.scope)
    headers = {"Cache-Control": "no-store"}
    if application.login_url is None or not _opens_a_page(request):
        raise HTTPException(401, "Sign in first.", headers)
    query = urlencode({"return_to": _address(request, application)})
    raise HTTPException(303, headers={**headers, "Location": f"{application.login_url}?{query}"})


def user_required(
    endpoint: Callable[[Request, User], Awaitable[Response] | Response],
) -> Callable[[Request], Awaitable[Response]]:
    """
    Make an endpoint of Starlette one that only signed-in users reach, and that is given the user.

    ``@user_required async def page(request, user): ...``; for others the same happens as with ``require_user()``.

    Args:
        endpoint: a function of the request and the user; a plain one runs in a thread, as Starlette does it.
    """

    async def guarded(request: Request) -> Response:
        user = await require_user(request)
        return await call(endpoint, request, user)

    return wraps(endpoint)(guarded)


def _is_foreign_websocket(request: HTTPConnection, application: Application) -> bool:
    if request.scope["type"] != "websocket":
        return False
    try:
        check_request_origin(
            origin=request.headers.getlist("origin"),
            sec_fetch_site=request.headers.getlist("sec-fetch-site"),
            allowed_origins=application.trusted_origins,
        )
    except RequestOriginRefused as error:
        _logger.info("%s: a WebSocket is taken for nobody's. %s", error.code, error.message)
        return True
    return False


def _opens_a_page(request: HTTPConnection) -> bool:
    if request.scope["method"] not in ("GET", "HEAD"):
        return False
    if ERROR_PARAMETER in request.query_params:
        return False
    mode = request.headers.get("sec-fetch-mode")
    if mode is not None:
        return mode == "navigate"
    return "text/html" in request.headers.get("accept", "")


def _address(request: HTTPConnection, application: Application) -> str:
    """Return the path and query of a request as the browser sees them."""
    raw_path: bytes | None = request.scope.get("raw_path")
    path = quote(request.scope["path"] if raw_path is None else raw_path, safe=_KEPT_IN_ADDRESS)
    path = application.below_root(path)  # a proxy may have taken it away
    query = quote(request.scope["query_string"], safe=_KEPT_IN_ADDRESS)
    return f"{path}?{query}" if query else path
