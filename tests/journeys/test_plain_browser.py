"""The headless browser of the journeys behaves as browsers do, so that journeys prove something."""

from collections.abc import Iterator
from http import HTTPStatus

import httpx
import pytest

from support.browser import Page, PlainBrowser
from support.cookie_jar import CookieJar
from support.html_forms import parse_forms

APPLICATION = "http://localhost:3000"
PROVIDER = "http://127.0.0.1:9000"


class Site(httpx.BaseTransport):
    """A site in this process: answers by path, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, httpx.Response] = {}
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answers.get(request.url.path, httpx.Response(HTTPStatus.OK))

    def redirect(self, path: str, location: str, status: int = 303) -> None:
        self.answers[path] = httpx.Response(status, headers={"location": location})


@pytest.fixture
def site() -> Site:
    """Give a site that answers 200 to everything."""
    return Site()


@pytest.fixture
def site_browser(site: Site) -> Iterator[PlainBrowser]:
    """Give a browser for which every URL is that site."""
    with PlainBrowser(mounts={"all://": site}) as plain_browser:
        yield plain_browser


class TestCookieJar:
    @pytest.mark.parametrize(
        ("header", "url", "sent"),
        [
            ("a=1", f"{APPLICATION}/", "a=1"),
            ("a=1", "http://localhost:9/", "a=1"),
            ("a=1", f"{PROVIDER}/", ""),
            ("a=1; Path=/auth", f"{APPLICATION}/auth/callback", "a=1"),
            ("a=1; Path=/auth", f"{APPLICATION}/authentic", ""),
            ("a=1; Secure", f"{APPLICATION}/", "a=1"),
            ("__Host-a=1; Secure; Path=/", f"{APPLICATION}/deep/down", "__Host-a=1"),
            ("a=1; Max-Age=0", f"{APPLICATION}/", ""),
            ("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", f"{APPLICATION}/", ""),
            ("a=x=y", f"{APPLICATION}/", "a=x=y"),
        ],
    )
    def test_a_cookie_goes_where_it_belongs(self, header: str, url: str, sent: str) -> None:
        """Host, path, Secure and expiry decide; the port does not (RFC 6265bis, 5.8.3)."""
        jar = CookieJar()
        jar.store(f"{APPLICATION}/", header)

        assert sent == jar.header_for(url)

    @pytest.mark.parametrize(
        ("url", "header", "reason"),
        [
            (APPLICATION, "a=1; Domain=example.com", "set for another domain"),
            ("http://example.com/", "a=1; Secure", "Secure over http"),
            (APPLICATION, "a=1; SameSite=None", "SameSite=None without Secure"),
            (APPLICATION, "__Secure-a=1", "__Secure- without Secure"),
            (
                APPLICATION,
                "__Host-a=1; Secure; Path=/auth",
                "__Host- needs Secure, Path=/ and no Domain",
            ),
            (APPLICATION, "a=" + 4096 * "x", "too large"),
        ],
    )
    def test_what_a_browser_would_not_store_is_refused(
        self, url: str, header: str, reason: str
    ) -> None:
        """A refused cookie is never sent, and the reason is kept (RFC 6265bis, 5.7)."""
        jar = CookieJar()
        jar.store(url, header)

        assert [reason] == [why for _, why in jar.refused]
        assert [] == jar.cookies()

    @pytest.mark.parametrize(
        ("attribute", "sent_by_get", "sent_by_post"),
        [
            ("SameSite=None; Secure", "a=1", "a=1"),
            ("SameSite=Lax", "a=1", ""),
            ("Path=/", "a=1", ""),
            ("SameSite=Strict", "", ""),
        ],
    )
    def test_another_site_brings_few_cookies(
        self, attribute: str, sent_by_get: str, sent_by_post: str
    ) -> None:
        """Lax, the default, comes along with a navigation by GET only (RFC 6265bis, 5.6.7)."""
        jar = CookieJar()
        jar.store(APPLICATION, f"a=1; {attribute}")

        assert sent_by_get == jar.header_for(APPLICATION, same_site=False)
        assert sent_by_post == jar.header_for(APPLICATION, same_site=False, is_safe=False)

    def test_a_cookie_expires(self) -> None:
        """Max-Age counts from when the cookie came."""
        now = 1000.0
        jar = CookieJar(now=lambda: now)
        jar.store(APPLICATION, "a=1; Max-Age=60")
        now = 1059.0
        assert "a=1" == jar.header_for(APPLICATION)

        now = 1060.0
        assert "" == jar.header_for(APPLICATION)

    def test_a_later_cookie_of_the_same_name_replaces_the_first(self) -> None:
        """Name, host and path together name a cookie; longer paths come first."""
        jar = CookieJar()
        for header in ("a=1; Path=/", "a=2; Path=/", "a=3; Path=/auth"):
            jar.store(APPLICATION, header)

        assert "a=3; a=2" == jar.header_for(f"{APPLICATION}/auth")

    def test_a_cookie_can_be_removed_by_hand(self) -> None:
        """As in a browser's settings."""
        jar = CookieJar()
        jar.store(APPLICATION, "a=1")
        jar.store(APPLICATION, "b=1")
        jar.remove("a", "localhost")

        assert ["b"] == [cookie.name for cookie in jar.cookies("localhost")]


class TestForms:
    PAGE = """
        <form id="f" action="/save?x=1" method="POST">
          <input name="text" value="a &amp; b"><input type="hidden" name="token" value="t">
          <input type="radio" name="color" value="red" checked>
          <input type="radio" name="color" value="blue">
          <input type="checkbox" name="off" value="1"><input name="gone" disabled value="1">
          <select name="size"><option value="s">S</option><option value="l" selected>L</option>
          </select><select name="first"><option value="1">one</option></select>
          <textarea name="note">hello</textarea>
          <button name="answer" value="yes">Yes</button><button type="button" name="b">No</button>
        </form>
        <button form="f" name="answer" value="no">No</button>
    """

    def test_a_form_sends_what_a_browser_would(self) -> None:
        """Unchecked and disabled controls and unpressed buttons are left out (HTML, 4.10.22.4)."""
        [form] = parse_forms(self.PAGE, f"{APPLICATION}/page")

        assert (f"{APPLICATION}/save?x=1", "POST", "f") == (form.action, form.method, form.name)
        assert (
            ("text", "a & b"),
            ("token", "t"),
            ("color", "red"),
            ("size", "l"),
            ("first", "1"),
            ("note", "hello"),
        ) == form.filled()

    def test_a_user_changes_fields_and_presses_a_button(self) -> None:
        """Buttons outside of the form count when they name it."""
        [form] = parse_forms(self.PAGE, APPLICATION)
        sent = dict(form.filled({"color": "blue", "text": None, "answer": "no"}))

        assert ("blue", "no") == (sent["color"], sent["answer"])
        assert "text" not in sent

    @pytest.mark.parametrize("overrides", [{"unknown": "1"}, {"color": "x"}, {"answer": "x"}])
    def test_a_user_cannot_send_what_is_not_there(self, overrides: dict[str, str]) -> None:
        """A field, choice or button that the page lacks is a mistake in the test."""
        [form] = parse_forms(self.PAGE, APPLICATION)

        with pytest.raises(ValueError, match="form 'f'"):
            form.filled(overrides)


class TestPlainBrowser:
    def test_a_redirect_is_followed_on_request_only(
        self, site: Site, site_browser: PlainBrowser
    ) -> None:
        """The test holds each step in its hand."""
        site.redirect("/start", "/next")
        page = site_browser.get(f"{APPLICATION}/start")
        assert (303, f"{APPLICATION}/next") == (page.status, page.location)

        assert f"{APPLICATION}/next" == site_browser.follow(page).url

    def test_cookies_come_back(self, site: Site, site_browser: PlainBrowser) -> None:
        """Several cookies of one answer are all kept."""
        cookies = [("set-cookie", "a=1"), ("set-cookie", "b=2")]
        site.answers["/set"] = httpx.Response(HTTPStatus.OK, headers=cookies)
        site_browser.get(f"{APPLICATION}/set")
        site_browser.get(f"{APPLICATION}/get")

        assert "a=1; b=2" == site.requests[-1].headers["cookie"]

    @pytest.mark.parametrize(
        ("started_at", "expected"),
        [
            (f"{APPLICATION}/page", ("same-origin", APPLICATION)),
            ("http://localhost:1/page", ("same-site", "http://localhost:1")),
            (f"{PROVIDER}/page", ("cross-site", PROVIDER)),
        ],
    )
    def test_a_posted_form_says_where_it_comes_from(
        self, site: Site, site_browser: PlainBrowser, started_at: str, expected: tuple[str, str]
    ) -> None:
        """Origin and Sec-Fetch-Site are what an application may rely on (Fetch Metadata, 2.4)."""
        page = site_browser.get(started_at)
        site_browser.post(f"{APPLICATION}/link", (("a", "b"),), on=page)

        headers = site.requests[-1].headers
        assert expected == (headers["sec-fetch-site"], headers["origin"])
        assert b"a=b" == site.requests[-1].content

    def test_a_page_may_forbid_to_tell(self, site: Site, site_browser: PlainBrowser) -> None:
        """Under `no-referrer` browsers send `Origin: null`, even to the same origin (Fetch, 3.2)."""
        policy = {"referrer-policy": "no-referrer"}
        site.answers["/page"] = httpx.Response(HTTPStatus.OK, headers=policy)
        page = site_browser.get(f"{APPLICATION}/page")
        site_browser.post(f"{APPLICATION}/link", on=page)

        headers = site.requests[-1].headers
        assert ("same-origin", "null") == (headers["sec-fetch-site"], headers["origin"])

    def test_a_post_from_another_site_brings_no_lax_cookie(
        self, site: Site, site_browser: PlainBrowser
    ) -> None:
        """What protects applications in browsers protects them here."""
        site_browser.jar.store(APPLICATION, "a=1; SameSite=Lax")
        foreign = site_browser.get(f"{PROVIDER}/page")
        site_browser.post(f"{APPLICATION}/link", on=foreign)
        assert "cookie" not in site.requests[-1].headers

        site_browser.get(f"{APPLICATION}/link", on=foreign)
        assert "a=1" == site.requests[-1].headers["cookie"]

    def test_a_way_over_another_site_stays_cross_site(
        self, site: Site, site_browser: PlainBrowser
    ) -> None:
        """A callback that began on the application's own page is cross-site all the same."""
        site.redirect("/auth", f"{APPLICATION}/callback")
        page = site_browser.get(f"{APPLICATION}/page")
        site_browser.follow_all(site_browser.get(f"{PROVIDER}/auth", on=page))

        assert f"{APPLICATION}/callback" == str(site.requests[-1].url)
        assert "cross-site" == site.requests[-1].headers["sec-fetch-site"]

    @pytest.mark.parametrize(("status", "method"), [(303, "GET"), (302, "GET"), (307, "POST")])
    def test_a_redirect_after_a_post(
        self, site: Site, site_browser: PlainBrowser, status: int, method: str
    ) -> None:
        """Only 307 and 308 keep method and body (RFC 9110 15.4)."""
        site.redirect("/save", "/next", status)
        page: Page = site_browser.post(f"{APPLICATION}/save", (("a", "b"),))
        site_browser.follow(page)

        assert method == site.requests[-1].method

    def test_a_form_by_get_replaces_the_query(self, site: Site, site_browser: PlainBrowser) -> None:
        """The fields are the query (HTML, 4.10.22.3)."""
        text = '<form action="/search?old=1"><input name="q" value="x y"></form>'
        site.answers["/page"] = httpx.Response(HTTPStatus.OK, html=text)
        page = site_browser.get(f"{APPLICATION}/page")
        site_browser.submit(page, page.form())

        assert "q=x+y" == site.requests[-1].url.query.decode().replace("%20", "+")

    def test_an_endless_redirect_is_left(self, site: Site, site_browser: PlainBrowser) -> None:
        """A browser gives up, too."""
        site.redirect("/loop", "/loop")

        with pytest.raises(ValueError, match="redirects"):
            site_browser.follow_all(site_browser.get(f"{APPLICATION}/loop"))
