"""Cookies that wait for the response of one request, and the exchange that lets them wait."""

from collections.abc import Mapping
from typing import Protocol

from userlink.errors import CookiesNotWritable
from userlink.plugins.exchange import CookieOverlay
from userlink.stores.protocols import Cookie

__all__ = ["PendingCookies", "PendingExchange", "WaitingCookies"]


class PendingCookies(Protocol):
    """Where the cookies of one request wait."""

    @property
    def by_name(self) -> dict[str, Cookie]:
        """What was set so far, by name."""
        ...

    @property
    def writable(self) -> bool:
        """Whether a cookie set now will reach the browser."""
        ...

    def put(self, cookie: Cookie) -> None:
        """Set a cookie; a later one of the same name replaces it."""
        ...


class WaitingCookies:
    """Cookies that an adapter puts on whichever response leaves; one object for each request."""

    __slots__ = ("_leaving", "by_name")

    def __init__(self) -> None:
        self.by_name: dict[str, Cookie] = {}
        self._leaving = False

    @property
    def writable(self) -> bool:
        """Whether the response has not left yet."""
        return not self._leaving

    def put(self, cookie: Cookie) -> None:
        """
        Let a cookie wait for the response.

        Raises:
            CookiesNotWritable: when the headers of the response are on their way, or the request is over.
        """
        if self._leaving:
            raise CookiesNotWritable(
                f"The response has left without the cookie {cookie.name}.",
                hint="Finish with userlink before the response starts: not while it streams,"
                " and not in a background task.",
            )
        self.by_name[cookie.name] = cookie

    def leave(self) -> list[Cookie]:
        """Hand over what waits, once; nothing can be added any more."""
        leaving = [] if self._leaving else list(self.by_name.values())
        self._leaving = True
        return leaving

    def discard(self) -> list[Cookie]:
        """
        Let the cookies of a request that has failed leave no more, and return which ones those are.

        Where all of them delete something they do leave, so that a logout holds; where one is set, what it replaces
        stays: a hook that fails signs nobody in.
        """
        sets_one = any(cookie.max_age > 0 for cookie in self.by_name.values())
        return self.leave() if sets_one else []


class PendingExchange(CookieOverlay):
    """
    An exchange whose cookies wait for the response.

    Args:
        received: the request's cookies, read from the raw header: what frameworks offer is tidied, and so takes what a
            sibling host has planted for ours, past the ``__Host-`` of the name.
        pending: where cookies wait; None when there is no response to wait for.
    """

    __slots__ = ("_target",)

    def __init__(self, received: Mapping[str, str], pending: PendingCookies | None) -> None:
        super().__init__(received, {} if pending is None else pending.by_name)
        self._target = pending

    @property
    def writable(self) -> bool:
        """Whether a cookie set now will reach the browser."""
        return self._target is not None and self._target.writable

    def set_cookie(self, cookie: Cookie) -> None:
        """
        Set a cookie on the response that will leave.

        Raises:
            CookiesNotWritable: when there is none, or it has left.
        """
        if self._target is None:
            raise CookiesNotWritable("There is no response to set cookies on.")
        self._target.put(cookie)
