"""Where to send somebody who must sign in first, and whether to send them at all."""

from typing import Any
from urllib.parse import quote, urlencode

from userlink.protocol.return_to import safe_return_to

from .error_codes import has_error_code
from .route_options import BaseRouteOptions

__all__ = ["encoded_path", "encoded_query", "login_url", "opens_a_page", "sign_in_url"]

# What stands unencoded in paths (RFC 3986, 3.3).
_KEPT_IN_PATH = "/:@!$&'()*+,;=-._~"
# Likewise in queries, and the percent sign of what is encoded (3.4).
_KEPT_IN_QUERY = f"{_KEPT_IN_PATH}?%"


def encoded_path(decoded: str | bytes) -> str:
    """Return a decoded path as it stands in an address."""
    return quote(decoded, _KEPT_IN_PATH)


def encoded_query(raw: str | bytes) -> str:
    """Return an encoded path or query as it came, but for characters that may not stand there."""
    return quote(raw, _KEPT_IN_QUERY)


def login_url(options: BaseRouteOptions[Any, Any], root_path: str) -> str | None:
    """
    Return the path of the login route as the browser sees it; None when there is none.

    Nor is there one where the path would lead elsewhere: below a mount whose path has a parameter, the visitor chooses
    a part of it.

    Args:
        options: of the routes.
        root_path: where the application is, decoded, without a slash at its end.
    """
    path = options.path("login")
    if path is None:
        return None
    return safe_return_to(encoded_path(f"{root_path}{path}"), default="") or None


def sign_in_url(login: str, address: str) -> str:
    """Return the address of the login that leads back to a page; whether it may, the login judges."""
    return f"{login}?{urlencode({'return_to': address})}"


def opens_a_page(*, method: str, query: str, sec_fetch_mode: str | None, accept: str) -> bool:
    """
    Tell whether a browser opens a page with a request, and could follow a redirect to the provider.

    A page that is told of a failed login is not opened again: the login would fail again.

    Args:
        method: of the request.
        query: of its address.
        sec_fetch_mode: that header (Fetch Metadata, 2.2); it stands over the next one.
        accept: that header.
    """
    if method not in ("GET", "HEAD") or has_error_code(query):
        return False
    if sec_fetch_mode is not None:
        return sec_fetch_mode == "navigate"
    return "text/html" in accept
