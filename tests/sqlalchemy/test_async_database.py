"""Statements that are awaited: natively where the engine allows it, in threads otherwise."""

import pytest
from sqlalchemy import create_engine, event, insert, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import create_async_engine

from support.postgresql import PostgresCluster
from userlink_sqlalchemy._async_database import (
    AsyncioDatabase,
    ThreadedDatabase,
    async_database,
)
from userlink_sqlalchemy._blocking_database import MOST_TRIES
from userlink_sqlalchemy._schema import transactions

pytestmark = pytest.mark.anyio

ROW = {"identifier": "a", "expires_at": 1, "sealed": b"sealed"}
on_asyncio = pytest.mark.parametrize("anyio_backend", ["asyncio"], indirect=True)


class LostRace(Exception):
    """What a driver raises for a statement that was undone."""

    sqlstate = "40001"


def test_the_engine_decides_how_it_is_awaited(sqlite_url: str) -> None:
    """Given as an engine or as a URL."""
    asynchronous = sqlite_url.replace("sqlite", "sqlite+aiosqlite", 1)

    assert isinstance(async_database(sqlite_url), ThreadedDatabase)
    assert isinstance(async_database(create_engine(sqlite_url)), ThreadedDatabase)
    assert isinstance(async_database(asynchronous), AsyncioDatabase)
    assert isinstance(async_database(create_async_engine(asynchronous)), AsyncioDatabase)


async def test_in_threads_both_event_loops_are_served(database_url: str) -> None:
    """Tables are made, rows written and read."""
    database = async_database(database_url)
    await database.create_all()

    assert 1 == (await database.execute(insert(transactions), ROW)).count
    assert (await database.execute(select(transactions.c.sealed), {})).row == (b"sealed",)
    await database.aclose()


@on_asyncio
@pytest.mark.parametrize(("losses", "is_done"), [(1, True), (MOST_TRIES, False)])
async def test_a_lost_race_is_run_again_and_not_for_ever(
    postgresql: PostgresCluster, losses: int, is_done: bool
) -> None:
    """As in threads."""
    database = async_database(postgresql.url("asyncpg"))
    assert isinstance(database, AsyncioDatabase)
    left = [None] * losses

    def lose(*_: object) -> None:
        if left:
            left.pop()
            raise OperationalError("INSERT", {}, LostRace())

    event.listen(database.engine.sync_engine, "before_cursor_execute", lose)
    if is_done:
        assert 1 == (await database.execute(insert(transactions), ROW)).count
    else:
        with pytest.raises(OperationalError):
            await database.execute(insert(transactions), ROW)
    assert [] == left
    await database.aclose()


@on_asyncio
async def test_closing_leaves_an_engine_of_the_application_open(sqlite_url: str) -> None:
    """Its pool is the application's; ours is emptied."""
    for owned in (True, False):
        engine = create_async_engine(sqlite_url.replace("sqlite", "sqlite+aiosqlite", 1))
        pool = engine.pool
        database = AsyncioDatabase(engine, owned=owned)
        await database.create_all()

        await database.aclose()

        assert owned is (engine.pool is not pool)
        await engine.dispose()
