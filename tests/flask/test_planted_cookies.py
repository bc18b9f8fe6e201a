"""A sibling host plants its cookies in a victim's browser, under names that lenient parsers take for ours."""

from typing import Any

import pytest

from support.app_browser import APP
from support.flask_browser import FlaskBrowser, OpenFlaskBrowser, make_flask_app
from userlink import SyncServerClient
from userlink_devtenant import DevTenant

# What browsers let any host of the domain put before __Host-, and what a decoder takes for blanks.
PREFIXES = [b"\xa0", b"\x85", b"\xc2\xa0", b"\xc2\x85", b"\xe2\x80\xaf"]


def as_sent(browser: FlaskBrowser, prefix: bytes = b"") -> list[bytes]:
    """Return a browser's cookies as they stand in a header, with something before each name."""
    return [prefix + f"{name}={value}".encode("latin-1") for name, value in browser.cookies.items()]


def ask(app: Any, path: str, cookies: list[bytes]) -> Any:
    """Send a request with exactly these cookies."""
    header = b"; ".join(cookies).decode("latin-1")
    client = app.test_client(use_cookies=False)
    return client.get(path, base_url=APP, environ_overrides={"HTTP_COOKIE": header})


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_planted_session_signs_nobody_in(
    prefix: bytes, client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """Neither in the place of the victim's own session nor where there is none."""
    app = make_flask_app(client)
    victim, attacker = browser(app), browser(app)
    victim.sign_in("bob")
    attacker.sign_in("alice")
    planted = as_sent(attacker, prefix)

    for cookies in (as_sent(victim) + planted, planted + as_sent(victim)):
        answer = ask(app, "/auth/profile", cookies)
        assert answer.json is not None
        assert "auth0|bob" == answer.json["sub"]
    assert 401 == ask(app, "/auth/profile", planted).status_code


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_planted_link_is_not_completed_in_the_victims_browser(
    prefix: bytes, client: SyncServerClient, browser: OpenFlaskBrowser, devtenant: DevTenant
) -> None:
    """The attacker's transaction and session come along, and no token request is sent."""
    app = make_flask_app(client)
    victim, attacker = browser(app), browser(app)
    victim.sign_in("bob")
    attacker.sign_in("alice")
    callback_url = attacker.start_link()
    asked = len(devtenant.requests_to("/oauth/token"))
    answer = ask(app, callback_url, as_sent(victim) + as_sent(attacker, prefix))

    assert "/?userlink_error=transaction_not_found" == answer.location
    assert asked == len(devtenant.requests_to("/oauth/token"))


def test_a_session_that_comes_twice_is_none(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """Nobody can say which of two cookies of one name is meant."""
    app = make_flask_app(client)
    alice = browser(app)
    alice.sign_in()
    twice = as_sent(alice) * 2

    assert 401 == ask(app, "/auth/profile", twice).status_code
