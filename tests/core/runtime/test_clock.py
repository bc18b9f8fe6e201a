"""The system's clock, in whole seconds."""

import time

from userlink.runtime.clock import system_clock


def test_the_clock_tells_whole_unix_seconds() -> None:
    """As tokens count them (RFC 7519, 2: NumericDate)."""
    before = int(time.time())
    now = system_clock()
    after = int(time.time())

    assert before <= now <= after
    assert isinstance(now, int)
