"""The generic exchange: every framework whose requests have cookies and whose responses can set them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from attrs import define, field
from starlette.requests import Request as StarletteRequest
from starlette.responses import RedirectResponse

from userlink.errors import CookiesNotWritable
from userlink.plugins.exchange import CookieOverlay, GenericExchange, PlainCookies, bind_generic
from userlink.stores.protocols import Cookie, Exchange, StoreOptions

SESSION = Cookie("session", "new", 60, True)
DELETED = Cookie("session", "", 0, True)


@define
class Request:
    """A request of a framework: it has cookies."""

    cookies: Mapping[str, str]


@define(slots=False)
class Response:
    """A response of a framework: it notes each cookie that it is told to set."""

    set_cookies: list[tuple[str, str, dict[str, Any]]] = field(
        factory=list[tuple[str, str, dict[str, Any]]]
    )

    def set_cookie(self, name: str, value: str, **attributes: Any) -> None:
        """Note it."""
        self.set_cookies.append((name, value, attributes))


@define(slots=True)
class SlottedResponse:
    """A response that takes no attributes beyond its own."""

    set_cookies: list[str] = field(factory=list[str])

    def set_cookie(self, name: str, value: str, **attributes: Any) -> None:
        """Note its name."""
        self.set_cookies.append(name)


def bound(store_options: StoreOptions) -> Exchange:
    """Return the exchange of options that are understood."""
    exchange = bind_generic(store_options)
    assert exchange is not None
    return exchange


# ---------------------------------------------------------------------------- the three forms


def test_a_request_and_a_response_can_be_read_and_written() -> None:
    """The usual form."""
    exchange = bound({"request": Request({"session": "old"}), "response": Response()})

    assert isinstance(exchange, GenericExchange)
    assert {"session": "old"} == exchange.cookies
    assert exchange.writable


def test_a_request_alone_can_be_read() -> None:
    """Enough to ask who is signed in; cookies would have nowhere to go."""
    exchange = bound({"request": Request({"session": "old"})})

    assert {"session": "old"} == exchange.cookies
    assert not exchange.writable
    with pytest.raises(CookiesNotWritable):
        exchange.set_cookie(SESSION)
    assert {"session": "old"} == exchange.cookies


@pytest.mark.parametrize("response", [None, object(), type("R", (), {"set_cookie": "no method"})()])
def test_what_sets_no_cookies_is_no_response(response: object) -> None:
    """It is as if there were none, and starting a flow will say so."""
    assert not bound({"request": Request({}), "response": response}).writable


def test_a_dict_stands_for_a_browser() -> None:
    """For tests and scripts: read and written in place."""
    jar = {"session": "old"}
    exchange = bound({"cookies": jar})
    assert isinstance(exchange, PlainCookies)
    assert exchange.writable

    exchange.set_cookie(SESSION)
    assert {"session": "new"} == jar == exchange.cookies

    exchange.set_cookie(DELETED)
    exchange.set_cookie(DELETED)
    assert {} == jar


@pytest.mark.parametrize(
    "store_options",
    [
        {},
        {"cookies": None},
        {"cookies": [("session", "old")]},
        {"cookies": MappingProxyType({"session": "old"})},
        {"request": None},
        {"request": object()},
        {"request": type("Request", (), {"cookies": "session=old"})()},
        {"response": Response()},
        {"request": {"cookies": {}}},
    ],
    ids=str,
)
def test_other_forms_are_not_understood(store_options: StoreOptions) -> None:
    """Nothing is guessed: another plugin may know them."""
    assert bind_generic(store_options) is None


# ------------------------------------------------------------------------------ setting cookies


@pytest.mark.parametrize("secure", [True, False])
def test_the_response_is_told_every_flag(secure: bool) -> None:
    """By the names that Starlette, Flask and Django share, and never a domain."""
    response = Response()

    bound({"request": Request({}), "response": response}).set_cookie(
        Cookie("session", "new", 60, secure)
    )

    flags = {
        "max_age": 60,
        "path": "/",
        "secure": secure,
        "httponly": True,
        "samesite": "Lax",
    }
    assert [("session", "new", flags)] == response.set_cookies


def test_a_real_framework_writes_the_header_that_was_meant() -> None:
    """Starlette's own request and response, without its adapter."""
    scope = {"type": "http", "headers": [(b"cookie", b"session=old; theme=dark")]}
    response = RedirectResponse("/")
    exchange = bound({"request": StarletteRequest(scope), "response": response})
    assert {"session": "old", "theme": "dark"} == exchange.cookies

    exchange.set_cookie(SESSION)

    (header,) = response.headers.getlist("set-cookie")
    expected = {"session=new", "max-age=60", "path=/", "secure", "httponly", "samesite=lax"}
    assert expected == {part.strip().lower() for part in header.split(";")}


def test_what_was_set_is_seen_by_the_same_exchange() -> None:
    """Reads after a write see the request as the next one will be."""
    exchange = bound({"request": Request({"session": "old", "a": "1"}), "response": Response()})

    exchange.set_cookie(SESSION)
    assert {"session": "new", "a": "1"} == exchange.cookies

    exchange.set_cookie(DELETED)
    assert {"a": "1"} == exchange.cookies


def test_a_later_call_of_the_same_request_sees_what_an_earlier_one_set() -> None:
    """Completing a login and asking for the user go together in one handler."""
    store_options = {"request": Request({}), "response": Response()}

    bound(store_options).set_cookie(SESSION)

    assert {"session": "new"} == bound(store_options).cookies


def test_another_request_sees_nothing_of_it() -> None:
    """Each response has its own cookies pending."""
    bound({"request": Request({}), "response": Response()}).set_cookie(SESSION)

    assert {} == bound({"request": Request({}), "response": Response()}).cookies


def test_the_cookies_of_the_request_are_left_as_they_are() -> None:
    """They belong to the framework."""
    received = {"session": "old"}

    bound({"request": Request(received), "response": Response()}).set_cookie(SESSION)

    assert {"session": "old"} == received


def test_a_response_without_room_for_attributes_still_sets_cookies() -> None:
    """Only later calls of the same request do not see them."""
    response = SlottedResponse()
    store_options = {"request": Request({}), "response": response}
    exchange = bound(store_options)

    exchange.set_cookie(SESSION)

    assert ["session"] == response.set_cookies
    assert {"session": "new"} == exchange.cookies
    assert {} == bound(store_options).cookies


def test_without_anything_pending_the_received_cookies_are_handed_on() -> None:
    """Most requests only read: nothing is copied for them."""
    received = {"session": "old"}

    assert received is CookieOverlay(received, {}).cookies


def test_what_was_set_is_laid_over_what_came_without_a_copy() -> None:
    """However many cookies a request brings, reading after a write looks at those asked for."""

    class Looked(dict[str, str]):
        """Cookies that must not be gone through."""

        def __iter__(self) -> Any:
            """Fail the test."""
            raise AssertionError("went through every cookie")

        keys = items = values = __iter__

    overlay = CookieOverlay(Looked({"session": "old", "theme": "dark"}), {})
    overlay.set_cookie(SESSION)

    assert "new" == overlay.cookies["session"]
    assert "dark" == overlay.cookies.get("theme")
    assert "absent" not in overlay.cookies
    overlay.set_cookie(DELETED)
    assert overlay.cookies.get("session") is None


def test_the_laid_over_cookies_are_gone_through_and_counted_once_each() -> None:
    """A name that was received and set again is one cookie; a deleted one is none."""
    received = {"session": "old", "theme": "dark", "gone": "1"}
    pending = {"session": SESSION, "added": Cookie("added", "2", 60, True)}
    overlay = CookieOverlay(received, {**pending, "gone": Cookie("gone", "", 0, True)})

    assert ["added", "session", "theme"] == sorted(overlay.cookies)
    assert 3 == len(overlay.cookies)
    assert {"session": "new", "theme": "dark", "added": "2"} == dict(overlay.cookies)


def test_cookies_set_behind_an_exchange_are_seen() -> None:
    """Adapters keep what is pending in a place of their own, and fill it themselves."""
    pending: dict[str, Cookie] = {}
    overlay = CookieOverlay({"session": "old"}, pending)
    assert "old" == overlay.cookies["session"]

    pending["session"] = SESSION

    assert "new" == overlay.cookies["session"]


def test_an_exchange_does_not_show_its_cookies() -> None:
    """They are as good as passwords."""
    canary = {"session": "canary"}

    overlay = CookieOverlay(canary, {"session": Cookie("session", "canary", 60, True)})

    shown = repr([bound({"cookies": canary}), bound({"request": Request(canary)})])
    shown += repr([overlay, overlay.cookies])

    assert "canary" not in shown
