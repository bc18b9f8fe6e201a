"""Cookies that wait for the response of one request."""

import logging

import pytest
from starlette.datastructures import MutableHeaders
from starlette.responses import Response

from userlink import Cookie, CookiesNotWritable
from userlink_starlette._pending import (
    ResponseCookies,
    WaitingCookies,
    discard,
    find,
    hold,
    keep_from_caches,
)


def cookie(name: str = "a", value: str = "1") -> Cookie:
    """Make a cookie that lives a minute."""
    return Cookie(name, value, 60, secure=True)


def set_cookies_of(response: Response) -> list[str]:
    """Return name and value of each cookie that a response sets."""
    return [value.partition(";")[0] for value in response.headers.getlist("set-cookie")]


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


def test_a_response_is_given_each_cookie_once() -> None:
    """Setting again replaces; what the application set itself, and other names, stay."""
    response = Response(headers={"x-other": "kept"})
    response.set_cookie("theirs", "1")
    held = ResponseCookies(response)
    held.put(cookie("a", "1"))
    held.put(cookie("ab", "1"))
    held.put(cookie("a", "2"))

    assert ["theirs=1", "ab=1", "a=2"] == set_cookies_of(response)
    assert ("kept", "no-store") == (response.headers["x-other"], response.headers["cache-control"])
    assert ["Cookie"] == response.headers.getlist("vary")
    assert {"a": cookie("a", "2"), "ab": cookie("ab", "1")} == held.by_name
    assert held.writable


def headers_of(name: str, values: list[str]) -> MutableHeaders:
    """Make headers with one field for each value."""
    return MutableHeaders(raw=[(name.encode(), value.encode()) for value in values])


@pytest.mark.parametrize(
    "values",
    [
        ["private, max-age=5"],
        ["no-store"],
        ["max-age=5 ,\tPRIVATE"],
        ["max-age=5", "private"],
        ["No-Store, public"],
    ],
)
def test_a_response_that_is_not_for_shared_caches_stays_as_it_is(values: list[str]) -> None:
    """RFC 9111, 5.2.2.5 and 5.2.2.7: in one field or in several, in any letter case."""
    headers = headers_of("cache-control", values)
    keep_from_caches(headers)

    assert values == headers.getlist("cache-control")


@pytest.mark.parametrize(
    "values",
    [
        [],
        [""],
        ["public, max-age=600"],
        ["max-age=600", "s-maxage=600"],
        ["no-cache"],
        ['private="set-cookie", max-age=600'],
        ["private-ish, x-no-store, no-store=1"],
    ],
)
def test_a_response_that_a_shared_cache_might_keep_is_not_stored(values: list[str]) -> None:
    """RFC 9111, 7.3: a cache for everybody would hand one user's session to the next."""
    headers = headers_of("cache-control", values)
    keep_from_caches(headers)

    assert ["no-store"] == headers.getlist("cache-control")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], ["Cookie"]),
        (["Accept-Encoding"], ["Accept-Encoding, Cookie"]),
        (["Accept", "Origin"], ["Accept, Origin, Cookie"]),
        (["accept, COOKIE"], ["accept, COOKIE"]),
        (["*"], ["*"]),
        (["X-Cookie"], ["X-Cookie, Cookie"]),
    ],
)
def test_a_page_that_sets_cookies_depends_on_them(values: list[str], expected: list[str]) -> None:
    """RFC 9110, 12.5.5: what the application says itself is kept, and nothing is said twice."""
    headers = headers_of("vary", values)
    keep_from_caches(headers)
    keep_from_caches(headers)

    assert expected == headers.getlist("vary")


def deleted(name: str = "gone") -> Cookie:
    """Make a cookie that deletes another."""
    return Cookie(name, "", 0, secure=True)


@pytest.mark.parametrize(
    ("put", "leaving", "logged"),
    [
        ([cookie("a", "canary")], [], True),
        ([deleted(), cookie("a", "canary")], [], True),
        ([deleted("gone"), deleted("too")], [deleted("gone"), deleted("too")], False),
        ([], [], False),
    ],
)
def test_a_request_that_failed_deletes_and_sets_nothing(
    put: list[Cookie], leaving: list[Cookie], logged: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """A logout holds; a session that was to be replaced is left alone. The log has names and no values."""
    scope: dict[str, object] = {}
    waiting = hold(scope)
    assert waiting is not None
    for each in put:
        waiting.put(each)
    with caplog.at_level(logging.WARNING, "userlink.starlette"):
        discard(scope)

    assert logged == ("cookies were not sent" in caplog.text)
    assert "canary" not in caplog.text
    assert leaving == waiting.leave()


def test_without_middleware_there_is_nothing_to_discard() -> None:
    """A response that was given directly is the caller's."""
    scope: dict[str, object] = {}
    discard(scope)
    held = find(scope, Response())
    assert held is not None
    held.put(cookie())
    discard(scope)

    assert {"a": cookie()} == held.by_name


def test_calls_with_the_same_response_share_its_cookies() -> None:
    """A later call sees what an earlier one set; another response is another place."""
    scope: dict[str, object] = {}
    first, second = Response(), Response()
    held = find(scope, first)

    assert held is not None
    assert held is find(scope, first)
    assert held is not find(scope, second)


def test_without_middleware_and_response_there_is_no_place() -> None:
    """Nothing is made up: the core refuses to start where cookies would be lost."""
    assert find({}, None) is None


def test_the_middleware_has_precedence_over_a_response() -> None:
    """Whatever response is at hand, the cookies go out once, on the one that leaves."""
    scope: dict[str, object] = {}
    waiting = hold(scope)

    assert waiting is not None
    assert waiting is find(scope, None)
    assert waiting is find(scope, Response())


def test_a_nested_middleware_leaves_the_cookies_to_the_outer_one() -> None:
    """Also when the scope was copied on the way."""
    scope: dict[str, object] = {}
    hold(scope)

    assert hold(scope) is None
    assert hold(dict(scope)) is None


def test_a_scope_that_is_used_again_starts_afresh() -> None:
    """What belonged to a finished request is never found by the next one."""
    scope: dict[str, object] = {}
    first = hold(scope)
    assert first is not None
    first.put(cookie())
    first.leave()
    second = hold(scope)

    assert second is not None
    assert second is not first
    assert {} == second.by_name
