"""Forgetting what has expired: for stores that keep their records in a dict."""

from time import time  # noqa: TID251  # a store keeps its own time, as a database does
from typing import TypeVar

from .protocols import StateRecord, TransactionRecord

__all__ = ["Expiry"]

_FEWEST = 1_000  # records; fewer are not worth looking through
_Record = TypeVar("_Record", StateRecord, TransactionRecord)


class Expiry:
    """
    Removes expired records when twice as many are held as were left the last time.

    So each write costs the same on average, and what is held is bounded by what is alive.
    """

    __slots__ = ("_look_at",)

    def __init__(self) -> None:
        self._look_at = _FEWEST

    def after_write(self, records: dict[str, _Record], written: _Record) -> None:
        """Remove what has expired, if it is time to look."""
        if len(records) < self._look_at:
            return
        now = int(time())
        if written.expires_at <= now:
            return  # nothing is written that has expired: the client has another clock, such as a test's
        for identifier in list(records):  # a copy: other threads go on taking
            record = records.get(identifier)
            if record is not None and record.expires_at <= now:
                records.pop(identifier, None)
        self._look_at = max(_FEWEST, 2 * len(records))
