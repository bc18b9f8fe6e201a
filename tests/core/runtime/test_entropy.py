"""The system's source of unpredictable bytes."""

import pytest

from userlink.runtime.entropy import system_entropy


@pytest.mark.parametrize("size", [1, 16, 64])
def test_as_many_bytes_as_asked_for(size: int) -> None:
    """No more, and no fewer."""
    assert size == len(system_entropy(size))


def test_no_two_draws_are_alike() -> None:
    """128 bits do not repeat in a thousand draws."""
    assert 1_000 == len({system_entropy(16) for _ in range(1_000)})
