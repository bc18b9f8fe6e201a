"""ID tokens whose signature proves nothing (OIDC Core 3.1.3.7, 6 to 8; RFC 8725, 3.1 and 3.2)."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from userlink.protocol.pkce import base64url

from ...keys import KeyAlgorithm
from ..answers import json_answer
from ..case import Case, Family, accepted, refused
from ..misbehaviour import Claims, Misbehaviour
from ..playing import is_accepted, is_refused
from ..signatures import compact, hmac_signed, shared_key, with_broken_signature

if TYPE_CHECKING:
    from ..provider import HostileProvider

__all__ = ["CASES"]

_FORGED = "Whoever can reach the callback signs in as any user, the administrator included."
_REFUSED = refused("id_token_invalid")
Sign = Callable[[Claims, "HostileProvider"], str]


def _unsigned(claims: Claims, provider: "HostileProvider") -> str:
    header = json.dumps({"alg": "none", "typ": "JWT"})
    return compact(header.encode(), json.dumps(claims).encode(), lambda _: b"")


def _by_client_secret(claims: Claims, provider: "HostileProvider") -> str:
    return hmac_signed(claims, provider.client_secret.encode(), kid=provider.keys.signing.kid)


def _by_public_key(claims: Claims, provider: "HostileProvider") -> str:
    return hmac_signed(
        claims, provider.keys.of("RS256").public_pem, kid=provider.keys.of("RS256").kid
    )


def _with_good(algorithm: KeyAlgorithm) -> Sign:
    def sign(claims: Claims, provider: "HostileProvider") -> str:
        if algorithm == "EdDSA":
            claims.pop("at_hash", None)  # of another hash than the honest provider's
        return provider.keys.of(algorithm).sign(claims)

    return sign


def _with_broken(algorithm: KeyAlgorithm) -> Sign:
    good = _with_good(algorithm)

    def sign(claims: Claims, provider: "HostileProvider") -> str:
        return with_broken_signature(good(claims, provider))

    return sign


def _with_header_key(member: str) -> Sign:
    """Sign with the attacker's key, and say in the header where to find it."""

    def sign(claims: Claims, provider: "HostileProvider") -> str:
        key = shared_key("attackers", "RS256")
        tripwire = provider.tripwire
        tripwire.bait["/jwks.json"] = json_answer({"keys": [key.public_jwk]})
        values: dict[str, object] = {
            "jwk": key.public_jwk,
            "jku": f"{tripwire.url}/jwks.json",
            "x5u": f"{tripwire.url}/certificate.pem",
        }
        return key.sign(claims, kid=provider.keys.signing.kid, **{member: values[member]})

    return sign


def _of_another_key_type(claims: Claims, provider: "HostileProvider") -> str:
    return provider.keys.of("ES256").sign(claims, kid=provider.keys.of("RS256").kid)


def _altered(claims: Claims, provider: "HostileProvider") -> str:
    head, _, signature = provider.keys.signing.sign(claims).split(".")
    attackers = {**claims, "sub": provider.accounts["victim"].subject, "admin": True}
    return f"{head}.{base64url(json.dumps(attackers).encode())}.{signature}"


def _case(name: str, checks: str, section: str, sign: Sign) -> Case:
    return Case(
        name=name,
        family=Family.TOKENS,
        checks=checks,
        section=section,
        danger=_FORGED,
        expected=_REFUSED,
        play=is_refused,
        misbehaviour=Misbehaviour(sign=sign),
    )


CASES = (
    _case(
        "oidcc-client-test-idtoken-sig-none",
        "An ID token without a signature is refused.",
        "OIDC Core 3.1.3.7, 7; RFC 8725, 3.2",
        _unsigned,
    ),
    *(
        _case(
            f"oidcc-client-test-invalid-sig-{algorithm.lower()}",
            f"An {algorithm} signature with one wrong bit is refused.",
            "OIDC Core 3.1.3.7, 6",
            _with_broken(algorithm),
        )
        for algorithm in ("RS256", "ES256", "PS256", "EdDSA")
    ),
    *(
        Case(
            name=f"oidcc-client-test-idtoken-sig-{algorithm.lower()}",
            family=Family.TOKENS,
            checks=f"A good {algorithm} signature is accepted.",
            section="OIDC Core 3.1.3.7, 6",
            danger="Nobody can sign in at a provider that signs so.",
            expected=accepted(),
            play=is_accepted,
            misbehaviour=Misbehaviour(sign=_with_good(algorithm)),
        )
        for algorithm in ("RS256", "ES256", "PS256", "EdDSA")
    ),
    _case(
        "id-token-payload-altered",
        "Claims that were changed after signing are refused.",
        "OIDC Core 3.1.3.7, 6",
        _altered,
    ),
    _case(
        "id-token-hs256-client-secret",
        "HS256 keyed with the client secret is refused: the client was registered for signatures by key pairs.",
        "OIDC Core 3.1.3.7, 7 and 8; RFC 8725, 3.1",
        _by_client_secret,
    ),
    _case(
        "id-token-hs256-rsa-public-key",
        "HS256 keyed with the provider's public RSA key, which everybody has, is refused.",
        "RFC 8725, 2.1 and 3.1",
        _by_public_key,
    ),
    _case(
        "id-token-es256-rsa-kid",
        "An ES256 signature under the kid of an RSA key is refused.",
        "RFC 8725, 3.1",
        _of_another_key_type,
    ),
    *(
        _case(
            f"id-token-header-{member}",
            f"A key that the token's own header brings as {member} is not believed, and nothing is fetched from there.",
            "RFC 8725, 3.10; RFC 7515, 4.1.2, 4.1.3 and 4.1.5",
            _with_header_key(member),
        )
        for member in ("jwk", "jku", "x5u")
    ),
)
