"""Starlette's requests and responses as userlink sees them."""

import pytest
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Scope

from userlink import Cookie, CookiesNotWritable
from userlink_starlette._exchange import bind_starlette
from userlink_starlette._pending import hold


def scope_with(cookies: str = "theirs=1; mine=2") -> Scope:
    """Make the scope of a request with cookies."""
    return {"type": "http", "method": "GET", "headers": [(b"cookie", cookies.encode())]}


def raw_scope(*fields: bytes) -> Scope:
    """Make the scope of a request with these ``Cookie`` fields, byte for byte."""
    return {"type": "http", "method": "GET", "headers": [(b"cookie", field) for field in fields]}


def live(name: str, value: str = "new") -> Cookie:
    """Make a cookie that lives a minute."""
    return Cookie(name, value, 60, secure=True)


@pytest.mark.parametrize("store_options", [{}, {"request": None}, {"request": {"cookies": {}}}])
def test_what_is_not_a_request_of_starlette_is_left_to_other_plugins(
    store_options: dict[str, object],
) -> None:
    """None lets the next plugin answer."""
    assert bind_starlette(store_options) is None


@pytest.mark.parametrize("kind", [Request, HTTPConnection])
def test_a_request_alone_can_be_read_and_not_written(kind: type[HTTPConnection]) -> None:
    """Without middleware and response, setting a cookie raises instead of losing it."""
    exchange = bind_starlette({"request": kind(scope_with())})

    assert exchange is not None
    assert {"theirs": "1", "mine": "2"} == exchange.cookies
    assert not exchange.writable
    with pytest.raises(CookiesNotWritable):
        exchange.set_cookie(live("mine"))


@pytest.mark.parametrize("planted", [b"\xa0", b"\x85", b"\xc2\xa0", b"\x1c", b'"', b"$"])
def test_a_name_that_a_sibling_host_may_set_is_not_tidied_into_ours(planted: bytes) -> None:
    """Browsers let any host of the domain set it, as it does not begin with ``__Host-`` (RFC 6265bis, 5.7)."""
    ours = b"__Host-userlink_session"
    for header in (ours + b"=mine; " + planted + ours + b"=evil", planted + ours + b"=evil"):
        exchange = bind_starlette({"request": Request(raw_scope(header))})

        assert exchange is not None
        mine = "mine" if header.startswith(ours) else None
        assert mine == exchange.cookies.get(ours.decode())


@pytest.mark.parametrize(
    "fields", [(b"mine=1; theirs=2; mine=3",), (b"mine=1; theirs=2", b"mine=3")]
)
def test_a_name_that_comes_twice_is_absent(fields: tuple[bytes, ...]) -> None:
    """In one field or in several, as HTTP/2 may send them: nobody can say which of the two is ours."""
    exchange = bind_starlette({"request": Request(raw_scope(*fields))})

    assert exchange is not None
    assert {"theirs": "2"} == exchange.cookies


def test_a_response_that_is_not_one_of_starlette_is_no_place_for_cookies() -> None:
    """A string, or the response class of another framework, cannot carry them."""
    exchange = bind_starlette({"request": Request(scope_with()), "response": "not a response"})

    assert exchange is not None
    assert not exchange.writable


def test_cookies_go_to_the_response_that_was_given() -> None:
    """And later calls of the same request see them."""
    request, response = Request(scope_with()), Response()
    options = {"request": request, "response": response}
    exchange = bind_starlette(options)
    assert exchange is not None
    assert exchange.writable
    exchange.set_cookie(live("mine"))
    exchange.set_cookie(Cookie("theirs", "", 0, secure=True))
    later = bind_starlette(options)

    assert later is not None
    assert {"mine": "new"} == exchange.cookies == later.cookies
    assert [live("mine").header(), Cookie("theirs", "", 0, secure=True).header()] == (
        response.headers.getlist("set-cookie")
    )


def test_cookies_wait_where_there_is_middleware() -> None:
    """A given response is left alone, so that no cookie is set twice."""
    scope, response = scope_with(), Response()
    waiting = hold(scope)
    exchange = bind_starlette({"request": Request(scope), "response": response})
    assert waiting is not None
    assert exchange is not None
    exchange.set_cookie(live("mine"))

    assert [] == response.headers.getlist("set-cookie")
    assert [live("mine")] == waiting.leave()
    assert not exchange.writable


def test_requests_do_not_see_each_others_cookies() -> None:
    """Each scope has its own."""
    first, second = scope_with(), scope_with()
    hold(first)
    hold(second)
    exchange = bind_starlette({"request": Request(first)})
    other = bind_starlette({"request": Request(second)})
    assert exchange is not None
    assert other is not None
    exchange.set_cookie(live("mine"))

    assert "new" == exchange.cookies["mine"]
    assert "2" == other.cookies["mine"]
