"""The provider's key set: what is taken from it, and which key may have made which signature."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import raw_json_values
from support.signing import jwk_of, key_pair
from support.vectors import load
from userlink.errors import KeysInvalid
from userlink.protocol.keys import Key, KeySet, parse_key_set
from userlink.protocol.pkce import base64url
from userlink.protocol.values import HttpResponse

RSA, EC, OKP = (jwk_of(key_pair(alg)) for alg in ("RS256", "ES256", "EdDSA"))
OTHER_RSA, OTHER_EC = (jwk_of(key_pair(alg, 1)) for alg in ("RS256", "ES256"))
ALGORITHMS = "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519".split()
OF_RSA, OF_OKP = ALGORITHMS[:6], ALGORITHMS[9:]


def parsed(*keys: Any) -> KeySet:
    """Judge a set of these keys."""
    return parse_key_set(HttpResponse(200, {}, json.dumps({"keys": keys}).encode()))


def fitting(key: Key) -> list[str]:
    """Name the algorithms that a key fits."""
    return [alg for alg in [*ALGORITHMS, "none", "HS256", "ES256K", ""] if key.fits(alg)]


@pytest.mark.parametrize(
    ("jwk", "kty", "crv", "algorithms"),
    [
        (RSA, "RSA", None, OF_RSA),
        (EC, "EC", "P-256", ["ES256"]),
        (jwk_of(key_pair("ES384")), "EC", "P-384", ["ES384"]),
        (OKP, "OKP", "Ed25519", OF_OKP),
    ],
)
def test_a_key_fits_the_algorithms_of_its_kind(
    jwk: dict[str, Any], kty: str, crv: str | None, algorithms: list[str]
) -> None:
    """RFC 7518, 3.1; RFC 8037, 3.1: ECDSA and EdDSA fix the curve too (RFC 8725, 3.1)."""
    (key,) = parsed(jwk).keys

    assert (None, kty, crv, None) == (key.kid, key.kty, key.crv, key.alg)
    assert algorithms == fitting(key)


@pytest.mark.parametrize("alg", OF_RSA)
def test_a_key_with_an_algorithm_fits_no_other(alg: str) -> None:
    """RFC 7517, 4.4: an RS256 key does not verify PS256."""
    (key,) = parsed({**RSA, "alg": alg, "kid": "one"}).keys

    assert [alg] == fitting(key)


@pytest.mark.parametrize("alg", OF_OKP)
def test_eddsa_and_ed25519_are_one_algorithm(alg: str) -> None:
    """RFC 9864, 2.2 names in full what RFC 8037, 3.1 called EdDSA; keys and tokens use either name."""
    (key,) = parsed({**OKP, "alg": alg}).keys

    assert OF_OKP == fitting(key)


@pytest.mark.parametrize(
    ("jwk", "alg"),
    [(RSA, "ES256"), (EC, "RS256"), (EC, "EdDSA"), (OKP, "ES256"), (RSA, "HS256"), (EC, "none")],
)
def test_a_key_with_an_algorithm_of_another_kind_fits_nothing(
    jwk: dict[str, Any], alg: str
) -> None:
    """What contradicts itself is not guessed at."""
    (key,) = parsed({**jwk, "alg": alg}).keys

    assert [] == fitting(key)


def test_keys_are_looked_up_by_name_and_algorithm() -> None:
    """OIDC Core, 10.1: a name leaves the keys of that name; without one all that fit are left."""
    keys = parsed({**RSA, "kid": "a"}, {**OTHER_RSA, "kid": "b"}, {**EC, "kid": "a"}, OTHER_EC)
    rsa_a, rsa_b, ec_a, ec = keys.keys

    assert (rsa_a,) == keys.candidates("a", "RS256")
    assert (rsa_a, rsa_b) == keys.candidates(None, "PS256")
    assert (ec_a,) == keys.candidates("a", "ES256")
    assert (ec_a, ec) == keys.candidates(None, "ES256")


@pytest.mark.parametrize(
    ("kid", "alg"), [("c", "RS256"), ("b", "ES256"), ("", "RS256"), ("A", "RS256"), (None, "EdDSA")]
)
def test_a_key_that_is_not_there_is_not_found(kid: str | None, alg: str) -> None:
    """Nothing is left, which is a reason to fetch the set again."""
    keys = parsed({**RSA, "kid": "a"}, {**RSA, "kid": "b"}, {**EC, "kid": "a"})

    assert () == keys.candidates(kid, alg)


def test_keys_of_one_name_are_all_candidates() -> None:
    """Which of them made the signature is for the signature to show."""
    keys = parsed({**RSA, "kid": "a"}, {**OTHER_RSA, "kid": "a"})

    assert 2 == len(keys.candidates("a", "RS256"))


@pytest.mark.parametrize(
    "again",
    [
        {},
        {"kid": "b"},
        {"kid": None},
        {"alg": "RS256"},
        {"use": "sig", "x5t": "abc"},
        {"e": "AAEAAQ"},
    ],
)
def test_one_key_is_one_candidate_however_often_it_is_published(again: dict[str, Any]) -> None:
    """It is known by what it is: neither by its names nor by how its numbers are written (RFC 7518, 2)."""
    keys = parsed({**RSA, "kid": "a"}, {**RSA, "kid": "a", **again})

    assert 2 == len(keys.keys)
    assert 1 == len(keys.candidates(None, "RS256"))
    assert 1 == len(keys.candidates("a", "RS256"))


@pytest.mark.parametrize(
    "members",
    [
        {"use": "sig"},
        {"key_ops": ["verify"]},
        {"key_ops": ["sign", "verify"]},
        {"use": "sig", "key_ops": ["verify", "sign"]},
        {"x5c": ["MIIB"], "x5t": "abc", "x5u": 5, "unknown": {"a": 1}},
    ],
)
def test_a_key_for_signatures_is_taken(members: dict[str, Any]) -> None:
    """RFC 7517, 4.2 and 4.3; certificates beside the key are not looked at."""
    assert 1 == len(parsed({**EC, **members}).keys)


PASSED_OVER: list[Any] = [
    {"kty": "oct", "k": "c2VjcmV0"},
    {"kty": "oct", "k": "c2VjcmV0", **{name: EC[name] for name in ("crv", "x", "y")}},
    {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"},
    {"kty": ["RSA"]},
    {},
    {**RSA, "use": "enc"},
    {**RSA, "use": None},
    {**RSA, "use": ["sig"]},
    {**RSA, "key_ops": ["encrypt"]},
    {**RSA, "key_ops": "verify"},
    {**RSA, "key_ops": []},
    {**RSA, "key_ops": None},
    {**RSA, "d": "AQAB"},
    {**EC, "d": "AQAB"},
    {**EC, "kid": 5},
    {**EC, "kid": ["a"]},
    {**EC, "alg": 5},
    {**EC, "crv": "P-257"},
    {**EC, "crv": 5},
    {**EC, "crv": "P-384"},
    {**EC, "y": EC["x"]},
    {**EC, "x": "!"},
    {**EC, "x": 5},
    {name: EC[name] for name in ("kty", "crv", "x")},
    {**OKP, "x": "AAAA"},
    {**OKP, "x": None},
    {**OKP, "crv": None},
    {**RSA, "n": "!"},
    {**RSA, "n": 5},
    {**RSA, "n": None},
    {**RSA, "n": ["AQAB"]},
    {**RSA, "n": RSA["n"] + "="},
    {**RSA, "e": "Ag"},
    {**RSA, "e": ""},
    {**RSA, "e": None},
    {"kty": "RSA", "e": "AQAB"},
    {**RSA, "n": base64url(b"\xff" * 128)},
    {**RSA, "n": base64url(b"\x7f" + b"\xff" * 255)},
    {**RSA, "n": base64url(b"\x00" * 200 + b"\xff" * 128)},
    5,
    None,
    "RSA",
    [RSA],
]


@pytest.mark.parametrize("jwk", PASSED_OVER)
def test_other_keys_are_passed_over(jwk: Any) -> None:
    """RFC 7517, 5: unknown kinds, encryption, private and shared keys, broken ones, RSA under 2048 bits."""
    assert parsed(EC) == parsed(jwk, EC)
    with pytest.raises(KeysInvalid, match="holds no key that can verify"):
        parsed(jwk)


def test_an_rsa_key_of_2048_bits_is_strong_enough() -> None:
    """RFC 7518, 3.3."""
    assert "RSA" == parsed(RSA).keys[0].kty


def test_keys_of_the_specifications_are_imported() -> None:
    """RFC 7515, A.2 and A.3; RFC 8037, A.2."""
    jwks = [vector["jwk"] for vector in load("rfc7515")["signatures"]] + [load("rfc8037")["jwk"]]

    assert ["RSA", "EC", "OKP"] == [key.kty for key in parsed(*jwks).keys]


@pytest.mark.parametrize("status", [204, 301, 404, 500])
def test_another_status_is_refused(status: int) -> None:
    """A redirect is not followed."""
    with pytest.raises(KeysInvalid, match=f"HTTP status {status}"):
        parse_key_set(HttpResponse(status, {}, json.dumps({"keys": [EC]}).encode()))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b'{"keys": null}',
        b'{"keys": {}}',
        b'{"keys": "x"}',
        b"\xff",
        b"[" * 10**5,
    ],
)
def test_what_is_no_key_set_is_refused(body: bytes) -> None:
    """RFC 7517, 5.1: a list of keys must be there."""
    with pytest.raises(KeysInvalid, match="no list of keys"):
        parse_key_set(HttpResponse(200, {}, body))


def test_an_empty_key_set_is_refused() -> None:
    """Nothing could be verified with it."""
    with pytest.raises(KeysInvalid, match="holds no key"):
        parsed()


def test_a_giant_key_set_is_refused() -> None:
    """Each key costs an import; no provider has more than some ten."""
    assert 64 == len(parsed(*[EC] * 64).keys)
    with pytest.raises(KeysInvalid, match="more than 64 keys"):
        parsed(*[EC] * 65)


MEMBERS = "kty crv alg use kid key_ops n e x y d k".split()


@given(
    st.lists(
        st.sampled_from([RSA, EC, OKP]).flatmap(
            lambda jwk: st.dictionaries(
                st.sampled_from(MEMBERS),
                raw_json_values
                | st.sampled_from(["RSA", "EC", "OKP", "sig", "P-256", ["verify"], "AQAB"]),
                max_size=3,
            ).map(lambda members: {**jwk, **members})
        )
        | raw_json_values,
        max_size=3,
    )
)
def test_any_json_is_a_key_set_or_invalid(entries: list[Any]) -> None:
    """And what is taken is public and of a known kind."""
    try:
        keys = parsed(*entries)
    except KeysInvalid:
        return
    for key in keys.keys:
        assert key.kty in ("RSA", "EC", "OKP")
        assert not key.material.is_private


@given(st.binary())
def test_any_body_is_judged(body: bytes) -> None:
    """Bytes that are no key set are invalid, and nothing else happens."""
    with pytest.raises(KeysInvalid):
        parse_key_set(HttpResponse(200, {}, body))


def test_a_key_prints_its_name_and_not_itself() -> None:
    """It is public, and long."""
    (key,) = parsed({**RSA, "kid": "one"}).keys

    assert "Key(kid='one', kty='RSA', crv=None, alg=None)" == repr(key)
