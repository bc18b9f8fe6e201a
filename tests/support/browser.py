"""
A headless browser without scripts, over httpx.

It does what a browser does between pages (cookies, the Origin, Referer and Sec-Fetch headers,
forms, redirects) and lets a test see and hold every step: a redirect is followed only on request.
Two browsers share nothing.
"""

import functools
import ssl
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urldefrag, urljoin, urlsplit

import attrs
import httpx

from .cookie_jar import CookieJar
from .html_forms import Fields, Form, parse_forms

MOST_REDIRECTS = 20
REDIRECTS_TO_GET = frozenset({301, 302, 303})
FORM_TYPE = "application/x-www-form-urlencoded"


@attrs.frozen
class Page:
    """
    One answer, a redirect included.

    Attributes:
        url: What was asked for.
        status: The status code.
        headers: The answer's headers.
        text: The body.
        request: The request as it was sent, for its headers and body.
        started_at: The page on which the navigation started, None when it was typed.
        visited: Every URL of this navigation so far.
    """

    url: str
    status: int
    headers: httpx.Headers
    text: str
    request: httpx.Request = attrs.field(repr=False)
    started_at: str | None = None
    visited: tuple[str, ...] = ()

    @property
    def location(self) -> str | None:
        """Where a redirect leads, absolute; None when this is no redirect."""
        location = self.headers.get("location")
        return urljoin(self.url, location) if self.status in range(300, 400) and location else None

    @property
    def forms(self) -> tuple[Form, ...]:
        """The page's forms."""
        return parse_forms(self.text, self.url)

    def form(self, name: str | None = None, *, action: str | None = None) -> Form:
        """
        Return the one form that has a name (or id), or whose action ends with a text.

        Raises:
            LookupError: When there is none, or more than one.
        """
        found = [
            form
            for form in self.forms
            if name in (None, form.name) and (action is None or form.action.endswith(action))
        ]
        if len(found) != 1:
            names = [(form.name, form.action) for form in self.forms]
            raise LookupError(f"{len(found)} forms match on {self.url} ({self.status}): {names}")
        return found[0]


@attrs.define
class PlainBrowser:
    """
    One browser profile: a cookie jar and a way to send requests.

    Attributes:
        jar: The cookies; tests may read and change them.
        mounts: Transports for some URLs, to call an application in this process
            (``{"http://app.test": transport}``); everything else goes over the network.
    """

    jar: CookieJar = attrs.field(factory=CookieJar)
    mounts: Mapping[str, httpx.BaseTransport] = attrs.field(factory=dict[str, httpx.BaseTransport])
    _client: httpx.Client = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._client = httpx.Client(
            mounts=dict(self.mounts), trust_env=False, verify=_tls_context(), timeout=30
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(self, url: str, *, on: Page | None = None) -> Page:
        """
        Open a URL, as if typed, or by a link on a page.

        Args:
            url: Where to go.
            on: The page that holds the link.
        """
        return self._send("GET", url, (), on)

    def post(self, url: str, fields: Fields = (), *, on: Page | None = None) -> Page:
        """Post fields that no form on the page has to offer, as a foreign page can."""
        return self._send("POST", url, fields, on)

    def submit(
        self, page: Page, form: Form, overrides: Mapping[str, str | None] | None = None
    ) -> Page:
        """
        Submit a form of a page, with some fields changed or a button named.

        Raises:
            ValueError: When an override names what the form does not have.
        """
        fields = form.filled(overrides)
        if form.method == "POST":
            return self._send("POST", form.action, fields, page)
        query = httpx.QueryParams(fields)
        return self._send("GET", f"{form.action.partition('?')[0]}?{query}", (), page)

    def follow(self, page: Page) -> Page:
        """
        Follow one redirect.

        Raises:
            ValueError: When the page is no redirect.
        """
        location = page.location
        if location is None:
            raise ValueError(f"{page.url} answered {page.status}, which is no redirect")
        is_kept = page.request.method == "GET" or page.status not in REDIRECTS_TO_GET
        method = page.request.method if is_kept else "GET"
        body = page.request.content if is_kept else b""
        return self._navigate(method, location, body, page.started_at, page.visited, None)

    def follow_while(self, page: Page, wanted: Callable[[str], bool]) -> Page:
        """
        Follow redirects as long as the place they lead to is wanted.

        Returns:
            The first page that is no redirect, or the redirect that leads elsewhere.
        """
        for _ in range(MOST_REDIRECTS):
            if page.location is None or not wanted(page.location):
                return page
            page = self.follow(page)
        raise ValueError(f"more than {MOST_REDIRECTS} redirects, the last at {page.url}")

    def follow_all(self, page: Page) -> Page:
        """Follow redirects, wherever they lead, to a page."""
        return self.follow_while(page, lambda location: True)

    def _send(self, method: str, url: str, fields: Fields, on: Page | None) -> Page:
        body = str(httpx.QueryParams(fields)).encode() if method == "POST" else b""
        return self._navigate(method, url, body, on.url if on else None, (), on)

    def _navigate(
        self,
        method: str,
        url: str,
        body: bytes,
        started_at: str | None,
        visited: tuple[str, ...],
        on: Page | None,
    ) -> Page:
        url = urldefrag(url).url
        visited = (*visited, url)
        headers = self._headers(method, url, started_at, visited, on)
        # The jar above decides about cookies; httpx's own would follow other rules.
        self._client.cookies.clear()
        response = self._client.request(method, url, content=body, headers=headers)
        for header in response.headers.get_list("set-cookie"):
            self.jar.store(url, header)
        return Page(
            url,
            response.status_code,
            response.headers,
            response.text,
            response.request,
            started_at,
            visited,
        )

    def _headers(
        self,
        method: str,
        url: str,
        started_at: str | None,
        visited: tuple[str, ...],
        on: Page | None,
    ) -> dict[str, str]:
        relation = _relation(started_at, visited)
        cookies = self.jar.header_for(
            url,
            same_site=relation != "cross-site",
            is_safe=method == "GET",
        )
        headers = {"accept": "text/html", **_fetch_metadata(relation)}
        if cookies:
            headers["cookie"] = cookies
        if method == "POST":
            headers["content-type"] = FORM_TYPE
            headers["origin"] = _origin_header(started_at, visited, on)
        return headers


@functools.cache
def _tls_context() -> ssl.SSLContext:
    """Make one TLS context for all browsers: it costs more than the rest of a browser."""
    return httpx.create_ssl_context()


def origin_of(url: str) -> str:
    """Return scheme, host and port of a URL (RFC 6454, 6.1)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _relation(started_at: str | None, visited: tuple[str, ...]) -> str:
    """Say how far a navigation has strayed from its page (Fetch Metadata, 2.4)."""
    if started_at is None:
        return "none"
    if all(origin_of(url) == origin_of(started_at) for url in visited):
        return "same-origin"
    site = _site_of(started_at)
    return "same-site" if all(_site_of(url) == site for url in visited) else "cross-site"


def _site_of(url: str) -> tuple[str, str]:
    """Return scheme and host: without a list of public suffixes, each host is its own site."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or ""


def _fetch_metadata(relation: str) -> dict[str, str]:
    return {
        "sec-fetch-site": relation,
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
        "sec-fetch-user": "?1",
    }


def _origin_header(started_at: str | None, visited: tuple[str, ...], on: Page | None) -> str:
    """Return what is sent as Origin with a POST (Fetch, 3.2): a page may have forbidden to tell."""
    if started_at is None:
        return "null"
    policy = on.headers.get("referrer-policy", "") if on else ""
    is_hidden = policy == "no-referrer" or (
        policy == "same-origin" and _relation(started_at, visited) != "same-origin"
    )
    return "null" if is_hidden else origin_of(started_at)
