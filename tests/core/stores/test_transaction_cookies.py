"""The cookies of transactions: one each, tombstones once used, few and small whatever a browser collects."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pytest

from support.clients import Browser
from userlink.errors import InvalidOption
from userlink.plugins.exchange import CookieOverlay, PlainCookies
from userlink.protocol.transaction import TransactionKind
from userlink.stores.cookies import CookieNames
from userlink.stores.keyring import derive_keys
from userlink.stores.protocols import Cookie
from userlink.stores.sealing import Sealer
from userlink.stores.transaction_cookies import Entry, EntryKind, TransactionCookies

NOW = 1_800_000_000
LATER = NOW + 600
NAMES = CookieNames.of("userlink", True)
KEYS = derive_keys([b"canary-secret-of-more-than-32-bytes-0123"], "cookie")
SEALER = Sealer(KEYS, os.urandom)
ENTRIES = TransactionCookies(NAMES, SEALER)
MOST_BYTES = 6_000


def handle(number: int) -> str:
    """Return the handle of a transaction: 22 characters of base64url."""
    return f"handle_{number:015d}"


def live(
    expires_at: int = LATER, size: int = 300, kind: TransactionKind = TransactionKind.LINK
) -> Entry:
    """Return the entry of a started transaction."""
    return Entry(EntryKind.LIVE, kind, expires_at, b"x" * size)


def session_of(size: int) -> dict[str, str]:
    """Return the cookies of a session, of this many bytes in the header."""
    name = NAMES.session
    if size <= 4_000:
        return {name: "s" * (size - len(name) - 3)}
    parts = -(-size // 4_000)
    each = size // parts
    return {f"{name}.{number}": "s" * (each - len(name) - 5) for number in range(parts)}


def alive(browser: Browser, numbers: range) -> list[int]:
    """Return which entries can be got."""
    exchange = PlainCookies(browser)
    return [number for number in numbers if ENTRIES.get(exchange, handle(number))]


@pytest.mark.parametrize("transaction_kind", TransactionKind)
@pytest.mark.parametrize("kind", EntryKind)
def test_what_was_put_is_got(kind: EntryKind, transaction_kind: TransactionKind) -> None:
    """Kinds, expiry and content come back, from a cookie named after the handle."""
    browser = Browser()
    entry = Entry(kind, transaction_kind, LATER, b'{"a":1}')

    ENTRIES.put(PlainCookies(browser), handle(1), entry, NOW)

    assert [f"__Host-userlink_tx_{handle(1)}"] == list(browser)
    assert entry == ENTRIES.get(PlainCookies(browser), handle(1))
    assert ENTRIES.get(PlainCookies(browser), handle(2)) is None


def test_an_entry_opens_under_its_own_name_only() -> None:
    """A browser's owner cannot pass one transaction off as another."""
    browser = Browser()
    ENTRIES.put(PlainCookies(browser), handle(1), live(), NOW)

    browser[NAMES.transaction + handle(2)] = browser.pop(NAMES.transaction + handle(1))

    assert ENTRIES.get(PlainCookies(browser), handle(2)) is None


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"L",
        b"Ll",
        b"L000000000001",
        b"Xl000000000001",
        b"Lx000000000001",
        b"Llnumber",
        b"\xff" * 20,
    ],
)
def test_an_entry_of_another_release_is_none(payload: bytes) -> None:
    """What is sealed by us, and in a form unknown here, is as good as not there."""
    browser = Browser({NAMES.transaction + handle(1): SEALER.seal(payload, handle(1))})

    assert ENTRIES.get(PlainCookies(browser), handle(1)) is None


@pytest.mark.parametrize(
    "app_state",
    [{}, {"return_to": "/profile"}, {"a": [1, None, {"b": "é"}]}, {"half of a pair": "\ud83d"}],
    ids=ascii,
)
def test_a_used_entry_remembers_app_state(app_state: dict[str, Any]) -> None:
    """A reload or a double click can be sent on to where the first delivery went."""
    browser = Browser()
    ENTRIES.put(PlainCookies(browser), handle(1), live(), NOW)

    ENTRIES.mark_used(PlainCookies(browser), handle(1), live(), app_state, NOW)

    entry = ENTRIES.get(PlainCookies(browser), handle(1))
    assert entry is not None
    assert (EntryKind.USED, LATER) == (entry.kind, entry.expires_at)
    assert app_state == entry.app_state
    assert 1 == len(browser)


def test_at_most_eight_are_kept_and_the_oldest_goes_first() -> None:
    """Each start beyond the eighth costs the oldest."""
    browser = Browser()

    for number in range(50):
        ENTRIES.put(PlainCookies(browser), handle(number), live(LATER + number), NOW + number)

    assert list(range(42, 50)) == alive(browser, range(50))
    assert 8 == len(browser)


def test_of_one_second_the_oldest_goes_first_too() -> None:
    """Many tabs may be opened at once; a browser sends its cookies from the oldest on (RFC 6265, 5.4)."""
    browser = Browser()

    for number in reversed(range(20)):
        ENTRIES.put(PlainCookies(browser), handle(number), live(), NOW)

    assert list(range(8)) == alive(browser, range(20))


def test_used_entries_go_before_live_ones() -> None:
    """A tombstone is a courtesy; a started transaction is somebody's way back."""
    browser = Browser()
    for number in range(8):
        ENTRIES.put(PlainCookies(browser), handle(number), live(LATER + number), NOW)
    ENTRIES.mark_used(PlainCookies(browser), handle(5), live(LATER + 5), {}, NOW)

    ENTRIES.put(PlainCookies(browser), handle(8), live(LATER + 8), NOW)

    assert [0, 1, 2, 3, 4, 6, 7, 8] == alive(browser, range(9))


@pytest.mark.parametrize("kind", [EntryKind.LIVE, EntryKind.TICKET])
@pytest.mark.parametrize("transaction_kind", [TransactionKind.LINK, TransactionKind.UNLINK])
@pytest.mark.parametrize("other", [TransactionKind.LOGIN, TransactionKind.LOGOUT])
def test_logins_and_logouts_go_before_links(
    kind: EntryKind, transaction_kind: TransactionKind, other: TransactionKind
) -> None:
    """Any page can have a browser start logins; however many, a link under way is not lost by it."""
    browser = Browser()
    ENTRIES.put(PlainCookies(browser), handle(0), Entry(kind, transaction_kind, LATER, b"{}"), NOW)

    for number in range(1, 50):
        size = 2_500 if number % 2 else 100
        entry = live(LATER + number, size, other)
        ENTRIES.put(PlainCookies(browser), handle(number), entry, NOW)
        assert [0, number] == [
            *alive(browser, range(1)),
            *alive(browser, range(number, number + 1)),
        ]


def test_of_each_kind_the_oldest_goes_first() -> None:
    """Used ones, then logins, then links and unlinks, each from the oldest on."""
    browser = Browser()
    kinds = [TransactionKind.LINK, TransactionKind.LOGIN, TransactionKind.UNLINK] * 2
    for number, kind in enumerate(kinds):
        entry = live(LATER + number, 100, kind)
        ENTRIES.put(PlainCookies(browser), handle(number), entry, NOW)
    ENTRIES.mark_used(PlainCookies(browser), handle(5), live(LATER + 5, 100, kinds[5]), {}, NOW)
    gone: list[int] = []

    for number in range(6, 14):
        ENTRIES.put(PlainCookies(browser), handle(number), live(LATER + number, 100), NOW)
        gone += [each for each in range(6) if each not in [*gone, *alive(browser, range(6))]]

    assert [5, 1, 4, 0, 2, 3] == gone


def test_a_link_is_as_short_as_it_can_be() -> None:
    """Two letters and a time before the record: what an entry is for costs one character."""
    browser = Browser()
    ENTRIES.put(PlainCookies(browser), handle(1), live(size=0), NOW)

    (sealed,) = browser.values()

    assert b"Ll%012d" % LATER == SEALER.open(sealed, handle(1))


def test_the_expired_go_at_the_next_start() -> None:
    """A browser that ignores Max-Age, or a clock that jumped, leaves nothing behind."""
    browser = Browser()
    ENTRIES.put(PlainCookies(browser), handle(1), live(NOW + 10), NOW)
    ENTRIES.put(PlainCookies(browser), handle(2), live(LATER), NOW)

    ENTRIES.put(PlainCookies(browser), handle(3), live(LATER), NOW + 10)

    assert [2, 3] == alive(browser, range(4))


@pytest.mark.parametrize("size", [0, 500, 1_000, 2_500, 4_200])
def test_they_stay_small_together(size: int) -> None:
    """Fewer are kept when they are large; the newest always is."""
    browser = Browser()

    for number in range(50):
        ENTRIES.put(PlainCookies(browser), handle(number), live(LATER + number, size), NOW)
        assert len(browser.header()) <= MOST_BYTES
        assert ENTRIES.get(PlainCookies(browser), handle(number)) is not None


@pytest.mark.parametrize("kind", [TransactionKind.LOGIN, TransactionKind.LINK])
@pytest.mark.parametrize("size", [0, 500, 1_000, 1_200])
@pytest.mark.parametrize("session", [100, 1_500, 3_000, 4_500, 5_500])
def test_they_leave_room_for_the_session(session: int, size: int, kind: TransactionKind) -> None:
    """The whole header stays below what servers take, or the user is locked out for ten minutes."""
    browser = Browser(session_of(session))

    for number in range(20):
        ENTRIES.put(PlainCookies(browser), handle(number), live(LATER + number, size, kind), NOW)
        assert len(browser.header()) <= 7_500
        assert ENTRIES.get(PlainCookies(browser), handle(number)) is not None


def test_beside_a_session_that_takes_it_all_the_newest_is_kept() -> None:
    """Whoever starts can complete, if the server takes such requests."""
    browser = Browser(session_of(9_000))
    ENTRIES.put(PlainCookies(browser), handle(1), live(), NOW)
    ENTRIES.put(PlainCookies(browser), handle(2), live(), NOW)

    assert [2] == alive(browser, range(4))


def test_room_is_made_for_a_session_that_has_begun() -> None:
    """What was started while signed out counted without it."""
    browser = Browser()
    for number in range(8):
        kind = TransactionKind.LINK if number == 0 else TransactionKind.LOGIN
        ENTRIES.put(PlainCookies(browser), handle(number), live(LATER + number, 350, kind), NOW)
    browser.update(session_of(4_500))

    ENTRIES.make_room(PlainCookies(browser), NOW)

    assert len(browser.header()) <= 7_500
    assert [0, 5, 6, 7] == alive(browser, range(8))


def test_where_there_is_room_nothing_is_opened() -> None:
    """A login looks at sizes alone."""
    browser = Counted({NAMES.transaction + handle(number): "garbage" for number in range(8)})
    exchange, sealer = CountingExchange(browser), CountingSealer(KEYS, os.urandom)

    TransactionCookies(NAMES, sealer).make_room(exchange, NOW)

    assert (0, 0, 1) == (sealer.opened, exchange.sets, browser.passes)


def test_an_entry_that_would_lock_the_browser_out_is_refused() -> None:
    """It would make a Cookie header that servers refuse; nothing is set, and nothing goes."""
    browser = Browser()
    ENTRIES.put(PlainCookies(browser), handle(1), live(), NOW)

    with pytest.raises(InvalidOption, match="app_state"):
        ENTRIES.put(PlainCookies(browser), handle(2), live(LATER, 20_000), NOW)

    assert [1] == alive(browser, range(3))
    assert 1 == len(browser)


def test_one_that_needs_two_cookies_goes_whole() -> None:
    """Evicting the oldest deletes each of its parts."""
    browser = Browser()
    ENTRIES.put(PlainCookies(browser), handle(1), live(LATER, 4_000), NOW)
    assert 2 == len(browser)

    ENTRIES.put(PlainCookies(browser), handle(2), live(LATER + 1, 4_000), NOW)

    assert 2 == len(browser)
    assert [2] == alive(browser, range(3))


@pytest.mark.parametrize("value", ["", "garbage", "é", "x" * 1_000_000])
def test_garbage_under_our_names_is_cleared_away(value: str) -> None:
    """What cannot be opened takes no place among the eight; of more than 16, the rest goes next time."""
    browser = Browser({NAMES.transaction + handle(number): value for number in range(20)})

    ENTRIES.put(PlainCookies(browser), handle(98), live(), NOW)
    assert 20 - 16 + 1 == len(browser)
    ENTRIES.put(PlainCookies(browser), handle(99), live(), NOW)

    assert [NAMES.transaction + handle(98), NAMES.transaction + handle(99)] == list(browser)


class Counted(dict[str, str]):
    """Cookies that note how often they are gone through, and how often one is looked up."""

    passes = lookups = 0

    def __iter__(self) -> Iterator[str]:
        """Note the pass."""
        self.passes += 1
        return super().__iter__()

    def __contains__(self, name: object) -> bool:
        """Note the lookup."""
        self.lookups += 1
        return super().__contains__(name)

    def __getitem__(self, name: str) -> str:
        """Note the lookup."""
        self.lookups += 1
        return super().__getitem__(name)

    def get(self, *arguments: Any) -> Any:
        """Note the lookup."""
        self.lookups += 1
        return super().get(*arguments)


class CountingExchange(CookieOverlay):
    """An exchange that notes how often its cookies are asked for, and how many are set."""

    writable = True

    def __init__(self, received: Counted) -> None:
        super().__init__(received, {})
        self.reads = self.sets = 0

    @property
    def cookies(self) -> Mapping[str, str]:
        """Note the read."""
        self.reads += 1
        return super().cookies

    def set_cookie(self, cookie: Cookie) -> None:
        """Note the cookie."""
        self.sets += 1
        super().set_cookie(cookie)


class CountingSealer(Sealer):
    """A sealer that notes what it is asked to open."""

    opened = 0

    def open(self, sealed: str, record_id: str) -> bytes | None:
        """Note the attempt."""
        self.opened += 1
        return super().open(sealed, record_id)


def work_of_a_start(names: Iterable[str], value: str = "") -> dict[str, int]:
    """Return what a start costs when a request brings cookies of these names."""
    received = Counted({NAMES.transaction + name: value for name in names})
    exchange, sealer = CountingExchange(received), CountingSealer(KEYS, os.urandom)

    TransactionCookies(NAMES, sealer).put(exchange, handle(9_999), live(), NOW)

    return {
        "reads": exchange.reads,
        "passes": received.passes,
        "lookups": received.lookups,
        "opened": sealer.opened,
        "set": exchange.sets,
    }


FLOODS: dict[str, Callable[[int], list[str]]] = {
    "handles": lambda number: [handle(each) for each in range(number)],
    "split in parts": lambda number: [f"{handle(each // 8)}.{each % 8}" for each in range(number)],
    "too short for handles": lambda number: [f"{each:x}" for each in range(number)],
    "parts of one handle": lambda number: [f"{handle(1)}.{each}" for each in range(number)],
    "parts of the new one": lambda number: [f"{handle(9_999)}.{each}" for each in range(number)],
}


@pytest.mark.parametrize("flood", FLOODS)
@pytest.mark.parametrize("value", ["", "garbage"])
def test_a_flood_of_cookies_costs_no_more_than_a_few(flood: str, value: str) -> None:
    """Nobody has to be signed in to send 4000: what is opened, searched and deleted for them is bounded (CWE-407)."""
    work = work_of_a_start(FLOODS[flood](4_000), value)

    assert work == work_of_a_start(FLOODS[flood](400), value)
    assert 1 == work["passes"]
    assert work["reads"] <= 20
    assert work["lookups"] <= 16 * 40
    assert work["opened"] <= 16
    assert work["set"] <= 16 * 9


def test_without_other_transactions_nothing_is_opened_or_deleted() -> None:
    """The usual start looks at the names once."""
    work = work_of_a_start([])

    assert (1, 0, 1) == (work["passes"], work["opened"], work["set"])


@pytest.mark.parametrize(
    "name", ["é", "", "a b", 'a"', "a\\", "a\n", "٣", "a.b", "a" * 21, "a" * 23, "a" * 22 + ".8"]
)
def test_names_that_are_not_ours_are_left_alone(name: str) -> None:
    """A browser's owner can set any name; frameworks refuse to write some of them."""
    browser = Browser({NAMES.transaction + name: "value"})

    ENTRIES.put(PlainCookies(browser), handle(1), live(), NOW)

    assert {NAMES.transaction + name, NAMES.transaction + handle(1)} == set(browser)
    assert live() == ENTRIES.get(PlainCookies(browser), handle(1))


def test_max_age_is_what_is_left_of_the_lifetime() -> None:
    """The browser forgets the cookie when the transaction is void; it is never told to at once."""
    ages: list[int] = []

    class Ages(PlainCookies):
        """A jar that notes how long its cookies are to live."""

        __slots__ = ()

        def set_cookie(self, cookie: Any) -> None:
            """Note the age."""
            ages.append(cookie.max_age)

    ENTRIES.put(Ages({}), handle(1), live(NOW + 600), NOW)
    ENTRIES.mark_used(Ages({}), handle(1), live(), {}, NOW + 590)
    ENTRIES.mark_used(Ages({}), handle(1), live(), {}, NOW + 700)

    assert [600, 10, 1] == ages


def test_an_entry_does_not_show_its_content() -> None:
    """It holds the verifier and the nonce of a transaction."""
    assert "canary" not in repr(Entry(EntryKind.LIVE, TransactionKind.LINK, LATER, b"canary"))


def test_app_state_is_read_from_the_content() -> None:
    """Tickets and tombstones hold it as JSON."""
    entry = Entry.remembering(EntryKind.TICKET, TransactionKind.LINK, LATER, {"a": 1})

    assert {"a": 1} == json.loads(entry.content)
