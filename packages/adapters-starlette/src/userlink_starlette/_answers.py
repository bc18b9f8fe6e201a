"""How the ready-made routes answer: redirects, error codes in addresses, and headers that keep both private."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ._pending import discard

__all__ = [
    "ERROR_PARAMETER",
    "AsciiJson",
    "PrivateAnswers",
    "redirect",
    "with_error_code",
    "without_error_code",
]

ERROR_PARAMETER = "userlink_error"


class PrivateAnswers:
    """
    Keep an answer out of caches and its address out of ``Referer`` headers, whoever made it.

    The address of a callback holds the authorization code (RFC 9700, 4.2.4). An unhandled exception is answered here,
    because Starlette would answer it outside, without these headers; it is raised again, for the application's logs. As
    on Starlette's answer no cookie is set: a hook that fails signs nobody in.

    Args:
        app: the ASGI application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        has_started = False

        async def send_private(message: Message) -> None:
            nonlocal has_started
            if message["type"] == "http.response.start":
                has_started = True
                headers = MutableHeaders(raw=list(message.get("headers", ())))
                headers["cache-control"] = "no-store"
                headers["referrer-policy"] = "no-referrer"
                message = {**message, "headers": headers.raw}
            await send(message)

        try:
            await self.app(scope, receive, send_private)
        except Exception:
            if not has_started:
                discard(scope)
                await PlainTextResponse("Internal Server Error", 500)(scope, receive, send_private)
            raise


class AsciiJson(JSONResponse):
    """JSON in ASCII: claims may hold halves of surrogate pairs, which UTF-8 cannot write (RFC 8259, 8.2)."""

    def render(self, content: Any) -> bytes:
        """Encode the content."""
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")


def redirect(url: str) -> RedirectResponse:
    """Send the browser elsewhere, by GET whatever the method was (RFC 9110, 15.4.4)."""
    return RedirectResponse(url, status_code=303)


def with_error_code(url: str, code: str) -> str:
    """Add an error's code to an address, in the place of an earlier one."""
    address, hash_sign, fragment = without_error_code(url).partition("#")
    separator = "&" if "?" in address else "?"
    return f"{address}{separator}{urlencode({ERROR_PARAMETER: code})}{hash_sign}{fragment}"


def without_error_code(url: str) -> str:
    """Take the code of an earlier error from an address, and leave the rest as it is."""
    rest, hash_sign, fragment = url.partition("#")
    address, _, query = rest.partition("?")
    kept = "&".join(part for part in query.split("&") if part and not _is_error_code(part))
    return f"{address}{'?' if kept else ''}{kept}{hash_sign}{fragment}"


def _is_error_code(part: str) -> bool:
    return any(name == ERROR_PARAMETER for name, _ in parse_qsl(part, keep_blank_values=True))
