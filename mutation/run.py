"""
Change every line of ``protocol/`` in every small way that mutmut knows, and see whether its tests notice.

``python -m mutation.run`` takes about an hour on two cores; ``python -m mutation.run callback id_token`` changes these
modules only. With ``--workplace DIRECTORY`` the copy is kept, and ``--again`` then tries only what survived there and
what was not tried yet, which is how one sees whether a new test notices. A mutant that survives, rewords no message
and is not explained in ``mutation/survivors.toml`` is printed, and ends the run with a failure.
"""

import argparse
import fnmatch
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager
from pathlib import Path

from mutation.changes import changes
from mutation.survivors import Survivor, known_survivors
from mutation.tally import describe

__all__ = ["main"]

_ROOT = Path(__file__).parents[1]
_TESTS = ["tests/core/protocol", "tests/core/flows"]
_UNNOTICED = ("survived", "no tests", "suspicious")
# mutmut names modules by their path below ``src``, so the copy has one; and a copy it must be, for it writes beside it.
_CONFIGURATION = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = ["src/userlink/protocol/*"]
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run mutmut, and return the number of survivors that nobody has explained."""
    parser = argparse.ArgumentParser(prog="mutation", description=(__doc__ or "").strip())
    parser.add_argument("modules", nargs="*", help="names of modules below protocol/; all of them")
    parser.add_argument("--children", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--workplace", type=Path, help="where the copy is kept; nowhere")
    parser.add_argument("--again", action="store_true", help="only what survived there before")
    options = parser.parse_args(arguments)
    with _workplace(options.workplace) as workplace:
        prepare(workplace)
        which = "again" if options.again else "all"
        names = _patterns(options.modules)
        _python(workplace, "-m", "mutation.trial", str(options.children), which, *names)
        outcomes = _outcomes(workplace, options.modules)
        survivors = _survivors(workplace, outcomes)
    known = known_survivors(_ROOT / "mutation/survivors.toml")
    text, open_ones = describe(outcomes, survivors, known)
    print(text)
    return open_ones


@contextmanager
def _workplace(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory() as directory:
        yield Path(directory)


def prepare(workplace: Path) -> None:
    """Copy the core and its tests to where mutmut may write; what it found there before, it keeps."""
    for name, origin in (("src", "packages/core/src"), ("tests", "tests")):
        shutil.rmtree(workplace / name, ignore_errors=True)
        shutil.copytree(
            _ROOT / origin, workplace / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    (workplace / "mutants/src").mkdir(parents=True, exist_ok=True)
    manifest = (_ROOT / "pyproject.toml").read_text()
    start = manifest.index("[tool.pytest.ini_options]")
    end = manifest.index("\n[tool.", start)
    (workplace / "pyproject.toml").write_text(manifest[start:end] + _CONFIGURATION)


def _patterns(modules: Sequence[str]) -> list[str]:
    return [
        f"userlink.protocol.{pattern}"
        for module in modules
        for pattern in (f"{module}.*", f"*.{module}.*")
    ]


def _outcomes(workplace: Path, modules: Sequence[str]) -> dict[str, str]:
    """Read what became of each mutant of these modules, also in an earlier run."""
    lines = _python(workplace, "-m", "mutmut", "results", "--all", "true").splitlines()
    outcomes = dict(line.strip().split(": ", 1) for line in lines if ": " in line)
    return {
        name: outcomes[name]
        for pattern in _patterns(modules) or ["*"]
        for name in fnmatch.filter(outcomes, pattern)
    }


def _survivors(workplace: Path, outcomes: dict[str, str]) -> dict[str, Survivor]:
    changed: dict[str, Survivor] = {}
    with chdir(workplace):
        for path in Path("src/userlink/protocol").rglob("*.py"):
            changed.update(changes(path))
    return {name: changed[name] for name, outcome in outcomes.items() if outcome in _UNNOTICED}


def _python(workplace: Path, *arguments: str) -> str:
    found_first = os.pathsep.join(
        [str(workplace / "mutants/src"), str(_ROOT), os.environ.get("PYTHONPATH", "")]
    )
    finished = subprocess.run(
        [sys.executable, *arguments],
        cwd=workplace,
        env={
            **os.environ,
            "PYTHONPATH": found_first,
            "HYPOTHESIS_PROFILE": "mutation",
            "MUTATION_TESTS": json.dumps(_TESTS),
        },
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise SystemExit(finished.stdout[-4_000:])
    return finished.stdout


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
