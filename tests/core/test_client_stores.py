"""Stores that fail: the error says what could not be done, shows nothing, and leaves the session as it was."""

import traceback
from typing import Any

import anyio
import pytest

from support.clients import Browser, client_of, sign_in
from support.memory_provider import MemoryProvider
from support.moving_clock import MovingClock
from userlink import (
    Event,
    LogoutClaims,
    MemoryStateStore,
    MemoryTransactionStore,
    ServerClient,
    SessionChanged,
    SessionConflict,
    StateRecord,
    StoreError,
    TransactionRecord,
    UserlinkError,
    hookimpl,
)
from userlink.stores.protocols import StoreOptions

pytestmark = pytest.mark.anyio

FAILURES = [
    RuntimeError("canary"),
    OSError(5, "canary"),
    KeyError("canary"),
    TimeoutError("canary"),
]


class FailingStateStore(MemoryStateStore):
    """A store whose methods can be told to fail."""

    def __init__(self) -> None:
        super().__init__()
        self.failures: dict[str, Exception] = {}
        self.seen: list[StoreOptions] = []
        self.before_set: Any = None

    async def get(self, identifier: str, store_options: StoreOptions) -> StateRecord | None:
        """Fail, or return the record."""
        self._fail("get", store_options)
        return await super().get(identifier, store_options)

    async def set(
        self,
        identifier: str,
        record: StateRecord,
        expected_version: int | None,
        store_options: StoreOptions,
    ) -> bool:
        """Fail, or write."""
        self._fail("set", store_options)
        if self.before_set is not None:
            await self.before_set()
        return await super().set(identifier, record, expected_version, store_options)

    async def delete(self, identifier: str, store_options: StoreOptions) -> None:
        """Fail, or delete."""
        self._fail("delete", store_options)
        await super().delete(identifier, store_options)

    def _fail(self, method: str, store_options: StoreOptions) -> None:
        self.seen.append(store_options)
        if method in self.failures:
            raise self.failures[method]


class FailingTransactionStore(MemoryTransactionStore):
    """A store whose methods can be told to fail."""

    def __init__(self) -> None:
        super().__init__()
        self.failures: dict[str, Exception] = {}
        self.seen: list[StoreOptions] = []

    async def set(
        self, identifier: str, record: TransactionRecord, store_options: StoreOptions
    ) -> None:
        """Fail, or keep the record."""
        self._fail("set", store_options)
        await super().set(identifier, record, store_options)

    async def take(self, identifier: str, store_options: StoreOptions) -> TransactionRecord | None:
        """Fail, or give the record away."""
        self._fail("take", store_options)
        return await super().take(identifier, store_options)

    def _fail(self, method: str, store_options: StoreOptions) -> None:
        self.seen.append(store_options)
        if method in self.failures:
            raise self.failures[method]


@pytest.fixture
def provider() -> MemoryProvider:
    """Return a provider of its own for each test."""
    return MemoryProvider(MovingClock())


@pytest.fixture
def sessions() -> FailingStateStore:
    """Return a store that works until it is told to fail."""
    return FailingStateStore()


@pytest.fixture
def transactions() -> FailingTransactionStore:
    """Return a store that works until it is told to fail."""
    return FailingTransactionStore()


@pytest.fixture
def client(
    provider: MemoryProvider, sessions: FailingStateStore, transactions: FailingTransactionStore
) -> ServerClient:
    """Return a client on the two stores."""
    return client_of(provider, state_store=sessions, transaction_store=transactions)


@pytest.fixture
async def browser(client: ServerClient, provider: MemoryProvider) -> Browser:
    """Return a browser in which Alice is signed in."""
    browser = Browser()
    await sign_in(client, provider, browser)
    return browser


def shown(error: UserlinkError) -> str:
    """Return everything that a log line of the error alone would hold."""
    return f"{error!s} {error!r} {error.hint} {''.join(traceback.format_exception_only(error))}"


# ------------------------------------------------------------------------------------ failing


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
@pytest.mark.parametrize("method", ["get", "set", "delete"])
async def test_whatever_a_state_store_raises_becomes_a_store_error(
    client: ServerClient,
    provider: MemoryProvider,
    browser: Browser,
    sessions: FailingStateStore,
    method: str,
    failure: Exception,
) -> None:
    """The text names the class alone; the cause is there for a debugger."""
    url = await client.start_interactive_login(None, browser.options)
    sessions.failures[method] = failure

    with pytest.raises(StoreError, match=type(failure).__name__) as caught:
        await client.complete_interactive_login(provider.approve(url), browser.options)

    assert "canary" not in shown(caught.value)
    assert repr(failure) == repr(caught.value.__cause__)


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
@pytest.mark.parametrize("method", ["set", "take"])
async def test_whatever_a_transaction_store_raises_becomes_a_store_error(
    client: ServerClient,
    provider: MemoryProvider,
    browser: Browser,
    transactions: FailingTransactionStore,
    method: str,
    failure: Exception,
) -> None:
    """Nothing is put into the browser for a transaction that is not kept."""
    url = await client.start_interactive_login(None, browser.options)
    before = browser.request()
    transactions.failures[method] = failure

    call = (
        client.start_interactive_login(None, browser.options)
        if method == "set"
        else client.complete_interactive_login(provider.approve(url), browser.options)
    )
    with pytest.raises(StoreError, match=type(failure).__name__) as caught:
        await call

    assert "canary" not in shown(caught.value)
    assert before == browser


async def test_an_error_of_userlink_from_a_store_is_raised_as_it_is(
    client: ServerClient,
    browser: Browser,
    sessions: FailingStateStore,
    transactions: FailingTransactionStore,
) -> None:
    """A store that knows better what to do may say so."""
    error = StoreError("The database is being moved.", hint="Come back tonight.")
    sessions.failures["get"] = transactions.failures["set"] = error

    for call in (
        client.get_user(browser.options),
        client.start_interactive_login(None, browser.options),
    ):
        with pytest.raises(StoreError) as caught:
            await call
        assert error is caught.value


async def test_a_transaction_that_could_not_be_taken_can_be_taken_later(
    client: ServerClient,
    provider: MemoryProvider,
    browser: Browser,
    transactions: FailingTransactionStore,
) -> None:
    """A store that was away for a moment costs the user a reload."""
    url = await client.start_interactive_login(None, browser.options)
    callback = provider.approve(url)
    transactions.failures["take"] = ConnectionError("canary")
    with pytest.raises(StoreError):
        await client.complete_interactive_login(callback, browser.options)
    transactions.failures.clear()

    assert await client.complete_interactive_login(callback, browser.options)


# -------------------------------------------------------------------- the session stays as it was


@pytest.mark.parametrize("method", ["get", "set"])
async def test_a_store_that_fails_within_a_link_leaves_the_session_intact(
    client: ServerClient,
    provider: MemoryProvider,
    browser: Browser,
    sessions: FailingStateStore,
    method: str,
) -> None:
    """After the code was redeemed or before: the same session, and the app_state on the error."""
    url = await client.start_link_user(
        {"connection": "github", "app_state": {"a": 1}}, browser.options
    )
    before, cookie = dict(sessions._records), browser["__Host-userlink_session"]
    sessions.failures[method] = ConnectionError("canary")

    with pytest.raises(StoreError) as caught:
        await client.complete_link_user(provider.approve(url), browser.options)
    sessions.failures.clear()

    assert {"a": 1} == caught.value.app_state
    assert before == sessions._records
    assert cookie == browser["__Host-userlink_session"]
    assert {"sub": "auth0|alice"} == await client.get_user(browser.options)


@pytest.mark.parametrize("method", ["set", "delete"])
async def test_a_store_that_fails_within_a_login_leaves_the_session_before_it(
    client: ServerClient,
    provider: MemoryProvider,
    browser: Browser,
    sessions: FailingStateStore,
    method: str,
) -> None:
    """The browser is handed the new id only when the old session is gone."""
    url = await client.start_interactive_login(None, browser.options)
    sessions.failures[method] = ConnectionError("canary")

    with pytest.raises(StoreError):
        await client.complete_interactive_login(provider.approve(url, "auth0|bob"), browser.options)
    sessions.failures.clear()

    assert {"sub": "auth0|alice"} == await client.get_user(browser.options)


@pytest.mark.parametrize("failing", [["get"], ["delete"], ["get", "delete"]], ids=" and ".join)
async def test_a_logout_signs_this_browser_out_whatever_the_store_can_do(
    client: ServerClient, browser: Browser, sessions: FailingStateStore, failing: list[str]
) -> None:
    """Whoever uses it next is nobody, once the store is back too; that the store failed is said."""
    kept = browser.request()
    for method in failing:
        sessions.failures[method] = ConnectionError("canary")

    with pytest.raises(StoreError):
        await client.logout(None, browser.options)
    sessions.failures.clear()

    assert [] == [name for name in browser if "session" in name]
    assert await client.get_user(browser.options) is None
    # A copy that was made before is good while the record is there: that could not be deleted.
    expected = {"sub": "auth0|alice"} if "delete" in failing else None
    assert expected == await client.get_user(kept.options)


async def test_a_session_that_cannot_roll_on_is_still_read(
    client: ServerClient,
    provider: MemoryProvider,
    browser: Browser,
    sessions: FailingStateStore,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Reading does not fail because writing does; the log says so, by the error's code."""
    provider.clock.advance(50_000)
    sessions.failures["set"] = ConnectionError("canary")

    assert {"sub": "auth0|alice"} == await client.get_user(browser.options)

    assert ["a session could not be rolled on: store_error"] == caplog.messages


# ------------------------------------------------------------------------------- concurrency


async def test_a_write_that_came_first_is_not_lost(
    client: ServerClient,
    provider: MemoryProvider,
    browser: Browser,
    sessions: FailingStateStore,
) -> None:
    """While a link completes, another changes the session: the link's change is laid over that one."""
    url = await client.start_link_user({"connection": "github"}, browser.options)
    other = await client.start_link_user({"connection": "twitter"}, browser.options)
    first, second = browser.request(), browser.request()

    async def let_the_other_in() -> None:
        sessions.before_set = None
        await client.complete_link_user(provider.approve(other, note="second"), second.options)

    sessions.before_set = let_the_other_in
    result = await client.complete_link_user(provider.approve(url, note="first"), first.options)

    assert "first" == result.user["note"]
    (record,) = sessions._records.values()
    assert 3 == record.version


async def test_links_that_complete_at_once_all_arrive(
    client: ServerClient, provider: MemoryProvider, browser: Browser, sessions: FailingStateStore
) -> None:
    """Whoever loses a race of writes loads again: eight attempts are enough for eight tabs."""
    callbacks: list[str] = []
    for number in range(8):
        url = await client.start_link_user({"connection": f"c{number}"}, browser.options)
        callbacks.append(provider.approve(url))

    async with anyio.create_task_group() as group:
        for callback in callbacks:
            group.start_soon(client.complete_link_user, callback, browser.request().options)

    (record,) = sessions._records.values()
    assert 9 == record.version


async def test_a_session_that_keeps_changing_is_a_conflict(
    client: ServerClient, provider: MemoryProvider, browser: Browser, sessions: FailingStateStore
) -> None:
    """After eight attempts it is said so, and nothing was lost."""
    url = await client.start_link_user({"connection": "github"}, browser.options)
    (identifier,) = sessions._records

    async def change() -> None:
        held = sessions._records[identifier]
        sessions._records[identifier] = StateRecord(
            held.sealed, held.version + 1, held.expires_at, held.issuer, held.subject, held.sid
        )

    sessions.before_set = change
    with pytest.raises(SessionConflict):
        await client.complete_link_user(provider.approve(url), browser.options)
    sessions.before_set = None

    assert 9 == sessions._records[identifier].version
    assert {"sub": "auth0|alice"} == await client.get_user(browser.options)


async def test_a_session_that_ends_while_a_link_completes_stays_ended(
    client: ServerClient, provider: MemoryProvider, browser: Browser, sessions: FailingStateStore
) -> None:
    """A logout in another tab, or from the back channel, is not undone (no resurrection)."""
    url = await client.start_link_user({"connection": "github"}, browser.options)
    session = await client.get_session(browser.options)
    assert session is not None

    async def end() -> None:
        claims = LogoutClaims(session.issuer, session.subject, session.sid)
        await sessions.delete_by_logout_token(claims, {})

    sessions.before_set = end
    with pytest.raises(SessionChanged):
        await client.complete_link_user(provider.approve(url), browser.options)

    assert {} == sessions._records
    assert await client.get_user(browser.options) is None


# ------------------------------------------------------------------------- what stores are handed


async def test_stores_are_handed_the_callers_store_options(
    client: ServerClient,
    browser: Browser,
    sessions: FailingStateStore,
    transactions: FailingTransactionStore,
) -> None:
    """A store may need the request, for its tenant or its connection."""
    sessions.seen.clear()
    transactions.seen.clear()
    store_options = {"cookies": browser, "tenant": "blue"}

    await client.start_link_user({"connection": "github"}, store_options)

    assert [store_options] == sessions.seen == transactions.seen


async def test_stores_see_no_id_no_state_and_no_token(
    client: ServerClient,
    provider: MemoryProvider,
    browser: Browser,
    sessions: FailingStateStore,
    transactions: FailingTransactionStore,
) -> None:
    """Identifiers are digests and records are sealed: a copy of the database signs nobody in."""
    url = await client.start_link_user({"connection": "github"}, browser.options)
    state = provider.approve(url).split("state=")[1].split("&")[0]
    session_id = browser["__Host-userlink_session"]

    stored = repr(
        [
            [(name, record.sealed, record) for name, record in store.items()]
            for store in (sessions._records, transactions._records)
        ]
    )

    assert sessions._records
    assert transactions._records
    for secret in (state, session_id, "canary", *provider.issued):
        assert secret not in stored


async def test_a_store_is_told_whose_session_it_keeps_and_until_when(
    client: ServerClient, provider: MemoryProvider, browser: Browser, sessions: FailingStateStore
) -> None:
    """For back-channel logout, and for purging; and each write counts one version up."""
    (record,) = sessions._records.values()
    assert ("https://tenant.example.com/", "auth0|alice", "sid-1", 1) == (
        record.issuer,
        record.subject,
        record.sid,
        record.version,
    )
    assert provider.clock() + 86_400 == record.expires_at

    provider.clock.advance(50_000)
    await client.get_user(browser.options)

    (record,) = sessions._records.values()
    assert (2, provider.clock() + 86_400) == (record.version, record.expires_at)


async def test_records_exchanged_in_the_store_open_for_nobody(
    client: ServerClient, provider: MemoryProvider, browser: Browser, sessions: FailingStateStore
) -> None:
    """Whoever can write to the database cannot make one user's session another's."""
    other = Browser()
    await sign_in(client, provider, other, "auth0|eve")
    (alice, hers), (eve, evil) = sessions._records.items()
    sessions._records.update({alice: evil, eve: hers})

    assert await client.get_user(browser.options) is None
    assert await client.get_user(other.options) is None


async def test_a_session_expires_whatever_the_store_does(
    client: ServerClient, provider: MemoryProvider, browser: Browser, sessions: FailingStateStore
) -> None:
    """A store may return what has expired; the record itself says so."""
    provider.clock.advance(86_400)

    assert 1 == len(sessions._records)
    assert await client.get_user(browser.options) is None


# ------------------------------------------------------------------------------------ listeners


async def test_a_failing_listener_hinders_nobody(
    provider: MemoryProvider, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged with its traceback; the others hear, the login completes, and no secret shows."""
    heard: list[str] = []

    class Failing:
        """Cannot write its audit log."""

        @hookimpl
        def userlink_event(self, event: Event) -> None:
            """Fail."""
            raise OSError("the audit log is full")

    class Hearing:
        """Hears."""

        @hookimpl
        def userlink_event(self, event: Event) -> None:
            """Note it."""
            heard.append(event.name)

    client = client_of(provider, plugins=[Hearing(), Failing(), Hearing()])
    browser = Browser()

    await sign_in(client, provider, browser)

    assert ["login.completed"] * 2 == heard
    assert ["a listener failed at the event login.completed"] == caplog.messages
    assert "the audit log is full" in caplog.text
    for secret in ("canary", *provider.issued, *browser.values()):
        assert secret not in caplog.text
