"""Callbacks that an attacker has written: parameters wrong, missing, twice, or too long (RFC 6749, 3.1; RFC 9207)."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from ..browser import Page
from ..case import Case, Family, Play, refusal
from ..findings import Weakness
from ..provider import ATTACKER, VICTIM

if TYPE_CHECKING:
    from ..misbehaviour import Parameters
    from ..stage import Stage

__all__ = ["CASES"]

Edit = Callable[["Parameters", "Stage"], "Parameters"]

_INJECTED = "An attacker finishes their own login in a user's browser, and the user works in the attacker's account."
_MIXED_UP = "A second provider, which the attacker runs, is handed the code of an honest one, and signs in as the user."
_AMBIGUOUS = (
    "A filter in front reads one value and the application the other, so that neither protects."
)
_REFLECTED = (
    "A link to the application runs the attacker's script in it, or sets the attacker's cookies."
)
_DOWN = "One request stops the application for everybody."
_MARK = "hostile-mark"


def _edited(url: str, edit: Edit, stage: "Stage") -> str:
    parts = urlsplit(url)
    pairs = edit(parse_qsl(parts.query, keep_blank_values=True), stage)
    return parts._replace(query=urlencode(pairs)).geturl()


def _set(name: str, *values: str) -> Edit:
    def edit(pairs: "Parameters", stage: "Stage") -> "Parameters":
        return [
            *((each, value) for each, value in pairs if each != name),
            *((name, v) for v in values),
        ]

    return edit


def _again(name: str, value: str | None = None) -> Edit:
    """Add a parameter that is there already, once more as it is or with another value."""

    def edit(pairs: "Parameters", stage: "Stage") -> "Parameters":
        return [*pairs, (name, dict(pairs)[name] if value is None else value)]

    return edit


def _with_error(pairs: "Parameters", stage: "Stage") -> "Parameters":
    return [*pairs, ("error", "access_denied")]


def _from_rival(pairs: "Parameters", stage: "Stage") -> "Parameters":
    return [
        ("iss", stage.network.rival.issuer) if name == "iss" else (name, value)
        for name, value in pairs
    ]


def _is_refused_unsent(edit: Edit) -> Play:
    """Deliver a callback that was changed, for a login and for a link: refused, and the code never sent."""

    def play(stage: "Stage", case: Case) -> None:
        stranger = stage.browser()
        url = _edited(stage.callback_of(stage.start_login(stranger), ATTACKER), edit, stage)
        page = stranger.get(url)
        stage.must_be_nobody(stranger, "After the login")
        stage.must_be_refusal(page, case, "The login")
        stage.must_not_have_sent(url, "The login")
        victim = stage.signed_in(VICTIM)
        before = stage.snapshot(victim)
        url = _edited(stage.callback_of(stage.start_link_or_login(victim), VICTIM), edit, stage)
        page = victim.get(url)
        stage.must_see(victim, before, "After the link")
        stage.must_be_refusal(page, case, "The link")
        stage.must_not_have_sent(url, "The link")

    return play


def _huge(characters: int) -> Play:
    def play(stage: "Stage", case: Case) -> None:
        victim = stage.signed_in(VICTIM)
        before = stage.snapshot(victim)
        url = stage.callback_of(stage.start_link_or_login(victim), VICTIM)
        page = victim.get(f"{url}&filling={'x' * characters}")
        stage.must_see(victim, before, "After the long callback")
        stage.must_be_refusal(page, case, "The long callback")
        stage.must_not_have_sent(url, "The long callback")

    return play


def _with_description(text: str) -> Play:
    def play(stage: "Stage", case: Case) -> None:
        victim = stage.signed_in(VICTIM)
        before = stage.snapshot(victim)
        url = stage.callback_of(stage.start_link_or_login(victim), VICTIM)
        state = dict(parse_qsl(urlsplit(url).query))
        base = url.partition("?")[0]
        query = urlencode({"state": state["state"], "iss": state["iss"], "error": "access_denied"})
        page = victim.get(f"{base}?{query}&error_description={quote(text, safe='')}")
        stage.must_see(victim, before, "After the error")
        stage.must_be_refusal(page, case, "The error")
        _must_not_reflect(page, text, "The callback")
        if page.location.startswith("/"):
            _must_not_reflect(victim.get(page.location), text, "The page after the callback")

    return play


def _must_not_reflect(page: Page, text: str, what: str) -> None:
    if text in page.body:
        raise Weakness(f"{what} shows the provider's text as it came, tags and all.")
    if any(
        name.startswith(_MARK) or (name == "set-cookie" and _MARK in value)
        for name, value in page.headers
    ):
        raise Weakness(f"{what} has a header that the text of the error has made.")


_case = partial(refusal, Family.CALLBACKS)


CASES = (
    *(
        _case(
            name,
            checks,
            "RFC 6749, 10.12; RFC 9700, 4.7",
            _INJECTED,
            _is_refused_unsent(edit),
            *kinds,
        )
        for name, checks, edit, kinds in (
            (
                "state-missing",
                "A callback without state is refused.",
                _set("state"),
                ("invalid_callback",),
            ),
            (
                "state-empty",
                "A callback with an empty state is refused.",
                _set("state", ""),
                ("invalid_callback",),
            ),
            (
                "state-wrong",
                "A callback with a state that nobody has started is refused.",
                _set("state", "AAAAAAAAAAAAAAAAAAAAAA"),
                ("transaction_not_found",),
            ),
        )
    ),
    *(
        _case(
            name, checks, "RFC 6749, 3.1", _AMBIGUOUS, _is_refused_unsent(edit), "invalid_callback"
        )
        for name, checks, edit in (
            ("state-doubled", "A callback with its state twice is refused.", _again("state")),
            (
                "code-doubled",
                "A callback with two codes is refused.",
                _again("code", "another-code"),
            ),
            ("iss-doubled", "A callback with its issuer twice is refused.", _again("iss")),
            ("code-and-error", "A callback with both a code and an error is refused.", _with_error),
        )
    ),
    *(
        _case(
            name,
            checks,
            "RFC 9207, 2.4",
            _MIXED_UP,
            _is_refused_unsent(edit),
            "callback_issuer_mismatch",
        )
        for name, checks, edit in (
            (
                "iss-wrong",
                "A callback from another issuer is refused, and its code sent to nobody.",
                _from_rival,
            ),
            (
                "iss-missing",
                "A callback without the issuer is refused where the provider's metadata promise it.",
                _set("iss"),
            ),
        )
    ),
    _case(
        "callback-of-20-kb",
        "A callback of 20 kB is refused.",
        "RFC 9110, 4.1",
        _DOWN,
        _huge(20_000),
        "invalid_callback",
    ),
    _case(
        "callback-of-1-mb",
        "A callback of 1 MB is refused.",
        "RFC 9110, 4.1",
        _DOWN,
        _huge(1_000_000),
    ),
    *(
        _case(
            name,
            checks,
            "RFC 6749, 4.1.2.1; RFC 9110, 5.5",
            _REFLECTED,
            _with_description(text),
            "authorization_denied",
        )
        for name, checks, text in (
            (
                "error-description-html",
                "An error_description with HTML is not shown as it came.",
                f"<script>alert('{_MARK}')</script>",
            ),
            (
                "error-description-crlf",
                "An error_description with line breaks makes no header.",
                f"x\r\nSet-Cookie: {_MARK}=1\r\n{_MARK}: 1",
            ),
        )
    ),
)
