"""
What to do when the machine lacks a piece that a test needs.

A developer's machine may do without Node.js or a browser: such tests are skipped, with a reason
that names the missing piece and how to get it. Continuous integration sets
``USERLINK_REQUIRE_ALL=1`` and installs the pieces first, so there the same gap is a failure.
"""

import os
from typing import NoReturn

import pytest

REQUIRE_ALL = "USERLINK_REQUIRE_ALL"


def skip_or_fail(reason: str) -> NoReturn:
    """
    Skip the running test, or fail it where every piece is required.

    Args:
        reason: Which piece is missing, and the command that installs it.

    Raises:
        pytest.skip.Exception: Unless everything is required.
        pytest.fail.Exception: When ``USERLINK_REQUIRE_ALL`` is ``1``.
    """
    if os.environ.get(REQUIRE_ALL) == "1":
        pytest.fail(f"{reason} ({REQUIRE_ALL}=1 forbids to skip this)", pytrace=False)
    pytest.skip(reason, allow_module_level=True)
