"""The stores that a client opened from a location: nobody else has them, so they are closed with the client."""

from inspect import iscoroutinefunction

__all__ = ["OpenedStores"]


class OpenedStores:
    """Remembers stores. Those without a method for closing have nothing to give back."""

    def __init__(self) -> None:
        self._stores: list[object] = []

    def add(self, store: object) -> None:
        """Remember a store."""
        self._stores.append(store)

    def close(self) -> None:
        """Call the ``close()`` of each store that has one."""
        for store in self._stores:
            close = getattr(store, "close", None)
            if callable(close):
                close()

    async def aclose(self) -> None:
        """Await the ``aclose()`` of each store that has one; call ``close()`` of the others in a worker thread."""
        for store in self._stores:
            aclose = getattr(store, "aclose", None)
            close = getattr(store, "close", None)
            if iscoroutinefunction(aclose):
                await aclose()
            elif callable(close):
                from anyio.to_thread import run_sync

                await run_sync(close)
