"""
Databases that fail, really: what could not be done is a ``StoreError``, the session stays as it was, and once the
database is well again the next attempt works.
"""

import sqlite3
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from anyio.to_thread import run_sync
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from support.postgresql import PASSWORD, PostgresCluster
from support.sql_clients import SEALING_SECRET, sign_in, sql_client
from userlink import (
    HttpRequest,
    HttpResponse,
    ServerClient,
    StateRecord,
    StoreError,
    TransactionAlreadyUsed,
)
from userlink.testing import FixedClock, InMemoryProvider
from userlink_sqlalchemy import (
    BlockingSqlStateStore,
    SqlStateStore,
    SqlTransactionStore,
    _liveness,
    metadata,
)

pytestmark = pytest.mark.anyio

LINK = {"connection": "github", "app_state": {"note": "canary-note"}}
RECORD = StateRecord(b"canary-sealed", 1, 1_800_000_000, "canary-issuer", "canary-subject", None)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """Run on asyncio, as half of the tests have a native driver."""
    return "asyncio"


class Interrupted(InMemoryProvider):
    """A provider during whose token request something happens."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[], object] | None = None

    async def send(
        self, request: HttpRequest, *, timeout_seconds: float, most_bytes: int
    ) -> HttpResponse:
        """Answer, after it has happened."""
        if self.meanwhile is not None and b"authorization_code" in request.body:
            await run_sync(self.meanwhile)
            self.meanwhile = None
        return await super().send(request, timeout_seconds=timeout_seconds, most_bytes=most_bytes)


class Site:
    """An application, and a browser in which Alice is signed in."""

    def __init__(
        self, client: ServerClient, provider: Interrupted, cookies: dict[str, str]
    ) -> None:
        self.client, self.provider, self.cookies = client, provider, cookies

    @property
    def options(self) -> dict[str, Any]:
        """The store options of the browser's requests."""
        return {"cookies": self.cookies}

    async def callback_of_a_link(self) -> str:
        """Start a link and say yes at the provider."""
        url = await self.client.start_link_user(LINK, self.options)
        return self.provider.authorize(url)

    async def connections(self) -> list[str]:
        """Return the connections of the signed-in user, as the session has them."""
        user = await self.client.get_user(self.options)
        assert user is not None
        return [identity["connection"] for identity in user["identities"]][1:]


@pytest.fixture(params=["psycopg", "asyncpg"])
async def site(request: pytest.FixtureRequest, postgresql: PostgresCluster) -> AsyncIterator[Site]:
    """Return an application on PostgreSQL, in threads and natively."""
    url = postgresql.url(request.param)
    sessions, transactions = SqlStateStore(url), SqlTransactionStore(url)
    provider = Interrupted()
    client = sql_client(provider, None, state_store=sessions, transaction_store=transactions)
    cookies: dict[str, str] = {}
    await sign_in(client, provider, cookies)
    yield Site(client, provider, cookies)
    await sessions.aclose()
    await transactions.aclose()


def tables_of(cluster: PostgresCluster) -> list[list[tuple[Any, ...]]]:
    """Return everything that is in the tables."""
    engine = create_engine(cluster.url())
    with engine.connect() as connection:
        found = [
            [tuple(row) for row in connection.execute(table.select().order_by("identifier"))]
            for table in metadata.sorted_tables
        ]
    engine.dispose()
    return found


async def fails(call: Awaitable[object], words: str) -> None:
    """Expect a ``StoreError`` that shows nothing, causes included."""
    with pytest.raises(StoreError, match=words) as caught:
        await call
    shown = "".join(traceback.format_exception(caught.value))
    assert "canary" not in shown
    assert not [secret for secret in (PASSWORD, SEALING_SECRET) if secret in shown]


async def test_a_crash_in_the_middle_of_a_link_leaves_the_session_as_it_was(
    site: Site, postgresql: PostgresCluster
) -> None:
    """The transaction was taken, the session could not be written: neither half nor twice, and a new link works."""
    callback = await site.callback_of_a_link()
    before = tables_of(postgresql)
    site.provider.meanwhile = postgresql.crash

    await fails(site.client.complete_link_user(callback, site.options), "could not write a session")

    postgresql.start()
    sessions, transactions = tables_of(postgresql)
    assert (before[0], 1, 0) == (sessions, len(before[1]), len(transactions))
    assert [] == await site.connections()
    with pytest.raises(TransactionAlreadyUsed) as repeated:
        await site.client.complete_link_user(callback, site.options)
    assert LINK["app_state"] == repeated.value.app_state
    site.provider.accounts["alice"].identities[1:] = []
    await site.client.complete_link_user(await site.callback_of_a_link(), site.options)
    assert ["github"] == await site.connections()


async def test_a_callback_that_came_while_the_database_was_down_works_later(
    site: Site, postgresql: PostgresCluster
) -> None:
    """Nothing was taken, so the same callback completes once the database is back."""
    callback = await site.callback_of_a_link()
    postgresql.crash()

    await fails(site.client.complete_link_user(callback, site.options), "could not take")
    await fails(site.client.get_user(site.options), "could not read a session")

    postgresql.start()
    await site.client.complete_link_user(callback, site.options)
    assert ["github"] == await site.connections()


async def test_a_restart_while_nobody_asked_is_noticed_by_nobody(
    site: Site, postgresql: PostgresCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connections that died in the pool are replaced before they are used."""
    monkeypatch.setattr(_liveness, "IDLE_SECONDS", 0)
    callback = await site.callback_of_a_link()
    postgresql.stop()
    postgresql.start()

    await site.client.complete_link_user(callback, site.options)

    assert ["github"] == await site.connections()


async def test_an_exhausted_pool_is_a_store_error(postgresql: PostgresCluster) -> None:
    """When every connection is in use for too long; when one is free again, so is the session."""
    engine = create_engine(postgresql.url(), pool_size=1, max_overflow=0, pool_timeout=0.01)
    provider, cookies = Interrupted(), dict[str, str]()
    client = sql_client(provider, None, state_store=SqlStateStore(engine))
    await sign_in(client, provider, cookies)

    with engine.connect():
        await fails(client.get_user({"cookies": cookies}), r"read a session \(TimeoutError\)")

    assert await client.get_user({"cookies": cookies}) is not None
    engine.dispose()


def test_a_serialization_failure_is_asked_again(postgresql: PostgresCluster) -> None:
    """Under SERIALIZABLE, a write that waited for another is undone (40001): the second try finds the newer version."""
    options = "-c default_transaction_isolation=serializable"
    engine = create_engine(postgresql.url(), connect_args={"options": options})
    store = BlockingSqlStateStore(engine)
    store.set("a", RECORD, None, {})
    failures = failures_of(engine)
    other = create_engine(postgresql.url())

    with ThreadPoolExecutor(1) as thread:
        with other.begin() as connection:
            connection.execute(text("UPDATE userlink_sessions SET version = 2"))
            writing = thread.submit(store.set, "a", RECORD, 1, {})
            wait_until_blocked(other)
        assert writing.result() is False

    assert ["40001"] == failures
    engine.dispose()
    other.dispose()


def failures_of(engine: Engine) -> list[str]:
    """Return a list to which the SQLSTATE of each failure will be added."""
    failures: list[str] = []
    event.listen(
        engine,
        "handle_error",
        lambda context: failures.append(context.original_exception.sqlstate),
    )
    return failures


def wait_until_blocked(engine: Engine) -> None:
    """Wait until some statement waits for a lock."""
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(waiting):
            pass


@pytest.fixture
async def sqlite_site(tmp_path: Path) -> AsyncIterator[tuple[Site, Engine]]:
    """Return an application on a file of SQLite, and its engine."""
    url = f"sqlite:///{tmp_path / 'sessions.db'}"
    owner = SqlStateStore(url)
    await owner.create_all()
    engine = create_engine(url, connect_args={"timeout": 0.01})
    provider, cookies = Interrupted(), dict[str, str]()
    stores = {
        "state_store": SqlStateStore(engine),
        "transaction_store": SqlTransactionStore(engine),
    }
    client = sql_client(provider, None, **stores)
    await sign_in(client, provider, cookies)
    yield Site(client, provider, cookies), engine
    engine.dispose()
    await owner.aclose()


async def test_a_full_disk_leaves_the_session_as_it_was(
    sqlite_site: tuple[Site, Engine],
) -> None:
    """SQLite may not take another page: the link fails, reading works, and with space the next link works."""
    site, engine = sqlite_site
    callback = await site.callback_of_a_link()
    site.provider.accounts["alice"].claims["story"] = "long " * 1000
    set_on_all(engine, "PRAGMA max_page_count = 1")

    await fails(
        site.client.complete_link_user(callback, site.options),
        r"could not write a session \(OperationalError\)",
    )

    assert [] == await site.connections()
    set_on_all(engine, "PRAGMA max_page_count = 100000")
    site.provider.accounts["alice"].identities[1:] = []
    await site.client.complete_link_user(await site.callback_of_a_link(), site.options)
    assert ["github"] == await site.connections()


def set_on_all(engine: Engine, pragma: str) -> None:
    """Give a pragma to every connection that there is or will be."""
    engine.dispose()
    event.listen(engine, "connect", lambda connection, _: connection.execute(pragma).close())


async def test_a_file_that_is_only_to_be_read_is_a_store_error(
    sqlite_site: tuple[Site, Engine], tmp_path: Path
) -> None:
    """Sessions can be read; what would be written is refused."""
    site, _ = sqlite_site
    read_only = f"sqlite:///file:{tmp_path / 'sessions.db'}?mode=ro&uri=true"
    sessions, transactions = SqlStateStore(read_only), SqlTransactionStore(read_only)
    client = sql_client(site.provider, None, state_store=sessions, transaction_store=transactions)

    assert await client.get_user(site.options) is not None
    await fails(client.start_link_user(LINK, site.options), "could not keep a transaction")
    copied = {"cookies": dict(site.cookies)}
    await fails(client.logout(None, copied), "could not delete a session")
    assert await site.client.get_user(site.options) is not None
    await sessions.aclose()
    await transactions.aclose()


async def test_a_locked_file_is_a_store_error_for_writers_only(
    sqlite_site: tuple[Site, Engine], tmp_path: Path
) -> None:
    """Who holds the file for too long makes writes fail; readers do not notice (WAL)."""
    site, _ = sqlite_site
    callback = await site.callback_of_a_link()
    other = sqlite3.connect(tmp_path / "sessions.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    await fails(site.client.complete_link_user(callback, site.options), "could not take")
    assert [] == await site.connections()

    other.execute("ROLLBACK")
    other.close()
    await site.client.complete_link_user(callback, site.options)
    assert ["github"] == await site.connections()


async def test_parameters_stay_hidden_whoever_made_the_engine(sqlite_url: str) -> None:
    """An engine of the application's that shows them does not show ours."""
    engine = create_engine(sqlite_url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER no BEFORE INSERT ON userlink_sessions"
                " BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
        )
    assert not engine.hide_parameters

    with pytest.raises(IntegrityError, match="parameters hidden") as caught:
        BlockingSqlStateStore(engine).set("a", RECORD, None, {})

    assert "canary" not in "".join(traceback.format_exception(caught.value))
    engine.dispose()


async def test_a_store_error_of_the_store_keeps_its_cause(empty_database: str) -> None:
    """It reaches the application as it is: that tables are missing, and what the driver said."""
    store = SqlStateStore(empty_database)
    client = sql_client(Interrupted(), None, state_store=store)

    with pytest.raises(StoreError, match="no tables of userlink") as caught:
        await client.get_user({"cookies": {"__Host-userlink_session": "a"}})

    assert isinstance(caught.value.__cause__, ProgrammingError)
    await store.aclose()


@pytest.mark.parametrize("seconds", [45, -45])
async def test_processes_whose_clocks_differ_serve_the_same_browser(
    postgresql: PostgresCluster, seconds: int
) -> None:
    """What one has started or written the other completes and reads, whichever is ahead."""
    now = 1_800_000_000
    provider, cookies = InMemoryProvider(clock=FixedClock(now)), dict[str, str]()
    options = {"cookies": cookies}
    url = postgresql.url("asyncpg")
    right = sql_client(provider, url, clock=FixedClock(now))
    wrong = sql_client(provider, url, clock=FixedClock(now + seconds))

    await sign_in(wrong, provider, cookies)
    callback = provider.authorize(await right.start_link_user(LINK, options))
    await wrong.complete_link_user(callback, options)
    callback = provider.authorize(await wrong.start_unlink_user(LINK, options))
    await right.complete_unlink_user(callback, options)

    user = await right.get_user(options)
    assert user is not None
    assert user == await wrong.get_user(options)
    assert 1 == len(user["identities"])
    await right.aclose()
    await wrong.aclose()
