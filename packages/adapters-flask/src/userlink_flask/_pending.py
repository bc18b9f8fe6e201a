"""Cookies that are waiting for the response of one request, and the functions that put them there."""

import logging
from copy import copy

from flask import Flask, Request, Response, current_app, got_request_exception, has_request_context
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response as WerkzeugResponse

from userlink import Cookie
from userlink.web.caching import is_for_one_user, varies_by_cookie
from userlink.web.waiting_cookies import PendingCookies, WaitingCookies

from ._context import current_request

__all__ = ["ResponseCookies", "detached", "find", "install"]

_logger = logging.getLogger("userlink.flask")

_KEY = "userlink_flask.cookies"


class _RequestCookies(WaitingCookies):
    """Waiting cookies that know whose they are: an environment may serve several requests, nested or in turn."""

    __slots__ = ("request",)

    def __init__(self, request: Request) -> None:
        super().__init__()
        self.request = request


class ResponseCookies:
    """
    Cookies set directly on the response that a caller gave, where no extension is at work.

    Args:
        response: the one that will leave.
    """

    __slots__ = ("by_name", "response")

    def __init__(self, response: WerkzeugResponse) -> None:
        self.response = response
        self.by_name: dict[str, Cookie] = {}

    @property
    def writable(self) -> bool:
        """Always: whether the response is the one that leaves is for the caller to know."""
        return True

    def put(self, cookie: Cookie) -> None:
        """Set the cookie on the response, in the place of an earlier one of the same name."""
        self.by_name[cookie.name] = cookie
        headers = self.response.headers
        others = [
            value
            for value in headers.getlist("Set-Cookie")
            if not value.startswith(f"{cookie.name}=")
        ]
        headers.setlist("Set-Cookie", others)
        _add(headers, cookie)


def install(app: Flask) -> None:
    """
    Let an application put waiting cookies on whichever response leaves; once, however often it is called.

    Flask calls what was registered last first: cookies set by functions registered before this one come too late.
    """
    if _KEY in app.extensions:
        return
    app.extensions[_KEY] = True
    app.after_request(_put_on)
    app.teardown_request(_lose)
    got_request_exception.connect(_discard, app)


def find(request: Request, response: WerkzeugResponse | None) -> PendingCookies | None:
    """
    Return where cookies of a request wait: for whichever response leaves, else on the response if one was given.

    Calls for the same request and response are given the same object, so that each sees what those before it set.
    """
    held: object = request.environ.get(_KEY)
    if isinstance(held, _RequestCookies) and (held.request is request or held.writable):
        return held
    if _is_served_here(request):
        waiting = request.environ[_KEY] = _RequestCookies(request)
        return waiting
    if response is None:
        return None
    if isinstance(held, ResponseCookies) and held.response is response:
        return held
    created = request.environ[_KEY] = ResponseCookies(response)
    return created


def _is_served_here(request: Request) -> bool:
    """Tell whether the application at hand serves a request, and puts cookies on its responses."""
    return has_request_context() and current_request() is request and _KEY in current_app.extensions


def detached(response: Response) -> Response:
    """
    Return a copy whose headers are its own.

    An application may answer many requests, in many threads, with one response object; a cookie belongs to one.
    """
    copied = copy(response)
    copied.headers = Headers(response.headers)
    return copied


def _put_on(response: Response) -> Response:
    waiting = _own()
    cookies = [] if waiting is None else waiting.leave()
    if cookies:
        response = detached(response)
        for cookie in cookies:
            _add(response.headers, cookie)
    return response


def _add(headers: Headers, cookie: Cookie) -> None:
    headers.add("Set-Cookie", cookie.header())
    if not is_for_one_user(headers.getlist("Cache-Control")):
        headers["Cache-Control"] = "no-store"
    vary = headers.getlist("Vary")
    if not varies_by_cookie(vary):
        headers["Vary"] = ", ".join([*vary, "Cookie"])


def _own() -> _RequestCookies | None:
    """Return what waits for the response to the request at hand; None where that is an outer request's business."""
    request = current_request()
    # Made where nothing waits, so that what comes later finds it closed.
    held = find(request, None)
    return held if isinstance(held, _RequestCookies) and held.request is request else None


def _discard(_app: Flask, **_: object) -> None:
    waiting = _own()
    if waiting is not None:
        _log(waiting.discard())


def _lose(_error: BaseException | None) -> None:
    waiting = _own()
    if waiting is not None:
        _log(waiting.leave())


def _log(lost: list[Cookie]) -> None:
    if lost:
        _logger.warning(
            "%d cookies were not sent, because the request failed or had no response: %s",
            len(lost),
            ", ".join(cookie.name for cookie in lost),
        )
