"""
``SyncServerClient`` shared between threads, and what tells it from ``ServerClient``.

What both do alike is tested by the suites of clients, ``test_client….py``, in all drivers.
"""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from support.blocking_clients import BlockingProvider, blocking_client_of, blocking_sign_in
from support.clients import Browser, client_of, sign_in
from support.memory_provider import DISCOVERY, JWKS, TOKEN, MemoryProvider, parameters_of
from support.moving_clock import MovingClock
from support.threads import THREADS, at_once
from userlink import (
    BlockingMemoryStateStore,
    BlockingMemoryTransactionStore,
    ConfigurationError,
    MemoryStateStore,
    MemoryTransactionStore,
    SyncServerClient,
    TransactionAlreadyUsed,
    UserlinkError,
)

KINDS_OF_STORES: dict[str, Callable[[], dict[str, Any]]] = {
    "sealed cookies": dict,
    "memory stores": lambda: {
        "state_store": BlockingMemoryStateStore(),
        "transaction_store": BlockingMemoryTransactionStore(),
    },
    "locations": lambda: {"state_store": "memory:", "transaction_store": "memory:"},
}


@pytest.fixture
def transport() -> BlockingProvider:
    """Return a provider of its own for each test."""
    return BlockingProvider(MemoryProvider(MovingClock()))


def link(
    client: SyncServerClient, transport: BlockingProvider, browser: Browser, number: int
) -> None:
    """Link an identity to the user of a browser, and see that what comes back is this user's own."""
    subject, app_state = f"auth0|user-{number}", {"number": number}
    options = {"connection": f"connection-{number}", "app_state": app_state}
    url = client.start_link_user(options, browser.options)
    callback = transport.approve(url, subject, identities=[number])

    result = client.complete_link_user(callback, browser.options)

    assert app_state == result.app_state
    assert f"connection-{number}" == result.connection == parameters_of(url)["requested_connection"]
    assert {"sub": subject, "identities": [number]} == dict(result.user)
    assert result.user == client.get_user(browser.options)


# ------------------------------------------------------------------------------------- threads


@pytest.mark.parametrize("stores", KINDS_OF_STORES.values(), ids=KINDS_OF_STORES)
def test_32_threads_linking_at_once_share_what_is_published_and_mix_nothing_up(
    transport: BlockingProvider, stores: Callable[[], dict[str, Any]]
) -> None:
    """One discovery, one key set; each user gets the app_state, connection and claims of their own link."""
    client = blocking_client_of(transport, **stores())

    def journey(number: int) -> None:
        browser = Browser()
        blocking_sign_in(client, transport, browser, f"auth0|user-{number}")
        link(client, transport, browser, number)

    at_once(journey)

    assert 1 == transport.asked_for(DISCOVERY)
    assert 1 == transport.asked_for(JWKS)
    assert 2 * THREADS == transport.asked_for(TOKEN)


def test_keys_that_were_changed_are_fetched_once_by_all_threads(
    transport: BlockingProvider,
) -> None:
    """Everybody waits for the new ones: nobody is refused by the old (OIDC Core, 10.1.1)."""
    client = blocking_client_of(transport)
    browsers = [Browser() for _ in range(THREADS)]
    for number, browser in enumerate(browsers):
        blocking_sign_in(client, transport, browser, f"auth0|user-{number}")
    transport.provider.rotate_key()

    at_once(lambda number: link(client, transport, browsers[number], number))

    assert 2 == transport.asked_for(JWKS)


@pytest.mark.parametrize("stores", KINDS_OF_STORES.values(), ids=KINDS_OF_STORES)
def test_of_threads_that_deliver_one_callback_exactly_one_completes_it(
    transport: BlockingProvider, stores: Callable[[], dict[str, Any]]
) -> None:
    """The others learn that it was used, and the code is sent to the provider once."""
    client, browser = blocking_client_of(transport, **stores()), Browser()
    blocking_sign_in(client, transport, browser)
    url = client.start_link_user({"connection": "github"}, browser.options)
    callback = transport.approve(url, "auth0|alice")

    def complete(_: int) -> type[object]:
        try:
            return type(client.complete_link_user(callback, browser.request().options))
        except UserlinkError as error:
            return type(error)

    outcomes = at_once(complete)

    assert THREADS - 1 == outcomes.count(TransactionAlreadyUsed)
    assert 2 == transport.asked_for(TOKEN)


def test_a_thread_that_closes_the_client_leaves_the_others_working(
    transport: BlockingProvider,
) -> None:
    """The client opens anew what it needs."""
    client = blocking_client_of(transport)

    def use_and_close(number: int) -> None:
        browser = Browser()
        blocking_sign_in(client, transport, browser, f"auth0|user-{number}")
        client.close()

    at_once(use_and_close)

    assert not transport.provider.closed


# -------------------------------------------------------------------------------------- stores


@pytest.mark.parametrize(
    ("argument", "store"),
    [("state_store", MemoryStateStore()), ("transaction_store", MemoryTransactionStore())],
)
def test_an_async_store_is_refused_when_the_client_is_built(
    transport: BlockingProvider, argument: str, store: object
) -> None:
    """By a message of its own, which says which client takes such a store."""
    with pytest.raises(ConfigurationError, match=f"The {argument} is no blocking store") as caught:
        blocking_client_of(transport, **{argument: store})

    assert "use ServerClient" in caught.value.hint


@pytest.mark.anyio
async def test_the_async_client_takes_blocking_stores() -> None:
    """They work in worker threads; the whole journey runs over them, on asyncio and trio."""
    provider, browser = MemoryProvider(MovingClock()), Browser()
    states, transactions = BlockingMemoryStateStore(), BlockingMemoryTransactionStore()
    client = client_of(provider, state_store=states, transaction_store=transactions)

    await sign_in(client, provider, browser)
    url = await client.start_link_user({"connection": "github"}, browser.options)
    assert 1 == len(transactions.records)
    result = await client.complete_link_user(provider.approve(url), browser.options)

    assert "github" == result.connection
    assert (1, 0) == (len(states.records), len(transactions.records))
    await client.logout(None, browser.options)
    assert {} == states.records


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["sealed cookies", "memory stores"])
async def test_a_login_begun_by_one_client_is_completed_by_the_other(
    transport: BlockingProvider, kind: str
) -> None:
    """The same records under the same keys: an application can move, or run both side by side."""
    given = KINDS_OF_STORES[kind]()
    blocking, browser = blocking_client_of(transport, **given), Browser()
    client = client_of(transport.provider, **given)
    url = blocking.start_interactive_login(None, browser.options)

    await client.complete_interactive_login(transport.approve(url, "auth0|alice"), browser.options)

    assert {"sub": "auth0|alice"} == blocking.get_user(browser.options)


# ------------------------------------------------------------------------------------- closing


class Closing(SyncServerClient):
    """Counts how often it was closed."""

    closed = 0

    def close(self) -> None:
        """Count it."""
        self.closed += 1
        super().close()


@pytest.fixture
def closing(transport: BlockingProvider) -> Closing:
    """Return a client that counts how often it was closed."""
    return Closing(
        domain=transport.provider.issuer,
        client_id="client-1",
        secret="a secret for tests, of 32 bytes or more",
        transport=transport,
        installed_plugins=False,
    )


def test_leaving_the_block_closes(closing: Closing) -> None:
    """``with`` binds the client itself."""
    with closing as client:
        assert closing is client

    assert 1 == closing.closed


def test_leaving_the_block_by_an_error_closes_too(closing: Closing) -> None:
    """And the error goes on."""
    with pytest.raises(LookupError, match="mine"), closing:
        raise LookupError("mine")

    assert 1 == closing.closed


def test_a_transport_from_outside_is_not_closed(
    transport: BlockingProvider, closing: Closing
) -> None:
    """Whoever made it closes it."""
    closing.close()

    assert not transport.provider.closed


# -------------------------------------------------------------------------------------- import


def test_a_journey_in_plain_threads_loads_no_event_loop() -> None:
    """A small worker process pays for what it uses: neither asyncio nor trio nor anyio's backends."""
    program = """
import sys
from userlink import HttpResponse, SyncServerClient
class Transport:
    def send(self, request, *, timeout_seconds, most_bytes):
        return HttpResponse(503)
    def close(self):
        pass
client = SyncServerClient(
    domain="tenant.example.com", client_id="app", transport=Transport(), installed_plugins=False,
    secret="a secret for tests, of 32 bytes or more", state_store="memory:",
)
client.get_user({"cookies": {"__Host-userlink_session": "x"}})
try:
    client.logout(None, {"cookies": {}})
finally:
    print([name for name in ("anyio", "asyncio", "trio") if name in sys.modules])
"""

    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )

    assert ["[]"] == answer.stdout.splitlines()
