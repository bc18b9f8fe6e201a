"""What a URL must be before userlink uses it: issuers, endpoints, redirect URIs, queries."""

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address
from urllib.parse import quote_plus, urlsplit

from attrs import frozen

__all__ = [
    "Issuer",
    "add_query",
    "form_encode",
    "is_absolute_web_url",
    "is_loopback_host",
    "is_secure_web_url",
    "is_sendable",
    "origin_of",
]

# A registered name, an IPv4 address or a bracketed IPv6 address, with an optional port.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST = re.compile(rf"(?:\[[0-9A-Fa-f:.]+\]|{_LABEL}(?:\.{_LABEL})*)(?::[0-9]{{1,5}})?")
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\\"<>^`{|}]|[^\x00-\x7f]")
_UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]*")  # RFC 3986, 2.3; form encoding leaves it as it is
_SURROGATE = re.compile("[\ud800-\udfff]")


def is_loopback_host(host: str | None) -> bool:
    """Tell whether a host name means this machine (RFC 8252, 7.3; RFC 6761, 6.3)."""
    if host is None:
        return False
    name = host.lower()
    if name in ("localhost", "::1") or name.endswith(".localhost"):
        return True
    try:
        return IPv4Address(name).is_loopback
    except (
        AddressValueError
    ):  # a name: whoever asks for 127.0.0.010 or 127.999.0.1 may be led anywhere
        return False


def is_absolute_web_url(url: str) -> bool:
    """Tell whether a string is an absolute http or https URL without user information."""
    if _UNSAFE.search(url):
        return False
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises on a port that is no number
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and _HOST.fullmatch(parts.netloc) is not None


@lru_cache(maxsize=64)  # endpoints are judged again whenever something is sent to them
def is_secure_web_url(url: str) -> bool:
    """Tell whether a URL is absolute and https, or http to a loopback host."""
    if not is_absolute_web_url(url):
        return False
    parts = urlsplit(url)
    return parts.scheme == "https" or is_loopback_host(parts.hostname)


def origin_of(url: str) -> str:
    """
    Return the origin of an absolute URL (RFC 6454, 6.2), default ports left out.

    ``origin_of("https://App.example:443/x?y")`` is ``"https://app.example"``.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if ":" in host:
        host = f"[{host}]"
    default_port = 443 if parts.scheme == "https" else 80
    port = "" if parts.port in (None, default_port) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def is_sendable(text: str) -> bool:
    """Tell whether a string can be form-encoded; half of a surrogate pair cannot (RFC 3629, 3)."""
    return not _SURROGATE.search(text)


def add_query(url: str, parameters: Iterable[tuple[str, str]]) -> str:
    """Append form-encoded parameters to a URL, which may have a query already (RFC 6749, 3.1)."""
    return f"{url}{'&' if '?' in url else '?'}{form_encode(parameters)}"


def form_encode(parameters: Iterable[tuple[str, str]]) -> str:
    """
    Encode names and values as forms do (RFC 6749, appendix B), to the letter as ``urllib.parse.urlencode()`` does.

    Names, tokens and random values need no quoting. Seeing that first halves the time.
    """
    return "&".join([f"{_quoted(name)}={_quoted(value)}" for name, value in parameters])


def _quoted(text: str) -> str:
    return text if _UNRESERVED.fullmatch(text) else quote_plus(text)


@frozen
class Issuer:
    """
    The provider a client is configured for (OIDC Discovery, 3 and 4).

    Attributes:
        accepted: the issuer identifiers that the discovery document may have: for a bare host, with and
            without a trailing slash; for a URL, that very URL.
        discovery_url: where the discovery document is.
    """

    accepted: tuple[str, ...]
    discovery_url: str

    @classmethod
    def from_domain(cls, domain: str) -> "Issuer":
        """
        Read the client's ``domain``: a bare host, with a port perhaps, or an issuer URL kept as given.

        Raises:
            ValueError: with what is wrong, as text, when it is neither.
        """
        if "://" not in domain:
            base = f"https://{domain}"
            if _HOST.fullmatch(domain) is None or not is_absolute_web_url(base):
                raise ValueError("it is neither a host name nor an issuer URL")
            return cls((f"{base}/", base), f"{base}/.well-known/openid-configuration")
        if not is_absolute_web_url(domain):
            raise ValueError("it is not an absolute http or https URL")
        if "?" in domain or "#" in domain:
            raise ValueError("an issuer has no query and no fragment")
        if not is_secure_web_url(domain):
            raise ValueError("plain http is accepted for loopback hosts only")
        return cls((domain,), f"{domain.rstrip('/')}/.well-known/openid-configuration")
