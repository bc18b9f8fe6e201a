"""The blocking stores keep the contract of stores on both databases, purge, and leave an engine as they found it."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import create_engine, event, select, text

from support.postgresql import PostgresCluster
from userlink import ConfigurationError, StateRecord, StoreError, TransactionRecord
from userlink.testing import FixedClock
from userlink.testing.stores import StateStoreContract, TransactionStoreContract
from userlink_sqlalchemy import BlockingSqlStateStore, BlockingSqlTransactionStore, metadata

NOW = 1_800_000_000
RECORD = StateRecord(b"sealed", 1, NOW, "https://tenant.example/", "auth0|alice", "sid-1")


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """Run under one event loop: what is tested works in threads."""
    return "asyncio"


class TestBlockingSqlStateStore(StateStoreContract):
    """In 32 threads on one pool."""

    @pytest.fixture
    def state_store_factory(
        self, database_url: str
    ) -> Iterator[Callable[[], BlockingSqlStateStore]]:
        """Open a store by its URL."""
        store = BlockingSqlStateStore(database_url)
        yield lambda: store
        store.close()


class TestBlockingSqlTransactionStore(TransactionStoreContract):
    """In 32 threads on one pool."""

    @pytest.fixture
    def transaction_store_factory(
        self, database_url: str
    ) -> Iterator[Callable[[], BlockingSqlTransactionStore]]:
        """Open a store by its URL."""
        store = BlockingSqlTransactionStore(database_url)
        yield lambda: store
        store.close()


class TestOnASerializableDatabase(StateStoreContract):
    """A database whose default is SERIALIZABLE undoes statements that lost a race; the store asks again."""

    @pytest.fixture
    def state_store_factory(
        self, postgresql: PostgresCluster
    ) -> Iterator[Callable[[], BlockingSqlStateStore]]:
        """Open a store on an engine with that default."""
        options = "-c default_transaction_isolation=serializable"
        engine = create_engine(postgresql.url(), connect_args={"options": options}, pool_size=10)
        yield lambda: BlockingSqlStateStore(engine)
        engine.dispose()


def test_expired_sessions_are_purged_in_batches(database_url: str) -> None:
    """Each statement removes at most a batch, the last one finds nothing, and what is alive stays."""
    store = BlockingSqlStateStore(database_url, clock=FixedClock(NOW))
    for number in range(25):
        expired = StateRecord(b"x", 1, NOW - 301 - number, "i", "s", None)
        store.set(f"expired-{number}", expired, None, {})
    store.set("alive", RECORD, None, {})
    batches: list[int] = []
    event.listen(
        store._database.engine,
        "after_cursor_execute",
        lambda _connection, cursor, *_: batches.append(cursor.rowcount),
    )

    assert 25 == store.purge_expired(batch_size=10)
    assert [10, 10, 5, 0] == batches
    assert RECORD == store.get("alive", {})
    assert 0 == store.purge_expired()
    store.close()


@pytest.mark.parametrize(("seconds_ago", "is_purged"), [(301, True), (300, False), (-1, False)])
def test_a_clock_that_is_ahead_purges_nobodys_session(
    database_url: str, seconds_ago: int, is_purged: bool
) -> None:
    """Records stay for five minutes after their expiry: clocks of processes differ by less."""
    transactions = BlockingSqlTransactionStore(database_url, clock=FixedClock(NOW))
    record = TransactionRecord(b"sealed", NOW - seconds_ago)
    transactions.set("a", record, {})

    assert int(is_purged) == transactions.purge_expired()
    assert (None if is_purged else record) == transactions.take("a", {})
    transactions.close()


def test_purging_waits_for_nobody(postgresql: PostgresCluster) -> None:
    """A row that a request is writing at the moment is left for the next time."""
    store = BlockingSqlStateStore(postgresql.url(), clock=FixedClock(NOW + 1000))
    store.set("a", RECORD, None, {})
    store.set("b", RECORD, None, {})
    other = create_engine(postgresql.url())

    with other.begin() as connection:
        connection.execute(text("UPDATE userlink_sessions SET version = 2 WHERE identifier = 'a'"))
        assert 1 == store.purge_expired()

    assert 1 == store.purge_expired()
    other.dispose()
    store.close()


def test_tables_are_made_by_several_processes_at_once(empty_database: str) -> None:
    """Each worker of an application may call ``create_all()`` when it starts."""
    from concurrent.futures import ThreadPoolExecutor

    stores = [BlockingSqlStateStore(empty_database) for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda store: store.create_all(), stores))

    assert stores[0].get("a", {}) is None
    assert BlockingSqlTransactionStore(stores[0]._database.engine).take("a", {}) is None
    for store in stores:
        store.close()


@pytest.mark.parametrize("kind", [BlockingSqlStateStore, BlockingSqlTransactionStore])
def test_missing_tables_are_said_to_be_missing(
    empty_database: str,
    kind: type[BlockingSqlStateStore] | type[BlockingSqlTransactionStore],
) -> None:
    """The error says what makes them."""
    store = kind(empty_database)

    with pytest.raises(StoreError, match=r"no tables of userlink.*create_all.*schema"):
        store.purge_expired()
    store.close()


def test_missing_tables_are_said_to_be_missing_in_sqlite_too(sqlite_url: str) -> None:
    """An engine of the application's makes no tables by itself."""
    engine = create_engine(sqlite_url)

    with pytest.raises(StoreError, match="no tables of userlink"):
        BlockingSqlStateStore(engine).get("a", {})
    engine.dispose()


def test_an_engine_of_the_application_is_left_as_it_was(postgresql: PostgresCluster) -> None:
    """Its own transactions work as before, on the connection that the store has used."""
    engine = create_engine(postgresql.url(), pool_size=1, max_overflow=0)
    store = BlockingSqlStateStore(engine)
    store.set("a", RECORD, None, {})
    store.close()

    with engine.connect() as connection:
        connection.execute(metadata.tables["userlink_sessions"].delete())
        connection.rollback()
        assert ["a"] == list(
            connection.scalars(select(metadata.tables["userlink_sessions"].c.identifier))
        )
    engine.dispose()


def test_an_async_driver_is_refused() -> None:
    """Nobody awaits what a blocking store does."""
    with pytest.raises(ConfigurationError, match=r"AsyncEngine.*postgresql\+psycopg"):
        BlockingSqlStateStore("postgresql+asyncpg://nobody@localhost/nothing")
