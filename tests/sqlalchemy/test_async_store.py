"""The stores to be awaited keep the contract of stores: natively on asyncio, in threads on both event loops."""

from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import create_async_engine

from support.postgresql import PostgresCluster
from userlink import ConfigurationError, StateRecord, StoreError, TransactionRecord
from userlink.testing import FixedClock
from userlink.testing.stores import StateStoreContract, TransactionStoreContract
from userlink_sqlalchemy import SqlStateStore, SqlTransactionStore

pytestmark = pytest.mark.anyio

NOW = 1_800_000_000
NATIVE = ["postgresql+asyncpg", "postgresql+psycopg_async", "sqlite+aiosqlite"]


@pytest.fixture
def native_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of a database for a driver that is awaited."""
    scheme: str = request.param
    if scheme == "sqlite+aiosqlite":
        sqlite_url: str = request.getfixturevalue("sqlite_url")
        return sqlite_url.replace("sqlite", scheme, 1)
    cluster: PostgresCluster = request.getfixturevalue("postgresql")
    return cluster.url(scheme.partition("+")[2])


@pytest.mark.parametrize("anyio_backend", ["asyncio"], indirect=True)
@pytest.mark.parametrize("native_url", NATIVE, indirect=True)
class TestNativeStateStore(StateStoreContract):
    """On an ``AsyncEngine``."""

    @pytest.fixture
    async def state_store_factory(
        self, native_url: str
    ) -> AsyncIterator[Callable[[], SqlStateStore]]:
        """Open a store by its URL."""
        store = SqlStateStore(native_url)
        yield lambda: store
        await store.aclose()


@pytest.mark.parametrize("anyio_backend", ["asyncio"], indirect=True)
@pytest.mark.parametrize("native_url", NATIVE, indirect=True)
class TestNativeTransactionStore(TransactionStoreContract):
    """On an ``AsyncEngine``."""

    @pytest.fixture
    async def transaction_store_factory(
        self, native_url: str
    ) -> AsyncIterator[Callable[[], SqlTransactionStore]]:
        """Open a store on an engine of the application's."""
        engine = create_async_engine(native_url)
        store = SqlTransactionStore(engine)
        await store.create_all()
        yield lambda: store
        await engine.dispose()


class TestStateStoreInThreads(StateStoreContract):
    """On an ``Engine``, on asyncio and trio."""

    @pytest.fixture
    async def state_store_factory(
        self, database_url: str
    ) -> AsyncIterator[Callable[[], SqlStateStore]]:
        """Open a store by its URL."""
        store = SqlStateStore(database_url)
        yield lambda: store
        await store.aclose()


class TestTransactionStoreInThreads(TransactionStoreContract):
    """On an ``Engine``, on asyncio and trio."""

    @pytest.fixture
    async def transaction_store_factory(
        self, database_url: str
    ) -> AsyncIterator[Callable[[], SqlTransactionStore]]:
        """Open a store on an engine of the application's."""
        engine = create_engine(database_url)
        store = SqlTransactionStore(engine)
        await store.create_all()
        yield lambda: store
        engine.dispose()


async def test_expired_transactions_are_purged_in_batches(database_url: str) -> None:
    """More than one batch, and what is alive stays."""
    store = SqlTransactionStore(database_url, clock=FixedClock(NOW))
    for number in range(5):
        await store.set(f"expired-{number}", TransactionRecord(b"x", NOW - 301), {})
    await store.set("alive", TransactionRecord(b"x", NOW), {})

    assert 5 == await store.purge_expired(batch_size=2)
    assert TransactionRecord(b"x", NOW) == await store.take("alive", {})
    await store.aclose()


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_missing_tables_are_made_on_an_async_engine(
    empty_database: str, anyio_backend: str
) -> None:
    """It says that they are missing, and makes them."""
    store = SqlStateStore(empty_database.replace("psycopg", "asyncpg"))
    with pytest.raises(StoreError, match="no tables of userlink"):
        await store.get("a", {})

    await store.create_all()

    assert await store.get("a", {}) is None
    await store.aclose()


@pytest.mark.parametrize("anyio_backend", ["trio"])
async def test_an_async_engine_says_that_it_cannot_work_on_trio(anyio_backend: str) -> None:
    """Before any work is done: nothing listens at this address."""
    store = SqlStateStore("postgresql+asyncpg://nobody@127.0.0.1:9/nothing")
    record = StateRecord(b"sealed", 1, NOW, "i", "s", None)

    for call in (
        store.get("a", {}),
        store.set("a", record, None, {}),
        store.create_all(),
        store.purge_expired(),
    ):
        with pytest.raises(ConfigurationError, match=r"asyncio only.*postgresql\+psycopg"):
            await call
