"""
Forgetting the variables of what has failed: error reporters send those of every frame along.

On its way to the wire a secret is a plain string at last: in a form, in a header, in a library's buffer. What is raised
there keeps all of these frames, in its own traceback and in those of the errors it came from, hidden or not. Where an
error leaves a client, the variables of those frames go; their files and lines stay.
"""

import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from functools import wraps
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR
from types import FrameType
from typing import Any, ParamSpec, TypeVar, cast

__all__ = ["forget_variables", "forgetful", "forgetful_async"]

P = ParamSpec("P")
R = TypeVar("R")
# What is under a client: whose frames hold what it was given. The application's own, in its stores and hooks, stay.
_OURS = frozenset(
    "userlink userlink_flask userlink_starlette userlink_sqlalchemy"
    " anyio cryptography h11 h2 httpcore httpcore2 httpx httpx2 joserfc pluggy sniffio sqlalchemy".split()
)
_SUSPENDABLE = CO_ASYNC_GENERATOR | CO_COROUTINE | CO_GENERATOR


def forgetful(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function one whose errors hold no variables of what it has called."""

    @wraps(function)
    def forgetting(*args: P.args, **kwargs: P.kwargs) -> R:
        handled = sys.exception()
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            del args, kwargs
            forget_variables(error, handled)
            raise

    return forgetting


def forgetful_async(
    function: Callable[P, Coroutine[Any, Any, R]],
) -> Callable[P, Coroutine[Any, Any, R]]:
    """Make a coroutine function one whose errors hold no variables of what it has called."""

    @wraps(function)
    async def forgetting(*args: P.args, **kwargs: P.kwargs) -> R:
        handled = sys.exception()
        try:
            return await function(*args, **kwargs)
        except BaseException as error:
            del args, kwargs
            forget_variables(error, handled)
            raise

    return forgetting


def forget_variables(error: BaseException, handled: BaseException | None = None) -> None:
    """
    Clear the variables of the frames that an error has passed, and of those of the errors behind it.

    Args:
        error: what was raised.
        handled: what the caller was handling when all this began; it and what is behind it are left alone.
    """
    for each in _chain(error, handled):
        trace = each.__traceback__
        while trace is not None:
            if _may_be_cleared(trace.tb_frame):
                with suppress(RuntimeError):  # it still runs: the caller's, and those above it
                    trace.tb_frame.clear()
            trace = trace.tb_next


def _chain(error: BaseException, handled: BaseException | None) -> Iterator[BaseException]:
    seen = {id(handled)}
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            yield each
            waiting += (each.__cause__, each.__context__, *_members(each))


def _members(error: BaseException) -> tuple[BaseException, ...]:
    if not isinstance(error, BaseExceptionGroup):
        return ()
    return cast("BaseExceptionGroup[BaseException]", error).exceptions


def _may_be_cleared(frame: FrameType) -> bool:
    room = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    if room in _OURS:
        return True
    # To clear a generator that merely waits would end it (until Python 3.13), and one of the standard library may be
    # somebody's background task, which has handed its failure on to us.
    return room in sys.stdlib_module_names and not frame.f_code.co_flags & _SUSPENDABLE
