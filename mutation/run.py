"""
Change every line of ``protocol/`` in every small way that mutmut knows, and see whether its tests notice.

``python -m mutation.run`` takes the better part of an hour on two cores; ``python -m mutation.run callback id_token``
changes these modules only. A mutant that survives, rewords no message and is not explained in
``mutation/survivors.toml`` is printed, and ends the run with a failure.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mutation.survivors import Survivor, known_survivors, read_diff, unexplained

__all__ = ["main"]

_ROOT = Path(__file__).parents[1]
_TESTS = ["tests/core/protocol", "tests/core/flows"]
# mutmut names modules by their path below ``src``, so the copy has one; and a copy it must be, for it writes beside it.
_CONFIGURATION = f"""
[tool.mutmut]
source_paths = ["src"]
only_mutate = ["src/userlink/protocol/*"]
pytest_add_cli_args_test_selection = {_TESTS!r}
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run mutmut, and return the number of survivors that nobody has explained."""
    parser = argparse.ArgumentParser(prog="mutation", description=(__doc__ or "").strip())
    parser.add_argument("modules", nargs="*", help="names of modules below protocol/; all of them")
    parser.add_argument("--children", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as directory:
        workplace = Path(directory)
        prepare(workplace)
        total, survivors = _mutate(workplace, options.modules, options.children)
    return report(total, survivors)


def prepare(workplace: Path) -> None:
    """Copy the core and its tests to where mutmut may write."""
    shutil.copytree(_ROOT / "packages/core/src", workplace / "src")
    shutil.copytree(_ROOT / "tests", workplace / "tests")
    (workplace / "mutants/src").mkdir(parents=True)
    manifest = (_ROOT / "pyproject.toml").read_text()
    start = manifest.index("[tool.pytest.ini_options]")
    end = manifest.index("\n[tool.", start)
    (workplace / "pyproject.toml").write_text(manifest[start:end] + _CONFIGURATION)


def _mutate(
    workplace: Path, modules: Sequence[str], children: int
) -> tuple[int, list[tuple[str, Survivor]]]:
    patterns = [f"userlink.protocol.*{module}.*" for module in modules]
    _mutmut(workplace, "run", "--max-children", str(children), *patterns)
    results = _mutmut(workplace, "results", "--all", "true").splitlines()
    outcomes = dict(line.strip().split(": ", 1) for line in results if ": " in line)
    judged = {name: outcome for name, outcome in outcomes.items() if outcome != "not checked"}
    survivors: list[tuple[str, Survivor]] = []
    for name, outcome in judged.items():
        if outcome in ("survived", "no tests", "suspicious"):
            survivor = read_diff(_mutmut(workplace, "show", name))
            if survivor is not None:
                survivors.append((name, survivor))
    return len(judged), survivors


def _mutmut(workplace: Path, *arguments: str) -> str:
    found_first = os.pathsep.join(
        [str(workplace / "mutants/src"), os.environ.get("PYTHONPATH", "")]
    )
    finished = subprocess.run(
        [sys.executable, "-m", "mutmut", *arguments],
        cwd=workplace,
        env={**os.environ, "PYTHONPATH": found_first},
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise SystemExit(finished.stdout[-4_000:] + finished.stderr[-4_000:])
    return finished.stdout


def report(total: int, survivors: Sequence[tuple[str, Survivor]]) -> int:
    """Print what survived without a reason, and return how many did."""
    known = known_survivors(_ROOT / "mutation/survivors.toml")
    open_ones = unexplained([survivor for _, survivor in survivors], list(known))
    for survivor in open_ones:
        print(f"{survivor.module}\n- {survivor.before}\n+ {survivor.after}\n")
    print(
        f"{total} mutants, {total - len(survivors)} noticed, {len(survivors)} survive:"
        f" {len(survivors) - len(open_ones)} explained, {len(open_ones)} not."
    )
    return len(open_ones)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
