"""Cookies that wait for the response of one request."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask, Response, abort, request, stream_with_context
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response as WerkzeugResponse

from support.app_browser import APP
from userlink import Cookie, CookiesNotWritable
from userlink_flask._exchange import bind_flask
from userlink_flask._pending import ResponseCookies, detached, find, install


def cookie(name: str = "a", value: str = "1") -> Cookie:
    """Make a cookie that lives a minute."""
    return Cookie(name, value, 60, secure=True)


def put(name: str = "a", value: str = "1") -> None:
    """Set a cookie as a client does, in the request at hand."""
    exchange = bind_flask({"request": request})
    assert exchange is not None
    exchange.set_cookie(cookie(name, value))


def setting(name: str, text: str = "text") -> Callable[[], str]:
    """Return a view that sets a cookie."""

    def view() -> str:
        put(name)
        return text

    return view


def set_cookies_of(response: Any) -> list[str]:
    """Return name and value of each cookie that a response sets."""
    return [value.partition(";")[0] for value in response.headers.getlist("Set-Cookie")]


@pytest.fixture
def app() -> Flask:
    """Return an application that puts waiting cookies on what leaves."""
    app = Flask("app")
    install(app)
    install(app)
    return app


def get(app: Flask, path: str = "/", **environ: Any) -> Any:
    """Ask an application as a browser does."""
    return app.test_client().get(path, base_url=APP, environ_overrides=environ)


def test_a_fresh_response_carries_what_waits_once(app: Flask) -> None:
    """A later cookie of the same name replaces the earlier one; the application's own stay."""

    @app.get("/")
    def view() -> Response:
        put("a", "1")
        put("b")
        put("a", "2")
        response = Response("text")
        response.set_cookie("theirs", "1")
        return response

    answer = get(app)

    assert ["theirs=1", "a=2", "b=1"] == set_cookies_of(answer)
    assert cookie("a", "2").header() in answer.headers.getlist("Set-Cookie")


def test_what_error_handlers_answer_carries_cookies_too(app: Flask) -> None:
    """Of HTTP's own errors, with and without a page, and of exceptions that have one."""
    app.register_error_handler(404, lambda error: ("own page", 404))
    app.register_error_handler(LookupError, lambda error: ("handled", 409))

    @app.get("/<what>")
    def view(what: str) -> str:
        put()
        if what == "lookup":
            raise LookupError
        abort(int(what))

    answers = [get(app, path) for path in ("/404", "/403", "/lookup")]

    assert [404, 403, 409] == [answer.status_code for answer in answers]
    assert [["a=1"]] * 3 == [set_cookies_of(answer) for answer in answers]


def test_what_a_before_request_function_answers_carries_cookies(app: Flask) -> None:
    """It stands in the place of the view, and of functions that would run after it."""
    app.before_request(setting("a", "in between"))

    assert ["a=1"] == set_cookies_of(get(app))


def test_an_unhandled_exception_takes_no_cookie_along(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    """Half of what was to be done shall not be done; the log holds the exception and nothing of the cookie."""

    @app.get("/")
    def view() -> str:
        put("a", "canary")
        raise LookupError

    with caplog.at_level(logging.INFO):
        answer = get(app)

    assert (500, []) == (answer.status_code, set_cookies_of(answer))
    assert "LookupError" in caplog.text
    assert "1 cookies were not sent" in caplog.text
    assert "canary" not in caplog.text


def test_an_unhandled_exception_takes_deletions_along(app: Flask) -> None:
    """A logout holds, whatever fails after it."""

    @app.get("/")
    def view() -> str:
        exchange = bind_flask({"request": request})
        assert exchange is not None
        exchange.set_cookie(Cookie("a", "", 0, secure=True))
        raise LookupError

    answer = get(app)

    assert (500, ["a="]) == (answer.status_code, set_cookies_of(answer))


def test_an_exception_that_the_server_sees_takes_no_cookie_along(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    """As in tests and debugging: there is no response, and the next request starts afresh."""
    app.testing = True

    @app.get("/")
    def view() -> str:
        put()
        raise LookupError

    with pytest.raises(LookupError):
        get(app)
    assert [] == set_cookies_of(get(app, "/other"))


def test_cookies_that_no_response_took_are_told_to_the_log(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    """By name, without their values."""
    with (
        caplog.at_level(logging.WARNING, "userlink.flask"),
        app.test_request_context(base_url=APP),
    ):
        put("lost", "canary")

    assert (
        "1 cookies were not sent, because the request failed or had no response: lost"
        in caplog.text
    )
    assert "canary" not in caplog.text


def test_a_cookie_that_comes_too_late_is_refused_by_name(app: Flask) -> None:
    """While the response streams, its headers have gone."""
    refusals: list[CookiesNotWritable] = []

    @app.get("/")
    def view() -> Response:
        def body() -> Iterator[str]:
            yield "first"
            try:
                put("late", "canary")
            except CookiesNotWritable as error:
                refusals.append(error)

        return Response(stream_with_context(body()))

    answer = get(app)

    assert ("first", []) == (answer.text, set_cookies_of(answer))
    assert ["late" in str(error) for error in refusals] == [True]
    assert "before the response starts" in refusals[0].hint
    assert "canary" not in str(refusals)


def test_a_request_that_is_over_takes_no_cookie(app: Flask) -> None:
    """A thread that still holds the request is told so."""
    held: list[Any] = []

    @app.get("/")
    def view() -> str:
        put()
        exchange = bind_flask({"request": request})
        held.append(exchange)
        return "text"

    get(app)

    assert not held[0].writable
    with pytest.raises(CookiesNotWritable):
        held[0].set_cookie(cookie())


def test_one_response_object_for_all_requests_keeps_nobodys_cookies(app: Flask) -> None:
    """32 threads at once are answered with the same object; each takes its own cookie along."""
    shared = Response("closed for today", 503)
    together = Barrier(32)

    @app.get("/<name>")
    def view(name: str) -> Response:
        put("a", name)
        together.wait()
        return shared

    with ThreadPoolExecutor(32) as threads:
        answers = list(threads.map(lambda number: get(app, f"/{number}"), range(32)))

    assert [[f"a={number}"] for number in range(32)] == [set_cookies_of(each) for each in answers]
    assert [] == set_cookies_of(shared)
    assert "Cache-Control" not in shared.headers


@pytest.mark.parametrize(
    ("chosen", "cache_control", "vary"),
    [
        ({}, "no-store", "Cookie"),
        ({"Cache-Control": "public, max-age=60", "Vary": "Accept"}, "no-store", "Accept, Cookie"),
        ({"Cache-Control": "private, max-age=5", "Vary": "*"}, "private, max-age=5", "*"),
    ],
)
def test_no_shared_cache_keeps_a_response_with_a_cookie(
    chosen: dict[str, str], cache_control: str, vary: str, app: Flask
) -> None:
    """RFC 9111, 7.3: whatever the application says about the page; without a cookie, it has its way."""

    @app.get("/<what>")
    def view(what: str) -> Response:
        if what == "cookie":
            put("a")
            put("b")
        return Response("text", headers=chosen)

    with_cookie, without = get(app, "/cookie"), get(app, "/none")

    assert [cache_control] == with_cookie.headers.getlist("Cache-Control")
    assert [vary] == with_cookie.headers.getlist("Vary")
    assert chosen.get("Cache-Control") == without.headers.get("Cache-Control")


def test_requests_within_one_application_context_share_nothing(app: Flask) -> None:
    """Flask's ``g`` would be shared here; cookies wait with their request."""

    @app.get("/<what>")
    def view(what: str) -> str:
        if what == "set":
            put()
        exchange = bind_flask({"request": request})
        assert exchange is not None
        return str(exchange.cookies.get("a"))

    with app.app_context():
        first, second = get(app, "/set"), get(app, "/read")

    assert ("1", ["a=1"]) == (first.text, set_cookies_of(first))
    assert ("None", []) == (second.text, set_cookies_of(second))


def test_an_application_within_another_leaves_its_cookies_to_the_outer_request(app: Flask) -> None:
    """Which holds cookies already; they leave once, on the outer response."""
    inner = Flask("inner")
    install(inner)
    inner.add_url_rule("/", "view", setting("inner"))

    @app.get("/")
    def view() -> WerkzeugResponse:
        put("outer")
        return Response.from_app(inner, request.environ)

    assert ["outer=1", "inner=1"] == set_cookies_of(get(app))


def test_an_environment_that_is_used_again_starts_afresh(app: Flask) -> None:
    """A server may try one application after the other; what belonged to the first is closed."""
    app.add_url_rule("/", "view", setting("first"))
    second = Flask("second")
    install(second)
    second.add_url_rule("/", "view", setting("second"))

    def cascade(environ: dict[str, Any], start_response: Any) -> Any:
        list(app(environ, lambda status, headers, exc_info=None: lambda data: None))
        return second(environ, start_response)

    outer = Flask("outer")
    outer.wsgi_app = cascade  # type: ignore[method-assign]  # how middleware is installed

    assert ["second=1"] == set_cookies_of(get(outer))


def test_mounted_applications_have_their_own_cookies(app: Flask) -> None:
    """Several applications of one process, each set up for itself."""
    other = Flask("other")
    install(other)
    for each in (app, other):
        each.add_url_rule("/", "view", setting(each.name))
    outer = Flask("outer")
    outer.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/other": other})  # type: ignore[method-assign]  # likewise

    assert ["app=1"] == set_cookies_of(get(outer))
    assert ["other=1"] == set_cookies_of(get(outer, "/other/"))


def test_a_response_that_was_given_has_each_cookie_once() -> None:
    """Without the extension: setting again replaces; what the application set itself, and other names, stay."""
    response = Response(headers={"X-Other": "kept"})
    response.set_cookie("theirs", "1")
    held = ResponseCookies(response)
    held.put(cookie("a", "1"))
    held.put(cookie("ab", "1"))
    held.put(cookie("a", "2"))

    assert ["theirs=1", "ab=1", "a=2"] == set_cookies_of(response)
    assert ("kept", "no-store") == (response.headers["X-Other"], response.headers["Cache-Control"])
    assert {"a": cookie("a", "2"), "ab": cookie("ab", "1")} == held.by_name
    assert held.writable


def test_calls_with_the_same_response_share_its_cookies() -> None:
    """A later call sees what an earlier one set; another response is another place, and none is none."""
    first, second = Response(), Response()
    with Flask("plain").test_request_context() as context:
        held = find(context.request, first)

        assert held is not None
        assert held is find(context.request, first)
        assert held is not find(context.request, second)
        assert find(context.request, None) is None


def test_the_extension_has_precedence_over_a_response(app: Flask) -> None:
    """Whatever response is at hand, the cookies go out once, on the one that leaves."""
    with app.test_request_context() as context:
        waiting = find(context.request, None)

        assert waiting is not None
        assert waiting is find(context.request, Response())


def test_a_detached_response_has_its_own_headers_and_the_same_body() -> None:
    """Nothing else of it is copied."""
    response = Response("text", 201, {"X-Mine": "1"})
    copied = detached(response)
    copied.headers["X-Mine"] = "2"

    assert ("1", "2") == (response.headers["X-Mine"], copied.headers["X-Mine"])
    assert ("text", 201) == (copied.get_data(as_text=True), copied.status_code)
