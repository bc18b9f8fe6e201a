"""Cookies: names, prefixes, and values that are split over several and joined again (RFC 6265, 6.1)."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.clients import Browser
from userlink.errors import SessionTooLarge
from userlink.plugins.exchange import CookieOverlay, PlainCookies
from userlink.stores import cookies
from userlink.stores.cookies import CookieNames
from userlink.stores.protocols import Cookie

NAME = "__Host-userlink_session"
LARGEST = 4096
LONGEST_AGE = 9_999_999_999


class Recorder(CookieOverlay):
    """An exchange over received cookies that remembers each cookie as it was set."""

    def __init__(self, received: dict[str, str]) -> None:
        super().__init__(received, {})
        self.set_cookies: list[Cookie] = []

    @property
    def writable(self) -> bool:
        """Always."""
        return True

    def set_cookie(self, cookie: Cookie) -> None:
        """Remember it and lay it over the others."""
        self.set_cookies.append(cookie)
        super().set_cookie(cookie)


def write(exchange: Recorder | PlainCookies, value: str, secure: bool = True) -> None:
    """Write a value under the session's name, with the longest attributes."""
    cookies.write(exchange, NAME, value, LONGEST_AGE, secure)


def write_short(exchange: Recorder) -> None:
    """Write a value that needs one cookie."""
    write(exchange, "value")


@pytest.mark.parametrize(
    ("secure", "session", "transaction"),
    [
        (True, "__Host-shop_session", "__Host-shop_tx_"),
        (False, "shop_session", "shop_tx_"),
    ],
)
def test_names_carry_the_prefix_that_only_this_host_can_set(
    secure: bool, session: str, transaction: str
) -> None:
    """``__Host-`` where cookies are secure; without Secure a browser would refuse that name."""
    assert CookieNames(session, transaction, secure) == CookieNames.of("shop", secure)


def test_what_was_never_written_is_not_there() -> None:
    """None, and not an empty value."""
    assert cookies.read({}, NAME) is None
    assert cookies.read({f"{NAME}.1": "a part without its first"}, NAME) is None


def test_a_short_value_is_one_cookie() -> None:
    """Its name is the session's own."""
    exchange = Recorder({})

    write(exchange, "value")

    assert [Cookie(NAME, "value", LONGEST_AGE, True)] == exchange.set_cookies
    assert "value" == cookies.read(exchange.cookies, NAME)


@given(st.integers(0, 31_000))
def test_any_value_comes_back_and_no_cookie_is_too_large(length: int) -> None:
    """Name, value and attributes together stay within what browsers must take (RFC 6265, 6.1)."""
    exchange = Recorder({})
    value = (string.ascii_letters * (length // 52 + 1))[:length]

    write(exchange, value)

    assert (value or "") == (cookies.read(exchange.cookies, NAME) or "")
    assert all(len(cookie.header()) <= LARGEST for cookie in exchange.set_cookies)
    assert all(cookie.secure for cookie in exchange.set_cookies)


def test_the_attributes_count() -> None:
    """A value that fits by itself, and not with its name and attributes, is split."""
    room = LARGEST - len(Cookie(NAME, "", LONGEST_AGE, True).header())
    exchange = Recorder({})

    write(exchange, "v" * (room + 1))

    assert len(exchange.set_cookies) == 2


def test_frameworks_may_add_an_expiry_date() -> None:
    """Some write ``expires`` beside Max-Age: there is room for it, with an age of days."""
    expires = "; expires=Fri, 01 Jan 2027 00:00:00 GMT"
    exchange = Recorder({})

    cookies.write(exchange, NAME, "v" * 10_000, 259_200, True)

    assert all(len(cookie.header() + expires) <= LARGEST for cookie in exchange.set_cookies)


def test_parts_are_numbered_and_joined_in_order() -> None:
    """The order of cookies in a request says nothing (RFC 6265, 5.4)."""
    exchange = Recorder({})
    value = "".join(f"{number:06d}" for number in range(1_900))
    write(exchange, value)
    received = exchange.cookies

    shuffled = Recorder({name: received[name] for name in sorted(received, reverse=True)})

    assert [f"{NAME}.{number}" for number in range(3)] == sorted(received)
    assert value == cookies.read(shuffled.cookies, NAME)


def test_a_lost_part_leaves_less_than_the_value() -> None:
    """What is joined without it is no record any more: sealing notices, not the joining."""
    exchange = Recorder({})
    write(exchange, "v" * 10_000)
    received = {name: value for name, value in exchange.cookies.items() if not name.endswith(".1")}

    assert len(cookies.read(received, NAME) or "") < 10_000


@pytest.mark.parametrize("before", [10, 5_000, 10_000, 30_000])
@pytest.mark.parametrize("after", [10, 5_000, 10_000, 30_000])
def test_nothing_of_an_older_value_is_left(before: int, after: int) -> None:
    """Whether it grows or shrinks, the browser ends up with the new value's cookies alone."""
    first = Recorder({"theme": "dark"})
    write(first, "o" * before)
    second = Recorder(dict(first.cookies))

    write(second, "n" * after)

    fresh = Recorder({"theme": "dark"})
    write(fresh, "n" * after)
    assert fresh.cookies == second.cookies
    deleted = [cookie for cookie in second.set_cookies if cookie.max_age == 0]
    assert all("" == cookie.value and cookie.secure for cookie in deleted)
    assert set(first.cookies) - set(fresh.cookies) == {cookie.name for cookie in deleted}


def test_what_does_not_fit_into_eight_parts_is_refused() -> None:
    """Servers refuse such headers, so the user would be locked out; nothing is set."""
    exchange = Recorder({NAME: "old"})

    with pytest.raises(SessionTooLarge, match="40000 characters"):
        write(exchange, "v" * 40_000)

    assert [] == exchange.set_cookies
    assert "old" == cookies.read(exchange.cookies, NAME)


def test_erasing_deletes_every_part_and_nothing_else() -> None:
    """All that could ever be read as the value is deleted; other names are not touched."""
    others = {
        "theme": "dark",
        f"{NAME}x": "1",
        f"{NAME}.x": "2",
        f"{NAME}.٣": "3",
        f"{NAME}.8": "4",
    }
    exchange = Recorder({NAME: "a", f"{NAME}.0": "b", f"{NAME}.7": "c", **others})

    cookies.erase(exchange, NAME, False)

    assert others == exchange.cookies
    assert all(cookie.max_age == 0 and not cookie.secure for cookie in exchange.set_cookies)


def test_a_request_of_many_parts_is_not_answered_with_as_many() -> None:
    """Anybody can send numbered cookies by the thousand; at most nine names are ever deleted."""
    flood = {f"{NAME}.{number}": "" for number in range(4_000)}

    for change in (lambda exchange: cookies.erase(exchange, NAME, True), write_short):
        exchange = Recorder({NAME: "", **flood})
        change(exchange)
        assert 9 == len(exchange.set_cookies)


def test_erasing_nothing_sets_nothing() -> None:
    """A response is not burdened with cookies that were never there."""
    exchange = Recorder({"theme": "dark"})

    cookies.erase(exchange, NAME, True)

    assert [] == exchange.set_cookies


def test_the_size_is_that_of_the_header() -> None:
    """Names, values, and what stands between them."""
    browser = Browser()
    write(PlainCookies(browser), "v" * 10_000)

    expected = len(browser.header()) + len("; ")
    assert expected == cookies.size_of(browser, NAME)
    assert 0 == cookies.size_of(browser, "another")
