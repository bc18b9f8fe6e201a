"""
A request's cookies, read from the raw ``Cookie`` header exactly as browsers write it (RFC 6265bis, 4.2.1 and 5.8.3).

``__Host-`` keeps other hosts from setting a cookie of a name, and nothing more: a sibling host may set any *other* name
for the whole domain. Whoever reads the header more generously than browsers write it, turns that other name into ours.
Python's ``str.strip()`` removes the bytes 0xA0 and 0x85, which browsers take for a part of the name; parsers of
frameworks undo quotes, decode percent signs, or let the last of two cookies win. So nothing is tidied here: parts end
at a semicolon, spaces and tabs around names and values go, as browsers remove them too, and names are compared as
they are.
"""

from collections.abc import Iterable

__all__ = ["parse_cookie_header"]

# Four times what servers commonly take for all headers, and five times what browsers keep for one site.
_LARGEST_HEADER = 65_536  # characters, all fields together
_MOST_COOKIES = 1_000
_BLANKS = " \t"


def parse_cookie_header(values: Iterable[str]) -> dict[str, str]:
    """
    Return the cookies of a request.

    A name that comes twice counts as absent: of two hosts or paths that have set it, nobody can say which is meant. A
    header that no browser would send, because it is too long or holds too many cookies, holds none.

    Args:
        values: of every ``Cookie`` field, because HTTP/2 may split the header (RFC 9113, 8.2.3); decoded as Latin-1, as
            WSGI has it and ``Headers`` of Starlette do it, so that one character is one byte.

    Returns:
        Values by name, neither unquoted nor decoded.
    """
    header = ";".join(values)
    if len(header) > _LARGEST_HEADER or header.count(";") >= _MOST_COOKIES:
        return {}
    cookies: dict[str, str] = {}
    doubled: set[str] = set()
    for part in header.split(";"):
        # Without an equals sign it is the value of a cookie that has no name.
        name, equals, value = part.partition("=")
        name = name.strip(_BLANKS)
        if name and equals:
            if name in cookies:
                doubled.add(name)
            cookies[name] = value.strip(_BLANKS)
    for name in doubled:
        del cookies[name]
    return cookies
