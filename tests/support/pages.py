"""
Markdown pages as programs: the Python blocks of a page, executed in order in one namespace.

A page may hold, besides what its readers see, invisible blocks in HTML comments that set things up.
Any block may ``await``: all blocks of a page share one event loop. What has to be closed after the
page goes to ``cleanup``, an ``AsyncExitStack`` that every page is given.
"""

import ast
import asyncio
import builtins
import inspect
import os
import re
import subprocess
import sys
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from types import FunctionType

from sybil import Document, Example
from sybil.parsers.markdown import CodeBlockParser

# Names that a reader's highlighter takes for Python, and that would be left unexecuted.
OTHER_NAMES_OF_PYTHON = {"py", "py3", "python3", "pycon", "Python"}
_FENCE = re.compile(r"^\s*(?:`{3,}|~{3,})([^\s`]+)", re.MULTILINE)


def execute(page: Path) -> int:
    """
    Execute the Python blocks of a page and return how many there were.

    Raises:
        Exception: whatever a block raises; the traceback names the page and the line.
    """
    cleanup = AsyncExitStack()
    with asyncio.Runner() as runner:
        document = _parse(page, runner)
        # A module has its builtins in its namespace, and some libraries look for them there.
        document.namespace.update(
            {"__name__": page.stem, "__builtins__": builtins, "cleanup": cleanup}
        )
        examples = list(document.examples())
        try:
            for example in examples:
                example.evaluate()
        finally:
            runner.run(cleanup.aclose())
    return len(examples)


def execute_apart(page: Path) -> None:
    """
    Execute the Python blocks of a page in a process of its own, with warnings as errors.

    For pages that set up what a process has once, such as Django's settings.

    Raises:
        AssertionError: when a block raises; with everything that the process has printed.
    """
    tests = Path(__file__).parents[1]
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-m", __name__, str(page)],
        env={**os.environ, "PYTHONPATH": str(tests)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout


def visible_blocks(page: Path) -> list[str]:
    """Return the source of each Python block that readers of the page see."""
    with asyncio.Runner() as runner:
        document = _parse(page, runner)
    return [
        str(example.parsed)
        for example in document.examples()
        if not document.text[example.region.start :].startswith("<!--")
    ]


def unexecuted_names(page: Path) -> set[str]:
    """Return the languages of fenced blocks that are Python by another name."""
    return set(_FENCE.findall(page.read_text(encoding="utf-8"))) & OTHER_NAMES_OF_PYTHON


def _parse(page: Path, runner: asyncio.Runner) -> Document:
    parser = CodeBlockParser(language="python", evaluator=partial(_evaluate, runner))
    return Document.parse(str(page), parser)


def _evaluate(runner: asyncio.Runner, example: Example) -> None:
    # Empty lines before the block make line numbers those of the page.
    source = "\n" * (example.line + example.parsed.line_offset) + example.parsed
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code = compile(source, example.path, "exec", flags=flags, dont_inherit=True)
    answer = FunctionType(code, example.namespace)()
    if inspect.iscoroutine(answer):
        runner.run(answer)


if __name__ == "__main__":
    execute(Path(sys.argv[1]))
