"""The system's source of unpredictable bytes."""

from collections.abc import Callable
from secrets import token_bytes
from typing import TypeAlias

__all__ = ["EntropySource", "system_entropy"]

EntropySource: TypeAlias = Callable[[int], bytes]
system_entropy: EntropySource = token_bytes
