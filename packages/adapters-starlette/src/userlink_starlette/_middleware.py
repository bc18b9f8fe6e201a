"""Pure ASGI middleware that puts pending cookies on whichever response leaves."""

from collections.abc import Iterable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from userlink import Cookie, ServerClient

from ._application import enter, leave
from ._options import RouteOptions
from ._pending import hold, keep_from_caches

__all__ = ["UserlinkMiddleware"]


class UserlinkMiddleware:
    """
    Put the cookies that userlink sets during a request on the response to it, whichever that turns out to be.

    With it, ``store_options={"request": request}`` is enough everywhere in the application, and a fresh redirect, a
    streaming response, or what an exception handler answers carries the cookies. Installed twice, the outer one does
    the work. What leaves outside of it carries nothing: Starlette's answer to an unhandled exception, unless the
    whole application is wrapped: ``UserlinkMiddleware(app)``.

    Args:
        app: the ASGI application.
        client: the client that ``current_user()`` and ``require_user()`` ask; without one they cannot be used.
        options: of the routes, which say where the login is.
    """

    def __init__(
        self,
        app: ASGIApp,
        client: ServerClient | None = None,
        options: RouteOptions | None = None,
    ) -> None:
        self.app = app
        self._client = client
        self._options = RouteOptions() if options is None else options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; the events of an application's life pass through."""
        if self._client is None or scope["type"] == "lifespan":
            await self._serve(scope, receive, send)
            return
        before = enter(scope, self._client, self._options)
        try:
            await self._serve(scope, receive, send)
        finally:
            leave(scope, before)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        waiting = hold(scope) if scope["type"] == "http" else None
        if waiting is None:
            await self.app(scope, receive, send)
            return

        async def send_with_cookies(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = _with_cookies(message, waiting.leave())
            await send(message)

        try:
            await self.app(scope, receive, send_with_cookies)
        finally:
            waiting.lose()


def _with_cookies(message: Message, cookies: Iterable[Cookie]) -> Message:
    # A new message: an application may send one response object, and so one list of headers, many times.
    headers = MutableHeaders(raw=list(message.get("headers", ())))
    for cookie in cookies:
        headers.append("set-cookie", cookie.header())
        keep_from_caches(headers)
    return {**message, "headers": headers.raw}
