"""
What the provider publishes, kept: metadata and keys, fetched by one task while the others wait.

Those that waited share the outcome, a failure included: a provider that is down is asked once, not once by each.
"""

from collections.abc import Awaitable, Callable
from copy import copy
from typing import TYPE_CHECKING, Generic, TypeVar

from .clock import Clock

if TYPE_CHECKING:
    from anyio import Lock

__all__ = ["Cached"]

T = TypeVar("T")


class Cached(Generic[T]):
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
        fetch: Callable[[], Awaitable[T]],
        clock: Clock,
        *,
        lifetime_seconds: int = 600,
        cool_down_seconds: int = 60,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lifetime_seconds = lifetime_seconds
        self._cool_down_seconds = cool_down_seconds
        self._lock: Lock | None = None
        self._value: T | None = None
        self._good_until: int = -1
        self._cooled_at: int = -1
        self._attempts: int = 0
        self._failure: Exception | None = None

    async def get(self) -> T:
        """Return the value, fetching it when it is missing or old; what the fetch raises is raised."""
        if self._value is not None and self._clock() < self._good_until:
            return self._value
        return await self._fetch_once()

    async def get_newer(self) -> T:
        """Return a value fetched because the one at hand does not do, unless that was demanded a moment ago."""
        # The cool-down begins when the answer is there: until then everybody waits for it.
        if self._value is not None and self._clock() < self._cooled_at:
            return self._value
        attempts = self._attempts
        try:
            return await self._fetch_once()
        finally:
            if self._attempts != attempts:  # a fetch that was cancelled is no answer
                self._cooled_at = self._clock() + self._cool_down_seconds

    async def _fetch_once(self) -> T:
        from anyio import Lock

        if self._lock is None:
            self._lock = Lock()
        attempts = self._attempts
        async with self._lock:
            if self._attempts != attempts:  # another task has just tried while we waited
                if self._failure is not None:
                    # Each its own: flows write app_state on an error, and one user's must not reach another.
                    raise copy(self._failure)
                if self._value is not None:
                    return self._value
            try:
                value = await self._fetch()
            except Exception as error:
                self._attempts += 1
                self._failure = copy(error)  # without the traceback, which holds on to a request
                raise
            self._attempts += 1
            self._failure = None
            self._value = value
            self._good_until = self._clock() + self._lifetime_seconds
            return value
