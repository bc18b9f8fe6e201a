"""What SQL stores cost: whole methods beside a client by hand, and the stores alone beside the bare driver."""

import os
from collections.abc import Callable, Sequence
from functools import cache, partial
from time import perf_counter
from typing import Any

from attrs import evolve, frozen

from benchmarks.cases import start_pair, user_pair
from benchmarks.completing import complete_pair
from benchmarks.databases import Databases, Kind
from benchmarks.pairs import Pair, Planned, taken, timed
from benchmarks.sql_journeys import SqlJourneys
from benchmarks.sql_sides import BareSide, OurSide, Side
from benchmarks.sql_traces import traced_driver, traced_engine
from userlink import StateRecord, TransactionRecord
from userlink_sqlalchemy import BlockingSqlStateStore, BlockingSqlTransactionStore

__all__ = ["planned"]

_FAR = 4_102_444_800  # the year 2100
_SESSION_BYTES, _TRANSACTION_BYTES = 4_500, 900  # as long as those of the methods are when sealed

_Make = Callable[[SqlJourneys, str], Pair]


def planned(databases: Databases) -> list[Planned]:
    """Return what is to be measured on each kind of database; nothing is opened yet."""
    cases: dict[str, _Make] = {
        "get_user": partial(user_pair, limit=None),
        "start_link_user": partial(start_pair, limit=None),
        "complete_link_user": partial(complete_pair, limit=None),
        "SQL of get_user": reading_pair,
        "SQL of start_link_user": starting_pair,
        "SQL of complete_link_user": completing_pair,
    }

    @cache
    def opened(kind: Kind) -> SqlJourneys:
        return SqlJourneys(databases, databases.url(kind, "journeys"))

    def plan(case: str, make: _Make, kind: Kind) -> Planned:
        name = f"{case}, {kind}"
        return Planned.pair(name, lambda: make(opened(kind), name))

    return [plan(case, make, kind) for kind in Kind for case, make in cases.items()]


def reading_pair(journeys: SqlJourneys, name: str) -> Pair:
    """Send what ``get_user`` sends."""
    sides = _Sides.of(journeys)

    async def agree() -> None:
        sides.agree_on(lambda side: side.get_user())

    return Pair(name, None, timed(sides.ours.get_user), timed(sides.bare.get_user), agree)


def starting_pair(journeys: SqlJourneys, name: str) -> Pair:
    """Send what ``start_link_user`` sends, each time for a transaction of its own."""
    sides = _Sides.of(journeys)

    async def agree() -> None:
        sides.agree_on(lambda side: side.start_link_user(_handle()))

    def turn(side: Side) -> float:
        handle, started = _handle(), perf_counter()
        side.start_link_user(handle)
        return perf_counter() - started

    ours, bare = taken(partial(turn, sides.ours)), taken(partial(turn, sides.bare))
    return Pair(name, None, ours, bare, agree)


def completing_pair(journeys: SqlJourneys, name: str) -> Pair:
    """Send what ``complete_link_user`` sends, each time for a transaction started before the time is taken."""
    sides = _Sides.of(journeys)

    def complete(side: Side) -> Sequence[Any]:
        handle = _handle()
        side.start_link_user(handle)
        return side.complete_link_user(handle)

    async def agree() -> None:
        sides.agree_on(complete)

    def turn(side: Side) -> float:
        handle = _handle()
        side.start_link_user(handle)
        started = perf_counter()
        side.complete_link_user(handle)
        return perf_counter() - started

    ours, bare = taken(partial(turn, sides.ours)), taken(partial(turn, sides.bare))
    return Pair(name, None, ours, bare, agree)


@frozen
class _Sides:
    journeys: SqlJourneys
    ours: OurSide
    bare: BareSide

    @classmethod
    def of(cls, journeys: SqlJourneys) -> "_Sides":
        """Give each side a session of its own, of the same content."""
        sealed = os.urandom(_SESSION_BYTES)
        record = StateRecord(sealed, 1, _FAR, "https://tenant.example.com/", "auth0|1", "a sid")
        transaction = TransactionRecord(os.urandom(_TRANSACTION_BYTES), _FAR)
        identifiers = (os.urandom(21).hex(), os.urandom(21).hex())
        for identifier in identifiers:
            assert journeys.sessions.set(identifier, record, None, {})
        ours, bare = identifiers
        return cls(
            journeys,
            OurSide(journeys.sessions, journeys.transactions, ours, transaction),
            BareSide(journeys.statements, bare, transaction),
        )

    def agree_on(self, work: Callable[[Side], object]) -> None:
        """Show that both sides send the same statements, and get the same rows."""
        with (
            traced_engine(self.journeys.url) as (engine, ours),
            traced_driver(self.journeys.statements) as bare,
        ):
            sessions, transactions = (
                BlockingSqlStateStore(engine),
                BlockingSqlTransactionStore(engine),
            )
            traced = evolve(self.ours, sessions=sessions, transactions=transactions)
            assert work(traced) == work(self.bare)
        assert ours == bare
        assert bare


def _handle() -> str:
    return os.urandom(11).hex()
