"""The key pairs that providers in memory sign with."""

import json
from typing import Any

import pytest

from userlink.protocol.id_token import ID_TOKEN
from userlink.protocol.keys import parse_key_set
from userlink.protocol.signed_token import parse_signed_token, verify
from userlink.protocol.values import HttpResponse, Secret
from userlink.testing.keys import SigningAlgorithm, SigningKey


def published(key: SigningKey) -> HttpResponse:
    return HttpResponse(200, {}, json.dumps({"keys": [key.public_jwk]}).encode())


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_signatures_verify_with_the_published_half(algorithm: SigningAlgorithm) -> None:
    """A real signature, and a key set as a provider publishes it (RFC 7517)."""
    key = SigningKey("k", algorithm)
    token = parse_signed_token(ID_TOKEN, Secret(key.sign({"sub": "alice"})), (algorithm,))

    assert {"sub": "alice"} == verify(token, parse_key_set(published(key)))


def test_the_private_half_is_not_published() -> None:
    """``d`` is the private member of every kind of key (RFC 7518, 6)."""
    assert "d" not in SigningKey("k").public_jwk


def test_header_members_can_be_replaced_and_left_out() -> None:
    """Tests need tokens of unknown keys, and of none."""
    key = SigningKey("k")

    def header(**members: Any) -> tuple[str, str | None]:
        token = parse_signed_token(ID_TOKEN, Secret(key.sign({}, **members)), ("ES256",))
        return token.alg, token.kid

    assert ("ES256", "other") == header(kid="other")
    assert ("ES256", None) == header(kid=None)


def test_a_key_knows_its_own_tokens() -> None:
    """Another key's token, a shortened one and no token at all are strangers."""
    key = SigningKey("k")
    token = key.sign({"sub": "alice"})

    assert {"sub": "alice"} == key.claims_of(token)
    assert [None] * 3 == [
        SigningKey("k").claims_of(token),
        key.claims_of(token[:-4]),
        key.claims_of("nonsense"),
    ]
