"""The engine of one client: settings, plugins and stores put together."""

import asyncio

import anyio
import pytest

from support.clients import Browser, client_of, sign_in
from support.engine_parts import default_parts
from support.memory_provider import MemoryProvider
from support.moving_clock import MovingClock
from userlink.errors import CookiesNotWritable, ExchangeNotRecognised, TransactionNotFound
from userlink.protocol.effects import Now
from userlink.protocol.values import HttpRequest, HttpResponse
from userlink.runtime.engine import AsyncEngine
from userlink.stores.memory_store import MemoryStateStore, MemoryTransactionStore
from userlink.stores.protocols import StoreOptions

pytestmark = pytest.mark.anyio


class Request:
    """A request of a framework, without any response."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}


@pytest.fixture
def engine() -> AsyncEngine:
    """Return an engine with everything left at its default."""
    return AsyncEngine(default_parts())


def test_a_call_that_writes_needs_somewhere_to_write(engine: AsyncEngine) -> None:
    """It is refused before anything has happened; one that reads is not."""
    with pytest.raises(CookiesNotWritable):
        engine.bind({"request": Request()}, writing=True)

    assert not engine.bind({"request": Request()}, writing=False).exchange.writable
    assert engine.bind({"cookies": {}}, writing=True).exchange.writable


@pytest.mark.parametrize("writing", [True, False])
def test_a_call_without_store_options_serves_nobody(engine: AsyncEngine, writing: bool) -> None:
    """Every call serves a browser."""
    with pytest.raises(ExchangeNotRecognised, match="they hold nothing"):
        engine.bind(None, writing=writing)


async def test_a_call_carries_the_store_options_to_the_stores(engine: AsyncEngine) -> None:
    """As the caller gave them."""
    options: StoreOptions = {"cookies": Browser(), "tenant": "blue"}

    call = engine.bind(options, writing=True)

    assert options is call.store_options
    assert isinstance(await engine.run(iter(Now()), call), int)


async def test_closing_before_anything_was_opened_is_nothing(engine: AsyncEngine) -> None:
    """No transport is made for it."""
    await engine.aclose()

    assert engine._transport is None


async def test_a_transport_is_made_once(engine: AsyncEngine) -> None:
    """One HTTP client and one TLS context for all requests."""
    first = engine._get_transport()

    assert first is engine._get_transport()
    await engine.aclose()
    assert first is not engine._get_transport()
    await engine.aclose()


@pytest.mark.parametrize(
    "stores",
    [
        {"state_store": MemoryStateStore()},
        {"transaction_store": MemoryTransactionStore()},
        {"state_store": "memory:"},
        {"transaction_store": "memory:"},
    ],
    ids=lambda stores: "-".join(stores),
)
async def test_each_store_can_be_chosen_by_itself(stores: dict[str, object]) -> None:
    """An object or a location, for sessions or transactions; the other stays in sealed cookies."""
    provider = MemoryProvider(MovingClock())
    client, browser = client_of(provider, **stores), Browser()

    await sign_in(client, provider, browser)
    url = await client.start_link_user({"connection": "github"}, browser.options)
    result = await client.complete_link_user(provider.approve(url), browser.options)

    assert "github" == result.connection


async def test_clients_of_one_secret_and_other_prefixes_do_not_mix() -> None:
    """Two applications on one host: each has cookies of its own names, and opens no other's."""
    provider, browser = MemoryProvider(MovingClock()), Browser()
    blue, red = client_of(provider, cookie_prefix="blue"), client_of(provider, cookie_prefix="red")
    await sign_in(blue, provider, browser)

    assert await red.get_user(browser.options) is None
    moved = Browser({name.replace("blue", "red"): value for name, value in browser.items()})
    assert await red.get_user(moved.options) is None


OTHER_CLIENTS = {
    "another issuer": {"domain": "https://other.example/"},
    "another client_id": {"client_id": "client-2"},
}


def stores_of(kind: str) -> dict[str, object]:
    """Return stores that two clients share."""
    if kind == "cookies":
        return {}
    return {"state_store": MemoryStateStore(), "transaction_store": MemoryTransactionStore()}


@pytest.mark.parametrize("other", OTHER_CLIENTS)
@pytest.mark.parametrize("kind", ["cookies", "stores"])
async def test_a_session_is_worth_nothing_at_another_client_of_the_same_secret(
    kind: str, other: str
) -> None:
    """
    Users of one provider cannot enter where those of another may, though the ``sub`` be the same.

    A user is known by issuer and subject together (OIDC Core, 5.7), and only by the client that asked for the ID token
    (3.1.3.7, step 3). The cookies are copied, as whoever has them can.
    """
    provider, browser, stores = MemoryProvider(MovingClock()), Browser(), stores_of(kind)
    client = client_of(provider, **stores)
    await sign_in(client, provider, browser)

    stranger = client_of(provider, **stores, **OTHER_CLIENTS[other])

    assert await stranger.get_user(browser.request().options) is None
    assert await client.get_user(browser.options) is not None


@pytest.mark.parametrize("other", OTHER_CLIENTS)
async def test_a_transaction_is_not_found_by_another_client_of_the_same_secret(other: str) -> None:
    """What one client started, no other completes."""
    provider, browser = MemoryProvider(MovingClock()), Browser()
    client = client_of(provider)
    callback = provider.approve(await client.start_interactive_login(None, browser.options))

    stranger = client_of(provider, **OTHER_CLIENTS[other])
    with pytest.raises(TransactionNotFound):
        await stranger.complete_interactive_login(callback, browser.request().options)

    assert {"sub": "auth0|alice"}.items() <= (
        await client.complete_interactive_login(callback, browser.options)
    ).user.items()


async def test_a_session_survives_another_spelling_of_the_domain() -> None:
    """A host and its URL are one provider: changing one for the other signs nobody out."""
    provider, browser = MemoryProvider(MovingClock()), Browser()
    await sign_in(client_of(provider), provider, browser)

    respelt = client_of(provider, domain="tenant.example.com")

    assert await respelt.get_user(browser.options) is not None


class Holding:
    """A transport that waits before it hands on the answer to a renewal."""

    def __init__(self, provider: MemoryProvider) -> None:
        self.provider = provider
        self.arrived, self.released = anyio.Event(), anyio.Event()

    async def send(
        self, request: HttpRequest, *, timeout_seconds: float, most_bytes: int
    ) -> HttpResponse:
        """Answer, and wait if it is a renewal."""
        answer = await self.provider.send(
            request, timeout_seconds=timeout_seconds, most_bytes=most_bytes
        )
        if b"grant_type=refresh_token" in request.body:
            self.arrived.set()
            await self.released.wait()
        return answer

    async def aclose(self) -> None:
        """Give back nothing."""


async def test_a_call_that_is_cancelled_loses_no_refresh_token() -> None:
    """The provider has rotated it; what it answered is seen through, and the next call has it."""
    provider = MemoryProvider(MovingClock())
    transport = Holding(provider)
    async with client_of(provider, state_store="memory:", transport=transport) as client:
        browser = Browser()
        await sign_in(client, provider, browser)
        provider.clock.advance(600)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.get_access_token, None, browser.options)
            await transport.arrived.wait()
            tasks.cancel_scope.cancel()
            transport.released.set()
        await client.get_access_token(None, browser.options)

        sent = [form["refresh_token"] for form in provider.sent_to("/token")[1:]]
        session = await client.get_session(browser.options)
        assert session is not None
        assert 1 == len(sent)
        assert session.refresh_token not in sent


async def test_a_task_of_asyncio_that_is_cancelled_loses_no_refresh_token(
    anyio_backend_name: str,
) -> None:
    """Nor one that ``asyncio.timeout()`` or a framework has cancelled: those know nothing of anyio's scopes."""
    if anyio_backend_name != "asyncio":
        pytest.skip("trio cancels by scopes alone")
    provider = MemoryProvider(MovingClock())
    transport = Holding(provider)
    async with client_of(provider, state_store="memory:", transport=transport) as client:
        browser = Browser()
        await sign_in(client, provider, browser)
        provider.clock.advance(600)

        task = asyncio.create_task(client.get_access_token(None, browser.options))
        await transport.arrived.wait()
        task.cancel()
        await asyncio.sleep(0)
        transport.released.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        await client.get_access_token(None, browser.options)

        sent = [form["refresh_token"] for form in provider.sent_to("/token")[1:]]
        session = await client.get_session(browser.options)
        assert session is not None
        assert 1 == len(sent)
        assert session.refresh_token not in sent
