"""The stores in memory: the reference behaviour of the contract, among threads too."""

import time
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from support.threads import THREADS, at_once
from userlink.stores.memory_store import (
    BlockingMemoryStateStore,
    MemoryStateStore,
    MemoryTransactionStore,
)
from userlink.stores.protocols import LogoutClaims, StateRecord, TransactionRecord

pytestmark = pytest.mark.anyio


class Hesitant(dict[str, StateRecord]):
    """A dict that lets the other threads run after each look, so that races happen every time."""

    def get(self, *arguments: Any) -> Any:
        """Look, and hesitate."""
        found = super().get(*arguments)
        time.sleep(0.001)
        return found


ISSUER = "https://tenant.example.com/"
T = TypeVar("T")


def record(
    version: int = 1,
    *,
    issuer: str = ISSUER,
    subject: str = "auth0|alice",
    sid: str | None = "sid-1",
) -> StateRecord:
    """Return a session's record."""
    return StateRecord(b"sealed %d" % version, version, 1_800_000_000, issuer, subject, sid)


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that awaits nothing, as a thread without an event loop can."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    raise AssertionError("a memory store must not wait")


async def test_what_was_set_is_got() -> None:
    """A record comes back as it was given; an unknown identifier has none."""
    store = MemoryStateStore()

    assert await store.set("a", record(), None, {})
    assert record() == await store.get("a", {})
    assert await store.get("b", {}) is None


@pytest.mark.parametrize("expected_version", [0, 1, 2])
async def test_a_version_that_is_not_there_is_not_overwritten(expected_version: int) -> None:
    """Nothing is written over nothing when a record was expected (compare-and-set)."""
    store = MemoryStateStore()

    assert not await store.set("a", record(), expected_version, {})
    assert await store.get("a", {}) is None


@pytest.mark.parametrize(
    ("expected_version", "is_written"), [(2, True), (1, False), (3, False), (None, False)]
)
async def test_only_the_expected_version_is_overwritten(
    expected_version: int | None, is_written: bool
) -> None:
    """A write that does not know the latest one loses, and leaves it as it is."""
    store = MemoryStateStore()
    await store.set("a", record(2), None, {})

    assert is_written is await store.set("a", record(9), expected_version, {})
    assert record(9 if is_written else 2) == await store.get("a", {})


def test_of_writers_racing_for_a_version_exactly_one_wins() -> None:
    """32 threads that all loaded version 1: one write, 31 refusals."""
    store = BlockingMemoryStateStore()
    store.records = Hesitant()
    store.set("a", record(1), None, {})

    written = at_once(lambda number: store.set("a", record(100 + number), 1, {}))

    assert 1 == written.count(True)
    assert record(100 + written.index(True)) == store.get("a", {})


def test_no_update_is_lost_among_threads() -> None:
    """32 threads that each load, change and try again until they succeed: 32 changes."""
    store = MemoryStateStore()
    assert run(store.set("a", record(1), None, {}))

    def change(_: int) -> None:
        while True:
            held = run(store.get("a", {}))
            assert held is not None
            if run(store.set("a", record(held.version + 1), held.version, {})):
                return

    at_once(change)

    assert record(1 + THREADS) == run(store.get("a", {}))


EXPIRED_AT, ALIVE_UNTIL = 1_000, 99_999_999_999


async def test_sessions_that_have_expired_are_forgotten_in_time() -> None:
    """A browser that never comes back does not cost memory for ever; the others are kept."""
    store = MemoryStateStore()
    alive, expired = (
        StateRecord(b"sealed", 1, expires_at, ISSUER, "auth0|alice", None)
        for expires_at in (ALIVE_UNTIL, EXPIRED_AT)
    )

    for number in range(5_000):
        assert await store.set(f"expired {number}", expired, None, {})
        if number % 50 == 0:
            assert await store.set(f"alive {number}", alive, None, {})

    assert len(store._records) < 2_000
    assert [alive] * 100 == [await store.get(f"alive {each}", {}) for each in range(0, 5_000, 50)]


async def test_transactions_that_have_expired_are_forgotten_in_time() -> None:
    """Starting needs no session, so abandoned starts must not add up."""
    store = MemoryTransactionStore()
    alive = TransactionRecord(b"sealed", ALIVE_UNTIL)

    for number in range(5_000):
        await store.set(f"expired {number}", TransactionRecord(b"sealed", EXPIRED_AT), {})
        if number % 50 == 0:
            await store.set(f"alive {number}", alive, {})

    assert len(store._records) < 2_000
    assert [alive] * 100 == [await store.take(f"alive {each}", {}) for each in range(0, 5_000, 50)]


def test_forgetting_goes_on_while_other_threads_take() -> None:
    """Of 32 threads that write and take at once, each is given its own, and none fails."""
    store = MemoryTransactionStore()
    alive = TransactionRecord(b"sealed", ALIVE_UNTIL)

    def write_and_take(thread: int) -> int:
        taken = 0
        for number in range(300):
            name = f"{thread} {number}"
            run(store.set(f"expired {name}", TransactionRecord(b"sealed", EXPIRED_AT), {}))
            run(store.set(name, alive, {}))
            taken += run(store.take(name, {})) == alive
        return taken

    assert [300] * THREADS == at_once(write_and_take)


async def test_deleting_removes_one_record() -> None:
    """The others stay, and deleting what is not there is no failure."""
    store = MemoryStateStore()
    await store.set("a", record(), None, {})
    await store.set("b", record(), None, {})

    await store.delete("a", {})
    await store.delete("a", {})

    assert await store.get("a", {}) is None
    assert await store.get("b", {}) is not None


OTHER_ISSUER = "https://other.example.com/"
SESSIONS = {
    "alice, sid 1": record(),
    "alice, sid 2": record(sid="sid-2"),
    "alice, no sid": record(sid=None),
    "bob, sid 3": record(subject="auth0|bob", sid="sid-3"),
    "alice elsewhere, sid 1": record(issuer=OTHER_ISSUER),
}


@pytest.mark.parametrize(
    ("claims", "ended"),
    [
        (LogoutClaims(ISSUER, None, "sid-1"), {"alice, sid 1"}),
        (LogoutClaims(ISSUER, "auth0|alice", "sid-1"), {"alice, sid 1"}),
        (
            LogoutClaims(ISSUER, "auth0|alice", None),
            {"alice, sid 1", "alice, sid 2", "alice, no sid"},
        ),
        (LogoutClaims(ISSUER, "auth0|bob", None), {"bob, sid 3"}),
        (LogoutClaims(ISSUER, None, "sid-9"), set[str]()),
        (LogoutClaims(ISSUER, "auth0|carol", None), set[str]()),
        (LogoutClaims(ISSUER, None, None), set[str]()),
        (LogoutClaims(OTHER_ISSUER, "auth0|alice", None), {"alice elsewhere, sid 1"}),
        (LogoutClaims(OTHER_ISSUER, None, "sid-1"), {"alice elsewhere, sid 1"}),
        (LogoutClaims("https://tenant.example.com", None, "sid-1"), set[str]()),
    ],
    ids=str,
)
async def test_a_logout_token_ends_what_it_names_and_nothing_else(
    claims: LogoutClaims, ended: set[str]
) -> None:
    """Issuer and sid where there is one, else issuer and subject (OIDC Back-Channel Logout, 2.6)."""
    store = MemoryStateStore()
    for identifier, session in SESSIONS.items():
        await store.set(identifier, session, None, {})

    await store.delete_by_logout_token(claims, {})

    left = {identifier for identifier in SESSIONS if await store.get(identifier, {})}
    assert SESSIONS.keys() - ended == left


async def test_a_transaction_is_taken_once() -> None:
    """The second caller is told that there is none."""
    store = MemoryTransactionStore()
    kept = TransactionRecord(b"sealed", 1_800_000_000)
    await store.set("a", kept, {})

    assert kept == await store.take("a", {})
    assert await store.take("a", {}) is None
    assert await store.take("b", {}) is None


def test_of_callers_racing_for_a_transaction_exactly_one_is_given_it() -> None:
    """32 threads, again and again: one record each time, 31 times nothing."""
    store = MemoryTransactionStore()
    for number in range(50):
        run(store.set(str(number), TransactionRecord(b"sealed", 1), {}))

        taken = at_once(lambda _, name=str(number): run(store.take(name, {})))  # type: ignore[misc]

        assert THREADS - 1 == taken.count(None)
