"""What every state store must do, as tests."""

from collections.abc import Callable, Sequence

import pytest
from attrs import evolve

from userlink.stores.protocols import (
    BlockingStateStore,
    LogoutClaims,
    StateRecord,
    StateStore,
)

from .at_once import CALLERS, at_once, awaitable_state_store

__all__ = ["StateStoreContract", "StateStoreFactory"]

StateStoreFactory = Callable[[], StateStore | BlockingStateStore]

ISSUER, OTHER_ISSUER = "https://tenant.example/", "https://other.example/"
# Far ahead, so that a store that forgets expired records by itself keeps these; beyond what 32 bits hold, too.
EXPIRES_AT = 4_500_000_000
ALICE = StateRecord(b"sealed", 1, EXPIRES_AT, ISSUER, "auth0|alice", "sid-1")
SESSIONS = {
    "alice-1": ALICE,
    "alice-2": evolve(ALICE, sid="sid-2"),
    "alice-without": evolve(ALICE, sid=None),
    "bob-3": evolve(ALICE, subject="auth0|bob", sid="sid-3"),
    "elsewhere-1": evolve(ALICE, issuer=OTHER_ISSUER),
}
LOGOUTS: Sequence[tuple[LogoutClaims, set[str]]] = [
    (LogoutClaims(ISSUER, None, "sid-1"), {"alice-1"}),
    (LogoutClaims(ISSUER, "auth0|alice", "sid-1"), {"alice-1"}),
    (LogoutClaims(ISSUER, "auth0|alice", None), {"alice-1", "alice-2", "alice-without"}),
    (LogoutClaims(ISSUER, "auth0|bob", None), {"bob-3"}),
    (LogoutClaims(ISSUER, None, "sid-9"), set()),
    (LogoutClaims(ISSUER, None, "SID-1"), set()),
    (LogoutClaims(ISSUER, None, "sid-%"), set()),
    (LogoutClaims(ISSUER, "auth0|carol", None), set()),
    (LogoutClaims(ISSUER, None, None), set()),
    (LogoutClaims(OTHER_ISSUER, "auth0|alice", None), {"elsewhere-1"}),
    (LogoutClaims(OTHER_ISSUER, None, "sid-1"), {"elsewhere-1"}),
    (LogoutClaims(ISSUER.rstrip("/"), None, "sid-1"), set()),
]


class StateStoreContract:
    """
    Tests of a state store: derive from this class and override ``state_store_factory``.

    The factory returns an empty store, async or blocking.
    """

    pytestmark = pytest.mark.anyio

    @pytest.fixture
    def state_store_factory(self) -> StateStoreFactory:
        """Return a function that opens the store; a class for a store of yours overrides this."""
        raise NotImplementedError("override the fixture state_store_factory")

    @pytest.fixture
    def state_store(self, state_store_factory: StateStoreFactory) -> StateStore:
        """Open the store."""
        return awaitable_state_store(state_store_factory())

    async def test_what_was_set_is_got(self, state_store: StateStore) -> None:
        """A record comes back as it was given, in all its parts; an unknown identifier has none."""
        record = evolve(ALICE, version=7, subject="auth0|Ärger 'x' \"y\" %s :z", sid=None)

        assert await state_store.set("a", record, None, {}) is True
        assert record == await state_store.get("a", {})
        assert await state_store.get("b", {}) is None

    @pytest.mark.parametrize(
        "sealed",
        [bytes(range(256)), b"\x00", b"\xff\xfe'\";--", b" padded \r\n", b"x" * 100_000],
        ids=["every byte", "zero", "no text", "white space", "100 kB"],
    )
    async def test_bytes_are_kept_intact(self, state_store: StateStore, sealed: bytes) -> None:
        """A record that was altered does not open, and counts as no session."""
        record = evolve(ALICE, sealed=sealed)

        assert await state_store.set("a", record, None, {})
        assert record == await state_store.get("a", {})

    async def test_identifiers_differ_in_every_character(self, state_store: StateStore) -> None:
        """They are base64url: upper and lower case are not the same."""
        await state_store.set("abC-_", ALICE, None, {})

        for other in ("abc-_", "ABC-_", "abC-_ ", "abC__", "abC"):
            assert await state_store.get(other, {}) is None
            assert await state_store.set(other, ALICE, 1, {}) is False
            await state_store.delete(other, {})
        assert ALICE == await state_store.get("abC-_", {})

    @pytest.mark.parametrize("expected_version", [0, 1, 2])
    async def test_nothing_is_written_where_a_record_was_expected(
        self, state_store: StateStore, expected_version: int
    ) -> None:
        """A session that has ended meanwhile does not come back by a late write (compare-and-set)."""
        assert await state_store.set("a", ALICE, expected_version, {}) is False
        assert await state_store.get("a", {}) is None

    @pytest.mark.parametrize("expected_version", [None, 0, 1, 3])
    async def test_another_version_is_not_overwritten(
        self, state_store: StateStore, expected_version: int | None
    ) -> None:
        """Who does not know the latest write loses, and leaves it as it is (compare-and-set)."""
        held = evolve(ALICE, version=2)
        await state_store.set("a", held, None, {})

        late = evolve(ALICE, version=9, sealed=b"late", subject="auth0|eve")

        assert await state_store.set("a", late, expected_version, {}) is False
        assert held == await state_store.get("a", {})

    async def test_the_expected_version_is_overwritten_in_all_parts(
        self, state_store: StateStore
    ) -> None:
        """What a logout token finds, and when a record expires, are those of the latest write."""
        await state_store.set("a", ALICE, None, {})
        new = StateRecord(b"new", 2, EXPIRES_AT + 1, OTHER_ISSUER, "auth0|bob", "sid-9")

        assert await state_store.set("a", new, 1, {}) is True
        assert new == await state_store.get("a", {})
        await state_store.delete_by_logout_token(LogoutClaims(ISSUER, "auth0|alice", None), {})
        assert new == await state_store.get("a", {})
        await state_store.delete_by_logout_token(LogoutClaims(OTHER_ISSUER, None, "sid-9"), {})
        assert await state_store.get("a", {}) is None

    async def test_deleting_removes_one_record(self, state_store: StateStore) -> None:
        """The others stay, and deleting what is not there is no failure."""
        for identifier in ("a", "b"):
            await state_store.set(identifier, ALICE, None, {})

        await state_store.delete("a", {})
        await state_store.delete("a", {})

        assert await state_store.get("a", {}) is None
        assert ALICE == await state_store.get("b", {})

    @pytest.mark.parametrize(("claims", "ended"), LOGOUTS, ids=str)
    async def test_a_logout_token_ends_what_it_names_and_nothing_else(
        self, state_store: StateStore, claims: LogoutClaims, ended: set[str]
    ) -> None:
        """Issuer and sid where there is one, else issuer and subject (OIDC Back-Channel Logout, 2.6)."""
        for identifier, record in SESSIONS.items():
            await state_store.set(identifier, record, None, {})

        await state_store.delete_by_logout_token(claims, {})
        await state_store.delete_by_logout_token(claims, {})

        left = {name for name in SESSIONS if await state_store.get(name, {}) is not None}
        assert SESSIONS.keys() - ended == left

    async def test_an_expired_record_is_returned_or_gone(self, state_store: StateStore) -> None:
        """It may be either; it is never altered, and never takes another one with it."""
        expired = evolve(ALICE, expires_at=1)
        await state_store.set("expired", expired, None, {})
        await state_store.set("alive", ALICE, None, {})

        assert await state_store.get("expired", {}) in (expired, None)
        assert ALICE == await state_store.get("alive", {})

    async def test_of_many_that_create_a_record_one_does(self, state_store: StateStore) -> None:
        """All at once: one is told that it wrote, and its record is there."""

        async def create(number: int) -> bool:
            return await state_store.set("a", evolve(ALICE, sealed=b"%d" % number), None, {})

        created = await at_once(create)

        assert 1 == created.count(True)
        assert evolve(ALICE, sealed=b"%d" % created.index(True)) == await state_store.get("a", {})

    async def test_of_many_that_write_over_a_version_one_does(
        self, state_store: StateStore
    ) -> None:
        """All have loaded version 1 and write at once: one is told that it wrote, and its record is there."""
        await state_store.set("a", ALICE, None, {})

        async def write(number: int) -> bool:
            record = evolve(ALICE, version=2, sealed=b"%d" % number)
            return await state_store.set("a", record, 1, {})

        written = await at_once(write)

        assert 1 == written.count(True)
        winner = evolve(ALICE, version=2, sealed=b"%d" % written.index(True))
        assert winner == await state_store.get("a", {})

    async def test_no_change_is_lost(self, state_store: StateStore) -> None:
        """Each loads, changes and tries again until it has written: every change is in the end."""
        await state_store.set("a", ALICE, None, {})

        async def change(number: int) -> None:
            while True:
                held = await state_store.get("a", {})
                assert held is not None
                mine = evolve(held, version=held.version + 1, sealed=held.sealed + b"%d," % number)
                if await state_store.set("a", mine, held.version, {}):
                    return

        await at_once(change, callers=8)

        held = await state_store.get("a", {})
        assert held is not None
        assert 9 == held.version
        changes = held.sealed.removeprefix(b"sealed").split(b",")[:-1]
        assert [b"%d" % number for number in range(8)] == sorted(changes)

    async def test_what_is_deleted_stays_deleted(self, state_store: StateStore) -> None:
        """Of writes and a deletion at once, none brings the record back: they had expected it."""
        await state_store.set("a", ALICE, None, {})

        async def act(number: int) -> None:
            if number == CALLERS // 2:
                await state_store.delete("a", {})
            else:
                await state_store.set("a", evolve(ALICE, version=number + 1), number, {})

        await at_once(act)

        assert await state_store.get("a", {}) is None

    async def test_many_at_once_do_not_mix(self, state_store: StateStore) -> None:
        """Each has a record of its own, and finds that one."""

        async def use(number: int) -> tuple[bool, StateRecord | None]:
            record = evolve(ALICE, sealed=b"%d" % number)
            written = await state_store.set(f"id-{number}", record, None, {})
            return written, await state_store.get(f"id-{number}", {})

        expected = [(True, evolve(ALICE, sealed=b"%d" % number)) for number in range(CALLERS)]
        assert expected == await at_once(use)
