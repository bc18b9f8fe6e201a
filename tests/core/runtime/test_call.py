"""Binding a call to the request and response it serves."""

import pytest

from userlink.errors import CookiesNotWritable, ExchangeNotRecognised
from userlink.plugins.manager import Plugins
from userlink.runtime.call import NO_CALL, bind, bind_no_browser
from userlink.stores.protocols import Cookie

PLUGINS = Plugins(installed=False)


def test_fetching_what_a_provider_publishes_serves_no_request() -> None:
    """It reads no cookie and can set none."""
    assert {} == NO_CALL.exchange.cookies
    assert not NO_CALL.exchange.writable
    with pytest.raises(CookiesNotWritable):
        NO_CALL.exchange.set_cookie(Cookie("name", "value", 1, True))


def test_a_call_that_sets_cookies_needs_somewhere_to_set_them() -> None:
    """It is refused before anything has happened; one that only reads is not."""
    request = type("Request", (), {"cookies": {"name": "value"}})()

    with pytest.raises(CookiesNotWritable):
        bind(PLUGINS, {"request": request}, writing=True)
    assert {"name": "value"} == bind(PLUGINS, {"request": request}, writing=False).exchange.cookies


def test_store_options_that_nobody_understands_are_refused() -> None:
    """The error names what they hold, and no value."""
    with pytest.raises(ExchangeNotRecognised, match="they hold tenant"):
        bind(PLUGINS, {"tenant": "blue"}, writing=False)
    with pytest.raises(ExchangeNotRecognised, match="they hold nothing"):
        bind(PLUGINS, None, writing=False)


def test_the_providers_own_request_has_no_browser() -> None:
    """It needs no store options, brings no cookie and can set none; the stores are given what there is."""
    assert {} == bind_no_browser(None).store_options
    assert {"tenant": "blue"} == bind_no_browser({"tenant": "blue"}).store_options
    assert not bind_no_browser({"cookies": {"a": "b"}}).exchange.cookies
