"""The tree of errors is the one that its module draws, and every error is fit to be shown."""

import inspect
import re
import traceback
from collections.abc import Callable, Iterator
from typing import get_args

import pytest

from userlink import errors
from userlink.errors import Fault, UserlinkError

CANARY = "canary-9f4c1b7e"


def descendants(root: type[UserlinkError]) -> Iterator[type[UserlinkError]]:
    """Walk the tree depth first, in the order in which the classes are written."""
    yield root
    for child in root.__subclasses__():
        yield from descendants(child)


def drawn_tree(docstring: str) -> dict[str, str | None]:
    """Read the drawing: each name with the name of its parent."""
    parents: dict[str, str | None] = {}
    path: list[str] = []
    for line in docstring.splitlines():
        branch = re.match(r"^([│ ]*)[├└]── (\w+)", line)
        if branch is not None:
            depth = len(branch[1]) // 4 + 1
            path[depth:] = [branch[2]]
            parents[branch[2]] = path[depth - 1]
        elif re.fullmatch(r"\w+Error", line):
            path = [line]
            parents[line] = None
    return parents


ALL_ERRORS = [error for error in descendants(UserlinkError) if error.__module__ == errors.__name__]


def any_error(kind: type[UserlinkError]) -> UserlinkError:
    """Build an error with whatever its constructor asks for."""
    build: Callable[..., UserlinkError] = kind
    parameters = inspect.signature(kind).parameters.values()
    required = {
        parameter.name: 400 if parameter.annotation is int else "invalid_grant"
        for parameter in parameters
        if parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty
    }
    return build("Something happened.", **required)


def test_the_drawn_tree_is_the_real_one() -> None:
    """The module's docstring shows every error under its parent, in the order of the classes."""
    real = [
        (error.__name__, error.__bases__[0].__name__ if error is not UserlinkError else None)
        for error in ALL_ERRORS
    ]

    assert real == list(drawn_tree(errors.__doc__ or "").items())


def test_a_drawing_is_read_with_its_depth() -> None:
    """The reader of drawings, on which the test above stands, tells a child from a grandchild."""
    drawing = "RootError\n├── A      first\n│   └── B  below the first\n└── C      second"

    assert {"RootError": None, "A": "RootError", "B": "A", "C": "RootError"} == drawn_tree(drawing)


def test_the_module_exports_exactly_its_tree() -> None:
    """``__all__`` holds every error and the names of whose move it is."""
    assert sorted([*(error.__name__ for error in ALL_ERRORS), "Fault"]) == errors.__all__


def test_codes_are_unique() -> None:
    """A program can tell the errors apart by ``code`` alone."""
    codes = [error.code for error in ALL_ERRORS]

    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("kind", ALL_ERRORS)
def test_the_code_is_the_name_of_the_class(kind: type[UserlinkError]) -> None:
    """``LinkedUserMismatch`` has the code ``linked_user_mismatch``, and so on."""
    assert re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower() == kind.code


@pytest.mark.parametrize("kind", ALL_ERRORS)
def test_every_error_says_what_to_do_and_whose_move_it_is(kind: type[UserlinkError]) -> None:
    """A hint is a sentence of its own; the fault is one of the named parties."""
    assert re.fullmatch(r"\S.{8,}\.", kind.hint, re.DOTALL)
    assert kind.fault in get_args(Fault)


@pytest.mark.parametrize("kind", ALL_ERRORS)
def test_every_error_has_a_docstring_of_its_own(kind: type[UserlinkError]) -> None:
    """Each class says in a sentence what went wrong."""
    assert (kind.__dict__.get("__doc__") or "").strip()


@pytest.mark.parametrize("kind", ALL_ERRORS)
def test_the_text_is_message_then_hint(kind: type[UserlinkError]) -> None:
    """A log line that holds only ``str(error)`` says what happened and what to do."""
    error = any_error(kind)

    assert f"Something happened. {kind.hint}" == str(error)


@pytest.mark.parametrize("kind", ALL_ERRORS)
def test_no_text_of_an_error_shows_the_app_state(kind: type[UserlinkError]) -> None:
    """What the application gave along may be private: it is carried, never printed."""
    error = any_error(kind)
    error.app_state = {"note": CANARY}

    printed = "".join([str(error), repr(error), *traceback.format_exception(error)])

    assert CANARY not in printed
