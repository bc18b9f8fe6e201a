"""Pushed authorization requests that are answered badly, and what leaves the browser's address with them (RFC 9126)."""

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from attrs import evolve

from ...discovery import pushed_endpoint
from ..answers import Answer, redirect_to, with_members
from ..case import Case, Expected, Family, Play, accepted, refused
from ..findings import NotApplicable, Weakness
from ..misbehaviour import HONEST, Alter, Misbehaviour
from ..provider import VICTIM
from .publications import html, server_error

if TYPE_CHECKING:
    from ..browser import Browser
    from ..provider import HostileProvider
    from ..stage import Stage

__all__ = ["CASES"]

_FELL_BACK = "The user's ID token, and all that was to stay between two servers, stands in histories and logs."
_LEAKED = "The attacker's server is handed the application's secret, and the user's ID token."
_STEERED = "Whoever answers in the provider's place adds parameters of their own, or headers of the application's."
_MARK = "hostile-mark"
_URN = "urn:ietf:params:oauth:request_uri:"
_INJECTING = f"{_URN}{_MARK}&redirect_uri=https://evil.example/{_MARK}#{_MARK}"


def _with_uri(request_uri: object) -> Alter:
    def alter(answer: Answer, provider: "HostileProvider") -> Answer:
        return with_members(answer, request_uri=request_uri)

    return alter


def _with_status_500(answer: Answer, provider: "HostileProvider") -> Answer:
    return evolve(answer, status=500)


def _elsewhere(status: int) -> Alter:
    def alter(answer: Answer, provider: "HostileProvider") -> Answer:
        provider.tripwire.bait["/par"] = answer
        return redirect_to(f"{provider.tripwire.url}/par", status)

    return alter


def _offered(answer: Answer, provider: "HostileProvider") -> Answer:
    url = pushed_endpoint(provider.issuer)
    return with_members(answer, pushed_authorization_request_endpoint=url)


def _offer(stage: "Stage") -> "Browser":
    """Take pushed requests, and let a user sign in by one."""
    stage.misbehave(Misbehaviour(discovery=_offered))
    victim = stage.signed_in(VICTIM)
    if not stage.provider.requests_to("par"):
        raise NotApplicable("The application pushes no authorization requests.")
    return victim


def _is_refused(stage: "Stage", case: Case) -> None:
    victim = _offer(stage)
    before = stage.snapshot(victim)
    stage.misbehave(evolve(case.misbehaviour, discovery=_offered))
    stranger = stage.browser()
    stage.must_be_refusal(stage.start_login(stranger), case, "The start of a login")
    stage.must_be_refusal(stage.start_link_or_login(victim), case, "The start of a link")
    stage.must_be_nobody(stranger, "After the start of a login")
    stage.must_see(victim, before, "After the start of a link")


def _stays_one_parameter(stage: "Stage", case: Case) -> None:
    victim = _offer(stage)
    stage.misbehave(evolve(case.misbehaviour, discovery=_offered))
    page = stage.start_link_or_login(victim)
    parts = urlsplit(page.location)
    sent = parse_qsl(parts.query, keep_blank_values=True)
    if ("request_uri", _INJECTING) not in sent or not stage.leads_to_provider(page):
        raise Weakness("The request_uri does not reach the provider as it came.")
    added = [name for name, value in sent if _MARK in value and name != "request_uri"]
    if added or parts.fragment:
        raise Weakness(f"The request_uri has added to the address: {', '.join(added)}.")


def _leaves_the_address(stage: "Stage", case: Case) -> None:
    victim = _offer(stage)
    started = stage.start_link(victim)
    sent = dict(parse_qsl(urlsplit(started.location).query, keep_blank_values=True))
    if "id_token_hint" in sent or any(value.startswith("eyJ") for value in sent.values()):
        raise Weakness("The user's ID token stands in the browser's address.")
    page = stage.finish(victim, started, VICTIM)
    if "id_token_hint" not in stage.provider.asked:
        raise Weakness("The provider was sent no id_token_hint, and cannot tell whose link it is.")
    stage.must_be_user(victim, VICTIM, f"After the link (callback: status {page.status})")


def _case(
    name: str,
    checks: str,
    section: str,
    danger: str,
    alter: Alter = HONEST.pushed,
    *,
    expected: Expected | None = None,
    play: Play = _is_refused,
) -> Case:
    kinds = "pushed_authorization_response_invalid", "provider_unreachable"
    return Case(
        name=name,
        family=Family.RESPONSES,
        checks=checks,
        section=section,
        danger=danger,
        expected=expected or refused(*kinds, may_be_5xx=True),
        play=play,
        misbehaviour=Misbehaviour(pushed=alter),
        needs_cold_caches=True,
    )


CASES = (
    _case(
        "par-id-token-hint",
        "Where the provider takes pushed requests, the id_token_hint of a link is not in the browser's address.",
        "RFC 9126, 1 and 4",
        _FELL_BACK,
        expected=accepted(),
        play=_leaves_the_address,
    ),
    *(
        _case(name, checks, "RFC 9126, 2.2 and 2.3", _FELL_BACK, alter)
        for name, checks, alter in (
            ("par-500", "A failure is no pushed request.", server_error),
            (
                "par-500-with-request-uri",
                "A request_uri that comes with a status of 500 is none.",
                _with_status_500,
            ),
            ("par-html", "A page for people is no pushed request.", html),
            (
                "par-missing-request-uri",
                "An answer without request_uri is refused, and the request is not sent by the browser instead.",
                _with_uri(None),
            ),
            (
                "par-request-uri-number",
                "A request_uri that is a number is refused.",
                _with_uri(12345),
            ),
        )
    ),
    _case(
        "par-request-uri-control-characters",
        "A request_uri with line breaks is refused.",
        "RFC 3986, 2; RFC 9110, 5.5",
        _STEERED,
        _with_uri(f"{_URN}x\r\nSet-Cookie: {_MARK}=1"),
    ),
    _case(
        "par-request-uri-with-separators",
        "A request_uri with the separators of a query reaches the provider as it came, and adds no parameter.",
        "RFC 9126, 4; RFC 3986, 2.2",
        _STEERED,
        _with_uri(_INJECTING),
        expected=accepted(),
        play=_stays_one_parameter,
    ),
    *(
        _case(
            f"par-redirect-{status}",
            f"A redirect by {status} is not followed: neither secret nor ID token are sent elsewhere.",
            "RFC 9126, 2.2; RFC 9700, 4.12",
            _LEAKED,
            _elsewhere(status),
        )
        for status in (302, 307, 308)
    ),
)
