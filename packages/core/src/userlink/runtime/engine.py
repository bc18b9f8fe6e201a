"""The engine of ``ServerClient``: plugins, stores and the async driver put together, once."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from userlink.plugins.hookspecs import Transport
from userlink.protocol.effects import Flow
from userlink.protocol.flows.provider import fetch_keys, fetch_metadata
from userlink.protocol.keys import KeySet
from userlink.protocol.metadata import ProviderMetadata
from userlink.stores.protocols import (
    BlockingStateStore,
    BlockingTransactionStore,
    StateStore,
    StoreOptions,
    TransactionStore,
)

from .asynchronous import run_async
from .cache import Cached
from .call import NO_CALL, Call, bind, bind_no_browser
from .handlers import AsyncHandlers
from .keepers import KeeperFactory
from .kept_renewals import KeptRenewals
from .parts import EngineParts
from .table import async_table

__all__ = ["AsyncEngine", "AsyncParts"]

T = TypeVar("T")
AsyncParts = EngineParts[
    StateStore | BlockingStateStore, TransactionStore | BlockingTransactionStore, Transport
]


class AsyncEngine:
    """
    Runs the flows of one client on asyncio or trio.

    Args:
        parts: what the client was built with.
    """

    def __init__(self, parts: AsyncParts) -> None:
        self._parts = parts
        self._transport = parts.transport
        keepers = KeeperFactory(
            parts.settings, parts.secrets, parts.plugins, parts.entropy, blocking=False
        )
        sessions = keepers.sessions(parts.state_store)
        handlers = AsyncHandlers(
            clock=parts.clock,
            entropy=parts.entropy,
            transport=self._get_transport,
            policy=parts.policy,
            metadata=Cached(self._fetch_metadata, parts.clock),
            keys=self._cached_keys,
            sessions=sessions,
            transactions=keepers.transactions(parts.transaction_store),
            renewals=KeptRenewals(),
            listeners=parts.plugins.listeners(),
        )
        self._writes_cookies = sessions.writes_cookies
        self._opened = keepers.opened
        self._table = async_table(handlers)

    @property
    def saves_in_cookies(self) -> bool:
        """Whether a change of the session must be able to set cookies."""
        return self._writes_cookies

    def bind(self, store_options: StoreOptions | None, *, writing: bool) -> Call:
        """Bind a call to the request and response it serves; see ``runtime.call.bind()``."""
        return bind(self._parts.plugins, store_options, writing=writing)

    def bind_no_browser(self, store_options: StoreOptions | None) -> Call:
        """Bind a call that no browser has made; see ``runtime.call.bind_no_browser()``."""
        return bind_no_browser(store_options)

    def run(self, flow: Flow[T], call: Call) -> Coroutine[Any, Any, T]:
        """Return the run of a flow for a call, to be awaited."""
        return run_async(flow, self._table, call)

    async def aclose(self) -> None:
        """Close what did not come from outside: the transport, and stores that were given by their location."""
        await self._opened.aclose()
        if self._parts.transport is None and self._transport is not None:
            await self._transport.aclose()
            self._transport = None

    def _get_transport(self) -> Transport:
        if self._transport is None:
            self._transport = self._parts.plugins.transport(self._parts.settings)
        return self._transport

    async def _fetch_metadata(self) -> ProviderMetadata:
        return await self.run(fetch_metadata(self._parts.settings), NO_CALL)

    def _cached_keys(self, jwks_uri: str) -> Cached[KeySet]:
        return Cached(lambda: self.run(fetch_keys(jwks_uri), NO_CALL), self._parts.clock)
