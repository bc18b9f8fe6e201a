"""
Every hook of userlink. An implementation names only the arguments it wants.

Hooks are plain functions that return typed objects, or None to let another plugin answer; only those objects do I/O.
A plugin is a module or an object with functions of these names, marked by ``hookimpl``; it is installed under the
entry-point group ``userlink`` or given to a client as ``plugins=[...]``. Plugins given to the client are asked first,
then installed ones, then what is built in.
"""

from typing import Protocol

import pluggy

from userlink.protocol.events import Event
from userlink.protocol.settings import ClientSettings
from userlink.protocol.values import HttpRequest, HttpResponse
from userlink.stores.protocols import (
    BlockingStateStore,
    BlockingTransactionStore,
    Exchange,
    StateStore,
    StoreOptions,
    TransactionStore,
)

__all__ = ["BlockingTransport", "Transport", "hookimpl", "hookspec"]

hookspec = pluggy.HookspecMarker("userlink")
hookimpl = pluggy.HookimplMarker("userlink")


class Transport(Protocol):
    """Sends requests to the provider."""

    async def send(
        self, request: HttpRequest, *, timeout_seconds: float, most_bytes: int
    ) -> HttpResponse:
        """
        Send a request and return the answer, whatever its status.

        A transport follows no redirect, stops reading once the body is longer than ``most_bytes``, and gives up after
        ``timeout_seconds``; in both cases, and when there is no answer at all, it raises ``ProviderUnreachable``.
        """
        ...

    async def aclose(self) -> None:
        """Give back what the transport holds."""
        ...


class BlockingTransport(Protocol):
    """Sends requests to the provider for ``SyncServerClient``, from many threads at once."""

    def send(
        self, request: HttpRequest, *, timeout_seconds: float, most_bytes: int
    ) -> HttpResponse:
        """Send a request and return the answer, under the rules of ``Transport.send()``."""
        ...

    def close(self) -> None:
        """Give back what the transport holds."""
        ...


@hookspec(firstresult=True)
def userlink_transport(settings: ClientSettings) -> Transport | None:
    """
    Return the transport of a client. Called once, when the client first needs it.

    Args:
        settings: the client's configuration.
    """


@hookspec(firstresult=True)
def userlink_blocking_transport(settings: ClientSettings) -> BlockingTransport | None:
    """
    Return the transport of a ``SyncServerClient``. Called once, when the client first needs it.

    Args:
        settings: the client's configuration.
    """


@hookspec(firstresult=True)
def userlink_state_store(location: str, blocking: bool) -> StateStore | BlockingStateStore | None:
    """
    Return the state store that ``state_store="…"`` names, or None for a location of another kind.

    Called once, when a client is built with a string. When that client is closed it closes the store too, by its
    ``aclose()`` or ``close()``, where there is one.

    Args:
        location: the string, such as ``memory:`` or a URL.
        blocking: whether it is for ``SyncServerClient``, which takes blocking stores only. ``ServerClient`` takes
            both; a blocking one works in worker threads.
    """


@hookspec(firstresult=True)
def userlink_transaction_store(
    location: str, blocking: bool
) -> TransactionStore | BlockingTransactionStore | None:
    """
    Return the transaction store that ``transaction_store="…"`` names, or None for a location of another kind.

    Called once, when a client is built with a string. When that client is closed it closes the store too, by its
    ``aclose()`` or ``close()``, where there is one.

    Args:
        location: the string, such as ``memory:`` or a URL.
        blocking: as for state stores.
    """


@hookspec(firstresult=True)
def userlink_bind_exchange(store_options: StoreOptions) -> Exchange | None:
    """
    Return the exchange that these ``store_options`` stand for, or None when they are not understood.

    Called at every call of a client's method; it must be quick.

    Args:
        store_options: what the caller passed, usually ``{"request": …, "response": …}``.
    """


@hookspec
def userlink_event(event: Event) -> None:
    """
    Learn that a flow ended. Every plugin is told; what one raises is logged and hinders nobody.

    Called after the session was saved and before the method returns; it must be quick.

    Args:
        event: what happened; it holds no token and no claim but ``sub``.
    """
