"""What responses with cookies, and those to addresses with codes, must say to caches and to other sites."""

from collections.abc import Iterable, Mapping

__all__ = ["PRIVATE_HEADERS", "is_for_one_user", "varies_by_cookie"]

# The address of a callback holds the authorization code: no cache and no other site shall learn it (RFC 9700, 4.2.4).
PRIVATE_HEADERS: Mapping[str, str] = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
}
# Without arguments: private="set-cookie" lets caches have the rest.
_PRIVATE = {"private", "no-store"}
_VARYING = {"cookie", "*"}


def is_for_one_user(cache_control: Iterable[str]) -> bool:
    """
    Tell whether a response keeps itself out of shared caches (RFC 9111, 5.2.2).

    One that sets a cookie must: a cache for everybody would hand one user's session to the others (7.3).

    Args:
        cache_control: every value of that header.
    """
    return not _PRIVATE.isdisjoint(_members(cache_control))


def varies_by_cookie(vary: Iterable[str]) -> bool:
    """
    Tell whether a response says that it depends on cookies (RFC 9110, 12.5.5).

    One that sets a cookie must: the page without the cookie is another one.

    Args:
        vary: every value of that header.
    """
    return not _VARYING.isdisjoint(_members(vary))


def _members(values: Iterable[str]) -> set[str]:
    """Return the members of a list, over all fields of the name (RFC 9110, 5.6.1)."""
    return {each.strip().lower() for each in ",".join(values).split(",")}
