"""The attacking browser sends exactly what it is told to."""

from collections.abc import Iterator

import pytest

from userlink.protocol.values import HttpRequest
from userlink.testing.hostile.answers import Answer
from userlink.testing.hostile.browser import Browser, Page
from userlink.testing.hostile.findings import Weakness
from userlink.testing.hostile.http_server import HttpServer


class Place:
    """A server, what it was asked, and what it answers."""

    def __init__(self) -> None:
        self.seen: list[HttpRequest] = []
        self.answer = Answer()
        self.server = HttpServer(self._give)
        self.origin = f"http://127.0.0.1:{self.server.port}"

    def _give(self, request: HttpRequest) -> Answer:
        self.seen.append(request)
        return self.answer


@pytest.fixture
def place() -> Iterator[Place]:
    """Serve an empty page."""
    place = Place()
    yield place
    place.server.close()


def test_cookies_are_kept_raw_and_deleted(place: Place) -> None:
    """The jar is text; an attacker's cookies go before it, twice if need be."""
    browser = Browser(place.origin, 10)
    place.answer = Answer(headers={"set-cookie": 'a="b,c"; Path=/; HttpOnly'})
    browser.get("/")
    browser.extra_cookies.append(("a", "evil"))
    place.answer = Answer(headers={"set-cookie": "a=; Max-Age=0"})
    browser.get("/")

    assert 'a=evil; a="b,c"' == place.seen[1].headers["cookie"]
    assert {} == browser.cookies


def test_redirects_are_not_followed(place: Place) -> None:
    """The test looks where they lead."""
    place.answer = Answer(303, {"location": "/there", "x-a": "b"})
    page = Browser(place.origin, 10).get("/here")

    assert (303, "/there", "b") == (page.status, page.location, page.header("x-a"))
    assert 1 == len(place.seen)


def test_a_form_comes_from_the_application_unless_it_is_said_otherwise(place: Place) -> None:
    """What a browser says of the page that has the form."""
    browser = Browser(place.origin, 10)
    browser.post("/")
    browser.post("/", {"origin": "http://evil.example"}, "a=b")

    assert [place.origin, "http://evil.example"] == [each.headers["origin"] for each in place.seen]
    assert [b"", b"a=b"] == [each.body for each in place.seen]
    assert ["same-origin", None] == [each.headers.get("sec-fetch-site") for each in place.seen]


def test_an_address_may_be_of_any_length(place: Place) -> None:
    """No library in between shortens or refuses it."""
    browser = Browser(place.origin, 10)
    browser.get(f"/?a={'x' * 60_000}")

    assert 60_000 < len(place.seen[0].url)
    assert browser.get(f"/?a={'x' * 1_000_000}").status in (0, 414)


def test_a_connection_that_is_closed_is_an_answer_of_its_own(place: Place) -> None:
    """Servers hang up on what they find too long."""
    place.server.close()

    assert Page(0, (), "") == Browser(place.origin, 10).get("/")


def test_an_application_that_does_not_answer_is_weak(place: Place) -> None:
    """Whoever waits for a provider without end can be stopped by it."""
    place.answer = Answer(is_silent=True)
    with pytest.raises(Weakness, match=r"did not answer GET .*/slow within 0\.05 seconds"):
        Browser(place.origin, 0.05).get("/slow?code=secret")


def test_a_page_without_headers_says_nothing() -> None:
    """It sets no cookie and leads nowhere."""
    assert ("", (), "") == (
        Page(200, (), "").location,
        Page(200, (), "").set_cookies,
        Page(200, (), "").header("a"),
    )
