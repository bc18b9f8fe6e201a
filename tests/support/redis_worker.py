"""
A process on a Redis that it shares with another, with the stores of the how-to page; run as a program by tests.

Its arguments are the server's URL and how many rounds to run. It says that it is ready, waits for a line, and prints as
JSON which transactions it was given.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from attrs import evolve
from redis.asyncio import Redis

from support import pages

__all__ = ["PAGE", "stores"]

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "valkey-or-redis.md"
PROCESSES = 2


def stores(page: Path = PAGE) -> dict[str, Any]:
    """Execute the blocks of the page that define something, and return what they define."""
    names: dict[str, Any] = {}
    for block in pages.visible_blocks(page):
        if any(line.startswith(("class ", "def ")) for line in block.splitlines()):
            exec(compile(block, page.name, "exec"), names)  # noqa: S102 - our own page
    return names


async def meet(redis: Redis, place: str) -> None:
    """Wait until the other process is there too, so that both go on at the same moment."""
    await redis.incr(place)
    while int(await redis.get(place) or 0) < PROCESSES:
        pass


async def main(names: dict[str, Any], url: str, rounds: int) -> None:
    """Take every transaction there is, and change one session as often, against the other process."""
    async with Redis.from_url(url) as redis:
        transactions = names["RedisTransactionStore"](redis)
        sessions = names["RedisStateStore"](redis)
        await redis.ping()
        print("ready", flush=True)
        sys.stdin.readline()
        taken: list[int] = []
        for number in range(rounds):
            await meet(redis, f"meeting-{number}")
            if await transactions.take(f"id-{number}", {}) is not None:
                taken.append(number)
        for _ in range(rounds):
            written = False
            while not written:
                held = await sessions.get("session", {})
                changed = evolve(held, version=held.version + 1, sealed=held.sealed + b".")
                written = await sessions.set("session", changed, held.version, {})
    print(json.dumps(taken), flush=True)


if __name__ == "__main__":
    asyncio.run(main(stores(), sys.argv[1], int(sys.argv[2])))
