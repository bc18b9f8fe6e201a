"""The engine of one client: settings, plugins and stores put together, once."""

from collections.abc import Sequence
from typing import TypeVar

from userlink.errors import CookiesNotWritable
from userlink.plugins.hookspecs import Transport
from userlink.plugins.manager import Plugins
from userlink.protocol.effects import Flow
from userlink.protocol.flows.provider import fetch_keys, fetch_metadata
from userlink.protocol.keys import KeySet
from userlink.protocol.metadata import ProviderMetadata
from userlink.protocol.settings import ClientSettings
from userlink.stores.cookies import CookieNames
from userlink.stores.keyring import derive_keys
from userlink.stores.protocols import Cookie, Exchange, StateStore, StoreOptions, TransactionStore
from userlink.stores.sealing import Sealer
from userlink.stores.spent_ids import SpentIds
from userlink.stores.transaction_cookies import TransactionCookies

from .asynchronous import run_async
from .cache import Cached
from .call import Call
from .clock import Clock, system_clock
from .entropy import EntropySource, system_entropy
from .handlers import AsyncHandlers
from .http_policy import HttpPolicy
from .sessions import CookieSessions, SessionKeeper, StoredSessions
from .table import async_table
from .transactions import CookieTransactions, StoredTransactions, TransactionKeeper

__all__ = ["AsyncEngine"]

T = TypeVar("T")


class AsyncEngine:
    """
    Runs the flows of one client.

    Args:
        settings: the client's configuration.
        secrets: from which keys are derived.
        plugins: of the client.
        state_store: a store, a location that a plugin knows, or None for sealed cookies.
        transaction_store: likewise.
        transport: a transport, or None for that of the plugins.
        policy: limits of requests.
        clock: tells the time.
        entropy: gives unpredictable bytes.
    """

    def __init__(
        self,
        settings: ClientSettings,
        secrets: Sequence[bytes],
        plugins: Plugins,
        *,
        state_store: StateStore | str | None = None,
        transaction_store: TransactionStore | str | None = None,
        transport: Transport | None = None,
        policy: HttpPolicy | None = None,
        clock: Clock = system_clock,
        entropy: EntropySource = system_entropy,
    ) -> None:
        self._settings = settings
        self._plugins = plugins
        self._transport = transport
        self._own_transport = transport is None
        self._clock = clock
        names = CookieNames.of(settings.cookie_prefix, settings.secure_cookies)
        sessions = self._sealer(secrets, "session", entropy)
        transactions = self._sealer(secrets, "transaction", entropy)
        handlers = AsyncHandlers(
            clock=clock,
            entropy=entropy,
            transport=self._get_transport,
            policy=policy or HttpPolicy(),
            metadata=Cached(self._fetch_metadata, clock),
            keys=self._cached_keys,
            sessions=self._session_keeper(names, sessions, state_store),
            transactions=self._transaction_keeper(
                names, transactions, transaction_store, entropy, secrets
            ),
            listeners=plugins.listeners(),
        )
        self._table = async_table(handlers)

    def bind(self, store_options: StoreOptions | None, *, writing: bool) -> Call:
        """
        Bind a call to the request and response it serves.

        Args:
            store_options: what the caller passed.
            writing: whether the call is going to set cookies.

        Raises:
            ExchangeNotRecognised: when no plugin understands the store options.
            CookiesNotWritable: when cookies would have nowhere to go.
        """
        options: StoreOptions = {} if store_options is None else store_options
        exchange: Exchange = self._plugins.bind_exchange(options)
        if writing and not exchange.writable:
            raise CookiesNotWritable("Cookies would have nowhere to go.")
        return Call(exchange, options)

    async def run(self, flow: Flow[T], call: Call) -> T:
        """Run a flow for a call."""
        return await run_async(flow, self._table, call)

    async def aclose(self) -> None:
        """Close the transport, unless it came from outside."""
        if self._own_transport and self._transport is not None:
            await self._transport.aclose()
            self._transport = None

    def _get_transport(self) -> Transport:
        if self._transport is None:
            self._transport = self._plugins.transport(self._settings)
        return self._transport

    async def _fetch_metadata(self) -> ProviderMetadata:
        return await self.run(fetch_metadata(self._settings), _NO_CALL)

    def _cached_keys(self, jwks_uri: str) -> Cached[KeySet]:
        return Cached(lambda: self.run(fetch_keys(jwks_uri), _NO_CALL), self._clock)

    def _sealer(self, secrets: Sequence[bytes], purpose: str, entropy: EntropySource) -> Sealer:
        # Clients may share a secret. What one of them sealed opens at no other: the users of another provider, or of
        # another registration, are not this client's.
        settings = self._settings
        keys = derive_keys(secrets, purpose, settings.issuer.discovery_url, settings.client_id)
        return Sealer(keys, entropy)

    def _session_keeper(
        self, names: CookieNames, sealer: Sealer, store: StateStore | str | None
    ) -> SessionKeeper:
        if isinstance(store, str):
            store = self._plugins.state_store(store)
        issuers = self._settings.issuer.accepted
        return (
            CookieSessions(names, sealer, issuers, SpentIds())
            if store is None
            else StoredSessions(names, sealer, issuers, store)
        )

    def _transaction_keeper(
        self,
        names: CookieNames,
        sealer: Sealer,
        store: TransactionStore | str | None,
        entropy: EntropySource,
        secrets: Sequence[bytes],
    ) -> TransactionKeeper:
        if isinstance(store, str):
            store = self._plugins.transaction_store(store)
        # Entries of cookies and records of stores have keys of their own: neither opens as the other.
        entries = TransactionCookies(names, self._sealer(secrets, "transaction cookie", entropy))
        if store is None:
            return CookieTransactions(entries, SpentIds())
        return StoredTransactions(entries, sealer, store)


class _NoExchange:
    """What the fetching of metadata and keys is bound to: it serves no request."""

    @property
    def cookies(self) -> dict[str, str]:
        return {}

    @property
    def writable(self) -> bool:
        return False

    def set_cookie(self, cookie: Cookie) -> None:
        raise CookiesNotWritable("There is no request.")


_NO_CALL = Call(_NoExchange(), {})
