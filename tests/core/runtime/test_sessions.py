"""Where the session of a browser is: in its cookies, or in a store under an id that the cookie holds."""

import os
from typing import Any

import pytest
from attrs import evolve

from support.clients import Browser
from userlink.errors import BackchannelLogoutNotSupported, SessionTooLarge, StoreError
from userlink.plugins.exchange import GenericExchange, PlainCookies
from userlink.protocol.logout_token import LogoutToken
from userlink.protocol.pkce import digest
from userlink.protocol.session import Session
from userlink.protocol.values import Secret
from userlink.runtime.call import Call, bind_no_browser
from userlink.runtime.sessions import CookieSessions, SessionKeeper, StoredSessions
from userlink.stores.cookies import CookieNames
from userlink.stores.keyring import derive_keys
from userlink.stores.memory_store import MemoryStateStore
from userlink.stores.protocols import StateRecord
from userlink.stores.sealing import Sealer
from userlink.stores.spent_ids import SpentIds

pytestmark = pytest.mark.anyio

NOW = 1_800_000_000
NAMES = CookieNames.of("userlink", True)
ISSUERS = ("https://tenant.example.com/", "https://tenant.example.com")
SEALER = Sealer(derive_keys([b"canary-secret-of-more-than-32-bytes-0123"], "session"), os.urandom)


def session(session_id: str = "session-1", **changes: Any) -> Session:
    """Return a session of Alice's."""
    values: dict[str, Any] = {
        "id": Secret(session_id),
        "issuer": "https://tenant.example.com/",
        "subject": "auth0|alice",
        "user": {"sub": "auth0|alice"},
        "id_token": Secret("canary-id-token"),
        "id_token_expires_at": NOW + 3_600,
        "created_at": NOW,
        "idle_expires_at": NOW + 86_400,
        "absolute_expires_at": NOW + 259_200,
        "sid": "sid-1",
    }
    return Session(**{**values, **changes})


def call_of(browser: Browser) -> Call:
    """Return a call that serves a browser."""
    return Call(PlainCookies(browser), {})


@pytest.fixture(params=["cookies", "store"])
def keeper(request: pytest.FixtureRequest) -> SessionKeeper:
    """Return each kind of keeper."""
    if request.param == "cookies":
        return CookieSessions(NAMES, SEALER, ISSUERS, SpentIds())
    return StoredSessions(NAMES, SEALER, ISSUERS, MemoryStateStore())


# ------------------------------------------------------------------------------- both kinds


async def test_a_session_that_was_created_is_loaded(keeper: SessionKeeper) -> None:
    """In the browser that it was created in, and in no other."""
    browser = Browser()

    await keeper.create(call_of(browser), session(), None, NOW)

    loaded = await keeper.load(call_of(browser), NOW)
    assert loaded is not None
    assert session() == evolve(loaded, version=0)
    assert await keeper.load(call_of(Browser()), NOW) is None


async def test_an_update_is_loaded(keeper: SessionKeeper) -> None:
    """In place of what was there before."""
    browser = Browser()
    await keeper.create(call_of(browser), session(), None, NOW)
    loaded = await keeper.load(call_of(browser), NOW)
    assert loaded is not None

    assert await keeper.update(call_of(browser), evolve(loaded, user={"sub": "x"}), NOW)

    updated = await keeper.load(call_of(browser), NOW)
    assert updated is not None
    assert {"sub": "x"} == updated.user


async def test_a_deleted_session_is_gone_from_every_copy_of_its_cookies(
    keeper: SessionKeeper,
) -> None:
    """Whoever kept them is signed out too; the browser keeps none."""
    browser = Browser()
    await keeper.create(call_of(browser), session(), None, NOW)
    kept = browser.request()

    await keeper.delete(call_of(browser), session(), NOW)

    assert {} == browser
    assert await keeper.load(call_of(kept), NOW) is None


async def test_a_deleted_session_is_not_brought_back(keeper: SessionKeeper) -> None:
    """An update that was on its way comes too late."""
    browser = Browser()
    await keeper.create(call_of(browser), session(), None, NOW)
    loaded = await keeper.load(call_of(browser), NOW)
    assert loaded is not None
    await keeper.delete(call_of(browser.request()), loaded, NOW)

    assert not await keeper.update(call_of(browser), loaded, NOW)


async def test_a_replaced_session_is_worth_nothing(keeper: SessionKeeper) -> None:
    """A login ends the session before it, wherever its cookie was kept."""
    browser = Browser()
    await keeper.create(call_of(browser), session("old"), None, NOW)
    kept = browser.request()

    await keeper.create(call_of(browser), session("new"), session("old"), NOW)

    loaded = await keeper.load(call_of(browser), NOW)
    assert loaded is not None
    assert Secret("new") == loaded.id
    assert await keeper.load(call_of(kept), NOW) is None


async def test_deleting_where_there_is_none_is_no_failure(keeper: SessionKeeper) -> None:
    """A second press on "sign out"."""
    browser = Browser({"theme": "dark"})

    await keeper.delete(call_of(browser), None, NOW)

    assert {"theme": "dark"} == browser


async def test_a_record_of_another_release_is_no_session(keeper: SessionKeeper) -> None:
    """Sealed by us, in a form unknown here: the user signs in again."""
    browser = Browser()
    if isinstance(keeper, CookieSessions):
        browser[NAMES.session] = SEALER.seal(b'{"version":2}', NAMES.session)
    else:
        browser[NAMES.session] = "session-1"
        identifier = digest("session-1")
        sealed = SEALER.seal(b'{"version":2}', identifier).encode()
        record = StateRecord(sealed, 1, NOW + 1, "issuer", "subject", None)
        assert isinstance(keeper, StoredSessions)
        await keeper._store.set(identifier, record, None, {})

    assert await keeper.load(call_of(browser), NOW) is None


@pytest.mark.parametrize("issuer", ["https://other.example/", "https://tenant.example.com//", ""])
async def test_the_session_of_another_issuer_is_no_session(
    keeper: SessionKeeper, issuer: str
) -> None:
    """A client that was moved to another domain under the same keys: its users sign in again."""
    browser = Browser()

    await keeper.create(call_of(browser), session(issuer=issuer), None, NOW)

    assert await keeper.load(call_of(browser), NOW) is None


@pytest.mark.parametrize("issuer", ISSUERS)
async def test_each_spelling_of_the_issuer_is_accepted(keeper: SessionKeeper, issuer: str) -> None:
    """A bare host stands for both: the discovery document says which it is."""
    browser = Browser()

    await keeper.create(call_of(browser), session(issuer=issuer), None, NOW)

    assert await keeper.load(call_of(browser), NOW) is not None


async def ages_of(keeper: SessionKeeper, *sessions: Session) -> list[int]:
    """Return how long the cookies of sessions are to live when they begin."""
    ages: list[int] = []

    def set_cookie(name: str, value: str, *, max_age: int, **flags: object) -> None:
        ages.append(max_age)

    for made in sessions:
        await keeper.create(Call(GenericExchange({}, set_cookie, {}), {}), made, None, NOW)
    return ages


async def test_a_slow_answer_does_not_put_an_ended_session_back(keeper: SessionKeeper) -> None:
    """It loaded the session before the next login; what it writes after that goes nowhere."""
    browser = Browser()
    await keeper.create(call_of(browser), session("old"), None, NOW)
    slow = browser.request()
    loaded = await keeper.load(call_of(slow), NOW)
    assert loaded is not None
    await keeper.create(call_of(browser), session("new"), session("old"), NOW)
    before = slow.request()

    assert not await keeper.update(call_of(slow), loaded.touched(NOW + 9, 9), NOW + 9)

    assert before == slow


# ---------------------------------------------------------------------------------- cookies


async def test_a_sealed_cookie_lives_as_long_as_the_session_may_be_unused() -> None:
    """Each write sets it anew; and a second at least, for 0 would delete it."""
    sessions = [session(f"id{left}", idle_expires_at=NOW + left) for left in (100, -5)]

    assert [100, 1] == await ages_of(CookieSessions(NAMES, SEALER, ISSUERS, SpentIds()), *sessions)


async def test_a_session_that_does_not_fit_ends_no_other() -> None:
    """The error comes before anything is changed."""
    keeper = CookieSessions(NAMES, SEALER, ISSUERS, SpentIds())
    browser = Browser()
    await keeper.create(call_of(browser), session("old"), None, NOW)

    with pytest.raises(SessionTooLarge):
        await keeper.create(
            call_of(browser), session("new", user={"note": "x" * 40_000}), session("old"), NOW
        )

    loaded = await keeper.load(call_of(browser), NOW)
    assert loaded is not None
    assert Secret("old") == loaded.id


# ------------------------------------------------------------------------------------ store


async def test_the_store_knows_the_session_by_a_digest_of_its_id() -> None:
    """The id is in the browser alone."""
    store, browser = MemoryStateStore(), Browser()

    await StoredSessions(NAMES, SEALER, ISSUERS, store).create(
        call_of(browser), session(), None, NOW
    )

    assert {NAMES.session: "session-1"} == browser
    assert [digest("session-1")] == list(store._records)


async def test_an_id_that_is_there_already_is_refused() -> None:
    """Entropy that repeats must not give one user another's session."""
    keeper = StoredSessions(NAMES, SEALER, ISSUERS, MemoryStateStore())
    await keeper.create(call_of(Browser()), session(), None, NOW)
    browser = Browser()

    with pytest.raises(StoreError, match="fresh id"):
        await keeper.create(call_of(browser), session(subject="auth0|eve"), None, NOW)

    assert {} == browser


async def test_an_update_over_another_version_is_refused() -> None:
    """Of two that loaded the same version, the second is told (compare-and-set)."""
    keeper, browser = StoredSessions(NAMES, SEALER, ISSUERS, MemoryStateStore()), Browser()
    await keeper.create(call_of(browser), session(), None, NOW)
    loaded = await keeper.load(call_of(browser), NOW)
    assert loaded is not None

    assert await keeper.update(call_of(browser), loaded, NOW)
    assert not await keeper.update(call_of(browser), loaded, NOW)


async def test_the_cookie_of_an_id_lives_as_long_as_the_session_may_in_any_case() -> None:
    """It is handed out once; whether the session has ended unused is in the record."""
    sessions = [session(f"id{left}", absolute_expires_at=NOW + left) for left in (259_200, -5)]

    assert [259_200, 1] == await ages_of(
        StoredSessions(NAMES, SEALER, ISSUERS, MemoryStateStore()), *sessions
    )


async def test_the_id_is_handed_out_once() -> None:
    """An update sets no cookie: one that arrives late would overwrite the next login's."""
    keeper, browser = StoredSessions(NAMES, SEALER, ISSUERS, MemoryStateStore()), Browser()
    await keeper.create(call_of(browser), session(), None, NOW)
    loaded = await keeper.load(call_of(browser), NOW)
    assert loaded is not None
    answer: list[str] = []

    def set_cookie(name: str, value: str, **flags: object) -> None:
        answer.append(name)

    call = Call(GenericExchange(browser, set_cookie, {}), {})
    assert await keeper.update(call, loaded.touched(NOW + 9, 86_400), NOW + 9)

    assert [] == answer
    rolled_on = await keeper.load(call_of(browser), NOW)
    assert rolled_on is not None
    assert NOW + 9 + 86_400 == rolled_on.idle_expires_at


async def test_an_update_without_a_response_is_kept_all_the_same() -> None:
    """The store has it; the browser's cookie lives as long as it did."""
    keeper, browser = StoredSessions(NAMES, SEALER, ISSUERS, MemoryStateStore()), Browser()
    await keeper.create(call_of(browser), session(), None, NOW)
    loaded = await keeper.load(call_of(browser), NOW)
    assert loaded is not None

    reading = Call(GenericExchange(browser, None, {}), {})
    assert await keeper.update(reading, evolve(loaded, user={"sub": "x"}), NOW)

    updated = await keeper.load(call_of(browser), NOW)
    assert updated is not None
    assert {"sub": "x"} == updated.user


async def test_the_cookie_goes_before_the_record() -> None:
    """If the record cannot be deleted, this browser is signed out all the same."""

    class Undeletable(MemoryStateStore):
        """Cannot delete."""

        async def delete(self, identifier: str, store_options: object) -> None:
            """Fail."""
            raise OSError("down")

    keeper, browser = StoredSessions(NAMES, SEALER, ISSUERS, Undeletable()), Browser()
    await keeper.create(call_of(browser), session(), None, NOW)

    with pytest.raises(StoreError):
        await keeper.delete(call_of(browser), session(), NOW)

    assert {} == browser


@pytest.mark.parametrize("cookie", ["", "x" * 129, "x" * 1_000_000, "é", "\ud800"])
async def test_what_is_no_id_is_not_looked_up(cookie: str) -> None:
    """The store is spared whatever a browser makes up."""

    class Untouched(MemoryStateStore):
        """May not be asked."""

        async def get(self, identifier: str, store_options: object) -> StateRecord | None:
            """Fail the test."""
            raise AssertionError(identifier)

    keeper = StoredSessions(NAMES, SEALER, ISSUERS, Untouched())

    assert await keeper.load(call_of(Browser({NAMES.session: cookie})), NOW) is None


@pytest.mark.parametrize("sealed", [b"", b"garbage", b"\xff\xfe", b"x" * 3_000_000])
async def test_a_spoilt_record_is_no_session(sealed: bytes) -> None:
    """Nobody is signed in by it, and nothing fails."""
    store = MemoryStateStore()
    identifier = digest("session-1")
    await store.set(identifier, StateRecord(sealed, 1, NOW, "i", "s", None), None, {})

    keeper = StoredSessions(NAMES, SEALER, ISSUERS, store)

    assert await keeper.load(call_of(Browser({NAMES.session: "session-1"})), NOW) is None


# -------------------------------------------------------------------- from the back channel


def test_sessions_in_cookies_are_not_ended_from_elsewhere() -> None:
    """Nothing here has them; the error says which store has."""
    keeper = CookieSessions(NAMES, SEALER, ISSUERS, SpentIds())

    with pytest.raises(BackchannelLogoutNotSupported, match="state_store"):
        keeper.endings()


async def test_sessions_in_a_store_are_ended_there() -> None:
    """In the store that they are in."""
    browser, store = Browser(), MemoryStateStore()
    keeper = StoredSessions(NAMES, SEALER, ISSUERS, store)
    await keeper.create(call_of(browser), session(), None, NOW)
    token = LogoutToken(ISSUERS[0], "app", "auth0|alice", None, "jti-1", NOW + 120)

    await keeper.endings().end_all(bind_no_browser(None), token)

    assert await keeper.load(call_of(browser), NOW) is None
