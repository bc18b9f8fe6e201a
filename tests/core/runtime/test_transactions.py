"""Where started transactions are: in the browser's cookies, or in a store with a ticket in the cookie."""

import os
from typing import Any

import anyio
import pytest

from support.clients import Browser
from userlink.errors import TransactionAlreadyUsed, TransactionExpired, TransactionNotFound
from userlink.plugins.exchange import PlainCookies
from userlink.protocol.transaction import SessionBinding, Transaction, TransactionKind
from userlink.protocol.values import Secret
from userlink.runtime.call import Call
from userlink.runtime.transactions import (
    CookieTransactions,
    StoredTransactions,
    TransactionKeeper,
)
from userlink.stores.cookies import CookieNames
from userlink.stores.keyring import derive_keys
from userlink.stores.memory_store import MemoryTransactionStore
from userlink.stores.protocols import TransactionRecord
from userlink.stores.sealing import Sealer
from userlink.stores.spent_ids import SpentIds
from userlink.stores.transaction_cookies import Entry, EntryKind, TransactionCookies

pytestmark = pytest.mark.anyio

NOW = 1_800_000_000
SECRETS = [b"canary-secret-of-more-than-32-bytes-0123"]
NAMES = CookieNames.of("userlink", True)
SEALER = Sealer(derive_keys(SECRETS, "transaction"), os.urandom)
COOKIE_SEALER = Sealer(derive_keys(SECRETS, "transaction cookie"), os.urandom)
ENTRIES = TransactionCookies(NAMES, COOKIE_SEALER)


def transaction(state: str = "state-1", **changes: Any) -> Transaction:
    """Return a started link."""
    values: dict[str, Any] = {
        "kind": TransactionKind.LINK,
        "state": state,
        "nonce": "nonce",
        "code_verifier": "canary-verifier",
        "redirect_uri": "https://app.example/callback",
        "issuer": "https://tenant.example.com/",
        "expires_at": NOW + 600,
        "audience": "urn:my:api",
        "scope": "openid link_account",
        "connection": "github",
        "binding": SessionBinding("digest", "auth0|alice"),
        "app_state": {"return_to": "/profile"},
    }
    return Transaction(**{**values, **changes})


def call_of(browser: Browser) -> Call:
    """Return a call that serves a browser."""
    return Call(PlainCookies(browser), {})


@pytest.fixture(params=["cookies", "store"])
def keeper(request: pytest.FixtureRequest) -> TransactionKeeper:
    """Return each kind of keeper."""
    if request.param == "cookies":
        return CookieTransactions(ENTRIES, SpentIds())
    return StoredTransactions(ENTRIES, SEALER, MemoryTransactionStore())


async def test_what_was_saved_is_taken_once(keeper: TransactionKeeper) -> None:
    """Unchanged, in the browser that started it; afterwards only its app_state is left."""
    browser = Browser()
    await keeper.save(call_of(browser), transaction(), NOW)

    assert transaction() == await keeper.take(call_of(browser), Secret("state-1"), NOW)
    with pytest.raises(TransactionAlreadyUsed) as caught:
        await keeper.take(call_of(browser), Secret("state-1"), NOW)
    assert {"return_to": "/profile"} == caught.value.app_state


async def test_another_browser_takes_nothing(keeper: TransactionKeeper) -> None:
    """And spends nothing: the one that started still can."""
    browser = Browser()
    await keeper.save(call_of(browser), transaction(), NOW)

    with pytest.raises(TransactionNotFound):
        await keeper.take(call_of(Browser()), Secret("state-1"), NOW)
    assert transaction() == await keeper.take(call_of(browser), Secret("state-1"), NOW)


async def test_of_copies_of_one_browser_exactly_one_takes_it(keeper: TransactionKeeper) -> None:
    """Twenty requests that carry the same cookies, at once."""
    browser = Browser()
    await keeper.save(call_of(browser), transaction(), NOW)
    outcomes: list[object] = []

    async def take(request: Browser) -> None:
        try:
            outcomes.append(await keeper.take(call_of(request), Secret("state-1"), NOW))
        except TransactionAlreadyUsed as error:
            outcomes.append(error.app_state)

    async with anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(take, browser.request())

    assert 1 == sum(isinstance(outcome, Transaction) for outcome in outcomes)
    assert 19 == outcomes.count({"return_to": "/profile"})


async def test_each_state_takes_its_own(keeper: TransactionKeeper) -> None:
    """Several tabs share a browser."""
    browser = Browser()
    for state in ("a", "b"):
        await keeper.save(call_of(browser), transaction(state), NOW)

    assert transaction("b") == await keeper.take(call_of(browser), Secret("b"), NOW)
    assert transaction("a") == await keeper.take(call_of(browser), Secret("a"), NOW)


async def test_an_expired_one_is_taken_for_the_flow_to_judge(keeper: TransactionKeeper) -> None:
    """Its app_state is wanted, to say where the user was."""
    browser = Browser()
    await keeper.save(call_of(browser), transaction(), NOW)

    taken = await keeper.take(call_of(browser), Secret("state-1"), NOW + 10_000)

    assert transaction() == taken


async def test_a_link_outlives_logins_that_others_start(keeper: TransactionKeeper) -> None:
    """A page that has the browser start logins, large ones too, does not push the link out."""
    browser = Browser()
    await keeper.save(call_of(browser), transaction(), NOW)
    login = {"kind": TransactionKind.LOGIN, "binding": None, "connection": None}

    for number in range(20):
        forced = transaction(
            f"forced-{number}", app_state={"return_to": "/" + "a" * 2_000}, **login
        )
        await keeper.save(call_of(browser), forced, NOW)

    assert transaction() == await keeper.take(call_of(browser), Secret("state-1"), NOW)


async def test_the_browser_does_not_learn_the_verifier(keeper: TransactionKeeper) -> None:
    """Neither it nor the state is in the cookie's name or readable in its value."""
    browser = Browser()

    await keeper.save(call_of(browser), transaction(), NOW)

    assert "verifier" not in browser.header()
    assert "state-1" not in browser.header()


async def test_a_cookie_of_the_other_kind_of_keeper_is_not_known() -> None:
    """After a change of configuration, what was started before is started again: it was not used."""
    sealed, stored = Browser(), Browser()
    in_cookies = CookieTransactions(ENTRIES, SpentIds())
    in_store = StoredTransactions(ENTRIES, SEALER, MemoryTransactionStore())
    await in_cookies.save(call_of(sealed), transaction(), NOW)
    await in_store.save(call_of(stored), transaction(), NOW)

    with pytest.raises(TransactionNotFound):
        await in_store.take(call_of(sealed), Secret("state-1"), NOW)
    with pytest.raises(TransactionNotFound):
        await in_cookies.take(call_of(stored), Secret("state-1"), NOW)


async def test_what_the_store_has_purged_is_expired_and_not_used() -> None:
    """The ticket says when it would have been void; before that, it was used."""
    store, browser = MemoryTransactionStore(), Browser()
    keeper = StoredTransactions(ENTRIES, SEALER, store)
    await keeper.save(call_of(browser), transaction(), NOW)
    store._records.clear()

    with pytest.raises(TransactionAlreadyUsed):
        await keeper.take(call_of(browser), Secret("state-1"), NOW + 599)
    with pytest.raises(TransactionExpired) as caught:
        await keeper.take(call_of(browser), Secret("state-1"), NOW + 600)
    assert {"return_to": "/profile"} == caught.value.app_state


@pytest.mark.parametrize("sealed", [b"", b"garbage", b"\xff\xfe"])
async def test_a_spoilt_record_is_not_found(sealed: bytes) -> None:
    """Whoever can write to the store can end a transaction, and not forge one."""
    store, browser = MemoryTransactionStore(), Browser()
    keeper = StoredTransactions(ENTRIES, SEALER, store)
    await keeper.save(call_of(browser), transaction(), NOW)
    (handle,) = store._records
    store._records[handle] = TransactionRecord(sealed, NOW + 600)

    with pytest.raises(TransactionNotFound):
        await keeper.take(call_of(browser), Secret("state-1"), NOW)


async def test_a_record_of_another_release_is_not_found(keeper: TransactionKeeper) -> None:
    """Sealed by us, in a form unknown here: the user starts again."""
    browser = Browser()
    await keeper.save(call_of(browser), transaction(), NOW)
    (name,) = browser
    handle = name.removeprefix(NAMES.transaction)
    if isinstance(keeper, StoredTransactions):
        sealed = SEALER.seal(b"[2]", handle).encode()
        await keeper._store.set(handle, TransactionRecord(sealed, NOW + 600), {})
    else:
        entry = Entry(EntryKind.LIVE, TransactionKind.LINK, NOW + 600, b"[2]")
        ENTRIES.put(PlainCookies(browser), handle, entry, NOW)

    with pytest.raises(TransactionNotFound):
        await keeper.take(call_of(browser), Secret("state-1"), NOW)
