"""Logouts: whose session they end, and where the user ends (Back-Channel Logout 2.4 to 2.7; RP-Initiated Logout 3)."""

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from ...logout import logout_claims
from ..browser import Page
from ..case import Case, Family, Play, accepted, refused
from ..findings import NotApplicable, Weakness
from ..misbehaviour import Claims
from ..provider import ATTACKER, VICTIM

if TYPE_CHECKING:
    from ..provider import HostileProvider
    from ..stage import Stage

__all__ = ["CASES", "logout_case", "logout_claims_of", "must_refuse", "post_token", "signed"]

_THROWN_OUT = "Whoever can reach the application signs any user out, again and again."
_LEFT_OPEN = "After the provider has ended a session, whoever holds its cookie goes on."


def signed(claims: Claims, provider: "HostileProvider") -> str:
    """Sign a logout token well."""
    return provider.keys.signing.sign(claims, typ="logout+jwt")


def logout_claims_of(stage: "Stage", sid: str) -> dict[str, Any]:
    """Return what a good logout token for the user's session says."""
    provider = stage.provider
    changes = {"sub": stage.subject(VICTIM), "sid": sid}
    jti = f"hostile-{provider.clock()}-{sid}"
    return logout_claims(provider.issuer, provider.client_id, provider.clock(), jti, changes)


def post_token(stage: "Stage", token: str) -> Page:
    """
    Send a logout token as a provider does: without cookies, as a form.

    Raises:
        NotApplicable: when the application takes none.
    """
    route = stage.application.backchannel_logout
    if route is None:
        raise NotApplicable("The application has no route for logouts on the back channel.")
    return stage.browser().post(route, {}, urlencode({"logout_token": token}))


def must_refuse(page: Page) -> None:
    """
    Check that a logout token is refused.

    Raises:
        Weakness: when it is not.
    """
    if not 400 <= page.status < 500:
        raise Weakness(
            f"The logout token was answered with status {page.status}, and not with 400."
        )


def _ends_session(left_out: str) -> Play:
    def play(stage: "Stage", case: Case) -> None:
        attacker = stage.signed_in(ATTACKER)
        before = stage.snapshot(attacker)
        victim = stage.signed_in(VICTIM)
        claims = logout_claims_of(stage, stage.provider.last_sid)
        claims.pop(left_out, None)
        page = post_token(stage, signed(claims, stage.provider))
        if page.status not in (200, 204):
            raise Weakness(f"A good logout token was answered with status {page.status}.")
        if "no-store" not in page.header("cache-control"):
            raise Weakness("The answer to a logout token may be kept by caches.")
        stage.must_be_nobody(victim, "After the provider has ended the session")
        stage.must_see(attacker, before, "After the session of another user was ended")

    return play


def _replayed(stage: "Stage", case: Case) -> None:
    stage.signed_in(VICTIM)
    claims = logout_claims_of(stage, stage.provider.last_sid)
    claims.pop("sid")
    token = signed(claims, stage.provider)
    post_token(stage, token)
    victim = stage.signed_in(VICTIM)
    before = stage.snapshot(victim)
    page = post_token(stage, token)
    stage.must_see(victim, before, "After the same logout token again")
    must_refuse(page)


def _of_rival(stage: "Stage", case: Case) -> None:
    victim = stage.signed_in(VICTIM)
    before = stage.snapshot(victim)
    rival = stage.network.rival
    claims = logout_claims_of(stage, stage.provider.last_sid)
    for issuer in (rival.issuer, stage.provider.issuer):
        page = post_token(stage, signed({**claims, "iss": issuer}, rival))
        stage.must_see(victim, before, "After the logout token of another provider")
        must_refuse(page)


def _in_query(stage: "Stage", case: Case) -> None:
    route = stage.application.backchannel_logout
    if route is None:
        raise NotApplicable("The application has no route for logouts on the back channel.")
    victim = stage.signed_in(VICTIM)
    before = stage.snapshot(victim)
    token = signed(logout_claims_of(stage, stage.provider.last_sid), stage.provider)
    address = f"{route}?{urlencode({'logout_token': token})}"
    for page in (stage.browser().get(address), stage.browser().post(address, {})):
        stage.must_see(victim, before, "After a logout token in the address")
        must_refuse(page)


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


def logout_case(
    name: str,
    checks: str,
    section: str,
    play: Play,
    *,
    danger: str = _THROWN_OUT,
    good: bool = False,
) -> Case:
    """Return a case about a logout."""
    return Case(
        name=name,
        family=Family.LOGOUT,
        checks=checks,
        section=section,
        danger=_LEFT_OPEN if good else danger,
        expected=accepted() if good else refused(),
        play=play,
    )


CASES = (
    logout_case(
        "oidcc-client-test-rp-backchannel-rpinitlogout",
        "A good logout token ends the user's session, and no other.",
        "Back-Channel Logout 2.5 and 2.7",
        _ends_session("nothing"),
        good=True,
    ),
    logout_case(
        "logout-token-by-sid",
        "A logout token with nothing but a sid ends that session.",
        "Back-Channel Logout 2.4",
        _ends_session("sub"),
        good=True,
    ),
    logout_case(
        "logout-token-by-sub",
        "A logout token with nothing but a sub ends the user's sessions.",
        "Back-Channel Logout 2.4",
        _ends_session("sid"),
        good=True,
    ),
    logout_case(
        "logout-token-replayed",
        "A logout token that was used before is refused, and the user's next session lives.",
        "Back-Channel Logout 2.6, 7",
        _replayed,
    ),
    logout_case(
        "logout-token-of-another-provider",
        "A logout token that another provider has signed ends no session, whatever its sid and issuer.",
        "Back-Channel Logout 2.6, 2, 3 and 8",
        _of_rival,
    ),
    logout_case(
        "logout-token-in-the-address",
        "A logout token that does not come as a form is refused.",
        "Back-Channel Logout 2.5",
        _in_query,
        danger="Logout tokens stand in the logs of everybody between provider and application.",
    ),
    logout_case(
        "logout-to-elsewhere",
        "A logout does not end at another site, whatever the request asks for.",
        "RP-Initiated Logout 3",
        _to_elsewhere,
        danger="A form of anybody's ends at a page that looks like the application and asks for the password.",
    ),
)
