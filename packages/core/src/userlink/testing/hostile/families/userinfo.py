"""Userinfo that is about somebody else, or is none (OIDC Core 5.3.2); for applications that ask for it."""

from typing import TYPE_CHECKING

from ..answers import Answer, redirect_to, with_members
from ..case import Case, Family, refused
from ..findings import NotApplicable
from ..misbehaviour import Alter, Misbehaviour
from ..playing import is_refused
from ..provider import VICTIM
from .publications import html

if TYPE_CHECKING:
    from ..provider import HostileProvider
    from ..stage import Stage

__all__ = ["CASES"]

_SWAPPED = "A user is shown, and taken for, somebody else."


def _of_another(answer: Answer, provider: "HostileProvider") -> Answer:
    return with_members(answer, sub="auth0|somebody-else", name="Somebody Else")


def _of_nobody(answer: Answer, provider: "HostileProvider") -> Answer:
    return with_members(answer, sub=None)


def _elsewhere(answer: Answer, provider: "HostileProvider") -> Answer:
    provider.tripwire.bait["/userinfo"] = answer
    return redirect_to(f"{provider.tripwire.url}/userinfo")


def _is_refused_where_it_is_asked_for(stage: "Stage", case: Case) -> None:
    stage.signed_in(VICTIM)
    if not stage.provider.requests_to("userinfo"):
        raise NotApplicable("The application does not ask for userinfo.")
    is_refused(stage, case)


def _case(name: str, checks: str, section: str, danger: str, alter: Alter) -> Case:
    return Case(
        name=name,
        family=Family.RESPONSES,
        checks=checks,
        section=section,
        danger=danger,
        expected=refused("userinfo_invalid", "provider_unreachable", may_be_5xx=True),
        play=_is_refused_where_it_is_asked_for,
        misbehaviour=Misbehaviour(userinfo=alter),
    )


CASES = (
    _case(
        "oidcc-client-test-userinfo-invalid-sub",
        "Userinfo about another user than the ID token's is refused.",
        "OIDC Core 5.3.2",
        _SWAPPED,
        _of_another,
    ),
    _case(
        "userinfo-missing-sub",
        "Userinfo that does not say whom it is about is refused.",
        "OIDC Core 5.3.2",
        _SWAPPED,
        _of_nobody,
    ),
    _case(
        "userinfo-html",
        "A page for people in the place of userinfo is refused.",
        "OIDC Core 5.3.2",
        "One failure of the provider stops logins with a crash.",
        html,
    ),
    _case(
        "userinfo-redirect",
        "A redirect of userinfo is not followed: the access token is not sent elsewhere.",
        "RFC 6750, 5.2 and 5.3",
        "The attacker's server is handed a token with which it acts as the user.",
        _elsewhere,
    ),
)
