"""
Fuzz every target with atheris, each in a process of its own and for a share of the time.

``python -m fuzz.run --seconds 300`` shares five minutes among all targets; ``--only jwks`` takes those with "jwks" in
their name. An input that breaks a promise, takes longer than five seconds or more than a gigabyte ends the run with a
failure, and is left in ``--findings``.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from fuzz.targets import TARGETS

__all__ = ["main"]

_LONGEST_BYTES = 32_768  # beyond every limit on what a browser or a token may bring
_LONGEST_SECONDS = 5
_MOST_MEGABYTES = 1_024


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz, and return the number of targets that failed."""
    options = _read(arguments)
    names = [name for name in TARGETS if options.only in name]
    if not names:
        raise SystemExit(f"No target has {options.only!r} in its name: {', '.join(TARGETS)}.")
    seconds = max(1, options.seconds // len(names))
    options.findings.mkdir(parents=True, exist_ok=True)
    failed = [name for name in names if not _fuzz_apart(name, seconds, options.findings)]
    print(f"{len(names) - len(failed)} targets kept their promises, {len(failed)} did not.")
    return len(failed)


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="fuzz", description=(__doc__ or "").strip())
    parser.add_argument("--seconds", type=int, default=220, help="for all targets together")
    parser.add_argument("--only", default="", help="fuzz targets whose name contains this")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    return parser.parse_args(arguments)


def _fuzz_apart(name: str, seconds: int, findings: Path) -> bool:
    with tempfile.TemporaryDirectory() as corpus:
        finished = subprocess.run(
            [
                *(sys.executable, "-m", "fuzz.harness", name, corpus),
                *(f"-max_total_time={seconds}", f"-max_len={_LONGEST_BYTES}"),
                *(f"-timeout={_LONGEST_SECONDS}", f"-rss_limit_mb={_MOST_MEGABYTES}"),
                *(f"-artifact_prefix={findings}/{name}-", "-print_final_stats=1", "-verbosity=0"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    output = finished.stdout + finished.stderr
    print(f"{name:<20} {_executions(output):>9} inputs  {'ok' if not finished.returncode else ''}")
    if finished.returncode:
        print(output[-4_000:])
    return finished.returncode == 0


def _executions(output: str) -> str:
    marker = "stat::number_of_executed_units:"
    return output.rpartition(marker)[2].split()[0] if marker in output else "?"


if __name__ == "__main__":
    sys.exit(main())
