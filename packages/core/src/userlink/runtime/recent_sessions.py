"""
The newest write of each session that a process has sealed into cookies, for about a minute.

A browser brings the cookies that it had when it asked. Of several requests at once, each has the same, and the answers
come back in any order. With this memory, a write over an older version is told from one over the newest.
"""

from collections.abc import Callable
from threading import Lock

from attrs import frozen

from userlink.protocol.session import Session

__all__ = ["RecentSessions"]

_SECONDS = 60  # longer than requests of one browser overlap
_MOST = 10_000  # some 50 MB; a process that writes more sessions in a minute has a store


@frozen
class _Entry:
    session: Session
    until: int


class RecentSessions:
    """
    Remembers sessions by a digest of their id. Safe to share between threads.

    Args:
        most: how many to remember; when there are more, the oldest are forgotten.
    """

    __slots__ = ("_entries", "_lock", "_most")

    def __init__(self, most: int = _MOST) -> None:
        self._entries: dict[str, _Entry] = {}  # in the order of writing
        self._lock = Lock()
        self._most = most

    def newest(self, key: str, session: Session, now: int) -> Session:
        """
        Return what was written last, if it is newer than what a cookie held, else that.

        Args:
            key: digest of the session's id.
            session: as the cookie held it.
            now: Unix seconds.
        """
        entry = self._entries.get(key)
        if entry is None or entry.until <= now or entry.session.version <= session.version:
            return session
        return entry.session

    def replace(self, key: str, written: Session, now: int, write: Callable[[], None]) -> bool:
        """
        Write a session unless a newer one has been written, and remember it: compare-and-set.

        Args:
            key: digest of the session's id.
            written: the session, of the version after the one it was made from.
            now: Unix seconds.
            write: sets the cookie. What it raises comes out, and nothing is remembered.

        Returns:
            False, with nothing written, when another write came first.
        """
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None and entry.until > now and entry.session.version >= written.version:
                return False
            write()
            self._entries.pop(key, None)
            self._make_room(now)
            self._entries[key] = _Entry(written, now + _SECONDS)
            return True

    def forget(self, key: str) -> None:
        """Forget a session that has ended."""
        with self._lock:
            self._entries.pop(key, None)

    def _make_room(self, now: int) -> None:
        # The first are the oldest. Each write removes about one: the work is the same at each.
        for _ in range(2):
            oldest = next(iter(self._entries), None)
            if oldest is None:
                return
            if self._entries[oldest].until > now and len(self._entries) < self._most:
                return
            del self._entries[oldest]
