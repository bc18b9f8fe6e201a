"""Client assertions: which keys make them, what they say, and that the key never shows."""

import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)

from support.signing import jwk_of, key_pair, pem_of, private_jwk_of, private_pem_of, verifies
from userlink.errors import ConfigurationError
from userlink.protocol.client_assertion import ClientAssertionKey
from userlink.protocol.keys import KEY_TYPES

NOW = 1_700_000_000
ISSUER = "https://tenant.example/"
ALGORITHMS = ["RS256", "ES256", "PS256", "EdDSA"]


def part(token: str, number: int) -> dict[str, Any]:
    """Read the header (0) or the claims (1) of a token."""
    text = token.split(".")[number]
    members: dict[str, Any] = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return members


@pytest.mark.parametrize("alg", [*ALGORITHMS, "RS512", "PS384", "ES384", "Ed25519"])
@pytest.mark.parametrize("form", ["text", "bytes", "JWK"])
def test_an_assertion_is_signed_by_the_key(alg: str, form: str) -> None:
    """RFC 7523, 3: verified by cryptography alone, which knows nothing of what made it."""
    pair = key_pair(alg)
    pem = private_pem_of(pair)
    given = {"text": pem.decode(), "bytes": pem, "JWK": private_jwk_of(pair)}[form]
    token = ClientAssertionKey.read(given, alg).assertion("app", ISSUER, "jti-1", NOW).reveal()

    assert verifies(token, pair, alg)
    assert alg == part(token, 0)["alg"]


def test_an_assertion_says_who_to_whom_and_for_how_long() -> None:
    """OIDC Core, 9; RFC 7523, 3. The issuer is the one audience, and a string."""
    key = ClientAssertionKey.read(private_jwk_of(key_pair("ES256"), kid="key-1"), None)
    token = key.assertion("app", ISSUER, "jti-1", NOW).reveal()

    assert {"alg": "ES256", "kid": "key-1", "typ": "JWT"} == part(token, 0)
    assert {
        "iss": "app",
        "sub": "app",
        "aud": ISSUER,
        "jti": "jti-1",
        "iat": NOW,
        "exp": NOW + 60,
    } == part(token, 1)


def test_a_key_without_a_name_names_none() -> None:
    """Nor does PEM, which has no place for one."""
    key = ClientAssertionKey.read(private_pem_of(key_pair("ES256")), None)

    assert "kid" not in part(key.assertion("app", ISSUER, "jti-1", NOW).reveal(), 0)


@pytest.mark.parametrize(
    ("alg", "usual"),
    [("PS256", "RS256"), ("ES256", "ES256"), ("ES384", "ES384"), ("Ed25519", "EdDSA")],
)
def test_a_key_has_a_usual_algorithm(alg: str, usual: str) -> None:
    """The one that providers expect of its kind; a curve has but one."""
    assert usual == ClientAssertionKey.read(private_pem_of(key_pair(alg)), None).alg


def test_a_curve_of_521_bits_signs_too() -> None:
    """RFC 7518, 3.4."""
    pem = private_pem_of(ec.generate_private_key(ec.SECP521R1()))

    assert "ES512" == ClientAssertionKey.read(pem, None).alg


@pytest.mark.parametrize(("own", "asked"), [("PS256", None), ("PS256", "PS256")])
def test_a_jwk_may_name_its_algorithm(own: str, asked: str | None) -> None:
    """RFC 7517, 4.4."""
    jwk = private_jwk_of(key_pair("RS256"), alg=own, use="sig", key_ops=["sign"])

    assert own == ClientAssertionKey.read(jwk, asked).alg


def test_both_names_of_ed25519_are_one_algorithm() -> None:
    """RFC 9864, 2.2: what is written into the header is what was asked for."""
    jwk = private_jwk_of(key_pair("EdDSA"), alg="Ed25519")

    assert "EdDSA" == ClientAssertionKey.read(jwk, "EdDSA").alg


def test_a_jwk_for_one_algorithm_signs_with_no_other() -> None:
    """RFC 7517, 4.4."""
    jwk = private_jwk_of(key_pair("RS256"), alg="PS256")

    with pytest.raises(ConfigurationError, match=r"is for 'PS256' alone, and not for RS256"):
        ClientAssertionKey.read(jwk, "RS256")


@pytest.mark.parametrize("kind", ALGORITHMS)
@pytest.mark.parametrize("alg", [*KEY_TYPES, "none", "HS256", "ES256K", 256])
def test_an_algorithm_needs_its_kind_of_key(kind: str, alg: Any) -> None:
    """RFC 7518, 3.1; whatever else is refused when the client is built, not when a user signs in."""
    pem = private_pem_of(key_pair(kind))
    if KEY_TYPES.get(alg) == KEY_TYPES[kind]:
        assert alg == ClientAssertionKey.read(pem, alg).alg
        return
    with pytest.raises(ConfigurationError, match="cannot sign with") as caught:
        ClientAssertionKey.read(pem, alg)
    assert kind in caught.value.hint


def encrypted() -> bytes:
    """Return a private key under a passphrase."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"passphrase")
    )


@pytest.mark.parametrize(
    "key",
    [
        "",
        b"",
        "-----BEGIN PRIVATE KEY-----",
        "\ud800",
        7,
        ["key"],
        {},
        {"kty": "oct", "k": "AAAA"},
        {"kty": ["RSA"]},
        {"kty": "RSA", "d": "AQAB"},
        {"kty": "EC", "crv": "P-999", "x": "AA", "y": "AA", "d": "AA"},
        {"kty": "EC", "crv": "P-256", "x": "a", "y": "b", "d": "c"},
        {"kty": "OKP", "crv": "Ed25519", "x": 1, "d": 2},
        {**private_jwk_of(key_pair("RS256")), "d": "AQAB"},
        {**private_jwk_of(key_pair("ES256")), "d": private_jwk_of(key_pair("ES256", 1))["d"]},
        jwk_of(key_pair("RS256")),
        jwk_of(key_pair("ES256")),
        pem_of(key_pair("ES256")),
        encrypted(),
        private_pem_of(ed448.Ed448PrivateKey.generate()),
        private_pem_of(ec.generate_private_key(ec.BrainpoolP256R1())),
    ],
    ids=lambda key: type(key).__name__,
)
def test_what_is_no_private_key_is_refused(key: Any) -> None:
    """By the time the client is built; neither the error nor its causes quote what was given."""
    with pytest.raises(ConfigurationError, match="not a private key that can be read") as caught:
        ClientAssertionKey.read(key, None)
    assert "PEM" in caught.value.hint
    assert caught.value.__cause__ is None is caught.value.__context__


@pytest.mark.parametrize("form", ["PEM", "JWK"])
def test_a_curve_that_nothing_is_for_is_refused(form: str) -> None:
    """The algorithms that ID tokens may have are those that assertions may have."""
    pair = ec.generate_private_key(ec.SECP256K1())
    jwk = {**private_jwk_of(pair), "crv": "secp256k1"}
    given: Any = private_pem_of(pair) if form == "PEM" else jwk

    with pytest.raises(ConfigurationError, match="on a curve that no algorithm here is for"):
        ClientAssertionKey.read(given, None)


@pytest.mark.parametrize("form", ["PEM", "JWK"])
def test_a_weak_key_is_refused(form: str) -> None:
    """RFC 7518, 3.3: 2048 bits or more."""
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505  # it is to be refused
    given: Any = private_pem_of(weak) if form == "PEM" else private_jwk_of(weak)

    with pytest.raises(ConfigurationError, match="fewer than 2048 bits"):
        ClientAssertionKey.read(given, "RS256")


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"kid": 7}, "kid that is not a string"),
        ({"use": "enc"}, "not for signatures"),
        ({"key_ops": ["verify"]}, "not for signatures"),
        ({"key_ops": "sign"}, "not for signatures"),
    ],
)
def test_a_jwk_that_is_for_something_else_is_refused(members: dict[str, Any], message: str) -> None:
    """RFC 7517, 4.2 to 4.5."""
    with pytest.raises(ConfigurationError, match=message):
        ClientAssertionKey.read({**private_jwk_of(key_pair("ES256")), **members}, None)


def test_the_key_does_not_print() -> None:
    """Nor what it has signed."""
    key = ClientAssertionKey.read(private_jwk_of(key_pair("ES256"), kid="key-1"), None)

    assert "ClientAssertionKey(alg='ES256', kid='key-1')" == repr(key) == str(key)
    assert "Secret(…)" == repr(key.assertion("app", ISSUER, "jti-1", NOW))
