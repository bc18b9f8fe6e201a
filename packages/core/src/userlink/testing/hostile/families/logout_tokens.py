"""Logout tokens that end nothing (OIDC Back-Channel Logout 1.0, 2.4 and 2.6)."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..case import Case, Play
from ..misbehaviour import Claims
from ..provider import VICTIM
from ..signatures import compact, hmac_signed, with_broken_signature
from .logout import logout_case, logout_claims_of, must_refuse, post_token, signed

if TYPE_CHECKING:
    from ..provider import HostileProvider
    from ..stage import Stage

__all__ = ["CASES"]

Make = Callable[[Claims, "HostileProvider"], str]

_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_HOUR_SECONDS = 3600


def _with(**changes: object) -> Make:
    """Sign well, with other claims; those that are None are left out."""

    def make(claims: Claims, provider: "HostileProvider") -> str:
        changed = {**claims, **changes}
        return signed({name: each for name, each in changed.items() if each is not None}, provider)

    return make


def _unsigned(claims: Claims, provider: "HostileProvider") -> str:
    header = json.dumps({"alg": "none", "typ": "logout+jwt"})
    return compact(header.encode(), json.dumps(claims).encode(), lambda _: b"")


def _by_client_secret(claims: Claims, provider: "HostileProvider") -> str:
    secret = provider.client_secret.encode()
    return hmac_signed(claims, secret, typ="logout+jwt", kid=provider.keys.signing.kid)


def _broken(claims: Claims, provider: "HostileProvider") -> str:
    return with_broken_signature(signed(claims, provider))


def _past(claims: Claims, provider: "HostileProvider") -> str:
    now = provider.clock()
    return signed({**claims, "iat": now - 2 * _HOUR_SECONDS, "exp": now - _HOUR_SECONDS}, provider)


def _as_id_token(claims: Claims, provider: "HostileProvider") -> str:
    bare = {name: value for name, value in claims.items() if name not in ("events", "jti")}
    return provider.keys.signing.sign({**bare, "nonce": "a-nonce"})


def _is_refused(make: Make) -> Play:
    def play(stage: "Stage", case: Case) -> None:
        victim = stage.signed_in(VICTIM)
        before = stage.snapshot(victim)
        claims = logout_claims_of(stage, stage.provider.last_sid)
        page = post_token(stage, make(claims, stage.provider))
        stage.must_see(victim, before, "After the logout token")
        must_refuse(page)

    return play


_NAME = "oidcc-client-test-rp-backchannel-rpinitlogout"
CASES = tuple(
    logout_case(name, checks, f"Back-Channel Logout 2.6, {step}", _is_refused(make))
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
)
