"""What every client has unless a plugin says otherwise: httpx, memory stores, the generic exchange."""

from userlink.protocol.settings import ClientSettings
from userlink.stores.protocols import (
    BlockingStateStore,
    BlockingTransactionStore,
    Exchange,
    StateStore,
    StoreOptions,
    TransactionStore,
)

from .exchange import bind_generic
from .hookspecs import BlockingTransport, Transport, hookimpl

__all__: list[str] = []


@hookimpl(trylast=True)
def userlink_transport(settings: ClientSettings) -> Transport:
    """Return the transport on httpx, imported when the first client needs it."""
    from .httpx_transport import HttpxTransport

    return HttpxTransport()


@hookimpl(trylast=True)
def userlink_blocking_transport(settings: ClientSettings) -> BlockingTransport:
    """Return the blocking transport on httpx, imported when the first client needs it."""
    from .blocking_httpx_transport import BlockingHttpxTransport

    return BlockingHttpxTransport()


@hookimpl(trylast=True)
def userlink_state_store(location: str, blocking: bool) -> StateStore | BlockingStateStore | None:
    """Return a memory store for ``memory:``."""
    if location != "memory:":
        return None
    from userlink.stores.memory_store import BlockingMemoryStateStore, MemoryStateStore

    return BlockingMemoryStateStore() if blocking else MemoryStateStore()


@hookimpl(trylast=True)
def userlink_transaction_store(
    location: str, blocking: bool
) -> TransactionStore | BlockingTransactionStore | None:
    """Return a memory store for ``memory:``."""
    if location != "memory:":
        return None
    from userlink.stores.memory_store import (
        BlockingMemoryTransactionStore,
        MemoryTransactionStore,
    )

    return BlockingMemoryTransactionStore() if blocking else MemoryTransactionStore()


@hookimpl(trylast=True)
def userlink_bind_exchange(store_options: StoreOptions) -> Exchange | None:
    """Return the generic exchange where it fits."""
    return bind_generic(store_options)
