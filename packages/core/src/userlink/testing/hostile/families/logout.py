"""Logout tokens that end nothing (OIDC Back-Channel Logout 1.0, 2.4 to 2.6), and logouts that end elsewhere."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from ...logout import logout_claims
from ..browser import Page
from ..case import Case, Family, Play, accepted, refused
from ..findings import NotApplicable, Weakness
from ..misbehaviour import Claims
from ..provider import ATTACKER, VICTIM
from ..signatures import compact, hmac_signed, with_broken_signature

if TYPE_CHECKING:
    from ..provider import HostileProvider
    from ..stage import Stage

__all__ = ["CASES"]

Make = Callable[[Claims, "HostileProvider"], str]

_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_THROWN_OUT = "Whoever can reach the application signs any user out, again and again."
_LEFT_OPEN = "After the provider has ended a session, whoever holds its cookie goes on."
_HOUR_SECONDS = 3600


def _signed(claims: Claims, provider: "HostileProvider") -> str:
    return provider.keys.signing.sign(claims, typ="logout+jwt")


def _with(**changes: object) -> Make:
    """Sign well, with other claims; those that are None are left out."""

    def make(claims: Claims, provider: "HostileProvider") -> str:
        changed = {**claims, **changes}
        return _signed({name: each for name, each in changed.items() if each is not None}, provider)

    return make


def _unsigned(claims: Claims, provider: "HostileProvider") -> str:
    header = json.dumps({"alg": "none", "typ": "logout+jwt"})
    return compact(header.encode(), json.dumps(claims).encode(), lambda _: b"")


def _by_client_secret(claims: Claims, provider: "HostileProvider") -> str:
    secret = provider.client_secret.encode()
    return hmac_signed(claims, secret, typ="logout+jwt", kid=provider.keys.signing.kid)


def _broken(claims: Claims, provider: "HostileProvider") -> str:
    return with_broken_signature(_signed(claims, provider))


def _past(claims: Claims, provider: "HostileProvider") -> str:
    now = provider.clock()
    return _signed({**claims, "iat": now - 2 * _HOUR_SECONDS, "exp": now - _HOUR_SECONDS}, provider)


def _as_id_token(claims: Claims, provider: "HostileProvider") -> str:
    bare = {name: value for name, value in claims.items() if name not in ("events", "jti")}
    return provider.keys.signing.sign({**bare, "nonce": "a-nonce"})


def _claims(stage: "Stage", sid: str) -> dict[str, Any]:
    provider = stage.provider
    changes = {"sub": stage.subject(VICTIM), "sid": sid}
    jti = f"hostile-{provider.clock()}-{sid}"
    return logout_claims(provider.issuer, provider.client_id, provider.clock(), jti, changes)


def _post(stage: "Stage", token: str) -> Page:
    """Send a logout token as a provider does: without cookies, as a form."""
    route = stage.application.backchannel_logout
    if route is None:
        raise NotApplicable("The application has no route for logouts on the back channel.")
    return stage.browser().post(route, {}, urlencode({"logout_token": token}))


def _must_refuse(page: Page) -> None:
    if not 400 <= page.status < 500:
        raise Weakness(
            f"The logout token was answered with status {page.status}, and not with 400."
        )


def _is_refused(make: Make) -> Play:
    def play(stage: "Stage", case: Case) -> None:
        victim = stage.signed_in(VICTIM)
        before = stage.snapshot(victim)
        claims = _claims(stage, stage.provider.last_sid)
        page = _post(stage, make(claims, stage.provider))
        stage.must_see(victim, before, "After the logout token")
        _must_refuse(page)

    return play


def _ends_session(left_out: str) -> Play:
    def play(stage: "Stage", case: Case) -> None:
        attacker = stage.signed_in(ATTACKER)
        before = stage.snapshot(attacker)
        victim = stage.signed_in(VICTIM)
        claims = _claims(stage, stage.provider.last_sid)
        claims.pop(left_out, None)
        page = _post(stage, _signed(claims, stage.provider))
        if page.status not in (200, 204):
            raise Weakness(f"A good logout token was answered with status {page.status}.")
        if "no-store" not in page.header("cache-control"):
            raise Weakness("The answer to a logout token may be kept by caches.")
        stage.must_be_nobody(victim, "After the provider has ended the session")
        stage.must_see(attacker, before, "After the session of another user was ended")

    return play


def _replayed(stage: "Stage", case: Case) -> None:
    stage.signed_in(VICTIM)
    claims = _claims(stage, stage.provider.last_sid)
    claims.pop("sid")
    token = _signed(claims, stage.provider)
    _post(stage, token)
    victim = stage.signed_in(VICTIM)
    before = stage.snapshot(victim)
    page = _post(stage, token)
    stage.must_see(victim, before, "After the same logout token again")
    _must_refuse(page)


def _of_rival(stage: "Stage", case: Case) -> None:
    victim = stage.signed_in(VICTIM)
    before = stage.snapshot(victim)
    rival = stage.network.rival
    claims = _claims(stage, stage.provider.last_sid)
    for issuer in (rival.issuer, stage.provider.issuer):
        page = _post(stage, _signed({**claims, "iss": issuer}, rival))
        stage.must_see(victim, before, "After the logout token of another provider")
        _must_refuse(page)


def _in_query(stage: "Stage", case: Case) -> None:
    route = stage.application.backchannel_logout
    if route is None:
        raise NotApplicable("The application has no route for logouts on the back channel.")
    victim = stage.signed_in(VICTIM)
    before = stage.snapshot(victim)
    token = _signed(_claims(stage, stage.provider.last_sid), stage.provider)
    address = f"{route}?{urlencode({'logout_token': token})}"
    for page in (stage.browser().get(address), stage.browser().post(address, {})):
        stage.must_see(victim, before, "After a logout token in the address")
        _must_refuse(page)


def _to_elsewhere(stage: "Stage", case: Case) -> None:
    route = stage.application.logout
    if route is None:
        raise NotApplicable("The application has no route to log out.")
    evil = "https://evil.example/hostile-mark"
    names = ("return_to", "returnTo", "post_logout_redirect_uri", "next", "redirect_uri")
    query = "&".join(f"{name}={quote(evil, safe='')}" for name in names)
    victim = stage.signed_in(VICTIM)
    page = victim.post(f"{route}{'&' if '?' in route else '?'}{query}", None, query)
    sent = [value for _, value in parse_qsl(urlsplit(page.location).query)]
    if page.location.startswith("https://evil.example") or any(evil in value for value in sent):
        raise Weakness("The logout ends at the address of another site.")
    stage.must_be_nobody(victim, "After the logout")


def _case(
    name: str,
    checks: str,
    section: str,
    play: Play,
    *,
    danger: str = _THROWN_OUT,
    good: bool = False,
) -> Case:
    return Case(
        name=name,
        family=Family.LOGOUT,
        checks=checks,
        section=section,
        danger=_LEFT_OPEN if good else danger,
        expected=accepted() if good else refused(),
        play=play,
    )


_NAME = "oidcc-client-test-rp-backchannel-rpinitlogout"
CASES = (
    _case(
        _NAME,
        "A good logout token ends the user's session, and no other.",
        "Back-Channel Logout 2.5 and 2.7",
        _ends_session("nothing"),
        good=True,
    ),
    _case(
        "logout-token-by-sid",
        "A logout token with nothing but a sid ends that session.",
        "Back-Channel Logout 2.4",
        _ends_session("sub"),
        good=True,
    ),
    _case(
        "logout-token-by-sub",
        "A logout token with nothing but a sub ends the user's sessions.",
        "Back-Channel Logout 2.4",
        _ends_session("sid"),
        good=True,
    ),
    *(
        _case(name, checks, f"Back-Channel Logout 2.6, {step}", _is_refused(make))
        for name, checks, step, make in (
            (f"{_NAME}-alg-none", "A logout token without a signature is refused.", "2", _unsigned),
            (
                f"{_NAME}-wrong-alg",
                "A logout token by HS256, keyed with the client secret, is refused.",
                "2",
                _by_client_secret,
            ),
            (
                "logout-token-invalid-sig",
                "A logout token with a broken signature is refused.",
                "2",
                _broken,
            ),
            (
                f"{_NAME}-wrong-iss",
                "A logout token of another issuer is refused.",
                "3",
                _with(iss="https://attacker.example"),
            ),
            (
                f"{_NAME}-wrong-aud",
                "A logout token for another client is refused.",
                "3",
                _with(aud="another-client"),
            ),
            ("logout-token-expired", "A logout token past its time is refused.", "3", _past),
            (
                "logout-token-without-sub-and-sid",
                "A logout token that names neither a user nor a session is refused.",
                "4",
                _with(sub=None, sid=None),
            ),
            (
                f"{_NAME}-no-event",
                "A logout token without events is refused.",
                "5",
                _with(events=None),
            ),
            (
                f"{_NAME}-wrong-event",
                "A logout token of another event is refused.",
                "5",
                _with(events={"http://schemas.openid.net/event/other": {}}),
            ),
            (
                "logout-token-event-no-object",
                "A logout token whose event is no JSON object is refused.",
                "5",
                _with(events={_EVENT: True}),
            ),
            (
                f"{_NAME}-with-nonce",
                "A logout token with a nonce is refused.",
                "6",
                _with(nonce="a-nonce"),
            ),
            (
                "logout-token-is-an-id-token",
                "An ID token is no logout token.",
                "5 and 6",
                _as_id_token,
            ),
            (
                "logout-token-without-jti",
                "A logout token that cannot be told from another is refused.",
                "7",
                _with(jti=None),
            ),
        )
    ),
    _case(
        "logout-token-replayed",
        "A logout token that was used before is refused, and the user's next session lives.",
        "Back-Channel Logout 2.6, 7",
        _replayed,
    ),
    _case(
        "logout-token-of-another-provider",
        "A logout token that another provider has signed ends no session, whatever its sid and issuer.",
        "Back-Channel Logout 2.6, 2, 3 and 8",
        _of_rival,
    ),
    _case(
        "logout-token-in-the-address",
        "A logout token that does not come as a form is refused.",
        "Back-Channel Logout 2.5",
        _in_query,
        danger="Logout tokens stand in the logs of everybody between provider and application.",
    ),
    _case(
        "logout-to-elsewhere",
        "A logout does not end at another site, whatever the request asks for.",
        "RP-Initiated Logout 3",
        _to_elsewhere,
        danger="A form of anybody's ends at a page that looks like the application and asks for the password.",
    ),
)
