"""
Applications on Starlette and FastAPI, served by uvicorn, walked by a browser to real providers and back.

One application keeps everything in sealed cookies, the other in stores at the server.
"""

import copy
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import attrs
import pytest

from support.browser import Page, PlainBrowser
from support.journey import KINDS_OF_STORES, client_of, tenant_of, with_query
from support.serving import listen, serving
from support.small_application import PROFILE, fastapi_application, starlette_application
from support.tenants import DATABASE
from support.website import Hands, Website

AFTER_FLOW = f"{PROFILE}?tab=identities"
COOKIE_HOST = "localhost"


@attrs.frozen
class Running:
    """An application that is served, and the name of the fixture that gives its provider."""

    origin: str
    provider: str


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(
            (starlette_application, "oidc_provider", "oidc_provider_process", "sealed cookies"),
            id="Starlette and oidc-provider",
            marks=pytest.mark.node,
        ),
        pytest.param(
            (fastapi_application, "devtenant", "devtenant_server", "memory stores"),
            id="FastAPI and devtenant",
        ),
    ],
)
def application(request: pytest.FixtureRequest) -> Iterator[Running]:
    """Serve an application; all tests of this file share it, as users share a website."""
    build, provider, process, stores = request.param
    listener, origin = listen()
    client = client_of(
        tenant_of(request.getfixturevalue(process)),
        authorization_params={"redirect_uri": f"{origin}/auth/callback"},
        installed_plugins=True,
        **KINDS_OF_STORES[stores],
    )
    with serving(build(client, origin), listener):
        yield Running(origin, provider)


@pytest.fixture
def website(application: Running, request: pytest.FixtureRequest, browser: PlainBrowser) -> Website:
    """Give the application with a new browser, and a provider that has forgotten all users' doings."""
    tenant = tenant_of(request.getfixturevalue(application.provider))
    tenant.send_back_to(f"{application.origin}/auth/callback", f"{application.origin}/")
    return Website(application.origin, tenant, browser, Hands.at(tenant))


def path_of(page: Page) -> str:
    """Return the path and query of a page."""
    parts = urlsplit(page.url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def forms_of(page: Page) -> set[str]:
    """Name what the user can do on a page of the application."""
    return {form.name for form in page.forms}


def test_from_the_first_visit_to_the_last(website: Website) -> None:
    """Sign in on the way to a page, link twice, unlink, sign out; provider and pages agree throughout."""
    profile = website.sign_in("alice")
    assert (200, PROFILE) == (profile.status, path_of(profile))
    assert "<h1>auth0|alice</h1>" in profile.text
    assert {"link github", "link google-oauth2", "logout"} == forms_of(profile)

    linked = website.link(website.link(profile, "github"), "google-oauth2")
    assert (200, AFTER_FLOW) == (linked.status, path_of(linked))
    assert {"unlink github", "unlink google-oauth2", "logout"} == forms_of(linked)
    assert (DATABASE, "github", "google-oauth2") == website.tenant.connections_of("alice")

    unlinked = website.answer(website.press(linked, "unlink github"), website.hands.unlink)
    assert (200, AFTER_FLOW) == (unlinked.status, path_of(unlinked))
    assert {"link github", "unlink google-oauth2", "logout"} == forms_of(unlinked)
    assert (DATABASE, "google-oauth2") == website.tenant.connections_of("alice")

    goodbye = website.press(unlinked, "logout")
    if website.hands.sign_out is not None:
        goodbye = website.answer(goodbye, website.hands.sign_out)
    came_to, _, state = goodbye.url.partition("?state=")
    assert (200, f"{website.origin}/") == (goodbye.status, came_to)
    assert 22 == len(state)
    assert website.asks_who_is_there(website.open(PROFILE))


def test_a_link_asks_the_connection_for_what_the_application_wants(website: Website) -> None:
    """The scope is that of the application's options; a connection without one has none."""
    website.link(website.link(website.sign_in(), "google-oauth2"), "github")
    [_, google, github] = website.tenant.sent_to("authorize")

    assert "requested_connection_scope" not in google
    assert "read:user" == github["requested_connection_scope"]


def test_a_cancelled_link_says_so_and_changes_nothing(website: Website) -> None:
    """The user is back where the link was started, told what happened, and still signed in."""
    asked = website.press(website.sign_in(), "link github")
    profile = website.answer(asked, website.hands.cancel)

    assert f"{AFTER_FLOW}&userlink_error=authorization_denied" == path_of(profile)
    assert "went wrong: authorization_denied" in profile.text
    assert {"link github", "link google-oauth2", "logout"} == forms_of(profile)
    assert (DATABASE,) == website.tenant.connections_of("alice")


def test_a_cancelled_login_signs_nobody_in(website: Website) -> None:
    """The page that was asked for is not shown, and the user is not sent around in a circle."""
    page = website.answer(website.open(PROFILE), website.hands.cancel)

    assert (401, f"{PROFILE}?userlink_error=authorization_denied") == (page.status, path_of(page))
    assert "alice" not in page.text


def test_another_user_at_the_provider_is_not_linked(website: Website) -> None:
    """Bob has signed in at the provider since: Alice's link is denied, and nobody's account changes."""
    profile = website.sign_in("alice")
    bobs = website.tenant.connections_of("bob")
    login = website.browser.get(f"{website.origin}/auth/login")
    request = {**website.tenant.sent_to("authorize")[-1], "prompt": "login"}  # not pushed this time
    asked = website.visit(with_query(login.location or "", request_uri=None, **request))
    website.answer_and_hold(asked, website.as_user("bob"))
    answered = website.press(profile, "link github")

    assert f"{AFTER_FLOW}&userlink_error=authorization_denied" == path_of(answered)
    assert "<h1>auth0|alice</h1>" in answered.text
    assert (DATABASE,) == website.tenant.connections_of("alice")
    assert bobs == website.tenant.connections_of("bob")


class TestTheCallback:
    def test_it_is_kept_out_of_caches_and_referrers(self, website: Website) -> None:
        """Its address holds the code (RFC 9700 4.2.4)."""
        held = website.answer_and_hold(website.open(PROFILE), website.as_user("alice"))
        callback = website.browser.follow(held)

        assert (303, f"{website.origin}{PROFILE}") == (callback.status, callback.location)
        assert "no-store" == callback.headers["cache-control"]
        assert "no-referrer" == callback.headers["referrer-policy"]
        assert "cross-site" == callback.request.headers["sec-fetch-site"]

    def test_its_cookies_are_out_of_reach_of_scripts_and_foreign_posts(
        self, website: Website
    ) -> None:
        """Every cookie is HttpOnly and Lax, and belongs to this host alone."""
        website.link(website.sign_in(), "github")
        cookies = website.browser.jar.cookies(COOKIE_HOST)

        assert cookies
        assert {(True, "lax", True, "/")} == {
            (cookie.is_http_only, cookie.same_site, cookie.is_host_only, cookie.path)
            for cookie in cookies
        }
        assert [] == website.browser.jar.refused

    def test_a_second_delivery_is_sent_to_the_same_place(self, website: Website) -> None:
        """The back button, after a login and after a link: no error, and no code is sent again."""
        held = website.answer_and_hold(website.open(PROFILE), website.as_user("alice"))
        profile = website.browser.follow_all(held)
        assert PROFILE == path_of(website.browser.follow_all(held))
        asked = website.press(profile, "link github")
        held = website.answer_and_hold(asked, website.hands.link["github"])
        first, second = website.browser.follow_all(held), website.browser.follow_all(held)

        assert (AFTER_FLOW, AFTER_FLOW) == (path_of(first), path_of(second))
        assert first.text == second.text
        assert 2 == len(website.tenant.sent_to("token"))

    def test_a_double_click_counts_once(self, website: Website) -> None:
        """Deliveries at the same time, each with the cookies from before: one links, all are sent on."""
        asked = website.press(website.sign_in(), "link github")
        held = website.answer_and_hold(asked, website.hands.link["github"])

        def deliver(jar: object) -> Page:
            with PlainBrowser(jar=copy.deepcopy(website.browser.jar)) as browser:
                return browser.follow_all(browser.follow(held))

        with ThreadPoolExecutor(5) as clicks:
            pages = list(clicks.map(deliver, range(5)))

        assert {(200, AFTER_FLOW)} == {(page.status, path_of(page)) for page in pages}
        assert any("unlink github" in forms_of(page) for page in pages)
        assert 2 == len(website.tenant.sent_to("token"))
        assert (DATABASE, "github") == website.tenant.connections_of("alice")

    def test_another_browser_is_turned_away(self, website: Website) -> None:
        """A callback that was sent to somebody else signs nobody in (RFC 9700 4.7)."""
        held = website.answer_and_hold(website.open(PROFILE), website.as_user("alice"))
        with PlainBrowser() as other:
            page = other.follow_all(other.get(held.location or ""))
            assert "/?userlink_error=transaction_not_found" == path_of(page)
            assert [] == other.jar.cookies(COOKIE_HOST)

        assert [] == website.tenant.sent_to("token")


class TestForeignPages:
    """What changes something is started by the application's own pages only (RFC 9700 4.7)."""

    @pytest.mark.parametrize("route", ["link/github", "unlink/github", "logout"])
    @pytest.mark.parametrize(
        "host", ["127.0.0.1", "localhost"], ids=["cross-site", "same site, other port"]
    )
    def test_a_post_from_another_origin_is_refused(
        self, website: Website, host: str, route: str
    ) -> None:
        """From another port of the same host the cookies come along, and still nothing happens."""
        website.link(website.sign_in(), "github")
        before = len(website.tenant.sent_to("authorize"))
        foreign = urlsplit(website.tenant.issuer)._replace(
            netloc=f"{host}:{urlsplit(website.tenant.issuer).port}",
            path="/.well-known/openid-configuration",
        )
        page = website.browser.get(foreign.geturl())
        answer = website.browser.post(f"{website.origin}/auth/{route}", on=page)

        assert (200, 403) == (page.status, answer.status)
        assert (host == COOKIE_HOST) == ("cookie" in answer.request.headers)
        assert before == len(website.tenant.sent_to("authorize"))
        assert "unlink github" in forms_of(website.open(PROFILE))

    @pytest.mark.parametrize("route", ["link/github", "unlink/github", "logout"])
    def test_a_link_to_it_does_nothing(self, website: Website, route: str) -> None:
        """These routes are not for GET, which any page, image or mail can cause."""
        website.sign_in()

        assert 405 == website.browser.get(f"{website.origin}/auth/{route}").status
        assert 200 == website.open(PROFILE).status

    @pytest.mark.parametrize(
        "return_to", ["//evil.example", "/\\evil.example", "https://evil.example/", "/\t/evil"]
    )
    def test_a_login_leads_nowhere_else(self, website: Website, return_to: str) -> None:
        """A `return_to` that leaves the application falls back to the front page (RFC 9700 4.11)."""
        url = with_query(f"{website.origin}/auth/login", return_to=return_to)
        page = website.answer(website.visit(url), website.as_user("alice"))

        assert (200, f"{website.origin}/") == (page.status, page.url)
