"""Metadata and keys that are wrong, slow, endless or elsewhere (OIDC Discovery 4; RFC 7517, 5)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attrs import evolve

from ..answers import ENDLESS_BYTES, Answer, json_answer, json_members, redirect_to, with_members
from ..case import Case, Family, refused
from ..findings import BrokenSetup, Weakness
from ..misbehaviour import HONEST, Alter, Misbehaviour
from ..playing import is_refused_from_the_start

if TYPE_CHECKING:
    from ..provider import HostileProvider
    from ..stage import Stage

__all__ = ["CASES", "drip", "endless", "html", "server_error", "silent"]

_IMPOSTOR = "Whoever answers in the provider's place decides who may sign in."
_DOWN = (
    "One provider that hangs, or whoever plays it, stops the whole application for all its users."
)
_STUCK = "After a failure that is over, nobody can sign in until somebody restarts the application."
_PAUSE_SECONDS = 0.1


def drip(answer: Answer, provider: "HostileProvider") -> Answer:
    """Send what is right, a byte at a time: each read succeeds, and the whole takes minutes."""
    return evolve(answer, pause_seconds=_PAUSE_SECONDS)


def silent(answer: Answer, provider: "HostileProvider") -> Answer:
    """Take the request, and never answer."""
    return Answer(is_silent=True)


def endless(answer: Answer, provider: "HostileProvider") -> Answer:
    """Send a body without end."""
    headers = {"content-type": "application/json"}
    return Answer(200, headers, b" " * 65_536, is_endless=True)


def html(answer: Answer, provider: "HostileProvider") -> Answer:
    """Send a page for people."""
    return Answer(200, {"content-type": "text/html"}, b"<!doctype html><p>Maintenance")


def server_error(answer: Answer, provider: "HostileProvider") -> Answer:
    """Fail."""
    return Answer(500, {"content-type": "text/plain"}, b"Internal Server Error")


def _list(answer: Answer, provider: "HostileProvider") -> Answer:
    return json_answer(["not", "an", "object"])


def _elsewhere(answer: Answer, provider: "HostileProvider") -> Answer:
    provider.tripwire.bait["/elsewhere"] = answer
    return redirect_to(f"{provider.tripwire.url}/elsewhere")


def _of_another_issuer(answer: Answer, provider: "HostileProvider") -> Answer:
    return with_members(answer, issuer="https://attacker.example")


def _with_file_as_keys(answer: Answer, provider: "HostileProvider") -> Answer:
    return with_members(answer, jwks_uri="file:///etc/passwd")


def _without_keys(answer: Answer, provider: "HostileProvider") -> Answer:
    return json_answer({"keys": []})


def _for_encryption(answer: Answer, provider: "HostileProvider") -> Answer:
    keys: list[dict[str, Any]] = json_members(answer)["keys"]
    return json_answer({"keys": [{**key, "use": "enc"} for key in keys]})


def _is_refused_and_recovers(stage: "Stage", case: Case) -> None:
    is_refused_from_the_start(stage, case)
    if stage.provider.most_sent >= ENDLESS_BYTES:
        raise Weakness(f"The application has read {ENDLESS_BYTES} bytes of an answer without end.")
    stage.misbehave(HONEST)
    try:
        stage.signed_in()
    except BrokenSetup as failure:
        raise Weakness(f"The provider is honest again, and yet: {failure}") from None


def _cases(
    what: str,
    part: Callable[[Alter], Misbehaviour],
    kind: str,
    rows: tuple[tuple[str, str, str, str, Alter], ...],
) -> tuple[Case, ...]:
    return tuple(
        Case(
            name=name,
            family=Family.RESPONSES,
            checks=checks.format(what),
            section=section,
            danger=danger,
            expected=refused(kind, "provider_unreachable", may_be_5xx=True),
            play=_is_refused_and_recovers,
            misbehaviour=part(alter),
            needs_cold_caches=True,
        )
        for name, checks, section, danger, alter in rows
    )


def _usual(name: str, section: str) -> tuple[tuple[str, str, str, str, Alter], ...]:
    return (
        (
            f"{name}-html",
            "A page for people in the place of the {} is refused.",
            section,
            _STUCK,
            html,
        ),
        (f"{name}-list", "A JSON list in the place of the {} is refused.", section, _STUCK, _list),
        (
            f"{name}-500",
            "A failure in the place of the {} is survived.",
            section,
            _STUCK,
            server_error,
        ),
        (f"{name}-slow", "The {} that drip are given up.", "RFC 9700, 4.9", _DOWN, drip),
        (f"{name}-silent", "The {} that never come are given up.", "RFC 9700, 4.9", _DOWN, silent),
        (f"{name}-endless", "The {} without end are given up.", "RFC 9700, 4.9", _DOWN, endless),
        (
            f"{name}-redirect",
            "A redirect of the {} to another host is not followed.",
            section,
            _IMPOSTOR,
            _elsewhere,
        ),
    )


CASES = (
    *_cases(
        "metadata",
        lambda alter: Misbehaviour(discovery=alter),
        "metadata_invalid",
        (
            (
                "oidcc-client-test-discovery-issuer-mismatch",
                "Metadata of another issuer than the one that was asked for are refused.",
                "OIDC Discovery 4.3",
                _IMPOSTOR,
                _of_another_issuer,
            ),
            (
                "discovery-jwks-uri-file",
                "Metadata that lead to a file of the application's own machine are refused.",
                "OIDC Discovery 3",
                "The provider reads files through the application.",
                _with_file_as_keys,
            ),
            *_usual("discovery", "OIDC Discovery 4.2"),
        ),
    ),
    *_cases(
        "keys",
        lambda alter: Misbehaviour(jwks=alter),
        "keys_invalid",
        (
            (
                "jwks-empty",
                "A key set without keys verifies nothing.",
                "RFC 7517, 5",
                _IMPOSTOR,
                _without_keys,
            ),
            (
                "jwks-only-encryption-keys",
                "Keys that are for encryption verify no signature.",
                "RFC 7517, 4.2",
                _IMPOSTOR,
                _for_encryption,
            ),
            *_usual("jwks", "RFC 7517, 5"),
        ),
    ),
)
