"""
Whether a request that changes something comes from the application's own pages (RFC 9700, 4.7; Fetch Metadata).

A page of anybody can make a browser post a form to this application, cookies included. Two headers tell such a post
from one of our own, and no page can forge them: ``Sec-Fetch-Site``, which browsers send to https and loopback hosts,
and ``Origin``. The ``Host`` header is not asked: whoever can choose it could choose what it is compared with.
"""

from collections.abc import Collection, Iterable, Sequence
from urllib.parse import urlsplit

from userlink.errors import ConfigurationError, RequestOriginRefused

from .urls import is_absolute_web_url, origin_of

__all__ = ["application_origins", "check_request_origin"]

_HINT = "Let a form on a page of this application send the request, or list the page's origin in the configuration."


def check_request_origin(
    *, origin: Sequence[str], sec_fetch_site: Sequence[str], allowed_origins: Collection[str]
) -> None:
    """
    Check who sent a request with a method that changes things, such as POST.

    ``Sec-Fetch-Site: same-origin`` is enough, also beside ``Origin: null``, which a page sends whose Referrer-Policy is
    ``no-referrer``. Where the browser says anything else, or nothing, ``Origin`` decides.

    Args:
        origin: every value of the ``Origin`` header. A server interface that joins doubled headers with commas gives
            one value, which no origin equals.
        sec_fetch_site: every value of the ``Sec-Fetch-Site`` header.
        allowed_origins: the application's own and those it trusts, as ``application_origins()`` returns them.

    Raises:
        RequestOriginRefused: when the request comes from elsewhere, does not say from where, or says it twice.
    """
    if len(origin) > 1 or len(sec_fetch_site) > 1:
        raise RequestOriginRefused("The request says more than once where it comes from.")
    if sec_fetch_site and sec_fetch_site[0] == "same-origin":
        return
    if origin and origin[0] in allowed_origins and origin[0] != "null":
        return
    if origin or sec_fetch_site:
        raise RequestOriginRefused("The request comes from a page of another origin.", hint=_HINT)
    raise RequestOriginRefused("The request does not say where it comes from.", hint=_HINT)


def application_origins(redirect_uri: str | None, configured: Iterable[str] = ()) -> frozenset[str]:
    """
    Return the origins of an application: that of its redirect_uri, and those it was configured with.

    Args:
        redirect_uri: the client's, which was checked when the client was built; None when there is none.
        configured: such as ``https://app.example``; without path, query or user information.

    Returns:
        The origins as browsers write them (RFC 6454, 6.2).

    Raises:
        ConfigurationError: when a configured one is not an origin.
    """
    if isinstance(configured, str):
        raise ConfigurationError(
            "The origins are one string.", hint="Give a list, such as ['https://app.example']."
        )
    own = [] if redirect_uri is None else [origin_of(redirect_uri)]
    return frozenset([*own, *map(_checked_origin, configured)])


def _checked_origin(text: object) -> str:
    if isinstance(text, str) and is_absolute_web_url(text):
        parts = urlsplit(text)
        if parts.path in ("", "/") and "?" not in text and "#" not in text:
            return origin_of(text)
    raise ConfigurationError(
        f"{text!r} is not an origin.",
        hint="Give scheme, host and, if need be, port, such as https://app.example:8443.",
    )
