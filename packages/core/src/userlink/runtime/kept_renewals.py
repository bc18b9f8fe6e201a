"""
What renewals have brought and no session holds yet: kept until it is saved, so that no refresh token is lost.

A provider that rotates has made the old refresh token worthless with its answer. Between the answer and the saved
session a task may be cancelled, keys may not be had, a store may be down.
"""

from threading import Lock

from userlink.protocol.pkce import digest
from userlink.protocol.renewal import Renewal
from userlink.protocol.values import Secret

__all__ = ["KeptRenewals"]

_MOST = 10_000  # some 50 MB; few are here at a time, unless a store is down


class KeptRenewals:
    """
    Remembers renewals by the refresh token that was sent for them. Safe to share between threads.

    Args:
        most: how many to remember; when there are more, the oldest are forgotten.
    """

    __slots__ = ("_kept", "_lock", "_most")

    def __init__(self, most: int = _MOST) -> None:
        self._kept: dict[str, Renewal] = {}  # in the order in which they came
        self._lock = Lock()
        self._most = most

    def keep(self, renewal: Renewal, now: int) -> None:
        """
        Remember a renewal.

        Args:
            renewal: what the provider answered.
            now: Unix seconds; those of sessions that are over by then are forgotten.
        """
        with self._lock:
            self._kept.pop(_key(renewal.spent.token), None)
            if len(self._kept) >= self._most:
                self._make_room(now)
            self._kept[_key(renewal.spent.token)] = renewal

    def find(self, refresh_token: Secret) -> Renewal | None:
        """Return what came in answer to a refresh token, or None."""
        return self._kept.get(_key(refresh_token))

    def forget(self, renewal: Renewal) -> None:
        """Forget what is saved, or of no use."""
        with self._lock:
            self._kept.pop(_key(renewal.spent.token), None)

    def _make_room(self, now: int) -> None:
        live = {key: kept for key, kept in self._kept.items() if kept.session_expires_at > now}
        # Full of live ones: a tenth goes, the oldest first, so that room is not made at each call.
        surplus = len(live) - self._most * 9 // 10
        for key in list(live)[: max(0, surplus)]:
            del live[key]
        self._kept = live


def _key(refresh_token: Secret) -> str:
    return digest(refresh_token.reveal())
