"""The harness: both sides of a pair take turns, call by call, so that what disturbs one disturbs the other."""

import gc
from collections.abc import Awaitable, Callable, Sequence
from math import ceil
from statistics import median
from time import perf_counter
from typing import Self

from attrs import frozen

__all__ = ["Figures", "Pair", "Planned", "Turn", "measure", "taken", "timed", "timed_async"]

Turn = Callable[[], Awaitable[float]]


@frozen
class Pair:
    """
    The same work, done by userlink and by hand.

    Attributes:
        name: of the work.
        limit: the ratio that userlink should stay within; None where the figure is only reported.
        ours: does the work once, and returns the seconds it took.
        bare: likewise, by hand.
        agree: raises ``AssertionError`` when the two do not come to the same.
        one_round_in: how many rounds make one for this pair, where a turn takes long.
    """

    name: str
    limit: float | None
    ours: Turn
    bare: Turn
    agree: Callable[[], Awaitable[None]]
    one_round_in: int = 1


@frozen
class Planned:
    """
    Something to measure, when its turn comes: what it needs is made only then.

    Attributes:
        name: what ``--only`` is compared with.
        run: measures so many rounds.
    """

    name: str
    run: "Callable[[int], Awaitable[Sequence[Figures]]]"

    @classmethod
    def pair(cls, name: str, make: Callable[[], Pair]) -> Self:
        """Plan a pair."""

        async def run(rounds: int) -> "Sequence[Figures]":
            return [await measure(make(), rounds)]

        return cls(name, run)


@frozen
class Figures:
    """
    What was measured of a pair.

    Attributes:
        name: of the work.
        limit: as in the pair.
        ours: seconds for the work once, by userlink, one value a round.
        bare: likewise, by hand, in the same rounds.
    """

    name: str
    limit: float | None
    ours: tuple[float, ...]
    bare: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The median of all rounds' ratios, each of two calls that followed one another. The limit is for this."""
        return median(ours / bare for ours, bare in zip(self.ours, self.bare, strict=True))

    @property
    def undisturbed_ratio(self) -> float:
        """
        The same of the tenth of the rounds in which both sides together took least time.

        Shown beside the ratio, to tell how much of it is the machine's other work; nothing is judged by it.
        """
        rounds = sorted(zip(self.ours, self.bare, strict=True), key=sum)
        return median(ours / bare for ours, bare in rounds[: ceil(len(rounds) / 10)])

    @property
    def is_within_limit(self) -> bool:
        """Whether the ratio is what it should be at most."""
        return self.limit is None or self.ratio <= self.limit


async def measure(pair: Pair, rounds: int) -> Figures:
    """
    Let both sides show that they agree, then time them in turns, each going first in every other round.

    A turn is one call. Neither side runs in a loop of its own, from caches that hold nothing else: on a server, other
    code runs between two calls too.
    """
    await pair.agree()
    sides: list[tuple[Turn, list[float]]] = [(pair.ours, []), (pair.bare, [])]
    (_, ours), (_, bare) = sides
    gc.collect()
    gc.freeze()  # what stays anyhow is not looked through by the collections that fall into the rounds
    for _ in range(ceil(rounds / pair.one_round_in)):
        for turn, seconds in sides:
            seconds.append(await turn())
        sides.reverse()
    gc.unfreeze()
    return Figures(pair.name, pair.limit, tuple(ours), tuple(bare))


def timed(work: Callable[[], object]) -> Turn:
    """Return a turn that calls a function."""

    async def turn() -> float:
        started = perf_counter()
        work()
        return perf_counter() - started

    return turn


def timed_async(work: Callable[[], Awaitable[object]]) -> Turn:
    """Return a turn that awaits a function; nothing in it suspends, so the event loop has no part in the time."""

    async def turn() -> float:
        started = perf_counter()
        await work()
        return perf_counter() - started

    return turn


def taken(work: Callable[[], float]) -> Turn:
    """Return a turn that calls a function which takes the time itself."""

    async def turn() -> float:
        return work()

    return turn
