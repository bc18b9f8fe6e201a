"""From a client to the evidence: what it was built with, and what its provider says."""

from typing import TypeAlias, TypeVar

from userlink.base_client import parts_of
from userlink.client import ServerClient
from userlink.runtime.blocking_engine import BlockingEngine, BlockingParts
from userlink.runtime.call import NO_CALL
from userlink.runtime.engine import AsyncEngine, AsyncParts
from userlink.runtime.parts import EngineParts
from userlink.stores.memory_store import (
    BlockingMemoryStateStore,
    BlockingMemoryTransactionStore,
    MemoryStateStore,
    MemoryTransactionStore,
)
from userlink.sync_client import SyncServerClient

from .evidence import Evidence, Published, StoreKind
from .looking import look_at_provider
from .secret_traits import traits_of

__all__ = ["AnyClient", "gather"]

StateStoreT = TypeVar("StateStoreT")
TransactionStoreT = TypeVar("TransactionStoreT")
TransportT = TypeVar("TransportT")
AnyClient: TypeAlias = ServerClient | SyncServerClient
_IN_MEMORY = (
    BlockingMemoryStateStore,
    BlockingMemoryTransactionStore,
    MemoryStateStore,
    MemoryTransactionStore,
)


def gather(client: AnyClient, *, has_own_secret: bool = True) -> Evidence:
    """
    Ask the client's provider, by its transport and limits, and note what the client was built with.

    Args:
        client: to be looked at; it is neither changed nor closed.
        has_own_secret: whether its sealing secrets are those that the application uses.

    Raises:
        ProviderError: when the provider does not answer, or not as one.
    """
    # An engine of its own: the client's may belong to an event loop, and has opened what the client closes.
    if isinstance(client, SyncServerClient):
        blocking_parts = parts_of(client)
        return _evidence(blocking_parts, _look_blocking(blocking_parts), has_own_secret)
    from anyio import run

    parts = parts_of(client)
    return _evidence(parts, run(_look_async, parts), has_own_secret)


def _evidence(
    parts: EngineParts[StateStoreT, TransactionStoreT, TransportT],
    published: Published,
    has_own_secret: bool,
) -> Evidence:
    client_secret = parts.settings.client_secret
    return Evidence(
        settings=parts.settings,
        published=published,
        secrets=traits_of(
            tuple(parts.secrets) if has_own_secret else (),
            None if client_secret is None else client_secret.reveal().encode(),
        ),
        sessions=_kind(parts.state_store),
        transactions=_kind(parts.transaction_store),
    )


def _look_blocking(parts: BlockingParts) -> Published:
    engine = BlockingEngine(parts)
    try:
        return engine.run(look_at_provider(parts.settings), NO_CALL)
    finally:
        engine.close()


async def _look_async(parts: AsyncParts) -> Published:
    engine = AsyncEngine(parts)
    try:
        return await engine.run(look_at_provider(parts.settings), NO_CALL)
    finally:
        await engine.aclose()


def _kind(store: object) -> StoreKind:
    if store is None:
        return StoreKind.COOKIES
    if store == "memory:" or isinstance(store, _IN_MEMORY):
        return StoreKind.MEMORY
    return StoreKind.SERVER
