"""
A browser's cookie jar, as RFC 6265bis tells browsers to keep one.

The standard library's jar follows older rules: it never sends a Secure cookie over http, not even
to loopback, renames ``localhost``, and knows neither SameSite nor the name prefixes. Cookies know
no port: two servers on one host share a jar, here as in a browser.
"""

import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

import attrs

# What browsers keep at most of one cookie, name and value together (RFC 6265bis, 5.6).
LARGEST_COOKIE_BYTES = 4096


@attrs.frozen
class Cookie:
    """One stored cookie (RFC 6265bis, 5.7)."""

    name: str
    value: str = attrs.field(repr=False)
    host: str
    is_host_only: bool
    path: str
    is_secure: bool
    is_http_only: bool
    same_site: str
    expires_at: float | None

    def matches(self, url: SplitResult) -> bool:
        """Tell whether host, path and Secure let this cookie go to a URL."""
        return (
            _domain_matches(url.hostname or "", self.host, exactly=self.is_host_only)
            and _path_matches(url.path or "/", self.path)
            and (is_trustworthy(url) or not self.is_secure)
        )


@attrs.define
class CookieJar:
    """
    Store what servers set and choose what goes back to them.

    Attributes:
        now: Tells the time in seconds since the epoch; replace it to let cookies expire.
        refused: Cookies that a browser would not have stored, each with the reason.
    """

    now: Callable[[], float] = time.time
    refused: list[tuple[str, str]] = attrs.field(factory=list[tuple[str, str]])
    _cookies: dict[tuple[str, str, str], Cookie] = attrs.field(
        factory=dict[tuple[str, str, str], Cookie]
    )

    def store(self, url: str, header: str) -> None:
        """Take one ``Set-Cookie`` header of an answer that came from a URL."""
        target = urlsplit(url)
        cookie = self._parse(target, header)
        reason = _reason_to_refuse(target, cookie)
        if reason is not None:
            self.refused.append((cookie.name, reason))
            return
        key = (cookie.host, cookie.path, cookie.name)
        self._cookies.pop(key, None)
        if cookie.expires_at is None or cookie.expires_at > self.now():
            self._cookies[key] = cookie

    def header_for(self, url: str, *, same_site: bool = True, is_safe: bool = True) -> str:
        """
        Return the ``Cookie`` header for a top-level navigation, empty when there is nothing.

        Args:
            url: Where the request goes.
            same_site: Whether the navigation started on the same site, or was typed.
            is_safe: Whether the method is GET or HEAD. Another one that comes from another site
                carries no Lax cookie.
        """
        target = urlsplit(url)
        chosen = [
            cookie
            for cookie in self.cookies()
            if cookie.matches(target) and (same_site or _crosses_sites(cookie, is_safe=is_safe))
        ]
        chosen.sort(key=lambda cookie: len(cookie.path), reverse=True)
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in chosen)

    def cookies(self, host: str | None = None) -> list[Cookie]:
        """Return the cookies that have not expired, of one host if it is named."""
        now = self.now()
        return [
            cookie
            for cookie in self._cookies.values()
            if host in (None, cookie.host)
            and (cookie.expires_at is None or cookie.expires_at > now)
        ]

    def remove(self, name: str, host: str) -> None:
        """Forget a host's cookies of one name, as a user can in the browser's settings."""
        for key in [key for key in self._cookies if (key[0], key[2]) == (host, name)]:
            del self._cookies[key]

    def clear(self) -> None:
        """Forget everything."""
        self._cookies.clear()

    def _parse(self, url: SplitResult, header: str) -> Cookie:
        pair, *rest = header.split(";")
        name, _, value = pair.partition("=")
        attributes = {
            key.strip().lower(): text.strip()
            for key, _, text in (attribute.partition("=") for attribute in rest)
        }
        domain = attributes.get("domain", "").lstrip(".").lower()
        path = attributes.get("path", "")
        return Cookie(
            name=name.strip(),
            value=value.strip(),
            host=domain or url.hostname or "",
            is_host_only=not domain,
            path=path if path.startswith("/") else _default_path(url.path),
            is_secure="secure" in attributes,
            is_http_only="httponly" in attributes,
            # Browsers take Lax where nothing is said.
            same_site=attributes.get("samesite", "lax").lower(),
            expires_at=self._expiry(attributes),
        )

    def _expiry(self, attributes: Mapping[str, str]) -> float | None:
        if "max-age" in attributes:
            return self.now() + int(attributes["max-age"])
        if "expires" in attributes:
            return parsedate_to_datetime(attributes["expires"]).timestamp()
        return None


def is_trustworthy(url: SplitResult) -> bool:
    """Tell whether browsers treat a URL like https: loopback hosts are (Secure Contexts, 3.1)."""
    host = url.hostname or ""
    return url.scheme == "https" or host == "localhost" or _is_loopback(host)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.endswith(".localhost")


def _reason_to_refuse(url: SplitResult, cookie: Cookie) -> str | None:
    if len(cookie.name.encode()) + len(cookie.value.encode()) > LARGEST_COOKIE_BYTES:
        return "too large"
    if not _domain_matches(url.hostname or "", cookie.host, exactly=cookie.is_host_only):
        return "set for another domain"
    if cookie.is_secure and not is_trustworthy(url):
        return "Secure over http"
    if cookie.same_site == "none" and not cookie.is_secure:
        return "SameSite=None without Secure"
    return _reason_of_prefix(cookie)


def _reason_of_prefix(cookie: Cookie) -> str | None:
    name = cookie.name.lower()
    if name.startswith("__secure-") and not cookie.is_secure:
        return "__Secure- without Secure"
    if name.startswith("__host-") and not (
        cookie.is_secure and cookie.is_host_only and cookie.path == "/"
    ):
        return "__Host- needs Secure, Path=/ and no Domain"
    return None


def _crosses_sites(cookie: Cookie, *, is_safe: bool) -> bool:
    return cookie.same_site == "none" or (cookie.same_site == "lax" and is_safe)


def _domain_matches(host: str, domain: str, *, exactly: bool) -> bool:
    return host == domain or (not exactly and host.endswith(f".{domain}"))


def _path_matches(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix if prefix.endswith("/") else f"{prefix}/")


def _default_path(path: str) -> str:
    return path.rpartition("/")[0] or "/"
