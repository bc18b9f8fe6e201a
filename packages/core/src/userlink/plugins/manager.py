"""
One plugin manager per client: what is built in, what is installed, what the client was given.

The environment variable ``USERLINK_TRACE_HOOKS=1`` makes a new client print every hook call but those that bind an
exchange, whose arguments hold cookies.
"""

import os
import sys
from collections.abc import Callable, Iterable

import pluggy

from userlink.errors import ConfigurationError, ExchangeNotRecognised
from userlink.protocol.events import Event
from userlink.protocol.settings import ClientSettings
from userlink.stores.protocols import Exchange, StateStore, StoreOptions, TransactionStore

from . import builtin, hookspecs
from .hookspecs import Transport

__all__ = ["Plugins"]


class Plugins:
    """
    The plugins of one client, asked through typed methods.

    Args:
        given: plugins of this client alone; asked before all others, the last one first.
        installed: whether plugins installed under the entry-point group ``userlink`` take part.
    """

    def __init__(self, given: Iterable[object] = (), installed: bool = True) -> None:
        self._manager = pluggy.PluginManager("userlink")
        self._manager.add_hookspecs(hookspecs)
        self._manager.register(builtin, "builtin")
        if installed:
            self._manager.load_setuptools_entrypoints("userlink")
        for plugin in given:
            self._manager.register(plugin)
        try:
            self._manager.check_pending()
        except pluggy.PluginValidationError as error:
            raise ConfigurationError(
                f"A plugin implements a hook that does not exist: {error}",
                hint="Compare the hook's name with the reference of hooks.",
            ) from error
        if os.environ.get("USERLINK_TRACE_HOOKS") == "1":
            self._manager.trace.root.setwriter(sys.stderr.write)
            self._manager.enable_tracing()
        self._bind: Callable[..., Exchange | None] = self._manager.hook.userlink_bind_exchange
        self._tell = self._manager.hook.userlink_event

    def transport(self, settings: ClientSettings) -> Transport:
        """Return the client's transport."""
        transport: Transport = self._manager.hook.userlink_transport(settings=settings)
        return transport

    def state_store(self, location: str) -> StateStore:
        """
        Return the state store of a location.

        Raises:
            ConfigurationError: when no plugin knows it.
        """
        store: StateStore | None = self._manager.hook.userlink_state_store(location=location)
        if store is None:
            raise _unknown("state_store")
        return store

    def transaction_store(self, location: str) -> TransactionStore:
        """
        Return the transaction store of a location.

        Raises:
            ConfigurationError: when no plugin knows it.
        """
        hook = self._manager.hook.userlink_transaction_store
        store: TransactionStore | None = hook(location=location)
        if store is None:
            raise _unknown("transaction_store")
        return store

    def bind_exchange(self, store_options: StoreOptions) -> Exchange:
        """
        Return the exchange of these store options.

        Raises:
            ExchangeNotRecognised: when no plugin understands them.
        """
        exchange = self._bind(store_options=store_options)
        if exchange is None:
            keys = ", ".join(sorted(map(str, store_options))) or "nothing"
            raise ExchangeNotRecognised(
                f"No plugin understands these store_options; they hold {keys}."
            )
        return exchange

    def listeners(self) -> list[Callable[[Event], object]]:
        """Return one function for each plugin that listens to events, so that each can fail by itself."""
        return [
            _listener(implementation) for implementation in reversed(self._tell.get_hookimpls())
        ]


def _listener(implementation: pluggy.HookImpl) -> Callable[[Event], object]:
    wanted = implementation.argnames
    function = implementation.function
    return function if wanted else lambda event: function()


def _unknown(argument: str) -> ConfigurationError:
    # The location is not shown: it may be a URL with a password.
    return ConfigurationError(
        f"No plugin knows how to open the {argument}.",
        hint="Install the package for this kind of store, or pass a store object.",
    )
