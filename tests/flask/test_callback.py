"""The callback for all kinds: whatever fails, the session is as it was."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from support.app_browser import is_private, path_of, sent_to_provider
from support.flask_browser import OpenFlaskBrowser, make_flask_app
from userlink import SyncServerClient
from userlink_devtenant import DevTenant
from userlink_flask import RouteOptions


def test_a_denied_link_tells_a_code_and_changes_nothing(
    client: SyncServerClient, browser: OpenFlaskBrowser, devtenant: DevTenant
) -> None:
    """The user pressed Cancel at the connection's page; what the provider wrote is not shown."""
    alice = browser(make_flask_app(client))
    alice.sign_in()
    before = alice.user()
    start = alice.post("/auth/link/github", {"return_to": "/profile#linked"})
    alice.tenant.open(path_of(start))
    denied = alice.get(alice.tenant.cancel())

    assert "/profile?userlink_error=authorization_denied#linked" == path_of(denied)
    assert is_private(denied)
    assert before == alice.user()
    assert 1 == len(devtenant.identities_of("alice"))


def test_text_of_the_provider_is_never_passed_on(
    client: SyncServerClient, browser: OpenFlaskBrowser, devtenant: DevTenant
) -> None:
    """Line ends and HTML in the error parameters reach neither headers nor body."""
    alice = browser(make_flask_app(client))
    start = alice.get("/auth/login")
    (state,) = sent_to_provider(start)["state"]
    answer = alice.get(
        f"/auth/callback?state={state}&iss={quote(devtenant.issuer)}&error=a%0d%0aSet-Cookie:x=1"
        "&error_description=%3Cscript%3Ealert(1)%3C/script%3E%0d%0aX:1"
    )

    assert "/?userlink_error=authorization_denied" == path_of(answer)
    assert "script" not in f"{answer.headers}{answer.text}"
    assert "x" not in alice.cookies


def test_a_repeated_callback_goes_where_the_first_one_went(
    client: SyncServerClient, browser: OpenFlaskBrowser, devtenant: DevTenant
) -> None:
    """A reload, a double click: no error, no second token request, the session untouched."""
    alice = browser(make_flask_app(client))
    callback_url = alice.start_login(return_to="/welcome")
    first = alice.get(callback_url)
    session = alice.cookies["__Host-userlink_session"]
    again = alice.get(callback_url)

    assert "/welcome" == path_of(first) == path_of(again)
    assert is_private(again)
    assert session == alice.cookies["__Host-userlink_session"]
    assert 1 == len(devtenant.requests_to("/oauth/token"))


def test_of_twenty_callbacks_at_once_one_asks_for_tokens(
    client: SyncServerClient, browser: OpenFlaskBrowser, devtenant: DevTenant
) -> None:
    """All are sent on to return_to; one of them brings the session."""
    alice = browser(make_flask_app(client))
    callback_url = alice.start_login(return_to="/welcome")
    cookies = "; ".join(f"{name}={value}" for name, value in alice.cookies.items())
    together = Barrier(20)

    def deliver(_: int) -> httpx.Response:
        together.wait()
        return alice.get(callback_url, cookie=cookies)

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(deliver, range(20)))

    assert ["/welcome"] * 20 == [path_of(answer) for answer in answers]
    assert 1 == sum("userlink_session" in str(answer.headers) for answer in answers)
    assert 1 == len(devtenant.requests_to("/oauth/token"))


def test_a_callback_of_another_browser_is_refused(
    client: SyncServerClient, browser: OpenFlaskBrowser, devtenant: DevTenant
) -> None:
    """RFC 6749, 10.12: Eve's callback in Alice's browser links nothing, and Alice stays signed in."""
    app = make_flask_app(client)
    alice, eve = browser(app), browser(app)
    alice.sign_in("alice")
    eve.sign_in("bob")
    forged = eve.start_link("google-oauth2", "team@gmail.example")
    before, asked = alice.user(), len(devtenant.requests_to("/oauth/token"))
    answer = alice.get(forged)

    assert "/?userlink_error=transaction_not_found" == path_of(answer)
    assert is_private(answer)
    assert before == alice.user()
    assert asked == len(devtenant.requests_to("/oauth/token"))


def test_a_link_that_comes_back_to_another_user_is_refused(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """Alice starts, Bob signs in in the same browser, Alice's callback arrives."""
    alice = browser(make_flask_app(client))
    alice.sign_in("alice")
    callback_url = alice.start_link()
    alice.post("/auth/logout")
    alice.tenant.cookies.clear()
    alice.sign_in("bob")
    before = alice.user()
    answer = alice.get(callback_url)

    assert "/?userlink_error=session_changed" == path_of(answer)
    assert before is not None
    assert ("auth0|bob", before) == (before["sub"], alice.user())


def test_a_link_that_comes_back_after_the_logout_is_refused(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """Linking needs a session at the end too, and makes none."""
    alice = browser(make_flask_app(client))
    alice.sign_in()
    callback_url = alice.start_link()
    alice.post("/auth/logout")

    assert "/?userlink_error=session_required" == path_of(alice.get(callback_url))
    assert alice.user() is None


@pytest.mark.parametrize(
    "query",
    ["", "state=x", "code=x", "state=a&state=b&code=c", "state=%ff&code=c", "a" * 20_000],
)
def test_a_malformed_callback_is_told_by_a_code(
    query: str, client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """Whatever stands in the address: a redirect, with the same headers as every callback."""
    alice = browser(make_flask_app(client))
    alice.sign_in()
    answer = alice.get(f"/auth/callback?{query}")

    assert 303 == answer.status_code
    assert path_of(answer).startswith("/?userlink_error=")
    assert is_private(answer)
    assert alice.user() is not None


def test_no_callback_repeats_its_code(client: SyncServerClient, browser: OpenFlaskBrowser) -> None:
    """The redirect leads away from the address that holds it, with nothing of it (RFC 9700, 4.2.4)."""
    alice = browser(make_flask_app(client))
    callback_url = alice.start_login()
    (code,) = parse_qs(urlsplit(callback_url).query)["code"]
    answer = alice.get(callback_url)

    assert is_private(answer)
    assert code not in f"{answer.headers}{answer.text}"


def test_failures_may_have_a_page_of_their_own(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """``error_path`` takes the place of return_to."""
    alice = browser(make_flask_app(client, RouteOptions(error_path="/failed")))
    answer = alice.get("/auth/callback?state=x&code=y")

    assert "/failed?userlink_error=transaction_not_found" == path_of(answer)
