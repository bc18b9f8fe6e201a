"""One call of a client's method: what its handlers need besides the effect."""

from attrs import field, frozen

from userlink.errors import CookiesNotWritable
from userlink.plugins.manager import Plugins
from userlink.stores.protocols import Cookie, Exchange, StoreOptions

__all__ = ["NO_CALL", "Call", "bind", "bind_no_browser"]


@frozen
class Call:
    """
    The circumstances of one call.

    Attributes:
        exchange: the request and response it serves.
        store_options: what the caller passed, for the stores.
    """

    exchange: Exchange = field(repr=False)
    store_options: StoreOptions = field(repr=False)


def bind(plugins: Plugins, store_options: StoreOptions | None, *, writing: bool) -> Call:
    """
    Bind a call to the request and response it serves.

    Args:
        plugins: of the client.
        store_options: what the caller passed.
        writing: whether the call is going to set cookies.

    Raises:
        ExchangeNotRecognised: when no plugin understands the store options.
        CookiesNotWritable: when cookies would have nowhere to go.
    """
    options: StoreOptions = {} if store_options is None else store_options
    exchange = plugins.bind_exchange(options)
    if writing and not exchange.writable:
        raise CookiesNotWritable("Cookies would have nowhere to go.")
    return Call(exchange, options)


def bind_no_browser(store_options: StoreOptions | None) -> Call:
    """Bind a call that no browser has made: it has no cookies, and the stores are given the options."""
    return Call(_NoExchange(), {} if store_options is None else store_options)


class _NoExchange:
    """What serves no browser: the fetching of metadata and keys, and the provider's own requests."""

    @property
    def cookies(self) -> dict[str, str]:
        return {}

    @property
    def writable(self) -> bool:
        return False

    def set_cookie(self, cookie: Cookie) -> None:
        raise CookiesNotWritable("There is no request.")


NO_CALL = Call(_NoExchange(), {})
