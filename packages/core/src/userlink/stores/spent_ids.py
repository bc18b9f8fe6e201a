"""
A bounded memory of what must not count again: transactions that were used, sessions that have ended.

A sealed cookie stays valid wherever it is kept; within one process, this is what ends it.
"""

from threading import Lock

__all__ = ["SpentIds"]

_MOST = 100_000  # some 20 MB; more than a process serves while they must be remembered


class SpentIds:
    """
    Remembers identifiers until they would have expired. Safe to share between threads.

    Args:
        most: how many to remember; when there are more, the oldest are forgotten.
    """

    __slots__ = ("_lock", "_most", "_until")

    def __init__(self, most: int = _MOST) -> None:
        self._until: dict[str, int] = {}
        self._lock = Lock()
        self._most = most

    def __contains__(self, identifier: str) -> bool:
        """Tell whether an identifier is remembered."""
        return identifier in self._until

    def add(self, identifier: str, expires_at: int, now: int) -> bool:
        """
        Remember an identifier, atomically.

        Args:
            identifier: of a transaction or a session.
            expires_at: Unix seconds until which it must be remembered.
            now: Unix seconds.

        Returns:
            False when it was there already: of two callers, exactly one is told True.
        """
        with self._lock:
            if identifier in self._until:
                return False
            if len(self._until) >= self._most:
                self._forget(now)
            self._until[identifier] = expires_at
            return True

    def _forget(self, now: int) -> None:
        live = {identifier: until for identifier, until in self._until.items() if until > now}
        # Full of live ones: a tenth goes, the oldest first, so that room is not made at each call.
        surplus = len(live) - self._most * 9 // 10
        for identifier in list(live)[: max(0, surplus)]:
            del live[identifier]
        self._until = live
