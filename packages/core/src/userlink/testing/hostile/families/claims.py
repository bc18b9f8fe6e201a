"""ID tokens that are signed well and say what they must not (OIDC Core 2 and 3.1.3.7, 1 to 5, 9 and 10)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..case import Case, Expected, Family, Play, accepted, refused
from ..misbehaviour import Claims, Misbehaviour
from ..playing import is_accepted, is_refused

if TYPE_CHECKING:
    from ..provider import HostileProvider

__all__ = ["CASES", "token_case", "with_claims", "without_claim"]

Edit = Callable[[Claims, "HostileProvider"], Claims]

_ANOTHERS = "A token made for somebody else, or by somebody else, signs its bearer in here."
_OLD = "A token that was stolen or logged long ago signs its finder in."
_STUCK = "Nobody can sign in at a provider that is within its rights."
_HOUR_SECONDS = 3600


def with_claims(**changes: object) -> Edit:
    """Return an edit that says something else."""

    def edit(claims: Claims, provider: "HostileProvider") -> Claims:
        return {**claims, **changes}

    return edit


def without_claim(name: str) -> Edit:
    """Return an edit that leaves a claim out."""

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


def token_case(
    name: str,
    checks: str,
    section: str,
    danger: str,
    misbehaviour: Misbehaviour | Edit,
    *,
    expected: Expected | None = None,
    play: Play = is_refused,
) -> Case:
    """Return a case about an ID token; what is done to it is a whole misbehaviour, or an edit of its claims."""
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
    token_case(
        "oidcc-client-test-invalid-iss",
        "An ID token of another issuer is refused.",
        "OIDC Core 3.1.3.7, 2",
        _ANOTHERS,
        with_claims(iss="https://attacker.example"),
    ),
    token_case(
        "id-token-missing-iss",
        "An ID token without issuer is refused.",
        "OIDC Core 2 and 3.1.3.7, 2",
        _ANOTHERS,
        without_claim("iss"),
    ),
    token_case(
        "id-token-array-iss",
        "An ID token whose issuer is an array is refused.",
        "RFC 7519, 4.1.1",
        _ANOTHERS,
        _in_array("iss"),
    ),
    token_case(
        "oidcc-client-test-invalid-aud",
        "An ID token for another client is refused.",
        "OIDC Core 3.1.3.7, 3",
        _ANOTHERS,
        with_claims(aud="another-client"),
    ),
    token_case(
        "oidcc-client-test-missing-aud",
        "An ID token without audience is refused.",
        "OIDC Core 2 and 3.1.3.7, 3",
        _ANOTHERS,
        without_claim("aud"),
    ),
    token_case(
        "id-token-array-aud-of-others",
        "An ID token for several other clients is refused.",
        "OIDC Core 3.1.3.7, 3",
        _ANOTHERS,
        with_claims(aud=["another-client", "a-third-client"]),
    ),
    token_case(
        "id-token-array-aud",
        "An ID token whose audience is an array of this client alone is accepted.",
        "OIDC Core 2; RFC 7519, 4.1.3",
        _STUCK,
        _in_array("aud"),
        expected=accepted(),
        play=is_accepted,
    ),
    token_case(
        "id-token-azp-missing",
        "An ID token for several audiences that does not say whom it was made for is refused.",
        "OIDC Core 3.1.3.7, 4",
        _ANOTHERS,
        _for_several(),
    ),
    token_case(
        "id-token-azp-other",
        "An ID token that was made for another client is refused.",
        "OIDC Core 3.1.3.7, 5",
        _ANOTHERS,
        _for_several(azp="another-client"),
    ),
    token_case(
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
    token_case(name, checks, "OIDC Core 2", _ANOTHERS, edit)
    for name, checks, edit in (
        (
            "oidcc-client-test-missing-sub",
            "An ID token without subject is refused.",
            without_claim("sub"),
        ),
        (
            "id-token-empty-sub",
            "An ID token with an empty subject is refused.",
            with_claims(sub=""),
        ),
        (
            "id-token-array-sub",
            "An ID token whose subject is an array is refused.",
            _in_array("sub"),
        ),
    )
)
_TIMES = tuple(
    token_case(name, checks, section, _OLD, edit)
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
            without_claim("exp"),
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
            without_claim("iat"),
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

CASES = (*_ISSUER_AND_AUDIENCE, *_SUBJECT, *_TIMES)
