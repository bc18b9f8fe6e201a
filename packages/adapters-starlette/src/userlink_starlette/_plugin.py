"""What userlink finds under the entry point: the exchange for Starlette's requests."""

from userlink import Exchange, StoreOptions, hookimpl

from ._exchange import bind_starlette

__all__: list[str] = []


@hookimpl
def userlink_bind_exchange(store_options: StoreOptions) -> Exchange | None:
    """Return the exchange where the request is one of Starlette's or FastAPI's."""
    return bind_starlette(store_options)
