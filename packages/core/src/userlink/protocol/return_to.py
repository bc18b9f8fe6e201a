r"""
Where a user may be sent after a flow: nowhere but back into the application (RFC 9700, 4.11.1; CWE-601).

``return_to`` comes from a link that anybody can write. It is judged as a browser will read it, not as RFC 3986 would
have it (https://url.spec.whatwg.org/#url-parsing). Where the two differ, attacks live:

- Browsers strip tabs and newlines anywhere, spaces and control characters at the ends: ``/<TAB>/evil`` is ``//evil``.
- They take a backslash for a slash: ``/\evil`` and ``\\evil`` are ``//evil``, which names a host.
- They need no slashes after a known scheme: ``https:evil`` and ``https:/evil`` may name a host too.
- What stands before ``@`` is a user name, not a host: ``https://app.example@evil``.

Proxies and frameworks decode and tidy paths before they redirect or route again, so that ``/%2f/evil``, ``/%5cevil``,
their doubly encoded forms, ``/..//evil`` and letters which Unicode normalises to slashes and dots can become ``//evil``
one station later. A path must therefore be harmless at every level of decoding.

The rule allows what is known to be good instead of looking for what is bad: visible ASCII; one slash at the start, or
http(s) with an allowed origin. Letters beyond ASCII are percent-encoded in a URL, as browsers write them.
"""

import re
import unicodedata
from collections.abc import Collection
from urllib.parse import unquote

from .urls import is_absolute_web_url, origin_of

__all__ = ["LONGEST_RETURN_TO", "safe_return_to"]

LONGEST_RETURN_TO = 2048  # characters; it travels in a cookie and in a query
_MOST_DECODINGS = 5  # no honest path is encoded more often
# Visible ASCII but for the backslash, and for what ends an attribute or a tag where somebody forgets to escape.
_WRITABLE = re.compile(r"[!#-;=?-\[\]-~]+")
_PATH_END = re.compile(r"[?#]")
# Control characters, line ends, backslashes, and what is left of bytes that are not UTF-8.
_UNSAFE_IN_PATH = re.compile(r"[\x00-\x1f\x7f-\x9f\\\u2028\u2029\ufffd]")
# Slashes that Unicode does not normalise to a slash, and that people and filters take for one.
_LOOKS_LIKE_SLASH = str.maketrans(dict.fromkeys("\u2044\u2215\u2216\u2571\u29f5\u29f8", "/"))


def safe_return_to(
    value: object, *, allowed_origins: Collection[str] = (), default: str = "/"
) -> str:
    """
    Return where to send the user: the value if it leads into the application, else the default.

    It is asked when a flow starts, so that nothing bad is stored, and again when the flow ends, because what was
    stored may have been allowed by an older configuration.

    Args:
        value: what a link, a form or the stored app_state says; anything but a string gives the default.
        allowed_origins: origins to which absolute URLs may lead, as ``application_origins()`` returns them.
        default: where to go otherwise; returned as it is.

    Returns:
        The value unchanged, or the default.
    """
    if not isinstance(value, str) or len(value) > LONGEST_RETURN_TO:
        return default
    if _WRITABLE.fullmatch(value) is None:
        return default
    if value.startswith("/"):
        return value if _is_path_of_this_host(value) else default
    if is_absolute_web_url(value) and origin_of(value) in allowed_origins:
        return value
    return default


def _is_path_of_this_host(value: str) -> bool:
    path = _PATH_END.split(value)[0]
    for _ in range(_MOST_DECODINGS):
        # Servers that compare file names bring them into a normal form first (Unicode Annex 15).
        path = unicodedata.normalize("NFKC", path).translate(_LOOKS_LIKE_SLASH)
        if not _is_harmless(path):
            return False
        decoded = unquote(path)  # in which bytes that are not UTF-8 become U+FFFD
        if decoded == path:
            return True
        path = decoded
    return False


def _is_harmless(path: str) -> bool:
    """Tell whether a path names no host and no control character, nor does when it is tidied."""
    if _UNSAFE_IN_PATH.search(path) is not None:
        return False
    return not path.startswith("//") and not _without_dot_segments(path).startswith("//")


def _without_dot_segments(path: str) -> str:
    """Remove ``.`` and ``..`` as URL parsers do (RFC 3986, 5.2.4): empty segments stay."""
    kept: list[str] = []
    for segment in path.split("/")[1:]:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    return "/" + "/".join(kept)
