"""
Work that is finished though whoever asked for it has gone: what a provider answers to a refresh token comes once.

anyio's shield holds off the cancellation of anyio's scopes and trio's, and not that of asyncio itself: a task that is
cancelled, ``asyncio.timeout()``, ``asyncio.wait_for()``. There the work has a task of its own.
"""

from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from asyncio import Task

__all__ = ["seen_through"]

T = TypeVar("T")


async def seen_through(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Do the work to its end, and return its result; a cancellation comes at whatever is awaited next."""
    asking = _task_of_asyncio()
    with _shielded():
        return await (work() if asking is None else _beside(asking, work))


@contextmanager
def _shielded() -> Generator[None]:
    from anyio import CancelScope

    with CancelScope(shield=True):
        yield


async def _beside(asking: "Task[Any]", work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    from asyncio import CancelledError, create_task, wait

    task, interruptions = create_task(work()), list[CancelledError]()
    while not task.done():
        try:
            await wait([task])
        except CancelledError as interruption:
            interruptions.append(interruption)
    for held_off in interruptions:
        asking.uncancel()  # it counts once, as asyncio.timeout() compares
        asking.cancel(*held_off.args)
    return task.result()


def _task_of_asyncio() -> "Task[Any] | None":
    from asyncio import current_task

    try:
        return current_task()
    except RuntimeError:  # no loop of asyncio runs here
        return None
