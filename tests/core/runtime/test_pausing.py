"""Letting time pass: others have their turn meanwhile."""

from threading import Thread

import anyio
import pytest

from userlink.runtime.pausing import pause, pause_blocking


@pytest.mark.anyio
async def test_other_tasks_have_their_turn() -> None:
    """On each event loop."""
    turns: list[str] = []

    async def other() -> None:
        turns.append("other")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(other)
        await pause(1)
        turns.append("this")

    assert ["other", "this"] == turns


def test_other_threads_have_their_turn() -> None:
    """The other one ends while this one pauses again and again."""
    other = Thread(target=pause_blocking, args=(1,))
    other.start()

    while other.is_alive():
        pause_blocking(1)

    assert not other.is_alive()
