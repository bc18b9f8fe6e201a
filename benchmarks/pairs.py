"""The harness: both sides of a pair take turns in one process, so that what disturbs one disturbs the other."""

import gc
from collections.abc import Awaitable, Callable
from math import ceil
from statistics import median
from time import perf_counter

from attrs import frozen

__all__ = ["Batch", "Figures", "Pair", "measure", "repeating", "repeating_async"]

Batch = Callable[[int], Awaitable[float]]


@frozen
class Pair:
    """
    The same work, done by userlink and by hand.

    Attributes:
        name: of the work.
        limit: the ratio that userlink should stay within; None where the figure is only reported.
        ours: does the work this many times, and returns the seconds it took.
        bare: likewise, by hand.
        agree: raises ``AssertionError`` when the two do not come to the same.
        times: how often the work is done in a turn.
        one_round_in: how many rounds make one for this pair, where a turn takes long.
    """

    name: str
    limit: float | None
    ours: Batch
    bare: Batch
    agree: Callable[[], Awaitable[None]]
    times: int
    one_round_in: int = 1


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
        """The median of the rounds' ratios: each compares two figures taken within milliseconds of each other."""
        return median(ours / bare for ours, bare in zip(self.ours, self.bare, strict=True))

    @property
    def is_within_limit(self) -> bool:
        """Whether the ratio is what it should be at most."""
        return self.limit is None or self.ratio <= self.limit


async def measure(pair: Pair, rounds: int) -> Figures:
    """
    Let both sides show that they agree, then time them in turns, each going first in every other round.

    Args:
        pair: what to compare.
        rounds: how often each side has its turn. Turns are short, some milliseconds: on a busy machine most of them
            pass undisturbed, and medians do not see the others.
    """
    await pair.agree()
    await pair.ours(pair.times)
    await pair.bare(pair.times)
    gc.collect()
    gc.freeze()  # what stays anyhow is not looked through by the collections that fall into the rounds
    ours: list[float] = []
    bare: list[float] = []
    sides = [(pair.ours, ours), (pair.bare, bare)]
    for _ in range(ceil(rounds / pair.one_round_in)):
        for batch, seconds in sides:
            seconds.append(await batch(pair.times) / pair.times)
        sides.reverse()
    return Figures(pair.name, pair.limit, tuple(ours), tuple(bare))


def repeating(work: Callable[[], object]) -> Batch:
    """Return a batch that calls a function."""

    async def batch(times: int) -> float:
        work()  # brings back into the processor's caches what the other side drove out
        started = perf_counter()
        for _ in range(times):
            work()
        return perf_counter() - started

    return batch


def repeating_async(work: Callable[[], Awaitable[object]]) -> Batch:
    """Return a batch that awaits a function; nothing in it suspends, so the event loop has no part in the time."""

    async def batch(times: int) -> float:
        await work()
        started = perf_counter()
        for _ in range(times):
            await work()
        return perf_counter() - started

    return batch
