"""Cookies within reach of others, exchanged for one another, or there twice (RFC 6265, 4.1.2 and 8.6)."""

from functools import partial
from typing import TYPE_CHECKING

from ..browser import Browser
from ..case import Case, Family, refusal
from ..findings import Weakness
from ..provider import ATTACKER, VICTIM

if TYPE_CHECKING:
    from ..stage import Stage

__all__ = ["CASES"]


def _with_flags(stage: "Stage", case: Case) -> None:
    browser = stage.browser()
    started = stage.start_login(browser)
    page = stage.finish(browser, started, VICTIM)
    is_https = stage.application.url.startswith("https:")
    for line in (*started.set_cookies, *page.set_cookies):
        name, _, rest = line.partition("=")
        attributes = {each.strip().lower() for each in rest.split(";")[1:]}
        missing = [
            each
            for each in ("httponly", *(["secure"] if is_https else []))
            if each not in attributes
        ]
        if not {"samesite=lax", "samesite=strict"} & attributes:
            missing.append("samesite")
        if any(each.startswith("domain=") for each in attributes):
            missing.append("no domain")
        if is_https and not name.startswith("__Host-"):
            missing.append("__Host-")
        if missing:
            raise Weakness(f"The cookie {name} lacks: {', '.join(missing)}.")


def _exchanged_cookies(stage: "Stage", case: Case) -> None:
    """Give cookies that a start has set the names of those that a login has set, and the other way round."""
    browser = stage.browser()
    started = stage.start_login(browser)
    first = dict(browser.cookies)
    url = stage.callback_of(started, ATTACKER)
    browser.get(url)
    session = {name: value for name, value in browser.cookies.items() if name not in first}
    for name in session:
        for value in first.values():
            stranger = stage.browser()
            stranger.cookies[name] = value
            stage.must_be_nobody(stranger, "With the cookie of a start in the place of a session's")
    stranger = stage.browser()
    started = stage.start_login(stranger)
    for name in set(stranger.cookies):
        stranger.cookies[name] = next(iter(session.values()))
    page = stranger.get(stage.callback_of(started, ATTACKER))
    stage.must_be_nobody(stranger, "With the cookie of a session in the place of a start's")
    stage.must_be_refusal(page, case, "The callback with a session's cookie")


def _tossed_cookies(stage: "Stage", case: Case) -> None:
    """Send the attacker's session beside the user's, under the same name, first and last."""
    attacker, victim = stage.signed_in(ATTACKER), stage.signed_in(VICTIM)
    for tossed, jar in ((attacker.cookies, victim.cookies), (victim.cookies, attacker.cookies)):
        browser: Browser = stage.browser()
        browser.extra_cookies.extend(tossed.items())
        browser.cookies.update(jar)
        seen = stage.snapshot(browser)
        if stage.subject(ATTACKER) in seen.subjects:
            raise Weakness(f"With two cookies of one name, {seen} is signed in.")


_case = partial(refusal, Family.LINKING)


CASES = (
    _case(
        "cookie-flags",
        "Cookies are out of reach of scripts and of other sites.",
        "RFC 6265, 4.1.2; RFC 9700, 4.7",
        "A script that got into a page, or a sibling host, takes the session over.",
        _with_flags,
    ),
    _case(
        "cookies-exchanged",
        "A cookie of a start is no session, and a session's cookie starts nothing.",
        "RFC 8725, 3.9",
        "What anybody is given for the asking opens an account.",
        _exchanged_cookies,
    ),
    _case(
        "cookies-tossed",
        "Of two session cookies of one name, the attacker's is not the one that counts.",
        "RFC 6265, 8.6",
        "A sibling host slips its own session under the user's, who works in the attacker's account.",
        _tossed_cookies,
    ),
)
