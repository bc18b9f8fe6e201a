"""
What the provider publishes, kept for threads: fetched by one while the others wait.

The rules are those of ``cache.py``; the waiting is that of threads.
"""

from collections.abc import Callable
from copy import copy
from threading import Lock
from typing import Generic, TypeVar

from .clock import Clock

__all__ = ["BlockingCached"]

T = TypeVar("T")


class BlockingCached(Generic[T]):
    """
    A value that is fetched when it is missing or old.

    Args:
        fetch: gets a new value.
        clock: tells the time.
        lifetime_seconds: how long a value is good.
        cool_down_seconds: how long a demand to fetch anew is not repeated.
    """

    def __init__(
        self,
        fetch: Callable[[], T],
        clock: Clock,
        *,
        lifetime_seconds: int = 600,
        cool_down_seconds: int = 60,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lifetime_seconds = lifetime_seconds
        self._cool_down_seconds = cool_down_seconds
        self._lock = Lock()
        self._value: T | None = None
        self._good_until: int = -1
        self._cooled_at: int = -1
        self._attempts: int = 0
        self._failure: Exception | None = None

    def get(self) -> T:
        """Return the value, fetching it when it is missing or old; what the fetch raises is raised."""
        attempts, value = self._attempts, self._value
        if value is not None and self._clock() < self._good_until:
            return value
        return self._fetch_once(attempts, is_demand=False)

    def get_newer(self) -> T:
        """Return a value fetched because the one at hand does not do, unless that was demanded a moment ago."""
        attempts, value = self._attempts, self._value
        # The cool-down begins when the answer is there: until then everybody waits for it.
        if value is not None and self._clock() < self._cooled_at:
            return value
        return self._fetch_once(attempts, is_demand=True)

    def _fetch_once(self, attempts: int, *, is_demand: bool) -> T:
        with self._lock:
            if self._attempts != attempts:  # another thread has tried since the caller looked
                if is_demand:
                    self._cool_down()
                if self._failure is not None:
                    # Each its own: flows write app_state on an error, and one user's must not reach another.
                    raise copy(self._failure)
                if self._value is not None:
                    return self._value
            return self._try(is_demand)

    def _try(self, is_demand: bool) -> T:
        try:
            value = self._fetch()
        except Exception as error:
            self._failure = copy(error)  # without the traceback, which holds on to a request
            self._count(is_demand)
            raise
        self._failure = None
        self._value = value
        self._good_until = self._clock() + self._lifetime_seconds
        self._count(is_demand)
        return value

    def _count(self, is_demand: bool) -> None:
        if is_demand:
            self._cool_down()
        # Written last, read first: who sees the new count sees all that came before it.
        self._attempts += 1

    def _cool_down(self) -> None:
        self._cooled_at = self._clock() + self._cool_down_seconds
