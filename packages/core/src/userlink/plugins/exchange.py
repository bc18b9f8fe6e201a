"""
The generic exchange, for every framework whose requests have ``cookies`` and whose responses have ``set_cookie``.

Three forms of ``store_options`` are understood: ``{"request": request, "response": response}``;
``{"request": request}``, which can read and not write; and ``{"cookies": {...}}``, a plain dict that is read and
written like a browser's own, for tests and scripts.
"""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, cast

from userlink.errors import CookiesNotWritable
from userlink.protocol.json_object import is_mapping
from userlink.stores.protocols import Cookie, StoreOptions

__all__ = ["CookieOverlay", "GenericExchange", "PlainCookies", "bind_generic"]

_PENDING = "_userlink_pending_cookies"


class CookieOverlay:
    """
    A request's cookies with those set meanwhile laid over them: what every exchange needs for reading.

    Args:
        received: the request's cookies.
        pending: cookies set during this exchange, by name. Exchanges over one response share it, so that a
            later call of the same request sees what an earlier one set.
    """

    __slots__ = ("_pending", "_received")

    def __init__(self, received: Mapping[str, str], pending: MutableMapping[str, Cookie]) -> None:
        self._received = received
        self._pending = pending

    @property
    def cookies(self) -> Mapping[str, str]:
        """The request's cookies as they will be once the response has arrived."""
        return _Overlaid(self._received, self._pending) if self._pending else self._received

    def set_cookie(self, cookie: Cookie) -> None:
        """Lay a cookie over those of the request."""
        self._pending[cookie.name] = cookie


class _Overlaid(Mapping[str, str]):
    """Looks into the cookies set, then into those received; copies nothing, however many a request brings."""

    __slots__ = ("_pending", "_received")

    def __init__(self, received: Mapping[str, str], pending: Mapping[str, Cookie]) -> None:
        self._received = received
        self._pending = pending

    def __getitem__(self, name: str) -> str:
        cookie = self._pending.get(name)
        if cookie is None:
            return self._received[name]
        if cookie.max_age > 0:
            return cookie.value
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        for name in self._received:
            if name not in self._pending:
                yield name
        for name, cookie in self._pending.items():
            if cookie.max_age > 0:
                yield name

    def __len__(self) -> int:
        return sum(1 for _ in self)


class GenericExchange(CookieOverlay):
    """
    An exchange over any request with ``cookies`` and any response with ``set_cookie``.

    Args:
        received: the request's cookies.
        response_set_cookie: the response's method, as Starlette, Flask, Django and others have it; None when
            there is no response to write to.
        pending: what earlier calls of the same request have set.
    """

    __slots__ = ("_response_set_cookie",)

    def __init__(
        self,
        received: Mapping[str, str],
        response_set_cookie: Callable[..., Any] | None,
        pending: MutableMapping[str, Cookie],
    ) -> None:
        super().__init__(received, pending)
        self._response_set_cookie = response_set_cookie

    @property
    def writable(self) -> bool:
        """Whether there is a response."""
        return self._response_set_cookie is not None

    def set_cookie(self, cookie: Cookie) -> None:
        """
        Set a cookie on the response.

        Raises:
            CookiesNotWritable: when there is none.
        """
        if self._response_set_cookie is None:
            raise CookiesNotWritable("There is no response to set cookies on.")
        super().set_cookie(cookie)
        self._response_set_cookie(
            cookie.name,
            cookie.value,
            max_age=cookie.max_age,
            path="/",
            secure=cookie.secure,
            httponly=True,
            samesite="Lax",
        )


class PlainCookies:
    """An exchange over a plain dict that stands for a browser's cookies."""

    __slots__ = ("_jar",)

    def __init__(self, jar: MutableMapping[str, str]) -> None:
        self._jar = jar

    @property
    def cookies(self) -> Mapping[str, str]:
        """The dict itself."""
        return self._jar

    @property
    def writable(self) -> bool:
        """Always."""
        return True

    def set_cookie(self, cookie: Cookie) -> None:
        """Put the cookie into the dict, or take it out."""
        if cookie.max_age > 0:
            self._jar[cookie.name] = cookie.value
        else:
            self._jar.pop(cookie.name, None)


def bind_generic(store_options: StoreOptions) -> GenericExchange | PlainCookies | None:
    """Return the exchange for store options of one of the three forms, or None."""
    jar: Any = store_options.get("cookies")
    if isinstance(jar, MutableMapping):
        return PlainCookies(cast("MutableMapping[str, str]", jar))
    request: object = store_options.get("request")
    received: object = getattr(request, "cookies", None)
    if not is_mapping(received):
        return None
    response: object = store_options.get("response")
    set_cookie: object = getattr(response, "set_cookie", None)
    if not callable(set_cookie):
        return GenericExchange(received, None, {})
    # Kept on the response, so that a later call of the same request sees what an earlier one set.
    attributes: dict[str, Any] = getattr(response, "__dict__", {})
    return GenericExchange(received, set_cookie, attributes.setdefault(_PENDING, {}))
