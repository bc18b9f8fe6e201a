"""
The contract of stores as tests: point it at a store factory, and it says whether a store of your own keeps it.

A class derives from one of these and overrides one fixture, which returns a function that opens the store; each call of
it may open an empty one or the same one again. Stores with coroutines and stores that block are tested alike::

    class TestMyStateStore(StateStoreContract):
        @pytest.fixture
        def state_store_factory(self, tmp_path):
            return lambda: MyStateStore(tmp_path / "sessions")

It needs pytest. Tests run on each event loop that the fixture ``anyio_backend`` names.
"""

import pytest

# Before they are imported: from then on, their assertions explain themselves.
pytest.register_assert_rewrite(
    "userlink.testing.state_store_contract", "userlink.testing.transaction_store_contract"
)

from .state_store_contract import StateStoreContract  # noqa: E402 - see above
from .transaction_store_contract import TransactionStoreContract  # noqa: E402 - see above

__all__ = ["StateStoreContract", "TransactionStoreContract"]
