"""
Print what userlink costs as ratios to a bare implementation of the same work.

``python -m benchmarks.run`` measures everything; ``--only seal`` what has "seal" in its name, ``--only sql`` what needs
a database; ``--json FILE`` keeps all values in pyperf's format.
"""

import argparse
import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks import cases, deletion, imports, purging, sql_cases
from benchmarks.databases import Databases
from benchmarks.pairs import Figures, Pair, Planned
from benchmarks.postgres_cluster import MissingPostgres

__all__ = ["main"]

_ROW = "{:<44} {:>11} {:>11} {:>12} {:>7} {:>6}  {}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure, print a line for each pair as soon as it is known."""
    options = _read(arguments)
    figures = asyncio.run(_measure(options.only, options.rounds, options.rows))
    if options.json is not None:
        write_json(figures, options.json)


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=(__doc__ or "").strip())
    parser.add_argument("--only", default="", help="measure what has this in its name, such as sql")
    parser.add_argument(
        "--rounds", type=_positive, default=60, help="how often each side has its turn"
    )
    parser.add_argument(
        "--rows",
        type=_positive,
        default=1_000_000,
        help="how many sessions the largest tables hold (default: 1000000)",
    )
    parser.add_argument(
        "--json", type=Path, help="write all values to this file, in pyperf's format"
    )
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


async def _measure(only: str, rounds: int, rows: int) -> list[Figures]:
    print(_ROW.format("", "ours", "bare", "undisturbed", "ratio", "limit", ""))
    measured: list[Figures] = []
    with Databases() as databases:
        for planned in plan(databases, rows):
            if only.lower() in planned.name.lower():
                measured += await report(planned, rounds)
    return measured


def plan(databases: Databases, rows: int) -> list[Planned]:
    """Return all there is to measure, in the order in which it is reported."""
    in_memory = [*cases.pairs(), *imports.pairs()]
    return [
        *(Planned.pair(pair.name, partial(_same, pair)) for pair in in_memory),
        *sql_cases.planned(databases),
        *deletion.planned(databases, rows),
        *purging.planned(databases, rows),
    ]


def _same(pair: Pair) -> Pair:
    return pair


async def report(planned: Planned, rounds: int) -> Sequence[Figures]:
    """Measure, and print a line for each figure, or why there is none."""
    try:
        measured = await planned.run(rounds)
    except MissingPostgres as missing:
        print(f"{planned.name:<44} not measured: {missing}", flush=True)
        return []
    for figures in measured:
        print(line(figures), flush=True)
    return measured


def line(figures: Figures) -> str:
    """Return a pair's line of the table."""
    limit = "-" if figures.limit is None else f"{figures.limit:.1f}"
    verdict = "" if figures.limit is None else "ok" if figures.is_within_limit else "over"
    ours, bare = _shown(median(figures.ours)), _shown(median(figures.bare))
    ratio, undisturbed = f"{figures.ratio:.2f}", f"{figures.undisturbed_ratio:.2f}"
    return _ROW.format(figures.name, ours, bare, undisturbed, ratio, limit, verdict).rstrip()


def _shown(seconds: float) -> str:
    return f"{seconds * 1e6:.1f} µs" if seconds < 1e-3 else f"{seconds * 1e3:.2f} ms"


def write_json(figures: Sequence[Figures], path: Path) -> None:
    """Write every round's values, for ``python -m pyperf stats`` and ``compare_to``."""
    import pyperf

    suite = pyperf.BenchmarkSuite(
        [
            pyperf.Benchmark(
                [
                    pyperf.Run([value], metadata={"name": name}, collect_metadata=False)
                    for value in values
                ]
            )
            for pair in figures
            for name, values in (
                (f"{pair.name} (ours)", pair.ours),
                (f"{pair.name} (bare)", pair.bare),
            )
        ]
    )
    suite.dump(str(path), replace=True)


if __name__ == "__main__":
    main()
