"""Ending sessions without their browser, and knowing which logout tokens were used."""

from typing import Any

import pytest
from attrs import evolve

from userlink.errors import StoreError
from userlink.protocol.logout_token import LogoutToken
from userlink.protocol.pkce import digest
from userlink.runtime.call import bind_no_browser
from userlink.runtime.endings import Endings
from userlink.stores.memory_store import MemoryStateStore
from userlink.stores.protocols import StateRecord, StoreOptions

pytestmark = pytest.mark.anyio

ISSUER = "https://tenant.example.com/"
TOKEN = LogoutToken(ISSUER, "app", "auth0|alice", "sid-1", "jti-1", 4_500_000_000)
CALL = bind_no_browser({"tenant": "one"})
ALICE = StateRecord(b"sealed", 1, 4_500_000_000, ISSUER, "auth0|alice", "sid-1")


class Watched(MemoryStateStore):
    """A store that notes what options it is given, and can be told to fail."""

    def __init__(self, failure: Exception | None = None) -> None:
        super().__init__()
        self.seen: list[StoreOptions] = []
        self.failure = failure

    async def get(self, identifier: str, store_options: StoreOptions) -> StateRecord | None:
        """Return the record, or fail."""
        self._note(store_options)
        return await super().get(identifier, store_options)

    async def set(self, *arguments: Any) -> bool:
        """Write, or fail."""
        self._note(arguments[-1])
        return await super().set(*arguments)

    async def delete_by_logout_token(self, *arguments: Any) -> None:
        """Delete, or fail."""
        self._note(arguments[-1])
        await super().delete_by_logout_token(*arguments)

    def _note(self, store_options: StoreOptions) -> None:
        self.seen.append(store_options)
        if self.failure is not None:
            raise self.failure


async def test_a_token_is_used_once() -> None:
    """By whichever of the processes that share the store."""
    store = MemoryStateStore()
    here, there = Endings(store), Endings(store)

    assert not await here.was_used(CALL, TOKEN)
    assert await here.mark_used(CALL, TOKEN)
    assert await there.was_used(CALL, TOKEN)
    assert not await there.mark_used(CALL, TOKEN)


@pytest.mark.parametrize(
    "changes",
    [{"jti": "jti-2"}, {"issuer": "https://other.example/"}, {"client_id": "app-2"}],
)
async def test_a_token_of_another_name_is_another(changes: dict[str, Any]) -> None:
    """A ``jti`` is its issuer's, and one token may be for two clients that share a store (RFC 7519, 4.1.7)."""
    endings = Endings(MemoryStateStore())
    await endings.mark_used(CALL, TOKEN)

    assert not await endings.was_used(CALL, evolve(TOKEN, **changes))


async def test_the_record_of_a_token_is_no_session_and_of_no_user() -> None:
    """No cookie names it, so that nobody can delete it by signing out; it expires with the token."""
    store = MemoryStateStore()
    await Endings(store).mark_used(CALL, TOKEN)
    ((identifier, record),) = store._records.items()

    assert len(identifier) > len(digest("any cookie"))
    assert TOKEN.expires_at == record.expires_at
    assert ("", "", None) == (record.issuer, record.subject, record.sid)
    assert "jti-1" not in f"{identifier}{record}"


async def test_the_sessions_that_a_token_names_end() -> None:
    """Those of its ``sid``, or else of its ``sub``, and of its issuer only; what was used stays remembered."""
    store = MemoryStateStore()
    endings = Endings(store)
    await endings.mark_used(CALL, TOKEN)
    sessions = {
        "named": ALICE,
        "other sid": evolve(ALICE, sid="sid-2"),
        "other issuer": evolve(ALICE, issuer="https://other.example/"),
        "bob": evolve(ALICE, subject="auth0|bob", sid="sid-3"),
    }
    for identifier, record in sessions.items():
        await store.set(identifier, record, None, {})

    await endings.end_all(CALL, TOKEN)
    assert {"other sid", "other issuer", "bob"} == store._records.keys() & sessions.keys()
    await endings.end_all(CALL, evolve(TOKEN, sid=None))

    assert {"other issuer", "bob"} == store._records.keys() & sessions.keys()
    assert await endings.was_used(CALL, TOKEN)


async def test_the_store_is_given_the_callers_options() -> None:
    """As at every other call."""
    store = Watched()
    endings = Endings(store)
    await endings.was_used(CALL, TOKEN)
    await endings.end_all(CALL, TOKEN)
    await endings.mark_used(CALL, TOKEN)

    assert [{"tenant": "one"}] * 3 == store.seen


@pytest.mark.parametrize("name", ["was_used", "end_all", "mark_used"])
async def test_whatever_a_store_raises_becomes_a_store_error(name: str) -> None:
    """The text names the class alone; an error of ours is raised as it is."""
    foreign, own = OSError("canary"), StoreError("Moved.", hint="Come back tonight.")

    with pytest.raises(StoreError, match="OSError") as caught:
        await getattr(Endings(Watched(foreign)), name)(CALL, TOKEN)
    assert "canary" not in str(caught.value)
    assert foreign is caught.value.__cause__
    with pytest.raises(StoreError) as caught:
        await getattr(Endings(Watched(own)), name)(CALL, TOKEN)
    assert own is caught.value
