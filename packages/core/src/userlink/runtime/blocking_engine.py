"""The engine of ``SyncServerClient``: plugins, stores and the blocking driver put together, once."""

from threading import Lock
from typing import TypeVar

from userlink.plugins.hookspecs import BlockingTransport
from userlink.protocol.effects import Flow
from userlink.protocol.flows.provider import fetch_keys, fetch_metadata
from userlink.protocol.keys import KeySet
from userlink.protocol.metadata import ProviderMetadata
from userlink.stores.protocols import BlockingStateStore, BlockingTransactionStore, StoreOptions

from .blocking import run
from .blocking_cache import BlockingCached
from .blocking_handlers import BlockingHandlers
from .call import NO_CALL, Call, bind, bind_no_browser
from .keepers import KeeperFactory
from .kept_renewals import KeptRenewals
from .parts import EngineParts
from .table import blocking_table

__all__ = ["BlockingEngine", "BlockingParts"]

T = TypeVar("T")
BlockingParts = EngineParts[BlockingStateStore, BlockingTransactionStore, BlockingTransport]


class BlockingEngine:
    """
    Runs the flows of one client in the threads that call it.

    Args:
        parts: what the client was built with.
    """

    def __init__(self, parts: BlockingParts) -> None:
        self._parts = parts
        self._transport = parts.transport
        self._lock = Lock()
        keepers = KeeperFactory(
            parts.settings, parts.secrets, parts.plugins, parts.entropy, blocking=True
        )
        sessions = keepers.sessions(parts.state_store)
        handlers = BlockingHandlers(
            clock=parts.clock,
            entropy=parts.entropy,
            transport=self._get_transport,
            policy=parts.policy,
            metadata=BlockingCached(self._fetch_metadata, parts.clock),
            keys=self._cached_keys,
            sessions=sessions,
            transactions=keepers.transactions(parts.transaction_store),
            renewals=KeptRenewals(),
            listeners=parts.plugins.listeners(),
        )
        self._writes_cookies = sessions.writes_cookies
        self._opened = keepers.opened
        self._table = blocking_table(handlers)

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

    def run(self, flow: Flow[T], call: Call) -> T:
        """Run a flow for a call."""
        return run(flow, self._table, call)

    def close(self) -> None:
        """Close what did not come from outside: the transport, and stores that were given by their location."""
        self._opened.close()
        with self._lock:
            transport, self._transport = self._transport, self._parts.transport
        if self._parts.transport is None and transport is not None:
            transport.close()

    def _get_transport(self) -> BlockingTransport:
        with self._lock:
            if self._transport is None:
                self._transport = self._parts.plugins.blocking_transport(self._parts.settings)
            return self._transport

    def _fetch_metadata(self) -> ProviderMetadata:
        return self.run(fetch_metadata(self._parts.settings), NO_CALL)

    def _cached_keys(self, jwks_uri: str) -> BlockingCached[KeySet]:
        return BlockingCached(lambda: self.run(fetch_keys(jwks_uri), NO_CALL), self._parts.clock)
