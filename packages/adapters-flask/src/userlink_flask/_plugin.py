"""What userlink finds under the entry point: the exchange for Flask's requests. Importing it imports no Flask."""

import sys

from userlink import Exchange, StoreOptions, hookimpl

__all__: list[str] = []


@hookimpl
def userlink_bind_exchange(store_options: StoreOptions) -> Exchange | None:
    """Return the exchange where the request is one of Flask's."""
    if "flask" not in sys.modules:
        return None  # then nothing can be a request of Flask's
    from ._exchange import bind_flask

    return bind_flask(store_options)
