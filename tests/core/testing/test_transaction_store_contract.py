"""The contract of transaction stores finds each way in which a store breaks it."""

from collections.abc import Awaitable, Callable

import pytest
from anyio.lowlevel import checkpoint
from attrs import evolve

from userlink import MemoryTransactionStore, StoreOptions, TransactionRecord
from userlink.testing.transaction_store_contract import TransactionStoreContract

pytestmark = pytest.mark.anyio

CONTRACT = TransactionStoreContract()
Check = Callable[[MemoryTransactionStore], Awaitable[None]]


class ReadThenDelete(MemoryTransactionStore):
    """Reads in one step and deletes in another."""

    async def take(self, identifier: str, store_options: StoreOptions) -> TransactionRecord | None:
        """Let others in between the two."""
        record = self._records.get(identifier)
        await checkpoint()
        self._records.pop(identifier, None)
        return record


class ReadOnly(MemoryTransactionStore):
    """Never deletes."""

    async def take(self, identifier: str, store_options: StoreOptions) -> TransactionRecord | None:
        """Leave it there."""
        return self._records.get(identifier)


class OneCase(MemoryTransactionStore):
    """Takes identifiers as a database does whose collation ignores case."""

    async def set(
        self, identifier: str, record: TransactionRecord, store_options: StoreOptions
    ) -> None:
        """Keep it under the lower-case identifier."""
        await super().set(identifier.lower(), record, store_options)

    async def take(self, identifier: str, store_options: StoreOptions) -> TransactionRecord | None:
        """Take that of the lower-case identifier."""
        return await super().take(identifier.lower(), store_options)


class OneAtATime(MemoryTransactionStore):
    """Keeps the newest and forgets the others."""

    async def set(
        self, identifier: str, record: TransactionRecord, store_options: StoreOptions
    ) -> None:
        """Forget the others."""
        self._records.clear()
        await checkpoint()
        await super().set(identifier, record, store_options)


class Textual(MemoryTransactionStore):
    """Takes bytes for text."""

    async def set(
        self, identifier: str, record: TransactionRecord, store_options: StoreOptions
    ) -> None:
        """Keep what can be decoded."""
        text = record.sealed.decode("utf-8", "ignore").encode()
        await super().set(identifier, evolve(record, sealed=text), store_options)


class Shared(MemoryTransactionStore):
    """Has one record for all."""

    async def set(
        self, identifier: str, record: TransactionRecord, store_options: StoreOptions
    ) -> None:
        """Write over everybody's."""
        await super().set("", record, store_options)
        await checkpoint()

    async def take(self, identifier: str, store_options: StoreOptions) -> TransactionRecord | None:
        """Take whatever is there."""
        return await super().take("", store_options)


BROKEN: dict[str, tuple[MemoryTransactionStore, Check]] = {
    "taken twice": (ReadOnly(), CONTRACT.test_a_transaction_is_taken_once),
    "text instead of bytes": (
        Textual(),
        lambda store: CONTRACT.test_bytes_are_kept_intact(store, b"\xff\xfe'\";--"),
    ),
    "case is ignored": (OneCase(), CONTRACT.test_identifiers_differ_in_every_character),
    "others are forgotten": (OneAtATime(), CONTRACT.test_taking_leaves_the_others),
    "expired and taken twice": (
        ReadOnly(),
        CONTRACT.test_an_expired_transaction_is_returned_once_or_gone,
    ),
    "two are given it": (
        ReadThenDelete(),
        CONTRACT.test_of_many_that_take_a_transaction_one_is_given_it,
    ),
    "mixed up": (Shared(), CONTRACT.test_many_at_once_do_not_mix),
}


@pytest.mark.parametrize("fault", BROKEN)
async def test_a_store_that_breaks_the_contract_is_found(fault: str) -> None:
    """Each check fires on a store that differs from the reference in this one thing."""
    store, check = BROKEN[fault]
    store._records.clear()

    with pytest.raises(AssertionError):
        await check(store)


def test_every_check_of_the_contract_fires_above() -> None:
    """A check that nothing breaks proves nothing."""
    checks = {name for name in vars(TransactionStoreContract) if name.startswith("test_")}

    assert len(checks) == len(BROKEN)


async def test_the_reference_keeps_what_is_asked_of_the_broken_ones() -> None:
    """It is the faults that are found, not the checks that are wrong."""
    for _, check in BROKEN.values():
        await check(MemoryTransactionStore())


def test_the_factory_must_be_overridden() -> None:
    """A class without one says which fixture is missing."""
    fixture = TransactionStoreContract.__dict__["transaction_store_factory"]

    with pytest.raises(NotImplementedError, match="override the fixture transaction_store_factory"):
        fixture.__wrapped__(CONTRACT)
