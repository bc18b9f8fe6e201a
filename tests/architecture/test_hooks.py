"""Every hook is documented with its exact arguments, and has a test named after it."""

import ast
import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from userlink.plugins import hookspecs

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference" / "hooks.md"
HOOKS = {
    name: function
    for name, function in inspect.getmembers(hookspecs, inspect.isfunction)
    if name.startswith("userlink_")
}


def heading(name: str, function: Callable[..., object]) -> str:
    """Return the heading that the reference must have: the hook with its arguments, untyped."""
    return f"{name}({', '.join(inspect.signature(function).parameters)})"


def headings(page: str) -> set[str]:
    """Collect the headings of a Markdown page, without backticks."""
    return {match.replace("`", "") for match in re.findall(r"^#{2,} +(.+?) *$", page, re.MULTILINE)}


def names_of_tests() -> set[str]:
    """Collect the name of every test function in the repository."""
    return {
        node.name
        for path in ROOT.glob("tests/**/test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    }


def test_there_are_hooks() -> None:
    """The tests below would pass on an empty list."""
    assert {"userlink_bind_exchange"} <= HOOKS.keys()


@pytest.mark.parametrize("name", HOOKS)
def test_the_reference_has_a_heading_with_the_exact_arguments(name: str) -> None:
    """Renaming an argument without its page fails here."""
    assert heading(name, HOOKS[name]) in headings(REFERENCE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", HOOKS)
def test_the_specification_says_what_the_hook_is_for(name: str) -> None:
    """The docstring is what a plugin's author reads in the editor."""
    assert (HOOKS[name].__doc__ or "").strip()


@pytest.mark.parametrize("name", HOOKS)
def test_a_test_is_named_after_the_hook(name: str) -> None:
    """Somewhere under tests/ a function ``test_<hook>…`` shows the hook at work."""
    assert any(test.startswith(f"test_{name}") for test in names_of_tests())


def test_headings_are_read_with_and_without_backticks() -> None:
    """The reader of headings takes both forms, and no line of text."""
    page = "# Hooks\n\n## `userlink_a(b, c)`\n\n### userlink_d()\n\nuserlink_e()\n"

    assert {"userlink_a(b, c)", "userlink_d()"} == headings(page)
