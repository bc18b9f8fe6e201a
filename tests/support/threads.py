"""Threads that are let go at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

__all__ = ["THREADS", "at_once"]

THREADS = 32
T = TypeVar("T")


def at_once(action: Callable[[int], T], threads: int = THREADS) -> list[T]:
    """Perform an action in many threads at once; each is told its number, and what they return is in that order."""
    barrier = Barrier(threads)

    def wait_and_act(number: int) -> T:
        barrier.wait()
        return action(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(wait_and_act, range(threads)))
