"""
Try mutants: gather the tests once, then let each mutant have a process of its own that runs those which reach it.

mutmut makes the mutants and keeps what became of them. Its own runner gathers the tests for every mutant again, which
takes a hundred times as long as the test that notices it. Run in the workplace, as ``python -m mutation.trial``.
"""

import gc
import io
import json
import os
import resource
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from fnmatch import fnmatch
from hashlib import sha256
from operator import itemgetter
from pathlib import Path
from typing import TypeAlias

import pytest
from mutmut.__main__ import create_mutants
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state
from mutmut.utils.file_utils import copy_src_dir, walk_mutatable_files
from mutmut.utils.format_utils import mangled_name_from_mutant_name

from mutation.changes import changes
from mutation.survivors import is_equivalent

__all__ = ["main"]

# By test, the seconds of processor time it takes and the functions that it calls.
_Reached: TypeAlias = dict[str, tuple[float, list[str]]]
_NOTICED, _SURVIVED, _NO_TESTS = 1, 0, 33  # as mutmut numbers them
_LONGEST_SECONDS = 20  # of processor time, beside four times what the tests take
_MOST_MEMORY = 6 * 2**30


def main(arguments: Sequence[str]) -> int:
    """Make the mutants, and try those that are named: all of them, or again those that were not noticed."""
    children, which, *names = arguments
    set_mutant_under_test("mutant_generation")
    with redirect_stdout(io.StringIO()):
        copy_src_dir()
        create_mutants(int(children))
    set_mutant_under_test("")
    trial = Trial(names, int(children), again=which == "again")
    tests = json.loads(os.environ["MUTATION_TESTS"])
    return int(pytest.main(["-q", "-s", "--tb=native", *tests], plugins=[trial]))


class Trial:
    """What pytest does once it has gathered the tests: run them once, then for each mutant those that reach it."""

    def __init__(self, names: Sequence[str], children: int, *, again: bool) -> None:
        """Remember what to try."""
        self._again = again
        self._names = names
        self._children = children
        self._noticed = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the place of pytest's own loop."""
        reached = self._functions_reached(session.items)
        todo = self._todo()
        gc.freeze()  # what is there already is never collected, and stays shared
        running: dict[int, tuple[SourceFileMutationData, str]] = {}
        for number, (file, name) in enumerate(todo):
            if number % 100 == 0:
                print(f"{number} of {len(todo)}", file=sys.stderr, flush=True)
            tests = reached.get(mangled_name_from_mutant_name(_imported(name)), {})
            if not tests:
                _keep(file, name, _NO_TESTS)
                continue
            if len(running) >= self._children:
                _await_one(running)
            items = [item for item in session.items if item.nodeid in tests]
            running[self._start(name, items, tests)] = (file, name)
        while running:
            _await_one(running)
        return True

    def _todo(self) -> list[tuple[SourceFileMutationData, str]]:
        """Choose the mutants: first those of what was named first."""
        todo: list[tuple[int, SourceFileMutationData, str]] = []
        for data in map(_loaded, walk_mutatable_files()):
            for name, outcome in data.exit_code_by_key.items():
                place = self._place(name)
                if place is None or (self._again and outcome == _NOTICED):
                    continue
                if is_equivalent(changes(data.path)[name]):
                    data.exit_code_by_key[name] = _SURVIVED  # and need not be tried
                else:
                    todo.append((place, data, name))
            data.save()
        return [(data, name) for _, data, name in sorted(todo, key=itemgetter(0))]

    def _place(self, name: str) -> int | None:
        if not self._names:
            return 0
        return next((at for at, one in enumerate(self._names) if fnmatch(name, one)), None)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember that a test failed."""
        self._noticed = self._noticed or report.failed

    def _functions_reached(self, items: Sequence[pytest.Item]) -> dict[str, dict[str, float]]:
        """Return for each function the tests that call it, with the seconds they take."""
        file = Path("mutants/reached.json")
        known: _Reached = json.loads(file.read_text()) if file.exists() else {}
        prints = {path: sha256(path.read_bytes()).hexdigest() for path in {i.path for i in items}}
        names = {f"{item.nodeid} {prints[item.path]}": item for item in items}
        unknown = [item for name, item in names.items() if name not in known]
        measured = _in_a_child(lambda: self._measured(unknown)) if unknown else {}
        known |= {name: measured[i.nodeid] for name, i in names.items() if i.nodeid in measured}
        file.write_text(json.dumps(known))
        reached: dict[str, dict[str, float]] = defaultdict(dict)
        for name, item in names.items():
            seconds, functions = known[name]
            for function in functions:
                reached[function][item.nodeid] = seconds
        return reached

    def _measured(self, items: Sequence[pytest.Item]) -> _Reached:
        """Run tests without any mutant."""
        set_mutant_under_test("stats")
        measured: _Reached = {}
        called = state()._stats  # noqa: SLF001  # where mutmut's functions say that they were called
        for item, started in self._run(items):
            measured[item.nodeid] = (_seconds() - started, sorted(called))
            called.clear()
        if self._noticed:
            raise SystemExit("The tests fail without any mutant.")
        return measured

    def _run(self, items: Sequence[pytest.Item]) -> Iterator[tuple[pytest.Item, float]]:
        for item, following in zip(items, [*items[1:], None], strict=True):
            started = _seconds()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            yield item, started

    def _start(self, name: str, items: Iterable[pytest.Item], seconds: Mapping[str, float]) -> int:
        process = os.fork()
        if process:
            return process
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        limit = int(4 * sum(seconds.values())) + _LONGEST_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
        set_mutant_under_test(_imported(name))
        # The module's own tests first, and the quick ones of them: nearly always one of them is what notices.
        own = f"/test_{name.split('.x')[0].rpartition('.')[2]}.py"
        ordered = sorted(items, key=lambda i: seconds[i.nodeid] if own in i.nodeid else 1e9)
        for _ in self._run(ordered):
            if self._noticed:
                os._exit(_NOTICED)
        os._exit(_SURVIVED)


def _in_a_child(work: Callable[[], _Reached]) -> _Reached:
    """Do something in a process of its own, which leaves nothing behind in this one."""
    with tempfile.NamedTemporaryFile() as file:
        process = os.fork()
        if not process:
            status = 1
            try:
                Path(file.name).write_text(json.dumps(work()))
                status = 0
            finally:
                sys.stdout.flush()
                os._exit(status)
        if os.waitpid(process, 0)[1]:
            raise SystemExit("The tests fail without any mutant.")
        result: _Reached = json.loads(Path(file.name).read_text())
        return result


def _seconds() -> float:
    spent = os.times()
    return spent.user + spent.system


def _loaded(path: Path) -> SourceFileMutationData:
    data = SourceFileMutationData(path=path)
    data.load()
    return data


def _imported(name: str) -> str:
    """Name a mutant as the package it is in is imported."""
    return name.replace("__init__.", "")


def _await_one(running: dict[int, tuple[SourceFileMutationData, str]]) -> None:
    process, status = os.wait()
    _keep(*running.pop(process), os.waitstatus_to_exitcode(status))


def _keep(data: SourceFileMutationData, name: str, exit_code: int) -> None:
    data.exit_code_by_key[name] = exit_code
    data.save()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
