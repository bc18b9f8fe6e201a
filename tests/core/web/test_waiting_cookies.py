"""Cookies that wait for the response of one request."""

import pytest

from userlink import Cookie, CookiesNotWritable
from userlink.web.waiting_cookies import PendingExchange, WaitingCookies


def cookie(name: str = "a", value: str = "1") -> Cookie:
    """Make a cookie that lives a minute."""
    return Cookie(name, value, 60, secure=True)


def deleted(name: str = "gone") -> Cookie:
    """Make a cookie that deletes another."""
    return Cookie(name, "", 0, secure=True)


def test_waiting_cookies_leave_once_and_close_the_door() -> None:
    """The response takes what waits; a later cookie is refused by name, without its value."""
    waiting = WaitingCookies()
    waiting.put(cookie("a", "1"))
    waiting.put(cookie("a", "2"))
    waiting.put(cookie("b"))

    before = waiting.writable

    assert [cookie("a", "2"), cookie("b")] == waiting.leave()
    assert [] == waiting.leave()
    assert (True, False) == (before, waiting.writable)
    with pytest.raises(CookiesNotWritable, match="without the cookie late") as refusal:
        waiting.put(cookie("late", "canary"))
    assert "before the response starts" in refusal.value.hint
    assert "canary" not in str(refusal.value)


@pytest.mark.parametrize(
    ("put", "lost", "leaving"),
    [
        ([cookie()], [cookie()], []),
        ([deleted(), cookie()], [deleted(), cookie()], []),
        ([deleted("gone"), deleted("too")], [], [deleted("gone"), deleted("too")]),
        ([], [], []),
    ],
)
def test_a_request_that_failed_deletes_and_sets_nothing(
    put: list[Cookie], lost: list[Cookie], leaving: list[Cookie]
) -> None:
    """A logout holds; a session that was to be replaced is left alone."""
    waiting = WaitingCookies()
    for each in put:
        waiting.put(each)

    assert lost == waiting.discard()
    assert leaving == waiting.leave()


def test_an_exchange_without_a_response_reads_and_does_not_write() -> None:
    """Setting a cookie raises instead of losing it."""
    exchange = PendingExchange({"a": "1"}, None)

    assert {"a": "1"} == exchange.cookies
    assert not exchange.writable
    with pytest.raises(CookiesNotWritable, match="no response"):
        exchange.set_cookie(cookie())


def test_exchanges_of_one_request_see_what_each_of_them_sets() -> None:
    """Until the response has left; reading goes on."""
    waiting = WaitingCookies()
    first, second = PendingExchange({"a": "1"}, waiting), PendingExchange({"a": "1"}, waiting)
    first.set_cookie(cookie("a", "2"))

    before = second.writable
    assert {"a": "2"} == dict(second.cookies)
    waiting.leave()
    assert (True, False) == (before, second.writable)
    assert {"a": "2"} == dict(second.cookies)
