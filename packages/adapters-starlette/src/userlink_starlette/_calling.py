"""Calling what an application wrote, with ``async def`` or without."""

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import ParamSpec, TypeVar, cast

from anyio import to_thread
from starlette.responses import Response

__all__ = ["call"]

P = ParamSpec("P")
R = TypeVar("R", bound=Response | None)


async def call(function: Callable[P, Awaitable[R] | R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function and return its response; a plain one runs in a thread, so that it may block."""
    answer: Awaitable[R] | R
    if iscoroutinefunction(function):
        answer = function(*args, **kwargs)
    else:
        # In a list, because trio takes a coroutine that leaves a thread for a mistake: here it is awaited below.
        (answer,) = await to_thread.run_sync(lambda: [function(*args, **kwargs)])
    if isinstance(answer, Awaitable):
        return await cast(Awaitable[R], answer)  # a response cannot be awaited
    return answer
