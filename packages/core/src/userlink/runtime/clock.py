"""The system's clock."""

import time
from collections.abc import Callable
from typing import TypeAlias

__all__ = ["Clock", "system_clock"]

Clock: TypeAlias = Callable[[], int]


def system_clock() -> int:
    """Return the time in whole Unix seconds."""
    return int(time.time())
