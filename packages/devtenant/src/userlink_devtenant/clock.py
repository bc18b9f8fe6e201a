"""The tenant's clock, which tests may move forward instead of waiting."""

import threading
import time

__all__ = ["Clock"]


class Clock:
    """Seconds since 1970, as the system has them, plus what was added."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ahead_seconds = 0

    def now(self) -> int:
        """Return the current time in whole seconds, as tokens have it (RFC 7519, section 2)."""
        with self._lock:
            return int(time.time()) + self._ahead_seconds

    def advance(self, seconds: int) -> None:
        """Move the clock forward."""
        with self._lock:
            self._ahead_seconds += seconds

    def reset(self) -> None:
        """Go back to the system's time."""
        with self._lock:
            self._ahead_seconds = 0
