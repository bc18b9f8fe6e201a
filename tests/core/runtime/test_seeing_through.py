"""Work that is finished though whoever asked for it has gone."""

import asyncio

import anyio
import pytest
from anyio.lowlevel import checkpoint

from userlink.runtime.seeing_through import seen_through

pytestmark = pytest.mark.anyio


@pytest.fixture
def on_asyncio(anyio_backend_name: str) -> None:
    """Leave out trio, which has no other cancellation than that of scopes."""
    if anyio_backend_name != "asyncio":
        pytest.skip("trio cancels by scopes alone")


class Work:
    """Work that waits until it may end."""

    def __init__(self) -> None:
        self.begun, self.may_end = anyio.Event(), anyio.Event()

    async def __call__(self) -> str:
        """Do it."""
        self.begun.set()
        await self.may_end.wait()
        return "done"


async def asked(work: Work, results: list[str]) -> None:
    """Have work seen through, and go on."""
    results.append(await seen_through(work))
    await checkpoint()
    results.append("went on")


async def test_the_result_of_work_is_returned() -> None:
    """And nothing is cancelled that nobody has cancelled."""
    work, results = Work(), list[str]()
    work.may_end.set()

    await asked(work, results)

    assert ["done", "went on"] == results


async def test_what_work_raises_is_raised() -> None:
    """As it is."""

    async def fail() -> str:
        raise KeyError("one")

    with pytest.raises(KeyError, match="one"):
        await seen_through(fail)


async def test_a_scope_that_is_cancelled_waits_for_the_work() -> None:
    """The result is there; the cancellation comes at what is awaited next."""
    work, results = Work(), list[str]()

    async with anyio.create_task_group() as group:
        group.start_soon(asked, work, results)
        await work.begun.wait()
        group.cancel_scope.cancel()
        work.may_end.set()

    assert ["done"] == results


@pytest.mark.usefixtures("on_asyncio")
@pytest.mark.parametrize("times", [1, 2])
async def test_a_task_of_asyncio_that_is_cancelled_waits_for_the_work(times: int) -> None:
    """However often; the cancellation comes at what is awaited next."""
    work, results = Work(), list[str]()
    task = asyncio.create_task(asked(work, results))
    await work.begun.wait()

    for _ in range(times):
        task.cancel("no longer needed")
        await asyncio.sleep(0)
    work.may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert ["done"] == results
    assert times == task.cancelling()


@pytest.mark.usefixtures("on_asyncio")
async def test_a_time_out_of_asyncio_is_still_told_as_one() -> None:
    """``asyncio.timeout()`` counts the cancellations that it knows of."""
    work, results = Work(), list[str]()

    async def later() -> None:
        await asyncio.sleep(0.05)
        work.may_end.set()

    releasing = asyncio.create_task(later())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await asked(work, results)
    await releasing

    assert ["done"] == results
