"""The recipes for frameworks without an adapter, as their pages show them, behind real servers."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from support import pages
from support.recipe_browser import APP, ORIGIN, RecipeBrowser
from userlink_devtenant import DevTenant

OpenRecipe: TypeAlias = Callable[[], RecipeBrowser]
# What browsers let any host of the domain put before __Host-, and what a decoder takes for blanks.
PREFIXES = [b"\xa0", b"\x85", b"\xc2\xa0", b"\xc2\x85", b"\xe2\x80\xaf"]
LONGEST_EXCHANGE = 30  # lines


def test_the_exchange_is_short(page: Path) -> None:
    """The page's first block is the whole of it, imports and empty lines included."""
    exchange = pages.visible_blocks(page)[0]

    assert "def set_cookie" in exchange
    assert LONGEST_EXCHANGE >= len(exchange.splitlines())


def test_a_user_logs_in_links_unlinks_and_logs_out(
    browser: OpenRecipe, devtenant: DevTenant
) -> None:
    """Every step is a redirect, and the browser keeps every cookie that it is given."""
    alice = browser()

    assert "/me" == alice.sign_in()
    assert "Alice Example" == alice.user()["name"]
    assert "/me" == alice.go("GET", alice.start_link())
    assert "github" == devtenant.identities_of("alice")[1].connection
    assert 2 == len(alice.user()["identities"])
    alice.tenant.open(alice.go("POST", "/unlink/github", ORIGIN))
    assert "/me" == alice.go("GET", alice.tenant.confirm_unlink())
    assert 1 == len(alice.user()["identities"])
    goodbye = alice.go("POST", "/logout", ORIGIN)
    assert goodbye.startswith(f"{devtenant.issuer}oidc/logout")
    assert {} == alice.user()
    assert [] == alice.jar.refused
    assert [] == [each for each in alice.jar.cookies() if "_session" in each.name]


def test_cookies_are_out_of_reach_of_scripts_and_other_hosts(browser: OpenRecipe) -> None:
    """Those of the start and of the session alike: __Host-, Secure, HttpOnly, Lax (RFC 6265bis, 4.1.3.2)."""
    alice = browser()
    alice.go("GET", "/login")
    alice.sign_in()

    cookies = alice.jar.cookies()
    assert {"session", "tx"} == {each.name.split("_")[3] for each in cookies}
    assert all(each.name.startswith("__Host-userlink_") for each in cookies)
    assert {(True, True, True, "lax", "/")} == {
        (each.is_secure, each.is_http_only, each.is_host_only, each.same_site, each.path)
        for each in cookies
    }


def test_answers_with_cookies_stay_out_of_caches(browser: OpenRecipe) -> None:
    """A cache for everybody would hand the session to the next visitor (RFC 9111, 7.3)."""
    alice = browser()
    start = alice.send("GET", "/login")
    alice.tenant.open(start.headers["location"])
    end = alice.send("GET", alice.tenant.sign_in("alice"))

    for answer in (start, end):
        assert answer.headers.get_list("set-cookie")
        assert "no-store" == answer.headers["cache-control"]
        assert "no-referrer" == answer.headers["referrer-policy"]
        assert "Cookie" in answer.headers["vary"]


def test_a_stolen_callback_is_refused(browser: OpenRecipe, devtenant: DevTenant) -> None:
    """Another browser has not started the flow, and no token request is sent."""
    alice, thief = browser(), browser()
    alice.tenant.open(alice.go("GET", "/login"))
    callback_url = alice.tenant.sign_in("alice")

    assert "/me?problem=transaction_not_found" == thief.go("GET", callback_url)
    assert {} == thief.user()
    assert [] == devtenant.requests_to("/oauth/token")
    assert "/me" == alice.go("GET", callback_url)


def test_a_link_is_completed_in_its_own_session_only(
    browser: OpenRecipe, devtenant: DevTenant
) -> None:
    """Somebody else's browser does not complete it, signed in or not."""
    alice, bob = browser(), browser()
    alice.sign_in()
    bob.sign_in("bob")
    callback_url = alice.start_link()

    assert "/me?problem=transaction_not_found" == bob.go("GET", callback_url)
    assert "auth0|bob" == bob.user()["sub"]


def test_a_callback_counts_once(browser: OpenRecipe) -> None:
    """Its repetition is named, and the session stays."""
    alice = browser()
    alice.sign_in()
    callback_url = alice.start_link()
    alice.go("GET", callback_url)

    assert "/me?problem=transaction_already_used" == alice.go("GET", callback_url)
    assert "Alice Example" == alice.user()["name"]


def test_a_head_does_not_use_up_a_callback(browser: OpenRecipe) -> None:
    """Link checkers send one before the browser comes."""
    alice = browser()
    alice.tenant.open(alice.go("GET", "/login"))
    callback_url = alice.tenant.sign_in("alice")

    assert 405 == alice.send("HEAD", callback_url).status_code
    assert "/me" == alice.go("GET", callback_url)


def test_cookies_are_on_answers_to_failures_too(browser: OpenRecipe) -> None:
    """A cancelled link marks its transaction as spent; the user stays signed in."""
    alice = browser()
    alice.sign_in()
    before = {cookie.name for cookie in alice.jar.cookies()}
    alice.tenant.open(alice.go("POST", "/link/github", ORIGIN))
    waiting = {cookie.name for cookie in alice.jar.cookies()} - before
    callback_url = alice.tenant.cancel()

    answer = alice.send("GET", callback_url)

    assert "/me?problem=authorization_denied" == answer.headers["location"]
    assert len(waiting) == 1
    changed = {header.partition("=")[0] for header in answer.headers.get_list("set-cookie")}
    assert waiting <= changed
    assert "Alice Example" == alice.user()["name"]


@pytest.mark.parametrize("path", ["/link/github", "/unlink/github", "/logout"])
@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "same-site"}],
    ids=["says nothing", "elsewhere", "null", "a sibling"],
)
def test_only_the_applications_own_pages_change_something(
    browser: OpenRecipe, path: str, headers: dict[str, str]
) -> None:
    """Others are refused, and so is a GET (RFC 9700, 4.7)."""
    alice = browser()
    alice.sign_in()

    assert "/me?problem=request_origin_refused" == alice.go("POST", path, headers)
    assert alice.send("GET", path).status_code in (404, 405)
    assert "Alice Example" == alice.user()["name"]


@pytest.mark.parametrize("return_to", ["https://evil.example/", "//evil.example", "/%5Cevil"])
def test_nobody_is_sent_elsewhere_after_the_login(browser: OpenRecipe, return_to: str) -> None:
    """``return_to`` comes from a link that anybody can write (CWE-601)."""
    alice = browser()
    alice.tenant.open(alice.go("GET", f"/login?return_to={return_to}"))

    assert "/me" == alice.go("GET", alice.tenant.sign_in("alice"))


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_planted_session_signs_nobody_in(browser: OpenRecipe, prefix: bytes) -> None:
    """A sibling host's cookie, of a name that lenient parsers take for ours, is not ours."""
    victim, attacker = browser(), browser()
    victim.sign_in("bob")
    attacker.sign_in("alice")
    own, planted = victim.as_sent(), attacker.as_sent(prefix)

    assert "auth0|bob" == victim.user(own + b"; " + planted)["sub"]
    assert "auth0|bob" == victim.user(planted + b"; " + own)["sub"]
    assert {} == victim.user(planted)


def test_a_session_that_comes_twice_is_none(browser: OpenRecipe) -> None:
    """Nobody can say which of two cookies of one name is meant."""
    alice = browser()
    alice.sign_in()

    assert "auth0|alice" == alice.user(alice.as_sent())["sub"]
    assert {} == alice.user(alice.as_sent() + b"; " + alice.as_sent())


def test_the_page_listens_where_the_tenant_sends_browsers(page: Path) -> None:
    """What is copied from the page works with the development tenant as it stands."""
    assert "http://localhost:3000/auth/callback" in "".join(pages.visible_blocks(page))
    assert APP not in page.read_text(encoding="utf-8")
