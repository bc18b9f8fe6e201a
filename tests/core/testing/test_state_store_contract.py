"""The contract of state stores finds each way in which a store breaks it."""

from collections.abc import Awaitable, Callable
from types import CodeType

import pytest
from anyio.lowlevel import checkpoint
from attrs import evolve

from userlink import LogoutClaims, MemoryStateStore, StateRecord, StoreOptions
from userlink.testing.state_store_contract import ALICE, ISSUER, LOGOUTS, StateStoreContract

pytestmark = pytest.mark.anyio

CONTRACT = StateStoreContract()
Check = Callable[[MemoryStateStore], Awaitable[None]]


class ReadThenWrite(MemoryStateStore):
    """Compares in one step and writes in another."""

    async def set(
        self,
        identifier: str,
        record: StateRecord,
        expected_version: int | None,
        store_options: StoreOptions,
    ) -> bool:
        """Let others in between the two."""
        held = await self.get(identifier, store_options)
        await checkpoint()
        if (None if held is None else held.version) != expected_version:
            return False
        now = await self.get(identifier, store_options)
        there = None if now is None else now.version
        return await super().set(identifier, record, there, store_options)


class LastWriterWins(MemoryStateStore):
    """Compares nothing."""

    async def set(
        self,
        identifier: str,
        record: StateRecord,
        expected_version: int | None,
        store_options: StoreOptions,
    ) -> bool:
        """Write in any case."""
        held = await self.get(identifier, store_options)
        there = None if held is None else held.version
        return await super().set(identifier, record, there, store_options)


class Altering(MemoryStateStore):
    """Does something to a record on the way in."""

    def __init__(self, alter: Callable[[StateRecord], StateRecord]) -> None:
        super().__init__()
        self._alter = alter

    async def set(
        self,
        identifier: str,
        record: StateRecord,
        expected_version: int | None,
        store_options: StoreOptions,
    ) -> bool:
        """Write it altered."""
        return await super().set(identifier, self._alter(record), expected_version, store_options)


class OneCase(MemoryStateStore):
    """Takes identifiers as a database does whose collation ignores case."""

    async def get(self, identifier: str, store_options: StoreOptions) -> StateRecord | None:
        """Look up the lower-case identifier."""
        return await super().get(identifier.lower(), store_options)

    async def set(
        self,
        identifier: str,
        record: StateRecord,
        expected_version: int | None,
        store_options: StoreOptions,
    ) -> bool:
        """Write under the lower-case identifier."""
        return await super().set(identifier.lower(), record, expected_version, store_options)


class Forgetful(MemoryStateStore):
    """Deletes all where one was meant."""

    async def delete(self, identifier: str, store_options: StoreOptions) -> None:
        """Delete everything."""
        self._records.clear()


class Undeletable(MemoryStateStore):
    """Deletes nothing."""

    async def delete(self, identifier: str, store_options: StoreOptions) -> None:
        """Do nothing."""


class BySubjectOnly(MemoryStateStore):
    """Ends all sessions of the user whatever the ``sid``."""

    async def delete_by_logout_token(
        self, claims: LogoutClaims, store_options: StoreOptions
    ) -> None:
        """Leave the ``sid`` out."""
        await super().delete_by_logout_token(evolve(claims, sid=None), store_options)


class Everybody(MemoryStateStore):
    """Takes a token without ``sid`` and ``sub`` for all sessions of the issuer."""

    async def delete_by_logout_token(
        self, claims: LogoutClaims, store_options: StoreOptions
    ) -> None:
        """Delete by issuer where nothing else is said."""
        if claims.sid is None and claims.subject is None:
            for name in [n for n, r in self._records.items() if r.issuer == claims.issuer]:
                del self._records[name]
        await super().delete_by_logout_token(claims, store_options)


def sealed(change: Callable[[bytes], bytes]) -> Callable[[StateRecord], StateRecord]:
    """Return a function that alters the sealed bytes."""
    return lambda record: evolve(record, sealed=change(record.sealed))


def bytes_checked(content: bytes) -> Check:
    """Return the check of bytes, for one content."""
    return lambda store: CONTRACT.test_bytes_are_kept_intact(store, content)


def over_version(expected: int | None) -> Check:
    """Return the check of compare-and-set, for one expectation."""
    return lambda store: CONTRACT.test_another_version_is_not_overwritten(store, expected)


def logout_checked(number: int) -> Check:
    """Return the check of logouts, for one token."""
    claims, ended = LOGOUTS[number]
    return lambda store: CONTRACT.test_a_logout_token_ends_what_it_names_and_nothing_else(
        store, claims, ended
    )


NOTHING = LOGOUTS.index((LogoutClaims(ISSUER, None, None), set()))
BROKEN: dict[str, tuple[MemoryStateStore, Check]] = {
    "sid is lost": (
        Altering(lambda record: evolve(record, sid=record.sid or "")),
        CONTRACT.test_what_was_set_is_got,
    ),
    "text instead of bytes": (
        Altering(sealed(lambda content: content.decode("utf-8", "replace").encode())),
        bytes_checked(bytes(range(256))),
    ),
    "white space is stripped": (Altering(sealed(bytes.strip)), bytes_checked(b" padded \r\n")),
    "cut at 64 kB": (
        Altering(sealed(lambda content: content[:65536])),
        bytes_checked(b"x" * 100_000),
    ),
    "case is ignored": (OneCase(), CONTRACT.test_identifiers_differ_in_every_character),
    "writes over nothing": (
        LastWriterWins(),
        lambda store: CONTRACT.test_nothing_is_written_where_a_record_was_expected(store, 1),
    ),
    "creates over something": (LastWriterWins(), over_version(None)),
    "writes over another version": (LastWriterWins(), over_version(1)),
    "keeps the old columns": (
        Altering(lambda record: evolve(record, issuer=ISSUER)),
        CONTRACT.test_the_expected_version_is_overwritten_in_all_parts,
    ),
    "deletes too much": (Forgetful(), CONTRACT.test_deleting_removes_one_record),
    "deletes too little": (Undeletable(), CONTRACT.test_deleting_removes_one_record),
    "ends other sessions": (BySubjectOnly(), logout_checked(1)),
    "ends too few": (BySubjectOnly(), logout_checked(0)),
    "ends everybody's": (Everybody(), logout_checked(NOTHING)),
    "alters what has expired": (
        Altering(lambda record: evolve(record, expires_at=max(record.expires_at, 2))),
        CONTRACT.test_an_expired_record_is_returned_or_gone,
    ),
    "creates twice": (ReadThenWrite(), CONTRACT.test_of_many_that_create_a_record_one_does),
    "two win": (ReadThenWrite(), CONTRACT.test_of_many_that_write_over_a_version_one_does),
    "a change is lost": (ReadThenWrite(), CONTRACT.test_no_change_is_lost),
    "a write revives": (LastWriterWins(), CONTRACT.test_what_is_deleted_stays_deleted),
    "mixes up": (
        Altering(sealed(lambda content: b"1" if content == b"2" else content)),
        CONTRACT.test_many_at_once_do_not_mix,
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
async def test_a_store_that_breaks_the_contract_is_found(fault: str) -> None:
    """Each check fires on a store that differs from the reference in this one thing."""
    store, check = BROKEN[fault]
    store._records.clear()

    with pytest.raises((AssertionError, ExceptionGroup)):
        await check(store)


def test_every_check_of_the_contract_fires_above() -> None:
    """A check that nothing breaks proves nothing."""
    checks = {name for name in vars(StateStoreContract) if name.startswith("test_")}
    fired = {name for _, check in BROKEN.values() for name in names_of(check)}

    assert checks == fired


def names_of(check: Check) -> set[str]:
    """Return the names of a check, or of the method that a lambda calls."""
    code: CodeType | None = getattr(check, "__code__", None)
    assert code is not None
    return {code.co_name, *code.co_names} & set(vars(StateStoreContract))


async def test_the_reference_keeps_what_is_asked_of_the_broken_ones() -> None:
    """It is the faults that are found, not the checks that are wrong."""
    for _, check in BROKEN.values():
        await check(MemoryStateStore())
    assert 1 == ALICE.version


def test_the_factory_must_be_overridden() -> None:
    """A class without one says which fixture is missing."""
    fixture = StateStoreContract.__dict__["state_store_factory"]

    with pytest.raises(NotImplementedError, match="override the fixture state_store_factory"):
        fixture.__wrapped__(CONTRACT)
