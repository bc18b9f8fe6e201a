"""What every transaction store must do, as tests."""

from collections.abc import Callable

import pytest

from userlink.stores.protocols import (
    BlockingTransactionStore,
    TransactionRecord,
    TransactionStore,
)

from .at_once import CALLERS, at_once, awaitable_transaction_store

__all__ = ["TransactionStoreContract", "TransactionStoreFactory"]

TransactionStoreFactory = Callable[[], TransactionStore | BlockingTransactionStore]

# Far ahead, so that a store that forgets expired records by itself keeps these; beyond what 32 bits hold, too.
EXPIRES_AT = 4_500_000_000
RECORD = TransactionRecord(b"sealed", EXPIRES_AT)
ROUNDS = 5


class TransactionStoreContract:
    """
    Tests of a transaction store: derive from this class and override ``transaction_store_factory``.

    The factory returns an empty store, async or blocking.
    """

    pytestmark = pytest.mark.anyio

    @pytest.fixture
    def transaction_store_factory(self) -> TransactionStoreFactory:
        """Return a function that opens the store; a class for a store of yours overrides this."""
        raise NotImplementedError("override the fixture transaction_store_factory")

    @pytest.fixture
    def transaction_store(
        self, transaction_store_factory: TransactionStoreFactory
    ) -> TransactionStore:
        """Open the store."""
        return awaitable_transaction_store(transaction_store_factory())

    async def test_a_transaction_is_taken_once(self, transaction_store: TransactionStore) -> None:
        """It comes as it was given; the second caller is told that there is none, as for an unknown one."""
        await transaction_store.set("a", RECORD, {})

        assert RECORD == await transaction_store.take("a", {})
        assert await transaction_store.take("a", {}) is None
        assert await transaction_store.take("b", {}) is None

    @pytest.mark.parametrize(
        "sealed",
        [bytes(range(256)), b"\x00", b"\xff\xfe'\";--", b" padded \r\n", b"x" * 100_000],
        ids=["every byte", "zero", "no text", "white space", "100 kB"],
    )
    async def test_bytes_are_kept_intact(
        self, transaction_store: TransactionStore, sealed: bytes
    ) -> None:
        """A record that was altered does not open, and its callback is refused."""
        record = TransactionRecord(sealed, EXPIRES_AT)
        await transaction_store.set("a", record, {})

        assert record == await transaction_store.take("a", {})

    async def test_identifiers_differ_in_every_character(
        self, transaction_store: TransactionStore
    ) -> None:
        """They are base64url: upper and lower case are not the same."""
        await transaction_store.set("abC-_", RECORD, {})

        for other in ("abc-_", "ABC-_", "abC-_ ", "abC__", "abC"):
            assert await transaction_store.take(other, {}) is None
        assert RECORD == await transaction_store.take("abC-_", {})

    async def test_taking_leaves_the_others(self, transaction_store: TransactionStore) -> None:
        """Each start of a flow has a record of its own."""
        await transaction_store.set("a", RECORD, {})
        await transaction_store.set("b", TransactionRecord(b"other", EXPIRES_AT + 1), {})

        assert RECORD == await transaction_store.take("a", {})
        assert TransactionRecord(b"other", EXPIRES_AT + 1) == await transaction_store.take("b", {})

    async def test_an_expired_transaction_is_returned_once_or_gone(
        self, transaction_store: TransactionStore
    ) -> None:
        """It may be either; it is never altered, and never takes another one with it."""
        expired = TransactionRecord(b"expired", 1)
        await transaction_store.set("expired", expired, {})
        await transaction_store.set("alive", RECORD, {})

        assert await transaction_store.take("expired", {}) in (expired, None)
        assert await transaction_store.take("expired", {}) is None
        assert RECORD == await transaction_store.take("alive", {})

    async def test_of_many_that_take_a_transaction_one_is_given_it(
        self, transaction_store: TransactionStore
    ) -> None:
        """All at once, again and again: one has the record, the others nothing."""
        for number in range(ROUNDS):
            identifier = f"id-{number}"
            await transaction_store.set(identifier, RECORD, {})

            async def take(_: int, name: str = identifier) -> TransactionRecord | None:
                return await transaction_store.take(name, {})

            taken = await at_once(take)

            assert CALLERS - 1 == taken.count(None)
            assert 1 == taken.count(RECORD)

    async def test_many_at_once_do_not_mix(self, transaction_store: TransactionStore) -> None:
        """Each keeps a transaction and takes its own."""

        async def use(number: int) -> TransactionRecord | None:
            record = TransactionRecord(b"%d" % number, EXPIRES_AT)
            await transaction_store.set(f"id-{number}", record, {})
            return await transaction_store.take(f"id-{number}", {})

        expected = [TransactionRecord(b"%d" % number, EXPIRES_AT) for number in range(CALLERS)]
        assert expected == await at_once(use)
