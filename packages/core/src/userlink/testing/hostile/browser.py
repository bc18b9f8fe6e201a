"""The attacking browser: no redirect is followed by itself, and cookies are exactly what they were set to be."""

from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import urlsplit

from attrs import frozen

from .findings import Weakness

__all__ = ["Browser", "Page"]


@frozen
class Page:
    """
    What an application has answered.

    Attributes:
        status: the HTTP status code; 0 when the connection was closed without an answer.
        headers: every header, in order, names in lower case.
        body: the text.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    @property
    def location(self) -> str:
        """Where it redirects to; empty when it does not."""
        return next((value for name, value in self.headers if name == "location"), "")

    def header(self, name: str) -> str:
        """Return the values of a header, joined by commas."""
        return ", ".join(value for each, value in self.headers if each == name)

    @property
    def set_cookies(self) -> tuple[str, ...]:
        """The cookies that it sets, as the headers say it."""
        return tuple(value for name, value in self.headers if name == "set-cookie")


class Browser:
    """
    A browser with a jar of its own; the attacker may write anything into the jar.

    Args:
        origin: of the application.
        patience_seconds: how long an answer may take before waiting itself is the finding.

    Attributes:
        cookies: the jar, name to value, as raw text.
        extra_cookies: sent besides, before those of the jar: a name may be there twice.
    """

    def __init__(self, origin: str, patience_seconds: float) -> None:
        self.cookies: dict[str, str] = {}
        self.extra_cookies: list[tuple[str, str]] = []
        self._origin = origin
        self._patience_seconds = patience_seconds

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Page:
        """Open an address, or a path of the application, as following a link does."""
        return self._send("GET", url, dict(headers or {}))

    def post(self, url: str, headers: Mapping[str, str] | None = None, form: str = "") -> Page:
        """Submit an encoded form; without headers of the caller's, from a page of the application itself."""
        own = {"origin": self._origin, "sec-fetch-site": "same-origin"}
        return self._send("POST", url, {**(own if headers is None else headers)}, form.encode())

    def _send(self, method: str, url: str, headers: dict[str, str], body: bytes = b"") -> Page:
        address = url if "://" in url else f"{self._origin}{url}"
        pairs = [*self.extra_cookies, *self.cookies.items()]
        if pairs:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in pairs)
        if method == "POST":
            headers.setdefault("content-type", "application/x-www-form-urlencoded")
        try:
            page = _exchange(method, address, headers, body, self._patience_seconds)
        except TimeoutError:
            raise Weakness(
                f"The application did not answer {method} {address.partition('?')[0]} within"
                f" {self._patience_seconds:g} seconds."
            ) from None
        except (OSError, HTTPException):
            return Page(0, (), "")
        self._keep(page.set_cookies)
        return page

    def _keep(self, set_cookies: tuple[str, ...]) -> None:
        for line in set_cookies:
            pair, *attributes = line.split(";")
            name, _, value = pair.partition("=")
            lowered = {attribute.strip().lower() for attribute in attributes}
            if "max-age=0" in lowered or any("1970" in each for each in lowered):
                self.cookies.pop(name.strip(), None)
            else:
                self.cookies[name.strip()] = value.strip()


def _exchange(
    method: str, address: str, headers: Mapping[str, str], body: bytes, seconds: float
) -> Page:
    # No HTTP library in between tidies what is sent: addresses of any length, headers as they are.
    parts = urlsplit(address)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.netloc, timeout=seconds)
    try:
        target = address.split(parts.netloc, 1)[1] or "/"
        connection.request(
            method, target, body=body if method == "POST" else None, headers=dict(headers)
        )
        return _page(connection.getresponse())
    finally:
        connection.close()


def _page(answer: HTTPResponse) -> Page:
    headers = tuple((name.lower(), value) for name, value in answer.getheaders())
    return Page(answer.status, headers, answer.read().decode("utf-8", "replace"))
