"""ID tokens of another login, for another access token or for another use (OIDC Core 3.1.3.7, 11; RFC 8725, 3.11)."""

import json
from typing import TYPE_CHECKING

from ..misbehaviour import Claims, Misbehaviour
from ..signatures import compact
from .claims import token_case, with_claims, without_claim

if TYPE_CHECKING:
    from ..provider import HostileProvider

__all__ = ["CASES"]

_INJECTED = "An attacker puts a code of their own choice into a user's login, and the user works in a foreign account."


def _with_nonce_of_another(claims: Claims, provider: "HostileProvider") -> Claims:
    return {**claims, "nonce": provider.nonces[-2]}


def _typed(claims: Claims, provider: "HostileProvider") -> str:
    return provider.keys.signing.sign(claims, typ="at+jwt")


def _critical(claims: Claims, provider: "HostileProvider") -> str:
    key, member = provider.keys.signing, "http://example.com/must-be-understood"
    header = {"alg": key.algorithm, "kid": key.kid, "crit": [member], member: True}
    return compact(json.dumps(header).encode(), json.dumps(claims).encode(), key.signature)


CASES = (
    token_case(
        "oidcc-client-test-nonce-invalid",
        "An ID token with another nonce is refused.",
        "OIDC Core 3.1.3.7, 11",
        _INJECTED,
        with_claims(nonce="another-nonce"),
    ),
    token_case(
        "id-token-nonce-missing",
        "An ID token without the nonce is refused.",
        "OIDC Core 3.1.3.7, 11",
        _INJECTED,
        without_claim("nonce"),
    ),
    token_case(
        "id-token-nonce-empty",
        "An ID token with an empty nonce is refused.",
        "OIDC Core 3.1.3.7, 11",
        _INJECTED,
        with_claims(nonce=""),
    ),
    token_case(
        "id-token-nonce-of-another-transaction",
        "An ID token with the nonce of another browser's transaction is refused.",
        "OIDC Core 3.1.3.7, 11 and 15.5.2",
        _INJECTED,
        _with_nonce_of_another,
    ),
    token_case(
        "oidcc-client-test-invalid-athash",
        "An ID token that came with another access token is refused.",
        "OIDC Core 3.1.3.8",
        "The application calls services as somebody else than the user who signed in.",
        with_claims(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    ),
    token_case(
        "id-token-typ-of-an-access-token",
        "A token that says in its header that it is an access token is refused.",
        "RFC 8725, 3.11",
        "An access token that any service has seen signs that service in as the user.",
        Misbehaviour(sign=_typed),
    ),
    token_case(
        "id-token-crit-unknown",
        "A token with a critical extension that nobody knows is refused.",
        "RFC 7515, 4.1.11",
        "A condition under which alone the token is good is passed over.",
        Misbehaviour(sign=_critical),
    ),
)
