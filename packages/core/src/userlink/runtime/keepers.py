"""Choosing where sessions and transactions are kept: in cookies or in stores, from which keys, by which bridge."""

from collections.abc import Sequence

from userlink.errors import ConfigurationError
from userlink.plugins.manager import Plugins
from userlink.protocol.settings import ClientSettings
from userlink.stores.bridges import (
    DirectStateStore,
    DirectTransactionStore,
    ThreadedStateStore,
    ThreadedTransactionStore,
    is_async_state_store,
    is_async_transaction_store,
    is_blocking_state_store,
    is_blocking_transaction_store,
)
from userlink.stores.cookies import CookieNames
from userlink.stores.keyring import derive_keys
from userlink.stores.protocols import (
    BlockingStateStore,
    BlockingTransactionStore,
    StateStore,
    TransactionStore,
)
from userlink.stores.sealing import Sealer
from userlink.stores.spent_ids import SpentIds
from userlink.stores.transaction_cookies import TransactionCookies

from .entropy import EntropySource
from .opened_stores import OpenedStores
from .sessions import CookieSessions, SessionKeeper, StoredSessions
from .transactions import CookieTransactions, StoredTransactions, TransactionKeeper

__all__ = ["KeeperFactory"]


class KeeperFactory:
    """
    Makes the keepers of one client.

    Args:
        settings: the client's configuration.
        secrets: from which keys are derived.
        plugins: which know the stores of locations.
        entropy: gives unpredictable bytes.
        blocking: whether the client runs without an event loop.

    Attributes:
        opened: the stores that were made from locations.
    """

    def __init__(
        self,
        settings: ClientSettings,
        secrets: Sequence[bytes],
        plugins: Plugins,
        entropy: EntropySource,
        *,
        blocking: bool,
    ) -> None:
        self._settings = settings
        self._names = CookieNames.of(settings.cookie_prefix, settings.secure_cookies)
        self._secrets = secrets
        self._plugins = plugins
        self._entropy = entropy
        self._blocking = blocking
        self.opened = OpenedStores()

    def sessions(self, store: StateStore | BlockingStateStore | str | None) -> SessionKeeper:
        """
        Return the keeper of sessions over a store, a location that a plugin knows, or None for sealed cookies.

        Raises:
            ConfigurationError: when no plugin knows the location, or a blocking client is given an async store.
        """
        sealer, issuers = self._sealer("session"), self._settings.issuer.accepted
        if isinstance(store, str):
            store = self._plugins.state_store(store, self._blocking)
            self.opened.add(store)
        if store is None:
            return CookieSessions(self._names, sealer, issuers, SpentIds())
        return StoredSessions(self._names, sealer, issuers, self._awaitable_state_store(store))

    def transactions(
        self, store: TransactionStore | BlockingTransactionStore | str | None
    ) -> TransactionKeeper:
        """
        Return the keeper of transactions over a store, a location that a plugin knows, or None for sealed cookies.

        Raises:
            ConfigurationError: when no plugin knows the location, or a blocking client is given an async store.
        """
        # Entries of cookies and records of stores have keys of their own: neither opens as the other.
        entries = TransactionCookies(self._names, self._sealer("transaction cookie"))
        if isinstance(store, str):
            store = self._plugins.transaction_store(store, self._blocking)
            self.opened.add(store)
        if store is None:
            return CookieTransactions(entries, SpentIds())
        awaitable = self._awaitable_transaction_store(store)
        return StoredTransactions(entries, self._sealer("transaction"), awaitable)

    def _sealer(self, purpose: str) -> Sealer:
        # Clients may share a secret. What one of them sealed opens at no other: the users of another provider, or of
        # another registration, are not this client's.
        settings = self._settings
        keys = derive_keys(
            self._secrets, purpose, settings.issuer.discovery_url, settings.client_id
        )
        return Sealer(keys, self._entropy)

    def _awaitable_state_store(self, store: object) -> StateStore:
        if is_blocking_state_store(store):
            return DirectStateStore(store) if self._blocking else ThreadedStateStore(store)
        if is_async_state_store(store) and not self._blocking:
            return store
        raise self._unusable("state_store")

    def _awaitable_transaction_store(self, store: object) -> TransactionStore:
        if is_blocking_transaction_store(store):
            return (
                DirectTransactionStore(store) if self._blocking else ThreadedTransactionStore(store)
            )
        if is_async_transaction_store(store) and not self._blocking:
            return store
        raise self._unusable("transaction_store")

    def _unusable(self, argument: str) -> ConfigurationError:
        if self._blocking:
            return ConfigurationError(
                f"The {argument} is no blocking store, and SyncServerClient awaits nothing.",
                hint="Give it a store with blocking methods, or use ServerClient.",
            )
        return ConfigurationError(
            f"The {argument} has not the methods of a store.",
            hint="The reference of stores lists them.",
        )
