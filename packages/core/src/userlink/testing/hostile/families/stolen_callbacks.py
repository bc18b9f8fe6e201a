"""Callbacks that were meant for another browser, another provider or another time (RFC 9700, 4.4, 4.5 and 4.7)."""

from functools import partial
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from ..browser import Page
from ..case import Case, Family, refusal
from ..findings import NotApplicable, Weakness
from ..provider import ATTACKER, VICTIM

if TYPE_CHECKING:
    from ..stage import Stage

__all__ = ["CASES"]

_INJECTED = "An attacker finishes their own login in a user's browser, and the user works in the attacker's account."
_MIXED_UP = "A second provider, which the attacker runs, is handed the code of an honest one, and signs in as the user."
_REPLAYED = "Whoever finds a callback in a log or a history uses it again."
_DELIVERIES = 10


def _with_code(url: str, code: str) -> str:
    parts = urlsplit(url)
    pairs = {**dict(parse_qsl(parts.query, keep_blank_values=True)), "code": code}
    return parts._replace(query=urlencode(pairs)).geturl()


def _swapped_between_browsers(stage: "Stage", case: Case) -> None:
    attacker, victim = stage.browser(), stage.browser()
    attackers = stage.callback_of(stage.start_login(attacker), ATTACKER)
    victims = stage.callback_of(stage.start_login(victim), VICTIM)
    codes = [dict(parse_qsl(urlsplit(url).query))["code"] for url in (attackers, victims)]
    page = victim.get(_with_code(victims, codes[0]))
    stage.must_be_nobody(victim, "With the attacker's code in the user's callback")
    stage.must_be_refusal(page, case, "The attacker's code in the user's callback")
    page = attacker.get(_with_code(attackers, codes[1]))
    stage.must_be_nobody(attacker, "With the user's code in the attacker's callback")
    stage.must_be_refusal(page, case, "The user's code in the attacker's callback")


def _in_another_browser(stage: "Stage", case: Case) -> None:
    attacker, victim = stage.browser(), stage.browser()
    url = stage.callback_of(stage.start_login(attacker), ATTACKER)
    page = victim.get(url)
    stage.must_be_nobody(victim, "With the attacker's callback")
    stage.must_be_refusal(page, case, "The attacker's callback")
    stage.must_not_have_sent(url, "In the user's browser")


def _replayed(stage: "Stage", case: Case) -> None:
    victim = stage.signed_in(VICTIM)
    url = stage.callback_of(stage.start_link_or_login(victim), VICTIM)
    jar = dict(victim.cookies)
    victim.get(url)
    before = stage.snapshot(victim)
    for name, value in jar.items():  # the start's, which the first delivery has taken away
        victim.cookies.setdefault(name, value)
    victim.get(url)
    stage.must_see(victim, before, "After the same callback again")
    _must_be_sent_once(stage, url)


def _replayed_at_once(stage: "Stage", case: Case) -> None:
    victim = stage.signed_in(VICTIM)
    url = stage.callback_of(stage.start_link_or_login(victim), VICTIM)
    browsers = [stage.browser() for _ in range(_DELIVERIES)]
    failures: list[Weakness] = []
    pages: list[Page] = []

    def deliver(number: int) -> None:
        browsers[number].cookies.update(victim.cookies)
        try:
            pages.append(browsers[number].get(url))
        except Weakness as weakness:
            failures.append(weakness)

    threads = [Thread(target=deliver, args=(number,)) for number in range(_DELIVERIES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in failures:
        raise failure
    for page in pages:
        if page.status >= 500:
            raise Weakness(
                f"One of {_DELIVERIES} deliveries at once was answered with {page.status}."
            )
    _must_be_sent_once(stage, url)


def _must_be_sent_once(stage: "Stage", url: str) -> None:
    code = dict(parse_qsl(urlsplit(url).query))["code"]
    times = stage.provider.codes_sent().count(code)
    if times != 1:
        raise Weakness(f"The code was sent to the token endpoint {times} times.")


def _mixed_up(stage: "Stage", case: Case) -> None:
    """Begin at the rival, which sends the browser to the honest provider: its code must not reach the rival."""
    route = stage.application.rival_login
    if route is None:
        raise NotApplicable("The application knows one provider: no rival_login is given.")
    victim = stage.browser()
    started = victim.get(route)
    rivals = dict(parse_qsl(urlsplit(started.location).query))
    honest = dict(parse_qsl(urlsplit(stage.start_login(victim).location).query))
    # What the rival's authorization endpoint redirects to: the honest one, with the rival's state in it.
    forged = {**rivals, "redirect_uri": honest["redirect_uri"]}
    url = stage.provider.authorize(f"{stage.provider.issuer}/authorize?{urlencode(forged)}", VICTIM)
    for address in (url, url.replace(honest["redirect_uri"], rivals["redirect_uri"])):
        page = victim.get(address)
        stage.must_be_nobody(victim, "After the answer of the wrong provider")
        stage.must_be_refusal(page, case, "The answer of the wrong provider")
        stage.must_not_have_sent(url, "The answer of the wrong provider")


_case = partial(refusal, Family.CALLBACKS)


CASES = (
    _case(
        "mix-up",
        "The answer of an honest provider to a login that began at another is refused, and its code sent to neither.",
        "RFC 9700, 4.4; RFC 9207",
        _MIXED_UP,
        _mixed_up,
    ),
    _case(
        "callback-in-another-browser",
        "A callback is refused in a browser that has not started the flow.",
        "RFC 6749, 10.12; RFC 9700, 4.7",
        _INJECTED,
        _in_another_browser,
        "transaction_not_found",
    ),
    _case(
        "code-swapped",
        "A code is refused in the callback of another browser, whichever way round.",
        "RFC 9700, 4.5; RFC 7636",
        _INJECTED,
        _swapped_between_browsers,
        "token_request_refused",
    ),
    _case(
        "callback-replayed",
        "A callback that is opened again, with the cookies of before, sends no code again.",
        "RFC 9700, 4.5",
        _REPLAYED,
        _replayed,
    ),
    _case(
        "callback-replayed-at-once",
        "Of ten deliveries of a callback at the same moment, one sends its code.",
        "RFC 9700, 4.5",
        _REPLAYED,
        _replayed_at_once,
    ),
)
