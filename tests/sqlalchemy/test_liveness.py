"""A connection that died in the pool is replaced, and one that was just used is not asked."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import create_engine, text

from support.postgresql import PostgresCluster
from userlink_sqlalchemy import SqlStateStore, _liveness

pytestmark = pytest.mark.anyio

KILL_THE_OTHERS = text(
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
    " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """Run on asyncio, where both kinds of drivers work."""
    return "asyncio"


@pytest.fixture(params=["psycopg", "asyncpg"])
async def store(
    request: pytest.FixtureRequest, postgresql: PostgresCluster
) -> AsyncIterator[SqlStateStore]:
    """Return a store that has a connection in its pool."""
    store = SqlStateStore(postgresql.url(request.param))
    await store.get("a", {})
    yield store
    await store.aclose()


def kill_connections(cluster: PostgresCluster) -> None:
    """Let the server end every connection but its own."""
    engine = create_engine(cluster.url())
    with engine.connect() as connection:
        connection.execute(KILL_THE_OTHERS)
    engine.dispose()


async def test_a_connection_that_died_idle_is_replaced(
    store: SqlStateStore, postgresql: PostgresCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request that would have failed does not."""
    monkeypatch.setattr(_liveness, "IDLE_SECONDS", 0)
    kill_connections(postgresql)

    assert await store.get("a", {}) is None


async def test_a_connection_that_was_just_used_is_not_asked(
    store: SqlStateStore, postgresql: PostgresCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its failure is the request's; the one after it has a new connection."""
    monkeypatch.setattr(_liveness, "IDLE_SECONDS", 3600)
    kill_connections(postgresql)

    with pytest.raises(Exception, match=r"closed|terminat"):
        await store.get("a", {})

    assert await store.get("a", {}) is None
