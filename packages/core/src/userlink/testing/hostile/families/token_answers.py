"""Answers of the token endpoint that are none (RFC 6749, 5.1 and 7.1; OIDC Core 3.1.3.3)."""

from typing import TYPE_CHECKING

from attrs import evolve

from ..answers import ENDLESS_BYTES, Answer, json_answer, redirect_to, with_members
from ..case import Case, Family, refused
from ..findings import Weakness
from ..misbehaviour import Alter, Misbehaviour
from ..playing import is_refused
from .publications import drip, endless, html, server_error, silent

if TYPE_CHECKING:
    from ..provider import HostileProvider
    from ..stage import Stage

__all__ = ["CASES"]

_UNCHECKED = "Who has signed in is believed without proof."
_DOWN = (
    "One provider that hangs, or whoever plays it, stops the whole application for all its users."
)
_LEAKED = "The attacker's server is handed the user's code and the application's secret, and signs in as the user."
_SECTION = "RFC 6749, 5.1"


def _as_html(answer: Answer, provider: "HostileProvider") -> Answer:
    return evolve(answer, headers={"content-type": "text/html"})


def _broken(answer: Answer, provider: "HostileProvider") -> Answer:
    return evolve(answer, body=answer.body[:-2])


def _list(answer: Answer, provider: "HostileProvider") -> Answer:
    return json_answer(["access_token"])


def _without_id_token(answer: Answer, provider: "HostileProvider") -> Answer:
    return with_members(answer, id_token=None)


def _without_access_token(answer: Answer, provider: "HostileProvider") -> Answer:
    return with_members(answer, access_token=None)


def _of_another_type(answer: Answer, provider: "HostileProvider") -> Answer:
    return with_members(answer, token_type="mac")


def _with_status_500(answer: Answer, provider: "HostileProvider") -> Answer:
    return evolve(answer, status=500)


def _elsewhere(status: int) -> Alter:
    def alter(answer: Answer, provider: "HostileProvider") -> Answer:
        provider.tripwire.bait["/token"] = answer
        return redirect_to(f"{provider.tripwire.url}/token", status)

    return alter


def _is_refused_within_limits(stage: "Stage", case: Case) -> None:
    is_refused(stage, case)
    if stage.provider.most_sent >= ENDLESS_BYTES:
        raise Weakness(f"The application has read {ENDLESS_BYTES} bytes of an answer without end.")


CASES = tuple(
    Case(
        name=name,
        family=Family.RESPONSES,
        checks=checks,
        section=section,
        danger=danger,
        expected=refused("token_response_invalid", "provider_unreachable", may_be_5xx=True),
        play=_is_refused_within_limits,
        misbehaviour=Misbehaviour(token=alter),
    )
    for name, checks, section, danger, alter in (
        ("token-500", "A failure is no token.", _SECTION, _UNCHECKED, server_error),
        (
            "token-500-with-tokens",
            "Tokens that come with a status of 500 are none.",
            _SECTION,
            _UNCHECKED,
            _with_status_500,
        ),
        ("token-html", "A page for people is no token.", _SECTION, _UNCHECKED, html),
        (
            "token-wrong-content-type",
            "Tokens that come as a page for people are refused.",
            _SECTION,
            _UNCHECKED,
            _as_html,
        ),
        ("token-broken-json", "JSON that breaks off is refused.", _SECTION, _UNCHECKED, _broken),
        ("token-list", "A JSON list is refused.", _SECTION, _UNCHECKED, _list),
        (
            "token-missing-id-token",
            "An answer without ID token is refused.",
            "OIDC Core 3.1.3.3",
            _UNCHECKED,
            _without_id_token,
        ),
        (
            "token-missing-access-token",
            "An answer without access token is refused.",
            _SECTION,
            _UNCHECKED,
            _without_access_token,
        ),
        (
            "token-type-unknown",
            "A token_type other than Bearer is refused.",
            "RFC 6749, 7.1",
            "A token is used in a way for which it was not made.",
            _of_another_type,
        ),
        ("token-slow", "Tokens that drip are given up.", "RFC 9700, 4.9", _DOWN, drip),
        ("token-silent", "Tokens that never come are given up.", "RFC 9700, 4.9", _DOWN, silent),
        ("token-endless", "Tokens without end are given up.", "RFC 9700, 4.9", _DOWN, endless),
        *(
            (
                f"token-redirect-{status}",
                f"A redirect by {status} is not followed: neither code nor secret are sent elsewhere.",
                "RFC 9700, 4.12",
                _LEAKED,
                _elsewhere(status),
            )
            for status in (302, 307, 308)
        ),
    )
)
