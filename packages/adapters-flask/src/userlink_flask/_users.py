"""Who is signed in, for an application's own views."""

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from types import MappingProxyType
from typing import Any, ParamSpec, TypeAlias, cast

from attrs import field, frozen
from flask import Request, Response, abort, after_this_request, current_app
from flask.typing import ResponseReturnValue
from werkzeug.local import LocalProxy

from userlink import SyncServerClient
from userlink.web.sign_in import (
    encoded_path,
    encoded_query,
    login_url,
    opens_a_page,
    sign_in_url,
)

from ._answers import redirect
from ._context import application_of, current_request
from ._exchange import USER_KEY

__all__ = ["User", "current_user", "login_required"]

User: TypeAlias = Mapping[str, Any]
P = ParamSpec("P")
_NOBODY: User = MappingProxyType({})


@frozen
class _Known:
    """Who is signed in, and who said so."""

    request: Request = field(repr=False)  # it shows its address
    client: SyncServerClient
    user: User = field(repr=False)


def _look_up() -> User:
    request = current_request()
    client = application_of(current_app).client
    known: object = request.environ.get(USER_KEY)
    # Applications within one another share the environment, and need not have the same client.
    if isinstance(known, _Known) and known.request is request and known.client is client:
        return known.user
    user = client.get_user({"request": request}) or _NOBODY
    request.environ[USER_KEY] = _Known(request, client, user)
    return user


current_user: User = cast(User, LocalProxy(_look_up))
"""
The claims of the signed-in user: an empty mapping, which counts as false, where nobody is signed in.

It is looked up when it is first used, and again after the client was asked for anything else in the same request.
"""


def login_required(
    view: Callable[P, ResponseReturnValue | Awaitable[ResponseReturnValue]],
) -> Callable[P, ResponseReturnValue]:
    """
    Make a view one that only signed-in users reach.

    Write it below ``@app.route(...)``. Everybody else is sent to the login route (303) when a browser opens a page, and
    comes back to it; they are answered 401 otherwise, on a page that is told of a failed login, which would fail again,
    and where the address of the login would lead to another host.

    Args:
        view: a view of Flask, or a function for ``before_request()``; it may be a coroutine.
    """

    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if not current_user:
            return _sign_in_first()
        answer: ResponseReturnValue = current_app.ensure_sync(view)(*args, **kwargs)
        return answer

    return wraps(view)(guarded)


def _sign_in_first() -> Response:
    request = current_request()
    after_this_request(_not_stored)
    login = login_url(application_of(current_app).options, request.root_path.rstrip("/"))
    if login is None or not _opens_a_page(request):
        abort(401, "Sign in first.")
    return redirect(sign_in_url(login, _address(request)))


def _not_stored(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _opens_a_page(request: Request) -> bool:
    return opens_a_page(
        method=request.method,
        query=request.query_string.decode("latin-1"),
        sec_fetch_mode=request.headers.get("Sec-Fetch-Mode"),
        accept=request.headers.get("Accept", ""),
    )


def _address(request: Request) -> str:
    """Return the path and query of a request as the browser sees them."""
    root, path = (request.environ.get(name, "") for name in ("SCRIPT_NAME", "PATH_INFO"))
    # WSGI has the bytes of paths, decoded from percent signs, as Latin-1 (PEP 3333).
    decoded = f"{root.rstrip('/')}{path}".encode("latin-1")
    query = encoded_query(request.query_string)
    return f"{encoded_path(decoded)}?{query}" if query else encoded_path(decoded)
