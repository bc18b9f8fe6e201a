"""The contract of stores: those that come with the core keep it, and so does the one that the how-to writes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support import pages
from userlink import (
    BlockingMemoryStateStore,
    BlockingMemoryTransactionStore,
    MemoryStateStore,
    MemoryTransactionStore,
    StateStore,
)
from userlink.testing.stores import StateStoreContract, TransactionStoreContract

HOW_TO = Path(__file__).parents[3] / "docs" / "how-to" / "write-a-state-store.md"


class TestMemoryStateStore(StateStoreContract):
    """The reference behaviour."""

    @pytest.fixture
    def state_store_factory(self) -> Callable[[], MemoryStateStore]:
        """Return the class itself: it takes no arguments."""
        return MemoryStateStore


class TestBlockingMemoryStateStore(StateStoreContract):
    """The same among threads."""

    @pytest.fixture
    def state_store_factory(self) -> Callable[[], BlockingMemoryStateStore]:
        """Return the class itself."""
        return BlockingMemoryStateStore


class TestMemoryTransactionStore(TransactionStoreContract):
    """The reference behaviour."""

    @pytest.fixture
    def transaction_store_factory(self) -> Callable[[], MemoryTransactionStore]:
        """Return the class itself."""
        return MemoryTransactionStore


class TestBlockingMemoryTransactionStore(TransactionStoreContract):
    """The same among threads."""

    @pytest.fixture
    def transaction_store_factory(self) -> Callable[[], BlockingMemoryTransactionStore]:
        """Return the class itself."""
        return BlockingMemoryTransactionStore


class TestFileStateStoreOfTheHowTo(StateStoreContract):
    """What readers are shown keeps the contract."""

    @pytest.fixture
    def state_store_factory(self, tmp_path: Path) -> Callable[[], StateStore]:
        """Run the page's first block, and open the store that it defines."""
        names: dict[str, Any] = {}
        exec(compile(pages.visible_blocks(HOW_TO)[0], "how-to", "exec"), names)  # noqa: S102
        kind: Callable[[Path], StateStore] = names["FileStateStore"]
        return lambda: kind(tmp_path / "sessions")
