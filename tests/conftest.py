"""What every test can rely on: both event loops, and Hypothesis without a stopwatch."""

import os

import pytest
from hypothesis import Phase, settings

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
# Thousands of changed programs are tried: few examples, the same for each, and a failing one is not made small.
settings.register_profile(
    "mutation",
    deadline=None,
    max_examples=10,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="module", params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Run each test marked ``anyio`` once on asyncio and once on trio."""
    backend: str = request.param
    return backend
