"""The stores of the page on Valkey and Redis, as it shows them, on a real server."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from redis import Redis as BlockingRedis
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from support import redis_server
from support.missing import REQUIRE_ALL
from support.redis_server import RedisServer, running_redis
from support.redis_worker import PROCESSES, stores
from userlink import LogoutClaims, ServerClient, StateRecord, StoreError, TransactionRecord
from userlink.testing import InMemoryProvider
from userlink.testing.stores import StateStoreContract, TransactionStoreContract

pytestmark = pytest.mark.anyio

PAGE = stores()
TESTS = Path(__file__).parents[1]
FAR = 4_500_000_000
ALICE = StateRecord(b"sealed", 1, FAR, "https://tenant.example/", "auth0|alice", "sid-1")
SUBJECT_KEY = PAGE["index_key"]("subject", ALICE.issuer, ALICE.subject)
SID_KEY = PAGE["index_key"]("sid", ALICE.issuer, ALICE.sid)
ROUNDS = 200

# The page's own classes and fixtures, found by pytest as a reader's are.
redis = PAGE["redis"]
TestRedisStateStore = PAGE["TestRedisStateStore"]
TestRedisTransactionStore = PAGE["TestRedisTransactionStore"]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """Run on asyncio, which redis-py needs; the blocking stores say below that they run on both."""
    return "asyncio"


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    """Run one server for all tests."""
    with running_redis() as server:
        yield server


@pytest.fixture
def redis_url(server: RedisServer) -> str:
    """Say where it is, as the page asks its readers to."""
    return server.url


@pytest.fixture
def blocking_redis(redis_url: str) -> Iterator[BlockingRedis]:
    """Return a blocking client of an empty database."""
    with BlockingRedis.from_url(redis_url) as client:
        client.flushdb()
        yield client


class TestBlockingRedisStateStore(StateStoreContract):
    """The blocking store works in threads, under either event loop."""

    @pytest.fixture(params=["asyncio", "trio"])
    def anyio_backend(self, request: pytest.FixtureRequest) -> str:
        """Run on both."""
        backend: str = request.param
        return backend

    @pytest.fixture
    def state_store_factory(self, blocking_redis: BlockingRedis) -> Callable[[], Any]:
        """Open the page's store."""
        return lambda: PAGE["BlockingRedisStateStore"](blocking_redis)


class TestBlockingRedisTransactionStore(TransactionStoreContract):
    """Likewise."""

    @pytest.fixture(params=["asyncio", "trio"])
    def anyio_backend(self, request: pytest.FixtureRequest) -> str:
        """Run on both."""
        backend: str = request.param
        return backend

    @pytest.fixture
    def transaction_store_factory(self, blocking_redis: BlockingRedis) -> Callable[[], Any]:
        """Open the page's store."""
        return lambda: PAGE["BlockingRedisTransactionStore"](blocking_redis)


async def test_the_server_forgets_a_record_when_it_expires(redis: Redis) -> None:
    """Nobody has to purge: sessions, their indexes and transactions leave at ``expires_at``."""
    await PAGE["RedisStateStore"](redis).set("a", ALICE, None, {})
    await PAGE["RedisTransactionStore"](redis).set("b", TransactionRecord(b"sealed", FAR), {})

    keys = [key async for key in redis.scan_iter("*")]
    assert 4 == len(keys)
    for key in keys:
        before, _ = await redis.time()
        leaves_in = await redis.ttl(key)
        after, _ = await redis.time()
        assert before - 1 <= FAR - leaves_in <= after + 1


async def test_an_index_lives_as_long_as_its_longest_session(redis: Redis) -> None:
    """A session that ends earlier, written later, does not take the others' index along."""
    store = PAGE["RedisStateStore"](redis)
    await store.set("long", ALICE, None, {})
    before = await redis.ttl(SUBJECT_KEY)
    await store.set("short", evolve(ALICE, expires_at=FAR - 1_000_000), None, {})

    assert before - 1_000 < await redis.ttl(SUBJECT_KEY)


async def test_an_index_forgets_what_has_expired(redis: Redis) -> None:
    """A user who comes every day for years does not make it long."""
    store = PAGE["RedisStateStore"](redis)
    for number in range(5):
        await store.set(f"old-{number}", evolve(ALICE, expires_at=1), None, {})
    await store.set("new", ALICE, None, {})

    assert [b"new"] == await redis.zrange(SUBJECT_KEY, 0, -1)
    assert [b"new"] == await redis.zrange(SID_KEY, 0, -1)


async def test_what_an_index_names_wrongly_stays(redis: Redis) -> None:
    """The record decides: it has moved to another ``sid`` since it was put into the index."""
    store = PAGE["RedisStateStore"](redis)
    moved = evolve(ALICE, version=2, sid="sid-2")
    await store.set("a", ALICE, None, {})
    await store.set("a", moved, 1, {})
    await store.delete_by_logout_token(LogoutClaims(ALICE.issuer, None, "sid-1"), {})

    assert moved == await store.get("a", {})
    assert not await redis.exists(SID_KEY)


async def test_two_processes_share_what_there_is(redis: Redis, redis_url: str) -> None:
    """Each transaction is taken once, by one of them, and no change to a session is lost."""
    transactions = PAGE["RedisTransactionStore"](redis)
    sessions = PAGE["RedisStateStore"](redis)
    for number in range(ROUNDS):
        await transactions.set(f"id-{number}", TransactionRecord(b"sealed", FAR), {})
    await sessions.set("session", ALICE, None, {})

    taken = race(redis_url)

    assert list(range(ROUNDS)) == sorted([*taken[0], *taken[1]])
    held = await sessions.get("session", {})
    assert (1 + 2 * ROUNDS, b"sealed" + b"." * 2 * ROUNDS) == (held.version, held.sealed)


def race(url: str) -> list[list[int]]:
    """Let two processes meet at each transaction, and return which ones each was given."""
    program = [sys.executable, "-m", "support.redis_worker", url, str(ROUNDS)]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    with ExitStack() as stack:
        workers = [
            stack.enter_context(
                subprocess.Popen(
                    program,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    env=environment,
                )
            )
            for _ in range(PROCESSES)
        ]
        for worker in workers:
            assert worker.stdout is not None
            assert "ready\n" == worker.stdout.readline()
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("go\n")
            worker.stdin.flush()
        return [json.loads(worker.communicate()[0]) for worker in workers]


@pytest.fixture
async def mortal_server() -> AsyncIterator[RedisServer]:
    """Run a server that a test may kill."""
    with running_redis() as server:
        yield server


async def test_a_server_that_is_killed_is_an_error_and_back_again_it_serves(
    mortal_server: RedisServer,
) -> None:
    """The error tells nothing of the connection; the same client works when the server does."""
    provider = InMemoryProvider()
    async with (
        Redis.from_url(mortal_server.url, retry=Retry(NoBackoff(), 0)) as redis,
        ServerClient(
            domain=provider.issuer,
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            secret="a secret for tests, of 32 bytes or more",
            authorization_params={"redirect_uri": "https://app.example/auth/callback"},
            transport=provider,
            state_store=PAGE["RedisStateStore"](redis),
            transaction_store=PAGE["RedisTransactionStore"](redis),
        ) as client,
    ):
        cookies: dict[str, str] = {}
        url = await client.start_interactive_login({}, {"cookies": cookies})
        callback_url = provider.authorize(url)
        mortal_server.kill()

        with pytest.raises(StoreError) as failure:
            await client.complete_callback(callback_url, {"cookies": cookies})
        assert str(mortal_server.folder) not in str(failure.value)
        assert not [name for name in cookies if name.endswith("_session")]

        mortal_server.start()
        url = await client.start_interactive_login({}, {"cookies": cookies})
        await client.complete_callback(provider.authorize(url), {"cookies": cookies})
        assert await client.get_user({"cookies": cookies}) is not None


@pytest.fixture
def _no_redis(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(redis_server, "find_spec", lambda name: None)


def start() -> None:
    """Start a server."""
    with running_redis():
        pass


@pytest.mark.usefixtures("_no_redis")
def test_tests_are_skipped_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason is a command."""
    monkeypatch.delenv(REQUIRE_ALL, raising=False)

    with pytest.raises(pytest.skip.Exception, match="apt-get install redis-server"):
        start()


@pytest.mark.usefixtures("_no_redis")
def test_tests_fail_where_everything_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    """``USERLINK_REQUIRE_ALL=1``, as CI has it."""
    monkeypatch.setenv(REQUIRE_ALL, "1")

    with pytest.raises(pytest.fail.Exception, match="apt-get install redis-server"):
        start()
