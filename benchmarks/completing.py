"""Completing a link: each time a transaction of its own, started and answered by the provider in advance."""

from asyncio import sleep
from collections.abc import Mapping
from time import perf_counter
from typing import Any
from urllib.parse import parse_qsl

from attrs import Factory, define

from benchmarks.journeys import BothSides, Callback, Complete, Start
from benchmarks.pairs import Pair
from benchmarks.sample import LINKED_IDENTITIES
from benchmarks.web import Response

__all__ = ["complete_pair"]

_PREPARED = 50  # callbacks at a time, so that signing tokens does not come before each timed call


def complete_pair(
    journeys: BothSides, name: str = "complete_link_user", limit: float | None = 2.0
) -> Pair:
    """Complete a link, the provider in memory."""
    ours = _Side(journeys, journeys.our_start, journeys.our_complete, journeys.our_cookies)
    bare = _Side(journeys, journeys.bare_start, journeys.bare.complete_link, journeys.bare_cookies)

    async def agree() -> None:
        outcome = await ours.outcome()
        assert outcome == await bare.outcome()
        assert outcome["user"]["identities"] == LINKED_IDENTITIES

    return Pair(name, limit, ours.turn, bare.turn, agree)


@define
class _Side:
    journeys: BothSides
    start: Start
    complete: Complete
    session: Mapping[str, str]
    prepared: list[Callback] = Factory(list)

    async def turn(self) -> float:
        if not self.prepared:
            self.prepared = [await self.callback() for _ in range(_PREPARED)]
        callback = self.prepared.pop()
        self.journeys.provider.answer = callback.answer
        await sleep(0)  # lets the loop forget the time-outs that were called off
        started = perf_counter()
        await self.complete(callback.request, Response(), callback.url)
        return perf_counter() - started

    async def outcome(self) -> dict[str, Any]:
        callback, response = await self.callback(), Response()
        self.journeys.provider.answer = callback.answer
        result = dict(await self.complete(callback.request, response, callback.url))
        form = dict(parse_qsl(self.journeys.provider.form.decode(), strict_parsing=True))
        for name in ("code", "code_verifier"):
            form[name] = f"{len(form[name])} characters"
        return {**result, "token request": form, "cookies set": len(response.cookies)}

    async def callback(self) -> Callback:
        return await self.journeys.callback(self.start, self.session)
