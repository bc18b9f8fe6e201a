"""A bounded memory of transactions that were used: what makes a sealed cookie count once within a process."""

from threading import Lock

__all__ = ["UsedStates"]

_MOST = 100_000  # some 20 MB; more completed flows than a process serves in ten minutes


class UsedStates:
    """Remembers handles until their transactions have expired. Safe to share between threads."""

    __slots__ = ("_handles", "_lock", "_most")

    def __init__(self, most: int = _MOST) -> None:
        self._handles: dict[str, int] = {}
        self._lock = Lock()
        self._most = most

    def add(self, handle: str, expires_at: int, now: int) -> bool:
        """
        Remember a handle, atomically.

        Args:
            handle: of the transaction.
            expires_at: Unix seconds until which it must be remembered.
            now: Unix seconds.

        Returns:
            False when it was there already: of two callers, exactly one is told True.
        """
        with self._lock:
            if handle in self._handles:
                return False
            if len(self._handles) >= self._most:
                self._forget(now)
            self._handles[handle] = expires_at
            return True

    def _forget(self, now: int) -> None:
        live = {handle: until for handle, until in self._handles.items() if until > now}
        # Full of live ones: a tenth goes, the oldest first; the provider's single-use codes remain the guard.
        surplus = len(live) - self._most * 9 // 10
        for handle in list(live)[: max(0, surplus)]:
            del live[handle]
        self._handles = live
