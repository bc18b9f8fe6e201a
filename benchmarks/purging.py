"""A purge of many expired sessions while requests run, beside the purge alone and the requests alone."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from math import ceil
from statistics import median, quantiles
from time import perf_counter

from attrs import Factory, define

from benchmarks.databases import Databases, Kind
from benchmarks.pairs import Figures, Planned
from benchmarks.sql_journeys import SqlJourneys
from benchmarks.sql_rows import fill
from benchmarks.web import Request, Response

__all__ = ["Purging", "planned"]

_ONE_ROUND_IN = 20  # a round takes some seconds
_FEWEST = 40  # requests, however soon the purge has ended
_LONG_AGO_SECONDS = 86_400

Latencies = dict[str, list[float]]


def planned(databases: Databases, rows: int) -> list[Planned]:
    """Plan a purge of a tenth of the rows on each kind of database."""
    expired = max(1, rows // 10)

    def plan(kind: Kind) -> Planned:
        async def run(rounds: int) -> list[Figures]:
            purging = Purging(databases, databases.url(kind, "purging"), expired)
            for _ in range(ceil(rounds / _ONE_ROUND_IN)):
                purging.round()
            return purging.figures(str(kind))

        return Planned(f"purge {expired:,} rows, {kind}", run)

    return [plan(kind) for kind in Kind]


@define
class _Sides:
    meanwhile: list[float] = Factory(list)
    alone: list[float] = Factory(list)


class Purging:
    """
    A database in which requests are served while sessions that have expired are purged.

    Args:
        databases: that close what is opened here.
        url: of an empty database.
        expired: how many sessions a purge finds.
    """

    def __init__(self, databases: Databases, url: str, expired: int) -> None:
        self._url = url
        self._expired = expired
        self._journeys = SqlJourneys(databases, url)
        self._cookies = Request(self._journeys.our_cookies)
        self._sides: dict[str, _Sides] = {}

    def round(self) -> None:
        """Purge alone, serve alone for as long, and then do both at once."""
        self._fill()
        alone = self._purge()
        ends = perf_counter() + alone
        idle = self._serve(lambda: perf_counter() < ends)
        self._fill()
        with ThreadPoolExecutor(1) as pool:
            purging = pool.submit(self._purge)
            busy = self._serve(lambda: not purging.done())
            self._note(f"purge {self._expired:,} rows", purging.result(), alone)
        for name in busy:
            self._note(f"{name} meanwhile", median(busy[name]), median(idle[name]))
            self._note(f"{name} meanwhile, p95", _p95(busy[name]), _p95(idle[name]))

    def figures(self, kind: str) -> list[Figures]:
        """Return what was measured: of each round the seconds of a purge, and median and p95 of the requests."""
        return [
            Figures(f"{name}, {kind}", None, tuple(sides.meanwhile), tuple(sides.alone))
            for name, sides in self._sides.items()
        ]

    def _fill(self) -> None:
        fill(self._url, self._expired, int(time.time()) - _LONG_AGO_SECONDS)

    def _purge(self) -> float:
        started = perf_counter()
        purged = self._journeys.sessions.purge_expired()
        seconds = perf_counter() - started
        assert purged == self._expired
        return seconds

    def _serve(self, goes_on: Callable[[], bool]) -> Latencies:
        """Serve a request that reads and one that writes by turns."""
        client, options = self._journeys.client, {"connection": "github"}
        served: Latencies = {"get_user": [], "start_link_user": []}
        while goes_on() or len(served["get_user"]) < _FEWEST:
            started = perf_counter()
            user = client.get_user({"request": self._cookies, "response": Response()})
            between = perf_counter()
            client.start_link_user(options, {"request": self._cookies, "response": Response()})
            served["get_user"].append(between - started)
            served["start_link_user"].append(perf_counter() - between)
            assert user is not None
        return served

    def _note(self, name: str, meanwhile: float, alone: float) -> None:
        sides = self._sides.setdefault(name, _Sides())
        sides.meanwhile.append(meanwhile)
        sides.alone.append(alone)


def _p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20)[-1]
