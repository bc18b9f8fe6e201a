"""Authentications that are older, or of another kind, than was asked for (OIDC Core 3.1.3.7, 12 and 13; RFC 9470)."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from ..case import Case, Family, Play, accepted, refused
from ..findings import NotApplicable, Weakness
from ..misbehaviour import HONEST, Claims, Misbehaviour
from ..provider import VICTIM

if TYPE_CHECKING:
    from ..browser import Browser, Page
    from ..provider import HostileProvider
    from ..stage import Stage

__all__ = ["CASES"]

# What a claim becomes; None leaves it out.
Told = Callable[["HostileProvider"], object]

_STEPPED_OVER = "Whoever finds a browser open links an identity of their own, without the password."
_HOUR_SECONDS = 3600
_MARK = "hostile-mark"
_HOPS = 3  # more than to authenticate anew, and to link
_ASKED_BY = {"auth_time": "max_age", "acr": "acr_values"}


def _telling(claim: str, told: Told) -> Misbehaviour:
    def edit(claims: Claims, provider: "HostileProvider") -> Claims:
        # The mark shows in a session that was written after all.
        changed = {**claims, "name": _MARK, claim: told(provider)}
        return {name: value for name, value in changed.items() if value is not None}

    return Misbehaviour(claims=edit)


def _nothing(provider: "HostileProvider") -> object:
    return None


def _older_than_asked(provider: "HostileProvider") -> object:
    return provider.clock() - int(provider.asked["max_age"]) - _HOUR_SECONDS


def _in_an_hour(provider: "HostileProvider") -> object:
    return provider.clock() + _HOUR_SECONDS


def _now_as_text(provider: "HostileProvider") -> object:
    return str(provider.clock())


def _now_in_array(provider: "HostileProvider") -> object:
    return [provider.clock()]


def _another(provider: "HostileProvider") -> object:
    return f"{_MARK}-password-alone"


def _those_asked_for(provider: "HostileProvider") -> object:
    return provider.asked["acr_values"].split()


def _started(stage: "Stage", browser: "Browser", *parameters: str) -> "Page":
    """Begin a link, which may begin with a fresh authentication."""
    started = stage.start_link_or_login(browser)
    asked = parse_qs(urlsplit(started.location).query)
    missing = [name for name in parameters if name not in asked]
    if stage.leads_to_provider(started) and missing:
        raise NotApplicable(f"The application asks for no {' and no '.join(missing)} to link.")
    return started


def _is_refused_for(claim: str) -> Play:
    def play(stage: "Stage", case: Case) -> None:
        victim = stage.signed_in(VICTIM)
        started = _started(stage, victim, _ASKED_BY[claim])
        _must_be_refused(stage, case, victim, started)
        started = _started(stage, victim)
        if not _is_link(started):  # but a fresh authentication first: now the link itself
            _must_be_refused(stage, case, victim, stage.finish(victim, started, VICTIM))

    return play


def _must_be_refused(stage: "Stage", case: Case, victim: "Browser", started: "Page") -> None:
    before = stage.snapshot(victim)
    url = stage.callback_of(started, VICTIM)
    stage.misbehave(case.misbehaviour)
    page = victim.get(url)
    stage.misbehave(HONEST)
    stage.must_see(victim, before, "After the answer")
    stage.must_be_refusal(page, case, "The answer")


def _is_link(started: "Page") -> bool:
    scope = parse_qs(urlsplit(started.location).query).get("scope", [""])[0]
    return "link_account" in scope.split()


def _is_linked(stage: "Stage", case: Case) -> None:
    victim = stage.signed_in(VICTIM)
    page = _started(stage, victim, *_ASKED_BY.values())
    if stage.application.link is None:
        raise NotApplicable("The application has no route to link.")
    for _ in range(_HOPS):
        page = stage.finish(victim, page, VICTIM)
    scopes = stage.provider.asked.get("scope", "").split()
    is_refused = page.status >= 400 or bool(stage.kind_of(page))
    if is_refused or stage.leads_to_provider(page) or "link_account" not in scopes:
        raise Weakness(
            "The user has authenticated as was asked, and was not let go on to link: the last answer had"
            f" status {page.status} and led to {page.location.partition('?')[0]!r}."
        )
    stage.must_be_user(victim, VICTIM, "After the link")


def _case(name: str, checks: str, section: str, claim: str, told: Told) -> Case:
    return Case(
        name=name,
        family=Family.FRESHNESS,
        checks=checks,
        section=section,
        danger=_STEPPED_OVER,
        expected=refused("reauthentication_required", "id_token_invalid"),
        play=_is_refused_for(claim),
        misbehaviour=_telling(claim, told),
    )


CASES = (
    Case(
        name="fresh-enough",
        family=Family.FRESHNESS,
        checks="A user who authenticates as recently and as strongly as is asked links.",
        section="OIDC Core 3.1.2.1; RFC 9470, 3",
        danger="Nobody can link at a provider that does what it is asked.",
        expected=accepted(),
        play=_is_linked,
    ),
    *(
        _case(name, checks, section, "auth_time", told)
        for name, checks, section, told in (
            (
                "auth-time-missing",
                "With max_age, an ID token that does not say when the user authenticated is refused.",
                "OIDC Core 3.1.2.1 and 2",
                _nothing,
            ),
            (
                "auth-time-old",
                "With max_age, an ID token of an authentication an hour older than that is refused.",
                "OIDC Core 3.1.3.7, 13",
                _older_than_asked,
            ),
            (
                "auth-time-in-the-future",
                "With max_age, an ID token of an authentication in an hour is refused.",
                "OIDC Core 3.1.3.7, 13",
                _in_an_hour,
            ),
            (
                "auth-time-text",
                "With max_age, an ID token whose auth_time is a text is refused.",
                "OIDC Core 2",
                _now_as_text,
            ),
            (
                "auth-time-array",
                "With max_age, an ID token whose auth_time is an array is refused.",
                "OIDC Core 2",
                _now_in_array,
            ),
        )
    ),
    *(
        _case(name, checks, section, "acr", told)
        for name, checks, section, told in (
            (
                "acr-missing",
                "With acr_values, an ID token that does not say how the user authenticated is refused.",
                "OIDC Core 3.1.3.7, 12; RFC 9470, 6",
                _nothing,
            ),
            (
                "acr-other",
                "With acr_values, an ID token of an authentication of another class is refused.",
                "OIDC Core 3.1.3.7, 12; RFC 9470, 6",
                _another,
            ),
            (
                "acr-array",
                "With acr_values, an ID token whose acr is an array is refused.",
                "OIDC Core 2",
                _those_asked_for,
            ),
        )
    ),
)
