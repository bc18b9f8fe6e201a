"""Back-channel deletion by ``(issuer, sid)``: among many sessions, beside the same among a thousandth of them."""

import os
from functools import cache
from statistics import median
from time import perf_counter
from typing import Self

from attrs import frozen
from sqlalchemy import func, select

from benchmarks.databases import Databases, Kind
from benchmarks.pairs import Pair, Planned, taken
from benchmarks.sql_rows import ISSUER, engine_for, fill, sid_of
from userlink import LogoutClaims, StateRecord
from userlink_sqlalchemy import BlockingSqlStateStore, metadata

__all__ = ["Sessions", "deletion_pair", "planned"]

_LIMIT = 2.0
_DELETIONS = 5
_FAR = 4_102_444_800  # the year 2100


@frozen
class Sessions:
    """
    A table of sessions, as many after each turn as before it.

    Attributes:
        url: of the database.
        store: that deletes.
        number: of sessions.
    """

    url: str
    store: BlockingSqlStateStore
    number: int

    @classmethod
    def filled(cls, databases: Databases, kind: Kind, number: int) -> Self:
        """Make a database of so many sessions."""
        url = databases.url(kind, f"sessions_{number}")
        store = BlockingSqlStateStore(url)
        databases.closing.callback(store.close)
        store.create_all()
        fill(url, number, _FAR)
        return cls(url, store, number)

    def turn(self) -> float:
        """Delete some sessions, one by one, and return the median: a disk that is busy holds up one of them or two."""
        return median(self.timed_deletion() for _ in range(_DELETIONS))

    def timed_deletion(self) -> float:
        """Delete one session, wherever it is; another one takes its place, which is not timed."""
        sid = sid_of(int.from_bytes(os.urandom(8)) % self.number)
        started = perf_counter()
        self.delete(sid)
        seconds = perf_counter() - started
        self.insert(sid)
        return seconds

    def delete(self, sid: str) -> None:
        """Do what a logout token asks for."""
        self.store.delete_by_logout_token(LogoutClaims(ISSUER, None, sid), {})

    def insert(self, sid: str) -> None:
        """Add a session."""
        record = StateRecord(os.urandom(200), 1, _FAR, ISSUER, "auth0|another", sid)
        assert self.store.set(os.urandom(21).hex(), record, None, {})

    def count(self) -> int:
        """Count the rows that are there."""
        table = metadata.tables["userlink_sessions"]
        with engine_for(self.url).connect() as connection:
            return connection.scalar(select(func.count()).select_from(table)) or 0


def planned(databases: Databases, rows: int) -> list[Planned]:
    """Plan a tenth of the rows, and all of them, each beside a thousandth."""

    @cache
    def filled(kind: Kind, number: int) -> Sessions:
        return Sessions.filled(databases, kind, number)

    def plan(kind: Kind, number: int) -> Planned:
        name, few = f"delete 1 of {number:,}, {kind}", max(1, rows // 1000)
        return Planned.pair(
            name, lambda: deletion_pair(name, filled(kind, number), filled(kind, few))
        )

    return [plan(kind, number) for kind in Kind for number in (max(1, rows // 10), rows)]


def deletion_pair(name: str, many: Sessions, few: Sessions) -> Pair:
    """Delete one session by its issuer and ``sid``."""

    async def agree() -> None:
        for sessions in (many, few):
            assert sessions.count() == sessions.number
            sid = sid_of(sessions.number - 1)
            sessions.delete(sid)
            assert sessions.count() == sessions.number - 1
            sessions.insert(sid)

    return Pair(name, _LIMIT, taken(many.turn), taken(few.turn), agree)
