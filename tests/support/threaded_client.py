"""
``SyncServerClient`` in plain threads, awaited: what makes one suite serve the async and the blocking client.

Each call runs in a worker thread of its own. What tests give as async (a provider, a store) is called back in the event
loop, while the thread blocks.
"""

from collections.abc import Callable
from typing import Any, ParamSpec, Self, TypeVar

import anyio
from anyio.from_thread import run as run_in_loop
from anyio.to_thread import run_sync as run_in_thread

from userlink import ClientSettings, SyncServerClient, hookimpl
from userlink.plugins.hookspecs import Transport
from userlink.plugins.manager import Plugins
from userlink.protocol.values import HttpRequest, HttpResponse
from userlink.stores.protocols import (
    LogoutClaims,
    StateRecord,
    StateStore,
    StoreOptions,
    TransactionRecord,
    TransactionStore,
)

__all__ = ["ThreadedClient"]

THREADS = 64
P = ParamSpec("P")
T = TypeVar("T")


class LoopTransport:
    """A blocking transport over an async one."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    def send(
        self, request: HttpRequest, *, timeout_seconds: float, most_bytes: int
    ) -> HttpResponse:
        async def ask() -> HttpResponse:
            return await self.transport.send(
                request, timeout_seconds=timeout_seconds, most_bytes=most_bytes
            )

        return run_in_loop(ask)

    def close(self) -> None:
        run_in_loop(self.transport.aclose)


class LoopTransportPlugin:
    """A plugin's async transport, given to a blocking client."""

    def __init__(self, plugin: Any) -> None:
        self.plugin = plugin

    @hookimpl
    def userlink_blocking_transport(self, settings: ClientSettings) -> LoopTransport:
        return LoopTransport(Plugins([self.plugin], installed=False).transport(settings))


class LoopStateStore:
    """A blocking state store over an async one."""

    def __init__(self, store: StateStore) -> None:
        self.store = store

    def get(self, identifier: str, store_options: StoreOptions) -> StateRecord | None:
        return run_in_loop(self.store.get, identifier, store_options)

    def set(
        self,
        identifier: str,
        record: StateRecord,
        expected_version: int | None,
        store_options: StoreOptions,
    ) -> bool:
        return run_in_loop(self.store.set, identifier, record, expected_version, store_options)

    def delete(self, identifier: str, store_options: StoreOptions) -> None:
        run_in_loop(self.store.delete, identifier, store_options)

    def delete_by_logout_token(self, claims: LogoutClaims, store_options: StoreOptions) -> None:
        run_in_loop(self.store.delete_by_logout_token, claims, store_options)


class LoopTransactionStore:
    """A blocking transaction store over an async one."""

    def __init__(self, store: TransactionStore) -> None:
        self.store = store

    def set(self, identifier: str, record: TransactionRecord, store_options: StoreOptions) -> None:
        run_in_loop(self.store.set, identifier, record, store_options)

    def take(self, identifier: str, store_options: StoreOptions) -> TransactionRecord | None:
        return run_in_loop(self.store.take, identifier, store_options)


def bridges_of(plugin: object) -> list[object]:
    """Return what a blocking client needs besides a plugin to do as it says."""
    return [LoopTransportPlugin(plugin)] if hasattr(plugin, "userlink_transport") else []


class ThreadedClient:
    """
    The methods of ``ServerClient``, each performed by a ``SyncServerClient`` in a thread.

    Args:
        arguments: as for ``ServerClient``, async transport and stores included.
    """

    def __init__(self, arguments: dict[str, Any]) -> None:
        bridges = {
            "transport": LoopTransport,
            "state_store": LoopStateStore,
            "transaction_store": LoopTransactionStore,
        }
        given = dict(arguments)
        for name, bridge in bridges.items():
            if given.get(name) is not None and not isinstance(given[name], str):
                given[name] = bridge(given[name])
        given["plugins"] = [
            each for plugin in given.get("plugins", ()) for each in (plugin, *bridges_of(plugin))
        ]
        self.client = SyncServerClient(**given)
        self.settings = self.client.settings
        self.limiter: anyio.CapacityLimiter | None = None

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.client, name)

        async def call(*arguments: Any, **named: Any) -> Any:
            if self.limiter is None:
                self.limiter = anyio.CapacityLimiter(THREADS)
            return await run_in_thread(lambda: method(*arguments, **named), limiter=self.limiter)

        return call

    async def aclose(self) -> None:
        await run_in_thread(self.client.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.aclose()
