"""Links, unlinks and logins led astray: in another browser, into another session, for another user (RFC 9700, 4.7)."""

from functools import partial
from typing import TYPE_CHECKING

from ..case import Case, Family, Play, refusal
from ..findings import NotApplicable, Weakness
from ..misbehaviour import HONEST, Claims, Misbehaviour, Parameters
from ..playing import is_refused
from ..provider import ATTACKER, VICTIM

if TYPE_CHECKING:
    from ..provider import HostileProvider
    from ..stage import Stage

__all__ = ["CASES"]

_TAKEN_OVER = "The attacker's identity is linked to the user's account, and opens it from then on."
_GIVEN_AWAY = (
    "The user's identity is linked to the attacker's account, which sees all that it brings."
)
_SWAPPED = "The user is swapped into another account without noticing."
_INJECTED = "The user works in the attacker's account, and leaves there what is theirs."


def _forced(stage: "Stage", case: Case) -> None:
    """Bring the callback of the attacker's link into the victim's browser."""
    victim = stage.signed_in(VICTIM)
    before = stage.snapshot(victim)
    attacker = stage.signed_in(ATTACKER)
    url = stage.callback_of(stage.start_link(attacker), ATTACKER)
    page = victim.get(url)
    stage.must_see(victim, before, "After the attacker's callback in the user's browser")
    stage.must_be_refusal(page, case, "The attacker's callback in the user's browser")
    stage.must_not_have_sent(url, "In the user's browser")


def _forced_with_planted_cookies(stage: "Stage", case: Case) -> None:
    """Do the same, with the cookies of the attacker's start planted there, as a sibling host can."""
    victim = stage.signed_in(VICTIM)
    before = stage.snapshot(victim)
    attacker = stage.signed_in(ATTACKER)
    had = dict(attacker.cookies)
    url = stage.callback_of(stage.start_link(attacker), ATTACKER)
    for name, value in attacker.cookies.items():
        if name not in had and name not in victim.cookies:
            victim.cookies[name] = value
    page = victim.get(url)
    stage.must_see(victim, before, "After the planted callback")
    stage.must_be_refusal(page, case, "The planted callback")
    stage.must_not_have_sent(url, "With the planted cookies")


def _reversed(stage: "Stage", case: Case) -> None:
    """Lead the victim through the attacker's authorization URL: the victim agrees, and comes back in their browser."""
    victim = stage.signed_in(VICTIM)
    before = stage.snapshot(victim)
    attacker = stage.signed_in(ATTACKER)
    attackers = stage.snapshot(attacker)
    url = stage.callback_of(stage.start_link(attacker), VICTIM)
    page = victim.get(url)
    stage.must_see(victim, before, "After the user came back from the attacker's link")
    stage.must_be_refusal(page, case, "The user's answer to the attacker's link")
    page = attacker.get(url)
    stage.must_see(attacker, attackers, "After the attacker has opened the user's callback")
    stage.must_be_refusal(page, case, "The user's answer in the attacker's browser")


def _swapped_session(stage: "Stage", case: Case) -> None:
    """Sign in as somebody else between start and callback."""
    browser = stage.signed_in(ATTACKER)
    url = stage.callback_of(stage.start_link(browser), ATTACKER)
    browser.get(stage.callback_of(stage.start_login(browser), VICTIM))
    stage.must_be_user(browser, VICTIM, "After the second login")
    before = stage.snapshot(browser)
    page = browser.get(url)
    stage.must_see(browser, before, "After the link of the session before")
    stage.must_be_refusal(page, case, "The link of the session before")
    stage.must_not_have_sent(url, "For the session before")


def _logged_out(stage: "Stage", case: Case) -> None:
    """Log out between start and callback."""
    route = stage.application.logout
    if route is None:
        raise NotApplicable("The application has no route to log out.")
    browser = stage.signed_in(VICTIM)
    url = stage.callback_of(stage.start_link(browser), VICTIM)
    browser.post(route)
    stage.must_be_nobody(browser, "After the logout")
    page = browser.get(url)
    stage.must_be_nobody(browser, "After a link that came back after the logout")
    stage.must_be_refusal(page, case, "The link after the logout")
    stage.must_not_have_sent(url, "After the logout")


def _forced_login(stage: "Stage", case: Case) -> None:
    """Bring the callback of the attacker's login into the browser of a user who is signed in."""
    victim = stage.signed_in(VICTIM)
    before = stage.snapshot(victim)
    attacker = stage.browser()
    url = stage.callback_of(stage.start_login(attacker), ATTACKER)
    page = victim.get(url)
    stage.must_see(victim, before, "After the attacker's login in the user's browser")
    stage.must_be_refusal(page, case, "The attacker's login in the user's browser")
    stage.must_not_have_sent(url, "In the user's browser")


def _for_another_user(start: str) -> Play:
    def play(stage: "Stage", case: Case) -> None:
        victim = stage.signed_in(VICTIM)
        before = stage.snapshot(victim)
        started = stage.start_link(victim) if start == "link" else stage.start_unlink(victim)
        page = victim.get(stage.callback_of(started, ATTACKER))
        stage.must_see(victim, before, f"After the {start}")
        stage.must_be_refusal(page, case, f"The {start}")

    return play


def _without_session(stage: "Stage", case: Case) -> None:
    stranger = stage.browser()
    for what, page in (
        ("link", stage.start_link(stranger)),
        ("unlink", stage.start_unlink(stranger)),
    ):
        stage.must_be_refusal(page, case, f"The {what} of nobody")
    if stranger.cookies:
        raise Weakness(f"Nobody was given cookies: {', '.join(sorted(stranger.cookies))}.")


def _denied(stage: "Stage", case: Case) -> None:
    victim = stage.signed_in(VICTIM)
    before = stage.snapshot(victim)
    stage.misbehave(case.misbehaviour)
    page = stage.finish(victim, stage.start_link(victim), VICTIM)
    stage.must_see(victim, before, "After the provider said no")
    stage.must_be_refusal(page, case, "The link that was denied")
    stage.misbehave(HONEST)
    page = stage.finish(victim, stage.start_link(victim), VICTIM)
    stage.must_be_user(victim, VICTIM, f"After another attempt (status {page.status})")


def _denying(parameters: Parameters, provider: "HostileProvider") -> Parameters:
    kept = [(name, value) for name, value in parameters if name != "code"]
    return [("error", "access_denied"), *kept]


def _with_iss_of(claims: Claims, provider: "HostileProvider") -> Claims:
    return {**claims, "sub": provider.accounts[ATTACKER].subject, "iss": provider.tripwire.url}


_case = partial(refusal, Family.LINKING)


CASES = (
    _case(
        "link-forced",
        "The callback of the attacker's link is refused in the browser of a user who is signed in.",
        "RFC 6749, 10.12; RFC 9700, 4.7",
        _TAKEN_OVER,
        _forced,
        "transaction_not_found",
    ),
    _case(
        "link-forced-with-planted-cookies",
        "The same, when the cookies of the attacker's start were planted beside it: the session did not start it.",
        "RFC 6265, 8.6; RFC 9700, 4.7",
        _TAKEN_OVER,
        _forced_with_planted_cookies,
        "session_changed",
        "transaction_not_found",
    ),
    _case(
        "link-reversed",
        "A user who was led through the attacker's authorization URL links nothing, in whichever browser it ends.",
        "RFC 9700, 4.7",
        _GIVEN_AWAY,
        _reversed,
        "transaction_not_found",
        "linked_user_mismatch",
    ),
    _case(
        "link-session-swapped",
        "A link is refused when another user has signed in between start and callback.",
        "RFC 9700, 4.7",
        _TAKEN_OVER,
        _swapped_session,
        "session_changed",
    ),
    _case(
        "link-logged-out-in-between",
        "A link that comes back after the logout signs nobody in.",
        "RFC 9700, 4.7",
        "Whoever sits down at the computer after the logout finds the account open.",
        _logged_out,
        "session_required",
    ),
    _case(
        "login-forced",
        "The callback of the attacker's login is refused in the browser of a user who is signed in.",
        "RFC 6749, 10.12",
        _INJECTED,
        _forced_login,
        "transaction_not_found",
    ),
    _case(
        "link-of-another-user",
        "A link that the provider completes for another user is refused.",
        "OIDC Core 3.1.2.1 and 5.7",
        _SWAPPED,
        _for_another_user("link"),
        "linked_user_mismatch",
    ),
    _case(
        "unlink-of-another-user",
        "An unlink that the provider completes for another user is refused.",
        "OIDC Core 3.1.2.1 and 5.7",
        _SWAPPED,
        _for_another_user("unlink"),
        "linked_user_mismatch",
    ),
    _case(
        "link-without-session",
        "Linking and unlinking are refused where nobody is signed in, before any redirect and any cookie.",
        "RFC 9700, 4.7",
        "A link is begun for nobody, and ends in whichever session is there by then.",
        _without_session,
        "session_required",
    ),
    _case(
        "link-denied",
        "A link that the user refuses at the provider changes nothing, and can be begun anew.",
        "RFC 6749, 4.1.2.1",
        "Whoever cancels is signed out, or can never link again.",
        _denied,
        "authorization_denied",
        misbehaviour=Misbehaviour(callback=_denying),
    ),
    _case(
        "link-same-sub-of-another-issuer",
        "An ID token of another issuer is refused although its sub is one that the application knows.",
        "OIDC Core 5.7",
        "Two users of two providers who happen to have one name share one account.",
        is_refused,
        "id_token_invalid",
        misbehaviour=Misbehaviour(claims=_with_iss_of),
    ),
)
