"""Many processes on one database: what counts once counts once, and what was acknowledged is there."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, func, select

from support.postgresql import PostgresCluster
from support.sql_clients import keyed_provider, new_key, sign_in, sql_client
from userlink import LogoutTokenInvalid, ServerClient, TransactionAlreadyUsed
from userlink.testing import Identity
from userlink_sqlalchemy import SqlStateStore, SqlTransactionStore, metadata

pytestmark = pytest.mark.anyio

WORKERS = 4
CALLBACKS = 200
LINK = {"connection": "github"}
TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """Run once: the processes bring event loops of their own."""
    return "asyncio"


class Worker:
    """A process that runs ``support/sql_worker.py``."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def tell(self, value: object) -> None:
        """Send a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(value) + "\n")
        self.process.stdin.flush()

    def hear(self) -> Any:
        """Wait for a line."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the worker has ended"
        return json.loads(line)


@contextmanager
def worker() -> Iterator[Worker]:
    """Run a worker until the end of the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "support.sql_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
    ) as process:
        try:
            yield Worker(process)
        finally:
            process.kill()


@contextmanager
def four_workers() -> Iterator[list[Worker]]:
    """Run four at once."""
    with worker() as first, worker() as second, worker() as third, worker() as fourth:
        yield [first, second, third, fourth]


class Site:
    """This process's client, on the same database."""

    def __init__(self, cluster: PostgresCluster) -> None:
        self.key, self.now = new_key(), int(time.time())
        self.url = cluster.url("asyncpg")
        self.provider = keyed_provider(self.key, self.now)
        self.sessions, self.transactions = SqlStateStore(self.url), SqlTransactionStore(self.url)
        stores = {"state_store": self.sessions, "transaction_store": self.transactions}
        self.client: ServerClient = sql_client(self.provider, None, **stores)

    async def aclose(self) -> None:
        """Close its connections."""
        await self.sessions.aclose()
        await self.transactions.aclose()

    def task(self, does: str) -> dict[str, Any]:
        """Return what to tell a worker first."""
        return {"does": does, "key": self.key, "now": self.now, "url": self.url}

    async def linked_in(self, cookies: dict[str, str]) -> list[str]:
        """Return the identities that a browser's session knows as linked."""
        user = await self.client.get_user({"cookies": cookies})
        assert user is not None
        return [identity["user_id"] for identity in user["identities"][1:]]

    async def started_links(self) -> list[tuple[str, dict[str, str], str]]:
        """Start a link in each of many browsers: its URL, the cookies, and the callback URL."""
        browsers: list[dict[str, str]] = [{} for _ in range(CALLBACKS)]
        urls = await asyncio.gather(*(self._started_link(cookies) for cookies in browsers))
        # One that has handed out nothing yet, as those of the workers: it hands out the same codes.
        asked = keyed_provider(self.key, self.now)
        callbacks: list[str] = []
        for number, url in enumerate(urls):
            callbacks.append(asked.authorize(url, identity=Identity("github", str(number))))
            asked.accounts["alice"].identities[1:] = []
        return list(zip(urls, browsers, callbacks, strict=True))

    async def _started_link(self, cookies: dict[str, str]) -> str:
        await sign_in(self.client, self.provider, cookies)
        return await self.client.start_link_user(LINK, {"cookies": cookies})


async def test_the_same_callbacks_delivered_to_four_processes_complete_once_each(
    postgresql: PostgresCluster,
) -> None:
    """
    200 links, each delivered to all four at once: one completes it, three are told that it was used.

    The provider is no guard here: the one in each process takes each code.
    """
    site = Site(postgresql)
    started = await site.started_links()
    with four_workers() as workers:
        for each in workers:
            each.tell(site.task("deliver"))
            each.tell(started)
        assert ["ready"] * WORKERS == [each.hear() for each in workers]
        for each in workers:
            each.tell("go")
        told = [each.hear() for each in workers]

    once = Counter({"transaction_already_used": WORKERS - 1, "completed": 1})
    assert [once] * CALLBACKS == [Counter(outcomes) for outcomes in zip(*told, strict=True)]
    assert (CALLBACKS, 2, 2, 0) == counted(postgresql)
    await site.aclose()


def counted(cluster: PostgresCluster) -> tuple[int, int, int, int]:
    """Count sessions, name their lowest and highest version, and count transactions."""
    sessions, transactions = metadata.sorted_tables
    version = sessions.c.version
    engine = create_engine(cluster.url())
    with engine.connect() as connection:
        counts = connection.execute(
            select(func.count(), func.min(version), func.max(version)).select_from(sessions)
        ).one()
        waiting = connection.scalar(select(func.count()).select_from(transactions))
    engine.dispose()
    return counts[0], counts[1], counts[2], waiting or 0


async def test_a_logout_token_counts_once_among_four_processes(postgresql: PostgresCluster) -> None:
    """
    20 logout tokens, each received by all four at once: one ends the sessions, three are told that it was used.

    The sessions have ended on this process too, another user's has not, and a token that is sent again later is
    refused here as well (OIDC Back-Channel Logout, 2.6).
    """
    site = Site(postgresql)
    alices: list[dict[str, str]] = [{} for _ in range(3)]
    bobs: dict[str, str] = {}
    for cookies in alices:
        await sign_in(site.client, site.provider, cookies)
    await sign_in(site.client, site.provider, bobs, "bob")
    tokens = [site.provider.logout_token() for _ in range(20)]
    with four_workers() as workers:
        for each in workers:
            each.tell(site.task("end"))
            each.tell(tokens)
        assert ["ready"] * WORKERS == [each.hear() for each in workers]
        for each in workers:
            each.tell("go")
        told = [each.hear() for each in workers]

    once = Counter({"logout_token_invalid": WORKERS - 1, "ended": 1})
    assert [once] * 20 == [Counter(outcomes) for outcomes in zip(*told, strict=True)]
    assert [None] * 3 == [await site.client.get_user({"cookies": cookies}) for cookies in alices]
    assert await site.client.get_user({"cookies": bobs}) is not None
    with pytest.raises(LogoutTokenInvalid):
        await site.client.handle_backchannel_logout(tokens[0])
    await site.aclose()


async def test_of_twenty_calls_in_four_processes_at_expiry_one_sends(
    postgresql: PostgresCluster,
) -> None:
    """All are given what it brings, and the session holds the refresh token that came with it."""
    site = Site(postgresql)
    cookies: dict[str, str] = {}
    await sign_in(site.client, site.provider, cookies)
    with four_workers() as workers:
        for each in workers:
            each.tell(site.task("renew"))
            each.tell(cookies)
        assert ["ready"] * WORKERS == [each.hear() for each in workers]
        for each in workers:
            each.tell("go")
        told = [each.hear() for each in workers]

    assert 1 == sum(renewals for renewals, _ in told)
    given = [token for _, tokens in told for token in tokens]
    assert (20, 1) == (len(given), len(set(given)))
    session = await site.client.get_session({"cookies": cookies})
    assert session is not None
    assert "rotated" == session.refresh_token
    await site.aclose()


async def test_killing_a_process_loses_nothing_that_was_acknowledged(
    postgresql: PostgresCluster,
) -> None:
    """
    A worker dies by SIGKILL in the middle of a link, between taking the transaction and writing the session.

    Who was signed in still is, what was linked is linked, what was started can be completed elsewhere; the link that
    it died in has not happened, its callback is used up, and a new one works.
    """
    site = Site(postgresql)
    with worker() as dying:
        dying.tell(site.task("work"))
        acknowledged = list(iter(dying.hear, "in the middle"))
        dying.process.kill()
        assert -9 == dying.process.wait()

    cookies_of = {number: cookies for _, number, cookies, *_ in acknowledged}
    urls = {said[1]: said[3] for said in acknowledged if said[0] == "started"}
    linked = {said[1] for said in acknowledged if said[0] == "linked"}
    last = max(cookies_of)
    assert (12, 12, {0, 1, 2, 3}) == (len(cookies_of), len(urls), linked)
    for number, cookies in cookies_of.items():
        assert (number in linked) is (f"{number}" in await site.linked_in(cookies))
    for number in urls.keys() - linked:
        cookies = cookies_of[number]
        callback = site.provider.authorize(urls[number], identity=Identity("github", f"{number}"))
        if number == last:
            with pytest.raises(TransactionAlreadyUsed):
                await site.client.complete_link_user(callback, {"cookies": cookies})
            url = await site.client.start_link_user(LINK, {"cookies": cookies})
            callback = site.provider.authorize(url, identity=Identity("github", "again"))
        await site.client.complete_link_user(callback, {"cookies": cookies})
        expected = "again" if number == last else f"{number}"
        assert expected in await site.linked_in(cookies)
    await site.aclose()
