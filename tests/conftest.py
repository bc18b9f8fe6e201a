"""What every test can rely on: both event loops, and Hypothesis without a stopwatch."""

import os

import pytest
from hypothesis import settings

# Tests of the contracts import them without the module that says this for users.
pytest.register_assert_rewrite(
    "userlink.testing.state_store_contract", "userlink.testing.transaction_store_contract"
)

# No test asserts a time, Hypothesis's neither: a slow machine is not a defect.
settings.register_profile("default", deadline=None)
# In CI the same examples are drawn each time, more of them, and a failure can be replayed at home.
settings.register_profile(
    "ci", deadline=None, max_examples=200, derandomize=True, database=None, print_blob=True
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="module", params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Run each test marked ``anyio`` once on asyncio and once on trio."""
    backend: str = request.param
    return backend
