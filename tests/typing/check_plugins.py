"""
What type checkers know of plugins and stores: checked by mypy and pyright, never run.

Each ignore below marks a misuse that must be refused; both checkers report an ignore that is not
needed, so a misuse that slips through fails here.
"""

from collections.abc import Mapping
from typing import Any, assert_type

from userlink import (
    BlockingHttpxTransport,
    BlockingMemoryStateStore,
    BlockingMemoryTransactionStore,
    BlockingStateStore,
    BlockingTransactionStore,
    BlockingTransport,
    Cookie,
    CookieOverlay,
    Event,
    Exchange,
    HttpRequest,
    HttpResponse,
    HttpxTransport,
    LogoutClaims,
    MemoryStateStore,
    MemoryTransactionStore,
    ServerClient,
    StateRecord,
    StateStore,
    StoreOptions,
    SyncServerClient,
    TransactionRecord,
    TransactionStore,
    Transport,
    hookimpl,
)


class MyStateStore:
    """A complete store; it inherits from nothing."""

    async def get(self, identifier: str, store_options: StoreOptions) -> StateRecord | None:
        """Look up."""
        return None

    async def set(
        self,
        identifier: str,
        record: StateRecord,
        expected_version: int | None,
        store_options: StoreOptions,
    ) -> bool:
        """Write by compare-and-set."""
        return True

    async def delete(self, identifier: str, store_options: StoreOptions) -> None:
        """Remove."""

    async def delete_by_logout_token(
        self, claims: LogoutClaims, store_options: StoreOptions
    ) -> None:
        """Remove by issuer and sid or subject."""


class MyTransport:
    """A complete transport; it inherits from nothing."""

    async def send(
        self, request: HttpRequest, *, timeout_seconds: float, most_bytes: int
    ) -> HttpResponse:
        """Answer."""
        return HttpResponse(200, {"content-type": "application/json"}, b"{}")

    async def aclose(self) -> None:
        """Give back nothing."""


class MyExchange(CookieOverlay):
    """An exchange on the overlay that userlink offers."""

    @property
    def writable(self) -> bool:
        """Always."""
        return True


class WithoutDelete:
    """No store: it cannot end a session."""

    async def get(self, identifier: str, store_options: StoreOptions) -> StateRecord | None:
        """Look up."""
        return None


class HalfBlockingTransport:
    """No transport of either kind: it blocks, and closing it does not."""

    def send(
        self, request: HttpRequest, *, timeout_seconds: float, most_bytes: int
    ) -> HttpResponse:
        """Answer at once."""
        return HttpResponse(200)

    async def aclose(self) -> None:
        """Give back nothing."""


class MyPlugin:
    """Implements hooks; the marker leaves their types as they are."""

    @hookimpl
    def userlink_event(self, event: Event) -> None:
        """Listen."""
        assert_type(event.subject, str | None)
        assert_type(event.occurred_at, int)

    @hookimpl
    def userlink_state_store(self, location: str) -> StateStore | None:
        """Answer for a location."""
        return MyStateStore() if location == "mine:" else None

    @hookimpl
    def userlink_bind_exchange(self, store_options: StoreOptions) -> Exchange | None:
        """Answer for a framework."""
        return MyExchange(store_options["crumbs"], {})


def what_fits_is_accepted() -> None:
    """Protocols are met by shape."""
    states: list[StateStore] = [MyStateStore(), MemoryStateStore()]
    transactions: list[TransactionStore] = [MemoryTransactionStore()]
    transports: list[Transport] = [MyTransport(), HttpxTransport()]
    exchange: Exchange = MyExchange({}, {})
    ServerClient(
        state_store=states[0],
        transaction_store=transactions[0],
        transport=transports[0],
        plugins=[MyPlugin()],
    )
    ServerClient(state_store="memory:", transaction_store="memory:", plugins=(MyPlugin(),))
    assert_type(exchange.cookies, Mapping[str, str])
    assert_type(MyPlugin().userlink_state_store("mine:"), StateStore | None)


def what_blocks_fits_both_clients() -> None:
    """But for transports: a request that blocks would hold up an event loop."""
    states: BlockingStateStore = BlockingMemoryStateStore()
    transactions: BlockingTransactionStore = BlockingMemoryTransactionStore()
    transport: BlockingTransport = BlockingHttpxTransport()
    SyncServerClient(state_store=states, transaction_store=transactions, transport=transport)
    SyncServerClient(state_store="memory:", transaction_store="memory:", plugins=(MyPlugin(),))
    ServerClient(state_store=states, transaction_store=transactions)
    assert_type(states.get("a", {}), StateRecord | None)
    assert_type(transactions.take("a", {}), TransactionRecord | None)


async def answers_have_their_types(
    states: StateStore, transactions: TransactionStore, transport: Transport
) -> None:
    """What stores and transports answer with."""
    options: StoreOptions = {}
    request = HttpRequest("GET", "https://tenant.example.com/jwks")

    assert_type(await states.get("a", options), StateRecord | None)
    assert_type(await transactions.take("a", options), TransactionRecord | None)
    response = await transport.send(request, timeout_seconds=1.0, most_bytes=1)
    assert_type(response, HttpResponse)
    assert_type(response.headers, Mapping[str, str])
    assert_type(options["request"], Any)


def misuse_is_refused(record: StateRecord) -> None:
    """What fails at run time is refused before."""
    ServerClient(state_store=WithoutDelete())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ServerClient(state_store=MemoryTransactionStore())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ServerClient(transport=HalfBlockingTransport())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ServerClient(transport=BlockingHttpxTransport())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    SyncServerClient(state_store=MemoryStateStore())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    SyncServerClient(transaction_store=MemoryTransactionStore())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    SyncServerClient(transport=HttpxTransport())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    SyncServerClient(transport=HalfBlockingTransport())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ServerClient(state_store=MyStateStore)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ServerClient(token_endpoint_auth_method="post")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Cookie("name", "value")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    record.version = 2  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    StateRecord("text", 1, 2, "i", "s", None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
