"""Requests that begin or end something, sent by other sites or with too much in them (RFC 9700, 4.2 to 4.13)."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit

from ..browser import Page
from ..case import Case, Family, Play, refusal
from ..findings import NotApplicable, Weakness
from ..provider import VICTIM

if TYPE_CHECKING:
    from ..stage import Stage

__all__ = ["CASES"]

_TRIGGERED = "A page of anybody begins a link in the user's session, with an identity that is the attacker's."
_STEERED = "A link to the application makes the provider ask for what the attacker wants, or sends the code there."
_LED_AWAY = "A link to the application ends at a page that looks like it and asks for the password."
_LEAKED = "The code stands in a cache, a history, or the logs of another site."
_EVIL = "https://evil.example"
_MARK = "hostile-mark"
_TARGETS = (
    f"{_EVIL}/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "https:evil.example",
    "/\t/evil.example/",
    "/\r\nLocation: https://evil.example/",
    "javascript:alert(1)",
    "/%2f/../../evil.example//evil.example/..",
    "http://localhost@evil.example/",
)
_PARAMETERS: Mapping[str, str] = {
    "client_id": f"{_MARK}-client",
    "redirect_uri": f"{_EVIL}/{_MARK}",
    "response_type": f"{_MARK}-token",
    "response_mode": f"{_MARK}-fragment",
    "scope": f"{_MARK}-admin",
    "state": f"{_MARK}-state",
    "nonce": f"{_MARK}-nonce",
    "code_challenge": f"{_MARK}-challenge",
    "code_challenge_method": f"{_MARK}-plain",
    "id_token_hint": f"{_MARK}-hint",
    "requested_connection": f"{_MARK}-connection",
    "request": f"{_MARK}-request",
    "request_uri": f"{_EVIL}/{_MARK}",
    "prompt": f"{_MARK}-none",
    "audience": f"{_MARK}-audience",
    "x-unknown": f"{_MARK}-unknown",
}
_FORGED_HOSTS: tuple[Mapping[str, str], ...] = (
    {"host": "evil.example"},
    {"x-forwarded-host": "evil.example", "x-forwarded-proto": "https", "x-forwarded-port": "444"},
    {"forwarded": "host=evil.example;proto=https", "x-original-host": "evil.example"},
    {"x-forwarded-prefix": "/evil", "x-script-name": "/evil", "x-original-url": "/evil"},
)


def _changes(stage: "Stage") -> dict[str, str]:
    """Return the routes that change something, by what they do."""
    application = stage.application
    routes = {"link": application.link, "unlink": application.unlink, "logout": application.logout}
    return {name: stage.path(route) for name, route in routes.items() if route is not None}


def _by_get(stage: "Stage", case: Case) -> None:
    victim = stage.signed_in(VICTIM)
    before = stage.snapshot(victim)
    for name, route in _changes(stage).items():
        page = victim.get(route, {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"})
        _must_not_begin(stage, page, f"A GET of the route to {name}")
    stage.must_see(victim, before, "After a GET of each route that changes something")


def _by_foreign_post(headers: Mapping[str, str]) -> Play:
    def play(stage: "Stage", case: Case) -> None:
        victim = stage.signed_in(VICTIM)
        before, jar = stage.snapshot(victim), dict(victim.cookies)
        for name, route in _changes(stage).items():
            page = victim.post(route, headers)
            _must_not_begin(stage, page, f"A POST of another site to {name}")
        stage.must_see(victim, before, "After a POST of another site to each route")
        if victim.cookies.keys() != jar.keys():
            raise Weakness("A POST of another site has changed the cookies.")

    return play


def _must_not_begin(stage: "Stage", page: Page, what: str) -> None:
    if stage.leads_to_provider(page):
        raise Weakness(f"{what} went on to the provider.")
    if page.status >= 500:
        raise Weakness(f"{what} was answered with status {page.status}: the application crashed.")


def _with_parameters(stage: "Stage", case: Case) -> None:
    names = {name: value for each, value in _PARAMETERS.items() for name in (each, each.upper())}
    query = urlencode(names)
    browser = stage.browser()
    pages = {"login": stage.start_login(browser, query)}
    if stage.application.link is not None:
        victim = stage.signed_in(VICTIM)
        route = stage.path(stage.application.link)
        pages["link"] = victim.post(f"{route}{'&' if '?' in route else '?'}{query}")
    for name, page in pages.items():
        sent = parse_qsl(urlsplit(page.location).query, keep_blank_values=True)
        arrived = [each for each, value in sent if _MARK in value]
        if stage.leads_to_provider(page) and arrived:
            raise Weakness(f"The {name} has passed on to the provider: {', '.join(arrived)}.")


def _with_forged_hosts(stage: "Stage", case: Case) -> None:
    honest = _redirect_uri(stage.start_login(stage.browser()))
    for headers in _FORGED_HOSTS:
        page = stage.browser().get(stage.application.login, headers)
        asked = _redirect_uri(page) if stage.leads_to_provider(page) else honest
        if asked != honest:
            raise Weakness(f"With {', '.join(headers)} the redirect_uri becomes {asked!r}.")


def _redirect_uri(page: Page) -> str:
    return parse_qs(urlsplit(page.location).query).get("redirect_uri", [""])[0]


def _with_foreign_targets(stage: "Stage", case: Case) -> None:
    name = stage.application.return_to
    if name is None:
        raise NotApplicable("The login takes no page to return to.")
    for target in _TARGETS:
        browser = stage.browser()
        started = stage.start_login(browser, f"{name}={quote(target, safe='')}")
        page = stage.finish(browser, started, VICTIM)
        for each in (started, page):
            if not stage.leads_to_provider(each) and "evil.example" in _destination(stage, each):
                raise Weakness(f"With {name}={target!r} the user ends at {each.location!r}.")
        if "javascript:" in page.location:
            raise Weakness(f"With {name}={target!r} the user ends at {page.location!r}.")


def _destination(stage: "Stage", page: Page) -> str:
    """Return the host that a browser would go to: it takes backslashes for slashes and drops tabs (WHATWG URL, 4.4)."""
    location = page.location
    for character in "\t\r\n":
        location = location.replace(character, "")
    location = location.replace("\\", "/")
    if location.startswith("/") and not location.startswith("//"):
        return ""
    return location.partition("#")[0].partition("?")[0]


def _with_private_headers(stage: "Stage", case: Case) -> None:
    browser = stage.browser()
    url = stage.callback_of(stage.start_login(browser), VICTIM)
    code = parse_qs(urlsplit(url).query)["code"][0]
    for what, page in (
        ("A callback", browser.get(url)),
        ("A refused callback", browser.get(url + "x")),
    ):
        if "no-store" not in page.header("cache-control"):
            raise Weakness(
                f"{what} may be kept by caches: Cache-Control is {page.header('cache-control')!r}."
            )
        if "no-referrer" not in page.header("referrer-policy") and not page.location:
            raise Weakness(f"{what} tells its address to other sites.")
        if code in page.location or code in page.body:
            raise Weakness(f"{what} repeats the code.")


_case = partial(refusal, Family.LINKING)


CASES = (
    _case(
        "start-by-get",
        "Linking, unlinking and logging out cannot be triggered by following a link.",
        "RFC 9700, 4.7; RFC 9110, 9.2.1",
        _TRIGGERED,
        _by_get,
    ),
    *(
        _case(
            f"start-by-{name}",
            f"Linking, unlinking and logging out are refused to a POST {text}.",
            "RFC 9700, 4.7; RFC 6454, 7.3",
            _TRIGGERED,
            _by_foreign_post(headers),
        )
        for name, text, headers in (
            (
                "foreign-post",
                "from a page of another site",
                {"origin": _EVIL, "sec-fetch-site": "cross-site"},
            ),
            ("post-without-origin", "that does not say where it comes from", {}),
            (
                "post-of-origin-null",
                "from a page that hides its origin",
                {"origin": "null", "sec-fetch-site": "cross-site"},
            ),
        )
    ),
    _case(
        "start-with-parameters",
        "Parameters of the request to start, in capitals too, do not reach the provider.",
        "RFC 9101, 10; RFC 9700, 4.2",
        _STEERED,
        _with_parameters,
    ),
    _case(
        "start-with-forged-host",
        "Host and X-Forwarded headers do not change the redirect_uri.",
        "RFC 9700, 4.1 and 4.13",
        _STEERED,
        _with_forged_hosts,
    ),
    _case(
        "return-to-elsewhere",
        "A login does not end at another site, however its address is written.",
        "RFC 9700, 4.11.1",
        _LED_AWAY,
        _with_foreign_targets,
    ),
    _case(
        "callback-headers",
        "A callback, refused or not, is kept by no cache, and does not repeat its code.",
        "RFC 9700, 4.2.4; RFC 9111, 5.2.2.5",
        _LEAKED,
        _with_private_headers,
    ),
)
