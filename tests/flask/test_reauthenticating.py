"""A policy for links, by the ready-made routes: the user signs in again, and the link goes on by itself."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest

from support.app_browser import is_private, path_of, register
from support.flask_browser import OpenFlaskBrowser, make_client, make_flask_app
from userlink import LinkResult, ReauthenticationResult, SyncServerClient
from userlink.protocol.results import CallbackResult
from userlink_devtenant import DevTenant
from userlink_flask import RouteOptions

LATER_SECONDS = 1000


class LaterClock:
    """The machine's clock, that a test may put forward together with the tenant's."""

    def __init__(self, devtenant: DevTenant) -> None:
        self.devtenant = devtenant
        self.seconds = 0

    def __call__(self) -> int:
        return int(time.time()) + self.seconds

    def advance(self, seconds: int) -> None:
        """Let time pass for both."""
        self.seconds += seconds
        self.devtenant.advance_clock(seconds)


@pytest.fixture
def clock(devtenant: DevTenant) -> LaterClock:
    """Return the clock of both."""
    return LaterClock(devtenant)


@pytest.fixture
def strict(devtenant: DevTenant, clock: LaterClock) -> SyncServerClient:
    """Return a client whose links ask for a fresh sign-in."""
    register(devtenant)
    return make_client(devtenant.issuer, link_max_age_seconds=300, clock=clock)


def test_an_old_session_signs_in_again_and_the_link_goes_on(
    strict: SyncServerClient, clock: LaterClock, browser: OpenFlaskBrowser, devtenant: DevTenant
) -> None:
    """Three redirects: to sign in, from there to the link, from there to return_to."""
    told: list[CallbackResult] = []
    options = RouteOptions(on_success=lambda request, result: told.append(result))
    with strict:
        alice = browser(make_flask_app(strict, options))
        alice.sign_in()
        clock.advance(LATER_SECONDS)
        start = alice.post("/auth/link/github", {"return_to": "/profile"})
        asked = parse_qs(urlsplit(path_of(start)).query)
        assert (["login"], ["0"]) == (asked["prompt"], asked["max_age"])
        assert "requested_connection" not in asked

        alice.tenant.open(path_of(start))
        going_on = alice.get(alice.tenant.sign_in("alice"))
        assert ["github"] == parse_qs(urlsplit(path_of(going_on)).query)["requested_connection"]
        assert is_private(going_on)
        alice.tenant.open(path_of(going_on))
        linked = alice.get(alice.tenant.choose_account("alice-codes"))

    assert "/profile" == path_of(linked)
    assert 2 == len(devtenant.identities_of("alice"))
    assert [LinkResult] == [type(result) for result in told if not_a_login(result)]


def not_a_login(result: CallbackResult) -> bool:
    """Tell whether a result is of a link, or of what comes before one."""
    return isinstance(result, LinkResult | ReauthenticationResult)


def test_a_fresh_session_links_at_once(
    strict: SyncServerClient, browser: OpenFlaskBrowser, devtenant: DevTenant
) -> None:
    """The tenant says when its users signed in."""
    with strict:
        alice = browser(make_flask_app(strict))
        alice.sign_in()
        start = alice.post("/auth/link/github")

    sent = parse_qs(urlsplit(path_of(start)).query)
    assert (["github"], ["300"]) == (sent["requested_connection"], sent["max_age"])


def test_who_cancels_is_told_by_a_code_and_nothing_is_linked(
    strict: SyncServerClient, clock: LaterClock, browser: OpenFlaskBrowser, devtenant: DevTenant
) -> None:
    """Back where the link was to return to; the session stays."""
    with strict:
        alice = browser(make_flask_app(strict))
        alice.sign_in()
        clock.advance(LATER_SECONDS)
        start = alice.post("/auth/unlink/github", {"return_to": "/profile"})
        alice.tenant.open(path_of(start))
        back = alice.get(alice.tenant.cancel())

        assert "/profile?userlink_error=authorization_denied" == path_of(back)
        assert alice.user() is not None


def test_a_session_that_ended_meanwhile_links_nothing(
    strict: SyncServerClient, clock: LaterClock, browser: OpenFlaskBrowser, devtenant: DevTenant
) -> None:
    """Signed out between the start and the proof."""
    with strict:
        alice = browser(make_flask_app(strict))
        alice.sign_in()
        clock.advance(LATER_SECONDS)
        start = alice.post("/auth/link/github", {"return_to": "/profile"})
        alice.post("/auth/logout")
        alice.tenant.open(path_of(start))
        back = alice.get(alice.tenant.sign_in("alice"))

    assert "/profile?userlink_error=session_required" == path_of(back)
    assert 1 == len(devtenant.identities_of("alice"))
