"""Letting time pass: the one place where a client sleeps."""

from time import sleep  # noqa: TID251  # nothing is decided by it; see protocol/flows/renewal.py

__all__ = ["pause", "pause_blocking"]


async def pause(milliseconds: int) -> None:
    """Let other tasks have their turn for this long."""
    from anyio import sleep as sleep_in_loop

    await sleep_in_loop(milliseconds / 1000)


def pause_blocking(milliseconds: int) -> None:
    """Let other threads have their turn for this long."""
    sleep(milliseconds / 1000)
