"""Which key: tokens that do not name it, tokens that name an unknown one, and providers that change theirs."""

from typing import TYPE_CHECKING, Any

from ..answers import Answer, json_answer, json_members
from ..case import Case, Family, accepted, refused
from ..findings import Weakness
from ..misbehaviour import HONEST, Claims, Misbehaviour
from ..playing import is_accepted, is_refused
from ..provider import ATTACKER, VICTIM
from ..signatures import shared_key

if TYPE_CHECKING:
    from ..provider import HostileProvider
    from ..stage import Stage

__all__ = ["CASES"]

_FORGED = "Whoever can reach the callback signs in as any user."
_LOCKED_OUT = "After the provider has changed its keys, nobody can sign in until somebody restarts the application."
_FLOOD = 100
_MOST_FETCHES = 2


def _without_kid(claims: Claims, provider: "HostileProvider") -> str:
    return provider.keys.signing.sign(claims, kid=None)


def _of_stranger(kid: str | None) -> Misbehaviour:
    def sign(claims: Claims, provider: "HostileProvider") -> str:
        return shared_key("attackers", "RS256").sign(claims, kid=kid)

    return Misbehaviour(sign=sign)


def _one_key(answer: Answer, provider: "HostileProvider") -> Answer:
    return json_answer({"keys": [provider.keys.signing.public_jwk]})


def _for_any_algorithm(answer: Answer, provider: "HostileProvider") -> Answer:
    keys: list[dict[str, Any]] = json_members(answer)["keys"]
    bare = [{name: value for name, value in key.items() if name != "alg"} for key in keys]
    return json_answer({"keys": bare})


def _rotating(claims: Claims, provider: "HostileProvider") -> str:
    return provider.keys.rotate().sign(claims)


def _flood_of_unknown_kids(stage: "Stage", case: Case) -> None:
    stage.signed_in(VICTIM)
    before = len(stage.provider.requests_to("jwks"))
    for number in range(_FLOOD):
        stage.misbehave(_of_stranger(f"unknown-{number}"))
        stranger = stage.browser()
        page = stage.finish(stranger, stage.start_login(stranger), ATTACKER)
        stage.must_be_refusal(page, case, f"Login number {number + 1}")
    fetches = len(stage.provider.requests_to("jwks")) - before
    if fetches > _MOST_FETCHES:
        raise Weakness(
            f"{_FLOOD} unknown kids made the application fetch the keys {fetches} times."
        )


def _rotation_between_logins(stage: "Stage", case: Case) -> None:
    stage.signed_in(VICTIM)
    stage.provider.keys.rotate()
    browser = stage.browser()
    page = stage.finish(browser, stage.start_login(browser), VICTIM)
    stage.must_be_user(browser, VICTIM, f"After the rotation (callback: status {page.status})")


def _rotation_just_before_signing(stage: "Stage", case: Case) -> None:
    stage.signed_in(VICTIM)
    browser = stage.browser()
    started = stage.start_login(browser)
    stage.misbehave(Misbehaviour(sign=_rotating))
    page = stage.finish(browser, started, VICTIM)
    stage.misbehave(HONEST)
    stage.must_be_user(browser, VICTIM, f"After the rotation (callback: status {page.status})")


CASES = (
    Case(
        name="oidcc-client-test-kid-absent-single-jwks",
        family=Family.TOKENS,
        checks="An ID token without kid is accepted where the provider has one key.",
        section="OIDC Core 10.1",
        danger="Nobody can sign in at a provider that does not name its only key.",
        expected=accepted(),
        play=is_accepted,
        misbehaviour=Misbehaviour(sign=_without_kid, jwks=_one_key),
        needs_cold_caches=True,
    ),
    Case(
        name="oidcc-client-test-kid-absent-multiple-jwks",
        family=Family.TOKENS,
        checks="An ID token without kid is accepted where exactly one of several keys verifies it.",
        section="OIDC Core 10.1",
        danger="Nobody can sign in at a provider that does not name its keys.",
        expected=accepted(),
        play=is_accepted,
        misbehaviour=Misbehaviour(sign=_without_kid, jwks=_for_any_algorithm),
        needs_cold_caches=True,
    ),
    Case(
        name="kid-absent-no-key-verifies",
        family=Family.TOKENS,
        checks="An ID token without kid that none of several keys verifies is refused.",
        section="OIDC Core 10.1 and 3.1.3.7, 6",
        danger=_FORGED,
        expected=refused("id_token_invalid"),
        play=is_refused,
        misbehaviour=_of_stranger(None),
    ),
    Case(
        name="kid-unknown",
        family=Family.TOKENS,
        checks="An ID token that names a key which the provider does not have is refused.",
        section="OIDC Core 10.1",
        danger=_FORGED,
        expected=refused("id_token_invalid"),
        play=is_refused,
        misbehaviour=_of_stranger("nobodys-key"),
    ),
    Case(
        name="kid-unknown-a-hundred-times",
        family=Family.TOKENS,
        checks="A hundred unknown kids make the application fetch the keys at most twice.",
        section="OIDC Core 10.1.1; RFC 9700, 4.9",
        danger="Whoever sends logins with made-up keys makes the application flood its provider, which locks it out.",
        expected=refused("id_token_invalid"),
        play=_flood_of_unknown_kids,
    ),
    Case(
        name="oidcc-client-test-signing-key-rotation",
        family=Family.TOKENS,
        checks="After the provider has begun to sign with a new key, users sign in.",
        section="OIDC Core 10.1.1",
        danger=_LOCKED_OUT,
        expected=accepted(),
        play=_rotation_between_logins,
        needs_cold_caches=True,
    ),
    Case(
        name="oidcc-client-test-signing-key-rotation-just-before-signing",
        family=Family.TOKENS,
        checks="A user whose login is on its way while the provider changes its key signs in.",
        section="OIDC Core 10.1.1",
        danger=_LOCKED_OUT,
        expected=accepted(),
        play=_rotation_just_before_signing,
        needs_cold_caches=True,
    ),
)
