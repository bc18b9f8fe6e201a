"""One call of a client's method: what its handlers need besides the effect."""

from attrs import field, frozen

from userlink.stores.protocols import Exchange, StoreOptions

__all__ = ["Call"]


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
