"""
One plugin manager per client: what is built in, what is installed, what the client was given.

The environment variable ``USERLINK_TRACE_HOOKS=1`` makes a new client print every hook call: the names of the arguments
and the kind of answer. What the arguments hold is not printed, events apart: there are cookies and passwords among it.
Calls that bind an exchange are left out, since every method of the client begins with one.
"""

import inspect
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence

import pluggy

from userlink.errors import ConfigurationError, ExchangeNotRecognised
from userlink.protocol.events import Event
from userlink.protocol.settings import ClientSettings
from userlink.stores.protocols import (
    BlockingStateStore,
    BlockingTransactionStore,
    Exchange,
    StateStore,
    StoreOptions,
    TransactionStore,
)

from . import builtin, hookspecs
from .hookspecs import BlockingTransport, Transport

__all__ = ["Plugins"]

_WITHOUT_INSTALLED = "Repair or uninstall the package it comes from, or build the client with installed_plugins=False."


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
            self._add_installed()
        for plugin in given:
            self._add(plugin, None, "A plugin of this client")
        self._is_traced = os.environ.get("USERLINK_TRACE_HOOKS") == "1"
        if self._is_traced:
            self._manager.add_hookcall_monitoring(_before, _after)
        self._bind: Callable[..., Exchange | None] = self._manager.hook.userlink_bind_exchange
        self._tell = self._manager.hook.userlink_event

    def transport(self, settings: ClientSettings) -> Transport:
        """Return the client's transport."""
        transport: Transport = self._manager.hook.userlink_transport(settings=settings)
        return transport

    def blocking_transport(self, settings: ClientSettings) -> BlockingTransport:
        """Return the transport of a blocking client."""
        hook = self._manager.hook.userlink_blocking_transport
        transport: BlockingTransport = hook(settings=settings)
        return transport

    def state_store(self, location: str, blocking: bool) -> StateStore | BlockingStateStore:
        """
        Return the state store of a location.

        Raises:
            ConfigurationError: when no plugin knows it.
        """
        hook = self._manager.hook.userlink_state_store
        store: StateStore | BlockingStateStore | None = hook(location=location, blocking=blocking)
        if store is None:
            raise _unknown("state_store")
        return store

    def transaction_store(
        self, location: str, blocking: bool
    ) -> TransactionStore | BlockingTransactionStore:
        """
        Return the transaction store of a location.

        Raises:
            ConfigurationError: when no plugin knows it.
        """
        hook = self._manager.hook.userlink_transaction_store
        store: TransactionStore | BlockingTransactionStore | None = hook(
            location=location, blocking=blocking
        )
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
        implementations = reversed(self._tell.get_hookimpls())
        listeners = [_listener(implementation) for implementation in implementations]
        return [_traced(listener) for listener in listeners] if self._is_traced else listeners

    def _add_installed(self) -> None:
        from importlib.metadata import entry_points

        for entry_point in entry_points(group="userlink"):
            origin = f"The installed plugin {entry_point.name} ({entry_point.value})"
            try:
                plugin = entry_point.load()
            except Exception as error:
                raise ConfigurationError(
                    f"{origin} cannot be loaded ({type(error).__name__}).", hint=_WITHOUT_INSTALLED
                ) from error
            if not self._manager.is_registered(plugin):
                self._add(plugin, f"{entry_point.name} = {entry_point.value}", origin)

    def _add(self, plugin: object, name: str | None, origin: str) -> None:
        try:
            self._manager.register(plugin, name)
            self._manager.check_pending()
        except (ValueError, pluggy.PluginValidationError) as error:
            raise ConfigurationError(
                f"{origin} does not fit the hooks of userlink: {error}.",
                hint="Compare its functions with the reference of hooks, and give each plugin once.",
            ) from error
        for caller in self._manager.get_hookcallers(plugin) or ():
            if any(_is_async(hook.function) for hook in caller.get_hookimpls()):
                raise ConfigurationError(
                    f"{origin} has an async function for the hook {caller.name}, which nobody would await.",
                    hint="Hooks are plain functions. Let it hand over what is to be awaited, to a queue for instance.",
                )


def _is_async(function: Callable[..., object]) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


def _listener(implementation: pluggy.HookImpl) -> Callable[[Event], object]:
    wanted = implementation.argnames
    function = implementation.function
    return function if wanted else lambda event: function()


def _traced(listener: Callable[[Event], object]) -> Callable[[Event], object]:
    def tell(event: Event) -> object:
        _print(f"userlink_event({event!r})")
        return listener(event)

    return tell


def _before(hook: str, asked: Sequence[pluggy.HookImpl], arguments: Mapping[str, object]) -> None:
    """Print nothing: a call is told when its answer is there."""


def _after(
    outcome: pluggy.Result[object],
    hook: str,
    asked: Sequence[pluggy.HookImpl],
    arguments: Mapping[str, object],
) -> None:
    if hook == "userlink_bind_exchange":
        return
    answer = outcome.exception or outcome.get_result()
    _print(f"{hook}({', '.join(arguments)}) -> {type(answer).__name__}")


def _print(line: str) -> None:
    sys.stderr.write(f"userlink: {line}\n")


def _unknown(argument: str) -> ConfigurationError:
    # The location is not shown: it may be a URL with a password.
    return ConfigurationError(
        f"No plugin knows how to open the {argument}.",
        hint="Install the package for this kind of store, or pass a store object.",
    )
