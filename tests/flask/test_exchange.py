"""Flask's requests and responses as userlink sees them."""

import pytest
from flask import Flask, Request, Response, request
from werkzeug.test import EnvironBuilder

from userlink import Cookie, CookiesNotWritable
from userlink_flask._exchange import USER_KEY, bind_flask
from userlink_flask._pending import install


def request_with(cookies: str = "theirs=1; mine=2") -> Request:
    """Make a request with cookies, outside of any application."""
    return Request(EnvironBuilder(headers=[("Cookie", cookies)]).get_environ())


def live(name: str, value: str = "new") -> Cookie:
    """Make a cookie that lives a minute."""
    return Cookie(name, value, 60, secure=True)


@pytest.mark.parametrize("store_options", [{}, {"request": None}, {"request": {"cookies": {}}}])
def test_what_is_not_a_request_of_flask_is_left_to_other_plugins(
    store_options: dict[str, object],
) -> None:
    """None lets the next plugin answer."""
    assert bind_flask(store_options) is None


def test_a_request_alone_can_be_read_and_not_written() -> None:
    """Without extension and response, setting a cookie raises instead of losing it."""
    exchange = bind_flask({"request": request_with()})

    assert exchange is not None
    assert {"theirs": "1", "mine": "2"} == exchange.cookies
    assert not exchange.writable
    with pytest.raises(CookiesNotWritable):
        exchange.set_cookie(live("mine"))


def test_a_response_that_is_not_one_of_werkzeug_is_no_place_for_cookies() -> None:
    """A string, or the response class of another framework, cannot carry them."""
    exchange = bind_flask({"request": request_with(), "response": "not a response"})

    assert exchange is not None
    assert not exchange.writable


def test_cookies_go_to_the_response_that_was_given() -> None:
    """And later calls of the same request see them."""
    given, response = request_with(), Response()
    options = {"request": given, "response": response}
    exchange = bind_flask(options)
    assert exchange is not None
    assert exchange.writable
    exchange.set_cookie(live("mine"))
    exchange.set_cookie(Cookie("theirs", "", 0, secure=True))
    later = bind_flask(options)

    assert later is not None
    assert {"mine": "new"} == dict(exchange.cookies) == dict(later.cookies)
    assert [live("mine").header(), Cookie("theirs", "", 0, secure=True).header()] == (
        response.headers.getlist("Set-Cookie")
    )


def test_the_proxy_of_the_request_stands_for_the_request_itself() -> None:
    """What is set through one is seen through the other, also by a thread that is given the request."""
    app = Flask("app")
    install(app)
    with app.test_request_context() as context:
        through_proxy = bind_flask({"request": request})
        through_itself = bind_flask({"request": context.request})
        assert through_proxy is not None
        assert through_itself is not None
        through_proxy.set_cookie(live("mine"))

        assert {"mine": "new"} == dict(through_itself.cookies)
        assert app.process_response(Response()).headers.getlist("Set-Cookie")


def test_requests_do_not_see_each_others_cookies() -> None:
    """An application answers many at a time."""
    app = Flask("app")
    install(app)
    with app.test_request_context() as first, app.test_request_context() as second:
        exchange = bind_flask({"request": second.request})
        other = bind_flask({"request": first.request})
        assert exchange is not None
        assert other is not None
        exchange.set_cookie(live("mine"))

        assert "new" == exchange.cookies["mine"]
        assert {} == dict(other.cookies)
        app.process_response(Response())


def test_a_call_forgets_who_was_signed_in() -> None:
    """It may be a login or a logout."""
    given = request_with()
    given.environ[USER_KEY] = {"sub": "alice"}
    bind_flask({"request": given})

    assert USER_KEY not in given.environ
