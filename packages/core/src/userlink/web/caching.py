"""What responses with cookies, and those to addresses with codes, must say to caches and to other sites."""

from collections.abc import Mapping

__all__ = ["PRIVATE_HEADERS", "cache_control_with_cookies", "vary_with_cookies"]

# The address of a callback holds the authorization code: no cache and no other site shall learn it (RFC 9700, 4.2.4).
PRIVATE_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}


def cache_control_with_cookies(chosen: str | None) -> str:
    """
    Return the Cache-Control of a response that sets cookies (RFC 9111, 7.3).

    Args:
        chosen: what the application says; it stands where it keeps the response out of shared caches.
    """
    directives = {part.strip(" \t").lower() for part in (chosen or "").split(",")}
    # `private="a"` and the like forbid only that header field to caches.
    return chosen if chosen and directives & {"private", "no-store"} else "no-store"


def vary_with_cookies(chosen: str | None) -> str:
    """Return the Vary of a response that depends on cookies, which is every one that sets ours (RFC 9110, 12.5.5)."""
    names = [part.strip(" \t") for part in (chosen or "").split(",") if part.strip(" \t")]
    if {"*", "cookie"} & {name.lower() for name in names}:
        return ", ".join(names)
    return ", ".join([*names, "Cookie"])
