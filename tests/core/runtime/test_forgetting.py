"""Errors that leave a client hold no variables of what they have passed: in all of the chain, and nowhere else."""

import sys
from collections.abc import Callable, Generator, Iterator
from types import FunctionType, TracebackType
from typing import Any

import pytest

from support.frames import chain_of
from userlink.runtime.forgetting import forget_variables, forgetful, forgetful_async

SECRET = "canary"


def in_module(name: str, function: Any) -> Any:
    """Return a function as if a module of this name had it."""
    return FunctionType(
        function.__code__, {**globals(), "__name__": name}, None, function.__defaults__
    )


def variables(error: BaseException) -> list[tuple[str, dict[str, Any]]]:
    """Return the variables of each frame of an error, by the function's name."""
    trace: TracebackType | None = error.__traceback__
    found: list[tuple[str, dict[str, Any]]] = []
    while trace is not None:
        found.append((trace.tb_frame.f_code.co_name, dict(trace.tb_frame.f_locals)))
        trace = trace.tb_next
    return found


def fail(kind: type[BaseException] = ValueError) -> None:
    """Fail with a secret in a variable."""
    secret = SECRET
    raise kind(len(secret))


ours = in_module("userlink.protocol.flows.steps", fail)
library = in_module("httpcore._sync.http11", fail)
applications = in_module("myapp.stores", fail)


def shows(error: BaseException) -> bool:
    """Tell whether a secret is in a variable of this very error's frames, the tests' own left out."""
    return any(SECRET in repr(held) for name, held in variables(error) if name == "fail")


@pytest.mark.parametrize("function", [ours, library])
@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt])
def test_the_variables_of_what_failed_are_forgotten(
    function: Callable[..., None], kind: type[BaseException]
) -> None:
    """Of userlink's frames and of those of the libraries under it; where they were stays known."""
    with pytest.raises(kind) as remembered:
        function(kind)
    with pytest.raises(kind) as caught:
        forgetful(function)(kind)

    assert shows(remembered.value)
    assert not shows(caught.value)
    assert [name for name, _ in variables(caught.value)][1:] == ["forgetting", "fail"]


def test_the_arguments_are_forgotten_too() -> None:
    """The frame that forgets holds none itself."""
    with pytest.raises(TypeError) as caught:
        forgetful(ours)(SECRET, url=SECRET)

    assert SECRET not in repr(dict(variables(caught.value))["forgetting"])


@pytest.mark.anyio
async def test_what_is_awaited_forgets_too() -> None:
    """A coroutine's frames are gone through when it has failed, and what it answers passes."""

    async def called(secret: str) -> str:
        if secret == SECRET:
            ours()
        return secret

    with pytest.raises(ValueError, match="6") as caught:
        await forgetful_async(called)(SECRET)

    assert not shows(caught.value)
    assert SECRET not in repr(dict(variables(caught.value))["forgetting"])
    assert await forgetful_async(called)("fine") == "fine"


def test_what_is_answered_passes() -> None:
    """Only errors are looked at; name, words and signature are the function's."""
    assert forgetful(len)([1, 2]) == 2
    assert forgetful(fail).__doc__ == fail.__doc__


def raising_from() -> None:
    """Fail because of something."""
    try:
        ours()
    except ValueError as error:
        raise LookupError from error


def raising_instead() -> None:
    """Fail, and hide what it came from."""
    try:
        ours()
    except ValueError:
        raise LookupError from None


def raising_several() -> None:
    """Fail in two ways at once."""
    errors: list[Exception] = []
    for function in (ours, library):
        try:
            function()
        except ValueError as error:
            errors.append(error)
    raise ExceptionGroup("both", errors)


@pytest.mark.parametrize("function", [raising_from, raising_instead, raising_several])
def test_the_errors_behind_an_error_forget_as_well(function: Callable[[], None]) -> None:
    """The causes, those that are hidden, and the members of a group: error reporters walk them all."""
    with pytest.raises(Exception) as remembered:  # one of two kinds
        function()
    with pytest.raises(Exception) as caught:  # one of two kinds
        forgetful(function)()

    assert any(map(shows, chain_of(remembered.value)))
    assert not any(map(shows, chain_of(caught.value)))


def test_the_frames_of_the_application_stay_as_they_are() -> None:
    """Its stores and hooks have variables that help it, and what they hold is its own affair."""
    with pytest.raises(ValueError, match="6") as caught:
        forgetful(applications)()

    assert shows(caught.value)


def test_what_the_caller_was_handling_stays_as_it_is() -> None:
    """An application may sign a user out because something of its own has failed."""
    try:
        library()
    except ValueError as before:
        with pytest.raises(LookupError) as caught:
            forgetful(raising_from)()
        assert shows(before)
        assert before in chain_of(caught.value)
        assert not any(shows(each) for each in chain_of(caught.value) if each is not before)


def test_an_error_behind_itself_is_gone_through_once() -> None:
    """A circle of causes has an end."""
    one, two = ValueError(), ValueError()
    one.__cause__, two.__cause__ = two, one

    forget_variables(one)


def waiting(failures: list[BaseException]) -> Iterator[int]:
    """Hand a failure on, as a background task does, and go on."""
    try:
        applications()
    except ValueError as error:
        failures.append(error)
    yield 1
    yield 2


@pytest.mark.parametrize("name", ["asyncio.tasks", "myapp.tasks"])
def test_what_merely_waits_goes_on(name: str) -> None:
    """A frame that handed its failure on to us is not ended by us."""
    failures: list[BaseException] = []
    generator: Generator[int] = in_module(name, waiting)(failures)
    next(generator)

    forget_variables(failures[0])

    assert next(generator) == 2


def test_a_function_of_the_standard_library_forgets() -> None:
    """Parsers are handed texts that hold secrets."""
    with pytest.raises(ValueError, match="6") as caught:
        forgetful(in_module("json.decoder", fail))()

    assert "json" in sys.stdlib_module_names
    assert not shows(caught.value)
