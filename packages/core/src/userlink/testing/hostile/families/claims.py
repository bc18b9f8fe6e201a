"""ID tokens that are signed well and say what they must not (OIDC Core 3.1.3.7, 1 to 3 and 9 to 13)."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..case import Case, Expected, Family, Play, accepted, refused
from ..misbehaviour import Claims, Misbehaviour
from ..playing import is_accepted, is_refused
from ..signatures import compact

if TYPE_CHECKING:
    from ..provider import HostileProvider

__all__ = ["CASES"]

Edit = Callable[[Claims, "HostileProvider"], Claims]

_ANOTHERS = "A token made for somebody else, or by somebody else, signs its bearer in here."
_OLD = "A token that was stolen or logged long ago signs its finder in."
_INJECTED = "An attacker puts a code of their own choice into a user's login, and the user works in a foreign account."
_STUCK = "Nobody can sign in at a provider that is within its rights."
_DOWN = "One provider, or whoever plays it, stops the whole application."
_HOUR_SECONDS = 3600
_LARGE_BYTES = 200_000
_DEEP_LEVELS = 15_000


def _with(**changes: object) -> Edit:
    def edit(claims: Claims, provider: "HostileProvider") -> Claims:
        return {**claims, **changes}

    return edit


def _without(name: str) -> Edit:
    def edit(claims: Claims, provider: "HostileProvider") -> Claims:
        return {each: value for each, value in claims.items() if each != name}

    return edit


def _in_array(name: str) -> Edit:
    def edit(claims: Claims, provider: "HostileProvider") -> Claims:
        return {**claims, name: [claims[name]]}

    return edit


def _later(name: str, seconds: int) -> Edit:
    def edit(claims: Claims, provider: "HostileProvider") -> Claims:
        return {**claims, name: provider.clock() + seconds}

    return edit


def _for_several(**azp: str) -> Edit:
    def edit(claims: Claims, provider: "HostileProvider") -> Claims:
        return {**claims, "aud": [provider.client_id, "another-client"], **azp}

    return edit


def _with_own_azp(claims: Claims, provider: "HostileProvider") -> Claims:
    return {**claims, "aud": [provider.client_id, "another-client"], "azp": provider.client_id}


def _with_nonce_of_another(claims: Claims, provider: "HostileProvider") -> Claims:
    return {**claims, "nonce": provider.nonces[-2]}


def _nested_payload(claims: Claims, provider: "HostileProvider") -> str:
    # Made by hand: encoders refuse what parsers must survive.
    key = provider.keys.signing
    text = json.dumps({**claims, "deep": "DEEP"}).replace('"DEEP"', _nested())
    header = json.dumps({"alg": key.algorithm, "kid": key.kid})
    return compact(header.encode(), text.encode(), key.signature)


def _nested_header(claims: Claims, provider: "HostileProvider") -> str:
    key = provider.keys.signing
    header = f'{{"alg":"{key.algorithm}","kid":"{key.kid}","deep":{_nested()}}}'
    return compact(header.encode(), json.dumps(claims).encode(), key.signature)


def _nested() -> str:
    return "[" * _DEEP_LEVELS + "]" * _DEEP_LEVELS


def _typed(claims: Claims, provider: "HostileProvider") -> str:
    return provider.keys.signing.sign(claims, typ="at+jwt")


def _critical(claims: Claims, provider: "HostileProvider") -> str:
    key, member = provider.keys.signing, "http://example.com/must-be-understood"
    header = {"alg": key.algorithm, "kid": key.kid, "crit": [member], member: True}
    return compact(json.dumps(header).encode(), json.dumps(claims).encode(), key.signature)


def _case(
    name: str,
    checks: str,
    section: str,
    danger: str,
    misbehaviour: Misbehaviour | Edit,
    *,
    expected: Expected | None = None,
    play: Play = is_refused,
) -> Case:
    if not isinstance(misbehaviour, Misbehaviour):
        misbehaviour = Misbehaviour(claims=misbehaviour)
    return Case(
        name=name,
        family=Family.TOKENS,
        checks=checks,
        section=section,
        danger=danger,
        expected=expected or refused("id_token_invalid"),
        play=play,
        misbehaviour=misbehaviour,
    )


_ISSUER_AND_AUDIENCE = (
    _case(
        "oidcc-client-test-invalid-iss",
        "An ID token of another issuer is refused.",
        "OIDC Core 3.1.3.7, 2",
        _ANOTHERS,
        _with(iss="https://attacker.example"),
    ),
    _case(
        "id-token-missing-iss",
        "An ID token without issuer is refused.",
        "OIDC Core 2 and 3.1.3.7, 2",
        _ANOTHERS,
        _without("iss"),
    ),
    _case(
        "id-token-array-iss",
        "An ID token whose issuer is an array is refused.",
        "RFC 7519, 4.1.1",
        _ANOTHERS,
        _in_array("iss"),
    ),
    _case(
        "oidcc-client-test-invalid-aud",
        "An ID token for another client is refused.",
        "OIDC Core 3.1.3.7, 3",
        _ANOTHERS,
        _with(aud="another-client"),
    ),
    _case(
        "oidcc-client-test-missing-aud",
        "An ID token without audience is refused.",
        "OIDC Core 2 and 3.1.3.7, 3",
        _ANOTHERS,
        _without("aud"),
    ),
    _case(
        "id-token-array-aud-of-others",
        "An ID token for several other clients is refused.",
        "OIDC Core 3.1.3.7, 3",
        _ANOTHERS,
        _with(aud=["another-client", "a-third-client"]),
    ),
    _case(
        "id-token-array-aud",
        "An ID token whose audience is an array of this client alone is accepted.",
        "OIDC Core 2; RFC 7519, 4.1.3",
        _STUCK,
        _in_array("aud"),
        expected=accepted(),
        play=is_accepted,
    ),
    _case(
        "id-token-azp-missing",
        "An ID token for several audiences that does not say whom it was made for is refused.",
        "OIDC Core 3.1.3.7, 4",
        _ANOTHERS,
        _for_several(),
    ),
    _case(
        "id-token-azp-other",
        "An ID token that was made for another client is refused.",
        "OIDC Core 3.1.3.7, 5",
        _ANOTHERS,
        _for_several(azp="another-client"),
    ),
    _case(
        "id-token-azp-own",
        "An ID token for several audiences that was made for this client is accepted.",
        "OIDC Core 3.1.3.7, 4 and 5",
        _STUCK,
        _with_own_azp,
        expected=accepted(),
        play=is_accepted,
    ),
)
_SUBJECT = tuple(
    _case(name, checks, "OIDC Core 2", _ANOTHERS, edit)
    for name, checks, edit in (
        (
            "oidcc-client-test-missing-sub",
            "An ID token without subject is refused.",
            _without("sub"),
        ),
        ("id-token-empty-sub", "An ID token with an empty subject is refused.", _with(sub="")),
        (
            "id-token-array-sub",
            "An ID token whose subject is an array is refused.",
            _in_array("sub"),
        ),
    )
)
_TIMES = tuple(
    _case(name, checks, section, _OLD, edit)
    for name, checks, section, edit in (
        (
            "id-token-expired",
            "An ID token that expired an hour ago is refused.",
            "OIDC Core 3.1.3.7, 9",
            _later("exp", -_HOUR_SECONDS),
        ),
        (
            "id-token-missing-exp",
            "An ID token that never expires is refused.",
            "OIDC Core 2",
            _without("exp"),
        ),
        (
            "id-token-array-exp",
            "An ID token whose expiry is an array is refused.",
            "RFC 7519, 4.1.4",
            _in_array("exp"),
        ),
        (
            "oidcc-client-test-missing-iat",
            "An ID token that does not say when it was made is refused.",
            "OIDC Core 2",
            _without("iat"),
        ),
        (
            "id-token-array-iat",
            "An ID token whose time of issue is an array is refused.",
            "RFC 7519, 4.1.6",
            _in_array("iat"),
        ),
        (
            "id-token-iat-in-the-future",
            "An ID token that was made in an hour is refused.",
            "OIDC Core 3.1.3.7, 10",
            _later("iat", _HOUR_SECONDS),
        ),
        (
            "id-token-nbf-in-the-future",
            "An ID token that is good from an hour on is refused.",
            "RFC 7519, 4.1.5",
            _later("nbf", _HOUR_SECONDS),
        ),
    )
)
_BINDINGS = (
    _case(
        "oidcc-client-test-nonce-invalid",
        "An ID token with another nonce is refused.",
        "OIDC Core 3.1.3.7, 11",
        _INJECTED,
        _with(nonce="another-nonce"),
    ),
    _case(
        "id-token-nonce-missing",
        "An ID token without the nonce is refused.",
        "OIDC Core 3.1.3.7, 11",
        _INJECTED,
        _without("nonce"),
    ),
    _case(
        "id-token-nonce-empty",
        "An ID token with an empty nonce is refused.",
        "OIDC Core 3.1.3.7, 11",
        _INJECTED,
        _with(nonce=""),
    ),
    _case(
        "id-token-nonce-of-another-transaction",
        "An ID token with the nonce of another browser's transaction is refused.",
        "OIDC Core 3.1.3.7, 11 and 15.5.2",
        _INJECTED,
        _with_nonce_of_another,
    ),
    _case(
        "oidcc-client-test-invalid-athash",
        "An ID token that came with another access token is refused.",
        "OIDC Core 3.1.3.8",
        "The application calls services as somebody else than the user who signed in.",
        _with(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    ),
    _case(
        "id-token-typ-of-an-access-token",
        "A token that says in its header that it is an access token is refused.",
        "RFC 8725, 3.11",
        "An access token that any service has seen signs that service in as the user.",
        Misbehaviour(sign=_typed),
    ),
    _case(
        "id-token-crit-unknown",
        "A token with a critical extension that nobody knows is refused.",
        "RFC 7515, 4.1.11",
        "A condition under which alone the token is good is passed over.",
        Misbehaviour(sign=_critical),
    ),
)
_BOMBS = (
    _case(
        "id-token-oversized",
        "An ID token of 200 kB is refused.",
        "RFC 8725, 3.11",
        _DOWN,
        _with(filling="x" * _LARGE_BYTES),
        expected=refused("id_token_invalid", "provider_unreachable"),
    ),
    _case(
        "id-token-nested-payload",
        "An ID token whose claims are nested thousands of levels deep is refused, and nothing crashes.",
        "RFC 8259, 9",
        _DOWN,
        Misbehaviour(sign=_nested_payload),
    ),
    _case(
        "id-token-nested-header",
        "An ID token whose header is nested thousands of levels deep is refused, and nothing crashes.",
        "RFC 8259, 9",
        _DOWN,
        Misbehaviour(sign=_nested_header),
    ),
)

CASES = (*_ISSUER_AND_AUDIENCE, *_SUBJECT, *_TIMES, *_BINDINGS, *_BOMBS)
