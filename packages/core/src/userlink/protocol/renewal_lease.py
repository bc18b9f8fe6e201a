"""
The lease on renewing: who holds it sends the refresh token; everyone else waits.

It stands in the session's record and is written by compare-and-set, so it holds wherever the session is shared: among
tasks, threads and, with a store, processes. One whose holder was killed is over after its time.
"""

from collections.abc import Sequence

from attrs import evolve, frozen

from .json_object import has_form

__all__ = ["RenewalLease"]

_FORM = (str, int, (str, type(None)))  # what a record holds, in the order of to_values()
_REMEMBERED_SECONDS = 5  # as long as those who waited take to look; a later call tries anew


@frozen
class RenewalLease:
    """
    Says that a session is being renewed.

    Attributes:
        id: tells it from those before and after it.
        expires_at: Unix seconds after which the holder counts as gone.
        failure: code of the error in which the renewal ended, for those who waited for it; or None.
    """

    id: str
    expires_at: int
    failure: str | None = None

    def failed(self, failure: str, now: int) -> "RenewalLease":
        """Return what is left of the lease when the renewal has failed at ``now`` (Unix seconds)."""
        return evolve(self, failure=failure, expires_at=now + _REMEMBERED_SECONDS)

    def to_values(self) -> Sequence[str | int | None]:
        """Return what a record holds of it."""
        return self.id, self.expires_at, self.failure

    @classmethod
    def from_values(cls, values: object) -> "RenewalLease":
        """
        Read what ``to_values()`` returned.

        Raises:
            ValueError: when it is anything else.
        """
        if not has_form(values, _FORM):
            raise ValueError("not a lease")
        lease_id, expires_at, failure = values
        return cls(lease_id, expires_at, failure)
