"""Links that are asked for with an ID token past its time (OIDC Core 3.1.2.1, 12 and 12.2)."""

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from ..answers import Answer, with_members
from ..browser import Browser
from ..case import Case, Family, Play, accepted, refused
from ..findings import NotApplicable, Weakness
from ..misbehaviour import HONEST, Claims, Misbehaviour
from ..provider import ATTACKER, VICTIM

if TYPE_CHECKING:
    from ..provider import HostileProvider
    from ..stage import Stage

__all__ = ["CASES"]

_SWAPPED = "The user is swapped into another account without noticing."
_SECONDS_PAST = 30


def _expired_soon(claims: Claims, provider: "HostileProvider") -> Claims:
    # Within the skew that relying parties allow at a login, and past for whoever is asked for a hint.
    return {**claims, "exp": provider.clock() - _SECONDS_PAST}


def _without_refresh_token(answer: Answer, provider: "HostileProvider") -> Answer:
    return with_members(answer, refresh_token=None)


def _signed_in_with_stale_token(stage: "Stage", misbehaviour: Misbehaviour) -> Browser:
    stage.misbehave(misbehaviour)
    browser = stage.browser()
    stage.finish(browser, stage.start_login(browser), VICTIM)
    stage.misbehave(HONEST)
    if not stage.snapshot(browser).subjects:
        raise NotApplicable(
            f"The application refuses an ID token that expired {_SECONDS_PAST} seconds ago, as it may."
        )
    return browser


def _stale_hint(stage: "Stage", case: Case) -> None:
    browser = _signed_in_with_stale_token(stage, case.misbehaviour)
    before = stage.snapshot(browser)
    page = stage.start_link(browser)
    stage.must_be_refusal(page, case, "The link with a stale ID token")
    stage.must_see(browser, before, "After the link with a stale ID token")


def _renewed_hint(stage: "Stage", case: Case) -> None:
    browser = _signed_in_with_stale_token(stage, case.misbehaviour)
    page = stage.start_link(browser)
    if not stage.leads_to_provider(page):
        raise Weakness(
            f"The link was answered with status {page.status}, though there is a refresh token."
        )
    hint = parse_qs(urlsplit(page.location).query).get("id_token_hint", [""])[0]
    claims = stage.provider.keys.signing.claims_of(hint)
    if claims is None or claims["exp"] <= stage.provider.clock():
        raise Weakness(
            "The provider was sent a stale id_token_hint, though there is a refresh token."
        )


def _renewed_for_another(claims: Claims, provider: "HostileProvider") -> Claims:
    stale = provider.clock() - _SECONDS_PAST
    # A renewed token has no nonce (OIDC Core, 12.2).
    if "nonce" in claims:
        return {**claims, "exp": stale}
    return {**claims, "sub": provider.accounts[ATTACKER].subject}


def _renewed_hint_of_another(stage: "Stage", case: Case) -> None:
    browser = stage.browser()
    stage.misbehave(case.misbehaviour)
    stage.finish(browser, stage.start_login(browser), VICTIM)
    before = stage.snapshot(browser)
    if not before.subjects:
        raise NotApplicable("The application refuses an ID token that has just expired, as it may.")
    page = stage.start_link(browser)
    stage.must_see(browser, before, "After the renewal for another user")
    stage.must_be_refusal(page, case, "The link with a token that was renewed for another user")


def _case(
    name: str,
    checks: str,
    section: str,
    danger: str,
    play: Play,
    *kinds: str,
    misbehaviour: Misbehaviour = HONEST,
    is_accepted: bool = False,
) -> Case:
    return Case(
        name=name,
        family=Family.LINKING,
        checks=checks,
        section=section,
        danger=danger,
        expected=accepted() if is_accepted else refused(*kinds),
        play=play,
        misbehaviour=misbehaviour,
    )


_STALE = Misbehaviour(claims=_expired_soon)
CASES = (
    _case(
        "link-stale-hint",
        "A link with an ID token past its time and no refresh token is refused before any redirect.",
        "OIDC Core 3.1.2.1",
        "The provider takes a token that was stolen long ago for the user's word.",
        _stale_hint,
        "session_id_token_expired",
        misbehaviour=Misbehaviour(claims=_expired_soon, token=_without_refresh_token),
    ),
    _case(
        "link-stale-hint-renewed",
        "A link with an ID token past its time and a refresh token renews it first.",
        "OIDC Core 12",
        "Linking fails for everybody whose session is older than an ID token.",
        _renewed_hint,
        misbehaviour=_STALE,
        is_accepted=True,
    ),
    _case(
        "link-hint-renewed-for-another",
        "An ID token that was renewed for another user is refused.",
        "OIDC Core 12.2",
        _SWAPPED,
        _renewed_hint_of_another,
        "linked_user_mismatch",
        misbehaviour=Misbehaviour(claims=_renewed_for_another),
    ),
)
