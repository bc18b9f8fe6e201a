"""Cookies: their names and prefixes, and values that are split when one cookie cannot hold them."""

from collections.abc import Mapping

from attrs import frozen

from userlink.errors import SessionTooLarge

from .protocols import Cookie, Exchange

__all__ = ["CookieNames", "erase", "read", "size_of", "write"]

_LARGEST_COOKIE = 4096  # bytes of name, value and attributes together (RFC 6265, 6.1)
_MOST_PARTS = 8  # 32 KiB; servers commonly refuse more in one header
_ATTRIBUTES = 96  # bytes that Cookie.header() adds at the most, separators included
_SUFFIXES = ("", *(f".{number}" for number in range(_MOST_PARTS)))  # of a whole value and its parts


@frozen
class CookieNames:
    """
    The names of a client's cookies.

    Attributes:
        session: of the session's.
        transaction: what those of transactions begin with.
        secure: whether all of them are for https only; then they carry ``__Host-``, so that no other host,
            not even a sibling's, can set them (RFC 6265bis, 4.1.3.2).
    """

    session: str
    transaction: str
    secure: bool

    @classmethod
    def of(cls, prefix: str, secure: bool) -> "CookieNames":
        """Derive all names from the client's prefix."""
        start = f"__Host-{prefix}" if secure else prefix
        return cls(f"{start}_session", f"{start}_tx_", secure)


def read(held: Mapping[str, str], name: str) -> str | None:
    """Return a value out of an exchange's cookies, joined when it was split; None when it is not there."""
    whole = held.get(name)
    if whole is not None:
        return whole
    parts: list[str] = []
    for number in range(_MOST_PARTS):
        part = held.get(f"{name}.{number}")
        if part is None:
            break
        parts.append(part)
    return "".join(parts) or None


def write(exchange: Exchange, name: str, value: str, max_age: int, secure: bool) -> None:
    """
    Set a value, in several cookies when one cannot hold it, and delete what an older value left over.

    Args:
        exchange: where to.
        name: of the cookie; parts are called ``name.0``, ``name.1`` and so on.
        value: characters that a cookie may have (RFC 6265, 4.1.1).
        max_age: seconds.
        secure: whether it is for https only.

    Raises:
        SessionTooLarge: when it does not fit into the parts allowed.
    """
    room = _LARGEST_COOKIE - len(name) - _ATTRIBUTES
    if len(value) <= room:
        parts = {name: value}
    else:
        room -= 2
        chunks = [value[start : start + room] for start in range(0, len(value), room)]
        if len(chunks) > _MOST_PARTS:
            raise SessionTooLarge(
                f"{len(value)} characters do not fit into {_MOST_PARTS} cookies of one browser."
            )
        parts = {f"{name}.{number}": chunk for number, chunk in enumerate(chunks)}
    _delete(exchange, name, secure, keep=parts)
    for part, chunk in parts.items():
        exchange.set_cookie(Cookie(part, chunk, max_age, secure))


def erase(exchange: Exchange, name: str, secure: bool) -> None:
    """Delete a value and all its parts."""
    _delete(exchange, name, secure, keep={})


def size_of(held: Mapping[str, str], name: str) -> int:
    """Return how many bytes a value and its parts take in a request's ``Cookie`` header."""
    return sum(len(part) + len(held[part]) + 3 for part in _parts(held, name))


def _delete(exchange: Exchange, name: str, secure: bool, keep: dict[str, str]) -> None:
    for part in _parts(exchange.cookies, name):
        if part not in keep:
            exchange.set_cookie(Cookie(part, "", 0, secure))


def _parts(held: Mapping[str, str], name: str) -> list[str]:
    # Looked up by their names: what a request brings must not decide how much is searched or deleted.
    return [part for suffix in _SUFFIXES if (part := name + suffix) in held]
