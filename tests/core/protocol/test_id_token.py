"""ID tokens are validated in full: the header, the signature, and every claim (OIDC Core, 3.1.3.7)."""

import json
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from strategies import NOW, any_text, claims, raw_json_values
from support.frames import assert_no_variable_shows
from support.signing import compact, hmac_token, jwk_of, key_pair, pem_of, signed, signed_segment
from support.vectors import load
from userlink.errors import IdTokenInvalid
from userlink.protocol.id_token import (
    ID_TOKEN,
    LONGEST_ID_TOKEN,
    Expected,
    check_claims,
)
from userlink.protocol.keys import KeySet, parse_key_set
from userlink.protocol.pkce import base64url
from userlink.protocol.settings import DEFAULT_ALGORITHMS
from userlink.protocol.signed_token import parse_signed_token, verify
from userlink.protocol.values import HttpResponse, Secret

CANARY = "canary-9f4c1b7e"
ALL_ALGORITHMS = (*DEFAULT_ALGORITHMS, "RS384", "PS384", "ES384", "Ed25519")
CLAIMS: dict[str, Any] = {
    "iss": "https://tenant.example.com/",
    "sub": "auth0|1",
    "aud": "client-1",
    "exp": NOW + 3600,
    "iat": NOW,
    "nonce": "nonce-1",
}
EXPECTED = Expected(
    issuer="https://tenant.example.com/",
    client_id="client-1",
    now=NOW,
    clock_skew_seconds=60,
    nonce=Secret("nonce-1"),
    access_token=Secret("access-1"),
)


def key_set(*keys: dict[str, Any]) -> KeySet:
    """A set of these keys, as the provider publishes it."""
    return parse_key_set(HttpResponse(200, {}, json.dumps({"keys": keys}).encode()))


def verified(token: str, keys: KeySet, algorithms: tuple[str, ...] = ALL_ALGORITHMS) -> Any:
    """Take the token apart and verify its signature."""
    return verify(parse_signed_token(ID_TOKEN, Secret(token), algorithms), keys)


def failed_check(token: str, keys: KeySet, algorithms: tuple[str, ...] = ALL_ALGORITHMS) -> str:
    """Say which check refuses a token."""
    with pytest.raises(IdTokenInvalid) as caught:
        verified(token, keys, algorithms)
    return caught.value.check


RSA_KEY, EC_KEY, OKP_KEY = key_pair("RS256"), key_pair("ES256"), key_pair("EdDSA")
KEYS = key_set(
    jwk_of(RSA_KEY, kid="rsa"), jwk_of(EC_KEY, kid="ec"), jwk_of(OKP_KEY, kid="okp", alg="EdDSA")
)


# ------------------------------------------------------------------ signatures that are in order


@pytest.mark.parametrize(
    "vector", load("rfc7515")["signatures"], ids=lambda vector: vector["section"]
)
def test_signatures_of_the_specification_verify(vector: dict[str, Any]) -> None:
    """RFC 7515, A.2 and A.3, byte for byte."""
    keys = key_set(vector["jwk"])

    assert load("rfc7515")["claims"] == verified(vector["token"], keys)
    assert (
        vector["alg"] == parse_signed_token(ID_TOKEN, Secret(vector["token"]), (vector["alg"],)).alg
    )


def test_the_ed25519_signature_of_the_specification_verifies() -> None:
    """RFC 8037, A.4. What it signs is no JSON, which is looked at after the signature."""
    vector = load("rfc8037")
    keys = key_set(vector["jwk"])

    assert "form" == failed_check(vector["token"], keys)
    assert verified(vector["token"][:-6] + "AAAAAA", keys) is None


@pytest.mark.parametrize("alg", ALL_ALGORITHMS)
@pytest.mark.parametrize("kid", ["one", None])
def test_every_algorithm_verifies(alg: str, kid: str | None) -> None:
    """With the key named, and without a name when there is but one of its kind (OIDC Core, 10.1)."""
    key = key_pair(alg)
    token = signed(CLAIMS, key, alg, **({} if kid is None else {"kid": kid}))

    assert CLAIMS == verified(token, key_set(jwk_of(key, kid="one")))


@pytest.mark.parametrize("header_alg", ["EdDSA", "Ed25519"])
@pytest.mark.parametrize("key_alg", [None, "EdDSA", "Ed25519"])
def test_ed25519_goes_by_two_names(header_alg: str, key_alg: str | None) -> None:
    """RFC 8037, 3.1 and RFC 9864, 2.2: the key may say either or nothing, and no warning is given."""
    jwk = jwk_of(OKP_KEY, kid="one", **({} if key_alg is None else {"alg": key_alg}))
    token = signed(CLAIMS, OKP_KEY, header_alg, kid="one")

    assert CLAIMS == verified(token, key_set(jwk))


@pytest.mark.parametrize(
    "header",
    [
        {"x5t": "abc", "x5t#S256": "def"},
        {"x5c": ["MIIB" * 1000]},
        {"unknown": {"a": [1]}},
    ],
)
def test_headers_that_providers_add_are_let_be(header: dict[str, Any]) -> None:
    """RFC 7515, 4: what is not understood is ignored, a long certificate chain too."""
    assert CLAIMS == verified(signed(CLAIMS, RSA_KEY, "RS256", kid="rsa", **header), KEYS)


# ------------------------------------------------------------------------------ the algorithm


@pytest.mark.parametrize(
    "alg", ["none", "None", "NONE", "nOnE", "", None, 0, True, [], ["RS256"], {}]
)
@pytest.mark.parametrize("signature", [b"", b"x" * 256])
def test_no_algorithm_is_no_signature(alg: object, signature: bytes) -> None:
    """RFC 8725, 3.1: ``none`` is not allowed in any spelling, and the algorithm is a name."""
    token = compact({"alg": alg, "kid": "rsa"}, CLAIMS, signature)

    assert "alg" == failed_check(token, KEYS)


@pytest.mark.parametrize(
    "secret",
    [
        b"client-secret",
        b"",
        pem_of(RSA_KEY),
        pem_of(RSA_KEY).strip(),
        json.dumps(jwk_of(RSA_KEY)).encode(),
    ],
)
def test_a_shared_secret_signs_nothing(secret: bytes) -> None:
    """HS256, keyed with the client's secret or with the public key that everybody has (RFC 8725, 2.1)."""
    assert "alg" == failed_check(hmac_token(CLAIMS, secret, kid="rsa"), KEYS)


def test_a_shared_secret_signs_nothing_even_if_it_were_allowed() -> None:
    """The key set holds no such keys, so no public key is ever taken for a secret."""
    for secret in (b"client-secret", pem_of(RSA_KEY)):
        assert verified(hmac_token(CLAIMS, secret, kid="rsa"), KEYS, ("HS256", "RS256")) is None
        assert verified(hmac_token(CLAIMS, secret), KEYS, ("HS256", "RS256")) is None


@pytest.mark.parametrize("alg", ["RS512", "PS512", "ES512", "ES256K", "rs256", "RS256 "])
def test_an_algorithm_outside_the_configuration_is_refused(alg: str) -> None:
    """The token does not choose (RFC 8725, 3.1)."""
    token = compact({"alg": alg, "kid": "rsa"}, CLAIMS, b"x" * 256)

    assert "alg" == failed_check(token, KEYS)


def test_an_algorithm_must_be_configured_to_count() -> None:
    """A good signature of another algorithm is refused before any key is looked at."""
    token = signed(CLAIMS, EC_KEY, "ES256", kid="ec")

    assert "alg" == failed_check(token, KEYS, ("RS256",))


@pytest.mark.parametrize(
    ("alg", "kid"),
    [("ES256", "rsa"), ("EdDSA", "rsa"), ("RS256", "ec"), ("PS256", "okp"), ("ES384", "ec")],
)
def test_the_key_must_be_of_the_algorithms_kind(alg: str, kid: str) -> None:
    """A token that names an RSA key and says ES256 has no key here (RFC 8725, 3.1)."""
    assert verified(signed(CLAIMS, key_pair(alg), alg, kid=kid), KEYS) is None


def test_a_signature_of_another_algorithm_of_the_same_key_is_refused() -> None:
    """RS256 signed, PS256 said: the header is under the signature, and the padding differs."""
    header, payload, signature = signed(CLAIMS, RSA_KEY, "RS256", kid="rsa").split(".")
    header = base64url(b'{"alg": "PS256", "kid": "rsa"}')

    assert "signature" == failed_check(f"{header}.{payload}.{signature}", KEYS)


# ------------------------------------------------------------------------------------ the key


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": jwk_of(key_pair("ES256", 9))},
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["MIIB"]},
        {"jwk": jwk_of(key_pair("RS256", 9)), "jku": "https://evil.example/jwks"},
    ],
)
def test_keys_in_the_header_are_never_looked_at(header: dict[str, Any]) -> None:
    """RFC 8725, 3.10: a token signed with the key that it brings is refused, whatever name it uses."""
    for key, alg, kid in (
        (key_pair("ES256", 9), "ES256", "ec"),
        (key_pair("RS256", 9), "RS256", "rsa"),
    ):
        assert "signature" == failed_check(signed(CLAIMS, key, alg, kid=kid, **header), KEYS)
        assert verified(signed(CLAIMS, key, alg, kid="mine", **header), KEYS) is None
        assert verified(signed(CLAIMS, key, alg, **header), KEYS) is None


def test_an_unknown_kid_may_be_a_new_key() -> None:
    """The answer is None: the set is worth fetching again."""
    assert verified(signed(CLAIMS, RSA_KEY, "RS256", kid="new"), KEYS) is None
    assert verified(signed(CLAIMS, RSA_KEY, "RS256", kid=""), KEYS) is None


def test_a_known_kid_with_another_key_is_a_forgery() -> None:
    """Nothing is to be fetched for it."""
    token = signed(CLAIMS, key_pair("RS256", 1), "RS256", kid="rsa")

    assert "signature" == failed_check(token, KEYS)


@pytest.mark.parametrize("kid", [None, 5, ["rsa"], {"a": 1}, True])
def test_a_kid_is_a_string(kid: object) -> None:
    """RFC 7515, 4.1.4."""
    assert "kid" == failed_check(signed(CLAIMS, RSA_KEY, "RS256", kid=kid), KEYS)


def test_without_a_kid_the_one_key_that_verifies_is_it() -> None:
    """OIDC Core, 10.1: among several of the kind, the signature shows which."""
    two = key_set(jwk_of(RSA_KEY, kid="a"), jwk_of(key_pair("RS256", 1), kid="b"))

    assert CLAIMS == verified(signed(CLAIMS, RSA_KEY, "RS256"), two)
    assert CLAIMS == verified(signed(CLAIMS, key_pair("RS256", 1), "RS256"), two)


def test_without_a_kid_a_strange_signature_may_be_a_new_keys() -> None:
    """Rotation without names: the set is worth fetching again."""
    assert verified(signed(CLAIMS, key_pair("RS256", 1), "RS256"), KEYS) is None


def test_keys_that_share_a_name_are_told_apart_by_the_signature() -> None:
    """Exactly one must verify."""
    clash = key_set(jwk_of(RSA_KEY, kid="a"), jwk_of(key_pair("RS256", 1), kid="a"))
    token = signed(CLAIMS, RSA_KEY, "RS256", kid="a")

    assert CLAIMS == verified(token, clash)
    assert "signature" == failed_check(
        signed(CLAIMS, key_pair("RS256", 2), "RS256", kid="a"), clash
    )


@pytest.mark.parametrize(
    "names",
    [({}, {}), ({"kid": "a"}, {"kid": "a"}), ({"kid": "a"}, {"kid": "b"}), ({"kid": "a"}, {})],
)
@pytest.mark.parametrize("header", [{}, {"kid": "a"}])
def test_a_key_that_is_published_twice_is_one_key(
    names: tuple[dict[str, str], ...], header: dict[str, str]
) -> None:
    """Under one name, under two or under none: a set that repeats itself locks nobody out."""
    twice = key_set(*(jwk_of(RSA_KEY, **name) for name in names))
    token = signed(CLAIMS, RSA_KEY, "RS256", **header)

    expected = CLAIMS if not header or header in names else None
    assert expected == verified(token, twice)


def test_keys_for_encryption_verify_nothing() -> None:
    """RFC 7517, 4.2."""
    keys = key_set(jwk_of(RSA_KEY, kid="a", use="enc"), jwk_of(EC_KEY, kid="ec"))

    assert verified(signed(CLAIMS, RSA_KEY, "RS256", kid="a"), keys) is None


# --------------------------------------------------------------------------- form and signature


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_token_altered_anywhere_is_refused(part: int) -> None:
    """Whichever bit is turned: header, payload or signature."""
    parts = signed(CLAIMS, EC_KEY, "ES256", kid="ec").split(".")
    text = parts[part]
    parts[part] = text[:10] + ("A" if text[10] != "A" else "B") + text[11:]
    with pytest.raises(IdTokenInvalid):
        verified(".".join(parts), KEYS)


@pytest.mark.parametrize(
    "signature", [b"", b"x", b"\x00" * 64, b"\xff" * 64, b"x" * 256, b"x" * 9000]
)
@pytest.mark.parametrize(
    ("alg", "kid"), [("RS256", "rsa"), ("PS256", "rsa"), ("ES256", "ec"), ("EdDSA", "okp")]
)
def test_a_signature_of_any_length_is_judged(alg: str, kid: str, signature: bytes) -> None:
    """Empty, of zeros (CVE-2022-21449), too long."""
    assert "signature" == failed_check(compact({"alg": alg, "kid": kid}, CLAIMS, signature), KEYS)


@pytest.mark.parametrize("ending", ["", "=", "==", "!", " ", "\n"])
def test_a_signature_that_is_not_base64url_is_refused(ending: str) -> None:
    """RFC 7515, appendix C: no padding, nothing appended."""
    token = signed(CLAIMS, EC_KEY, "ES256", kid="ec") + ending
    if ending:
        assert "signature" == failed_check(token, KEYS)
    else:
        assert CLAIMS == verified(token, KEYS)


GOOD_HEADER = base64url(b'{"alg": "RS256", "kid": "rsa"}')


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        "a.b",
        "a.b.c.d.e",
        "{}.{}.x",
        f"{GOOD_HEADER}.e30",
        f"{GOOD_HEADER}.e30.x.y",
        f"{GOOD_HEADER}=.e30.x",
        f"{GOOD_HEADER}.!.x",
        f" {GOOD_HEADER}.e30.x",
        "ä.e30.x",
        "\ud800.e30.x",
        f"{base64url(b'[]')}.e30.x",
        f"{base64url(b'null')}.e30.x",
        f"{base64url(b'5')}.e30.x",
        base64url(b'["alg"]') + ".e30.x",
        base64url(b'"alg"') + ".e30.x",
        f"{base64url(b'{}')}.e30.x",
        f"{base64url(b'{')}.e30.x",
        base64url(b'{"alg": "RS256", "b64": false}') + ".e30.x",
        base64url(b"\xff\xfe") + ".e30.x",
        base64url(b"[" * 40_000) + ".e30.x",
    ],
    ids=lambda token: repr(token[:24]),
)
def test_what_is_no_signed_token_is_refused(token: str) -> None:
    """RFC 7515, 7.1: three parts of base64url, the first a JSON object with an algorithm. JWE is not for us."""
    assert "form" == failed_check(token, KEYS)


@pytest.mark.parametrize("crit", [["exp"], ["b64"], [], "exp", None, ["unknown"]])
def test_critical_headers_are_refused(crit: object) -> None:
    """RFC 7515, 4.1.11: none is understood here."""
    header = {"crit": crit, "exp": 1, "b64": True, "unknown": 1}

    assert "crit" == failed_check(signed(CLAIMS, RSA_KEY, "RS256", kid="rsa", **header), KEYS)


def test_an_unencoded_payload_is_refused() -> None:
    """RFC 7797, 6: what is signed would not be what is read."""
    header = base64url(b'{"alg": "RS256", "kid": "rsa", "b64": false, "crit": ["b64"]}')

    assert "crit" == failed_check(f"{header}.e30.x", KEYS)


@pytest.mark.parametrize("header", [{"jku": 5}, {"x5c": "x"}])
def test_a_header_of_a_wrong_type_is_refused(header: dict[str, Any]) -> None:
    """RFC 7515, 4.1: even of those that are not looked at."""
    assert "signature" == failed_check(signed(CLAIMS, RSA_KEY, "RS256", kid="rsa", **header), KEYS)


@pytest.mark.parametrize("typ", ["JWT", "jwt", "Jwt", "application/jwt", "application/JWT"])
def test_an_id_token_may_say_that_it_is_a_jwt(typ: str) -> None:
    """RFC 7519, 5.1 and RFC 7515, 4.1.9: in any letter case, as a media type in full or in short."""
    assert CLAIMS == verified(signed(CLAIMS, RSA_KEY, "RS256", kid="rsa", typ=typ), KEYS)


@pytest.mark.parametrize(
    "typ",
    [
        "at+jwt",
        "application/at+jwt",
        "logout+jwt",
        "secevent+jwt",
        "dpop+jwt",
        "JOSE",
        "JWT ",
        "text/jwt",
        "",
        None,
        5,
        ["JWT"],
        {"JWT": 1},
    ],
)
def test_a_token_of_another_type_is_no_id_token(typ: object) -> None:
    """RFC 8725, 3.11: an access token or a logout token signs nobody in, whatever its claims say."""
    token = signed(CLAIMS, RSA_KEY, "RS256", kid="rsa", typ=typ)

    assert "typ" == failed_check(token, KEYS)


@pytest.mark.parametrize(
    "header",
    [
        b'{"alg":"none","alg":"RS256","kid":"rsa"}',
        b'{"alg":"RS256","alg":"none","kid":"rsa"}',
        b'{"alg":"RS256","kid":"other","kid":"rsa"}',
        b'{"alg":"RS256","kid":"rsa","typ":"at+jwt","typ":"JWT"}',
        b'{"alg":"RS256","kid":"rsa","crit":["exp"],"x":{"a":1,"a":2}}',
        b'{"alg":"RS256","kid":"rsa","x":NaN}',
    ],
)
def test_a_header_that_says_a_thing_twice_is_refused(header: bytes) -> None:
    """RFC 7515, 4: one reader would take the first and another the last. The signature is in order."""
    token = signed_segment(base64url(header), CLAIMS, RSA_KEY, "RS256")

    assert "form" == failed_check(token, KEYS)


def test_a_header_in_other_base64_is_refused() -> None:
    """RFC 7515, 2: without padding, and with the last bits zero; else two texts would be one header."""
    header = base64url(b'{"alg":"RS256","kid":"rsa" }')
    assert CLAIMS == verified(signed_segment(header, CLAIMS, RSA_KEY, "RS256"), KEYS)

    for other in (f"{header}==", f"{header[:-1]}R", f"{header}\n"):
        token = signed_segment(other, CLAIMS, RSA_KEY, "RS256")
        assert "form" == failed_check(token, KEYS)


def test_an_oversized_token_is_refused_before_it_is_taken_apart() -> None:
    """One character more than the longest."""
    payload = {**CLAIMS, "x": ""}
    short = signed(payload, EC_KEY, "ES256", kid="ec")
    payload["x"] = "x" * ((LONGEST_ID_TOKEN - len(short)) * 3 // 4 - 2)
    token = signed(payload, EC_KEY, "ES256", kid="ec")

    assert LONGEST_ID_TOKEN - 8 < len(token) <= LONGEST_ID_TOKEN
    assert payload == verified(token, KEYS)
    assert "size" == failed_check("x" * (LONGEST_ID_TOKEN + 1), KEYS)
    assert "form" == failed_check("x" * LONGEST_ID_TOKEN, KEYS)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"[]",
        b"5",
        b'"sub"',
        b"{",
        b"\xff",
        b"\xed\xa0\x80",
        b"[" * 40_000,
        b'{"a":' * 8_000,
        b'{"exp": NaN}',
        b'{"exp": Infinity}',
        b'{"exp": 1e999}',
        b'{"sub": "a", "sub": "b"}',
        b'{"exp": ' + b"9" * 5000 + b"}",
    ],
    ids=lambda payload: f"{len(payload)} bytes",
)
def test_a_payload_that_is_no_json_object_is_refused(payload: bytes) -> None:
    """Signed or not: nested without end, numbers that JSON has not, a claim given twice (RFC 7519, 4)."""
    assert "form" == failed_check(signed(payload, EC_KEY, "ES256", kid="ec"), KEYS)


def test_the_payload_is_read_after_the_signature() -> None:
    """An unsigned one is never parsed."""
    assert "signature" == failed_check(
        compact({"alg": "RS256", "kid": "rsa"}, b"no JSON", b"x"), KEYS
    )


@given(any_text | st.lists(st.sampled_from([GOOD_HEADER, ".", "e30", "A", "="])).map("".join))
def test_only_one_error_comes_of_any_text(text: str) -> None:
    """Whatever the token endpoint sends."""
    with pytest.raises(IdTokenInvalid):
        verified(text, KEYS)


@given(
    st.dictionaries(
        st.sampled_from("alg kid crit typ jwk jku x5c x5u b64".split()), raw_json_values
    )
)
def test_only_one_error_comes_of_any_header(header: dict[str, Any]) -> None:
    """A forged token is refused, or its key is unknown; it is never verified."""
    try:
        assert verified(compact({"alg": "ES256", **header}, CLAIMS, b"x" * 64), KEYS) is None
    except IdTokenInvalid as error:
        assert error.check in ("form", "alg", "crit", "kid", "typ", "signature")


# ----------------------------------------------------------------------------------- the claims


def refused_claim(alg: str = "RS256", expected: Expected = EXPECTED, /, **changes: Any) -> str:
    """Say which claim is refused when some are changed; a value of ``...`` leaves the claim out."""
    changed = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not ...}
    with pytest.raises(IdTokenInvalid) as caught:
        check_claims(changed, alg, expected)
    assert f"The ID token's {caught.value.check} " in caught.value.message
    return caught.value.check


def accept(alg: str = "RS256", expected: Expected = EXPECTED, /, **changes: Any) -> None:
    """Check claims that are in order; a value of ``...`` leaves the claim out."""
    changed = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not ...}
    check_claims(changed, alg, expected)


def test_the_claims_that_are_expected_pass() -> None:
    """OIDC Core, 3.1.3.7, with the specification's own example."""
    accept()
    example = load("openid_core")["claims"]
    expected = Expected(
        example["iss"],
        example["aud"],
        example["iat"] + 1,
        0,
        Secret(example["nonce"]),
        Secret("SlAV32hkKG"),
    )
    check_claims(example, "RS256", expected)


@pytest.mark.parametrize(
    "issuer",
    [
        ...,
        None,
        "",
        5,
        ["https://tenant.example.com/"],
        "https://tenant.example.com",
        "https://evil.example/",
        "https://TENANT.example.com/",
    ],
)
def test_the_issuer_is_exactly_the_providers(issuer: object) -> None:
    """Step 2: character by character."""
    assert "iss" == refused_claim(iss=issuer)


@pytest.mark.parametrize(
    "subject",
    [..., None, "", 5, True, ["auth0|1"], {"a": 1}, "ä", "\ud800", "x" * 256]
    + [
        f"auth0|1{unprintable}"
        for unprintable in ("\n", "\r\nSet-Cookie: a=b", "\0", "\x1b[2J", "\x7f")
    ],
)
def test_the_subject_is_printable_ascii_of_some_length(subject: object) -> None:
    """Section 2: at most 255 ASCII characters; it is a user's key, so no two spellings of it, in logs neither."""
    assert "sub" == refused_claim(sub=subject)


def test_the_longest_subject_passes() -> None:
    """255 characters, and any ASCII that prints."""
    accept(sub="x" * 255)
    accept(sub="a b|c\"d'")


@pytest.mark.parametrize(
    "audience",
    [
        ...,
        None,
        "",
        5,
        {},
        [],
        "other",
        ["other"],
        "client-1 ",
        "CLIENT-1",
        ["x", "y"],
        [["client-1"]],
        {"client-1": 1},
    ],
)
def test_the_audience_names_this_client(audience: object) -> None:
    """Step 3: a string, or a list that holds it; a mapping that has it as a key does not."""
    assert "aud" == refused_claim(aud=audience)
    assert "aud" == refused_claim(aud=audience, azp="client-1")


def test_an_audience_may_be_a_list() -> None:
    """Section 2: with one member it is as good as a string."""
    accept(aud=["client-1"])
    accept(aud=["client-1"], azp="client-1")


@pytest.mark.parametrize(
    "audience",
    [["client-1", "other"], ["other", "client-1"], ["client-1", "client-1"], ["client-1", 5]],
)
def test_several_audiences_need_an_authorized_party(audience: list[object]) -> None:
    """Steps 4 and 5: without it, or with another, the token may be somebody else's."""
    assert "azp" == refused_claim(aud=audience)
    assert "azp" == refused_claim(aud=audience, azp="other")
    accept(aud=audience, azp="client-1")


@pytest.mark.parametrize("party", ["other", "", "CLIENT-1", 5, ["client-1"], True])
def test_an_authorized_party_is_this_client(party: object) -> None:
    """Step 5, whenever it is there."""
    assert "azp" == refused_claim(azp=party)
    accept(azp=None)


NO_TIMES: list[Any] = [
    None,
    True,
    False,
    "",
    str(NOW + 3600),
    "NaN",
    float("nan"),
    float("inf"),
    -float("inf"),
    -1,
    1e12,
    10**12,
    pytest.param(10**400, id="10**400"),
    [NOW + 3600],
    {"exp": NOW},
]


@pytest.mark.parametrize("value", NO_TIMES)
@pytest.mark.parametrize("name", ["exp", "iat", "nbf", "auth_time"])
def test_a_time_is_a_number_of_seconds(name: str, value: object) -> None:
    """RFC 7519, 2: NaN compares false with everything, and milliseconds lie in the far future."""
    assert name == refused_claim(**{name: value})


@pytest.mark.parametrize("name", ["exp", "iat"])
def test_some_times_must_be_there(name: str) -> None:
    """Section 2."""
    assert name == refused_claim(**{name: ...})
    accept(nbf=..., auth_time=...)


def test_a_token_past_its_time_is_refused() -> None:
    """Step 9: ``exp`` is the first moment at which it is void; the skew is in the provider's favour."""
    accept(exp=NOW - 59)
    accept(exp=NOW - 59.5)
    assert "exp" == refused_claim(exp=NOW - 60)
    assert "exp" == refused_claim(exp=0)
    assert "exp" == refused_claim("RS256", evolve(EXPECTED, clock_skew_seconds=0), exp=NOW)
    accept("RS256", evolve(EXPECTED, clock_skew_seconds=0), exp=NOW + 1)


@pytest.mark.parametrize("name", ["iat", "nbf"])
def test_a_token_of_the_future_is_refused(name: str) -> None:
    """Step 10; RFC 7519, 4.1.5: a second beyond the skew is too early."""
    accept(**{name: NOW + 60})
    accept(**{name: 0})
    assert name == refused_claim(**{name: NOW + 61})
    assert name == refused_claim("RS256", evolve(EXPECTED, clock_skew_seconds=0), **{name: NOW + 1})


@pytest.mark.parametrize(
    "nonce", [..., None, "", "nonce-2", "nonce-1 ", "NONCE-1", 5, ["nonce-1"], "ä", "\ud800"]
)
def test_the_nonce_is_the_one_that_was_sent(nonce: object) -> None:
    """Step 11: missing, empty, another transaction's, or no string."""
    assert "nonce" == refused_claim(nonce=nonce)


def test_a_renewed_token_needs_no_nonce() -> None:
    """Section 12.2: none was sent, so none is compared."""
    renewal = evolve(EXPECTED, nonce=None)

    accept("RS256", renewal, nonce=...)
    accept("RS256", renewal, nonce="old")


def test_the_at_hash_of_the_specification() -> None:
    """OIDC Core, A.3: the left half of the SHA-256 of the access token."""
    example = load("openid_core")["at_hash"]
    expected = evolve(EXPECTED, access_token=Secret(example["access_token"]))

    accept(example["alg"], expected, at_hash=example["at_hash"])
    assert "at_hash" == refused_claim("RS512", expected, at_hash=example["at_hash"])


AT_HASHES = {  # of the access token "access-1", made with OpenSSL's command line
    "256": "9MKET0Y7WpOlF96BtnoJyA",
    "384": "BKKVvCkq9Iw_B35-CEucCIiT4hka5Okk",
    "512": "j_gttPifZFS_g6b4IrJKODpmGFP9qoL7SCZg8t8jzpU",
}


@pytest.mark.parametrize(
    ("alg", "size"),
    [
        ("RS256", "256"),
        ("ES256", "256"),
        ("PS256", "256"),
        ("RS384", "384"),
        ("ES384", "384"),
        ("PS512", "512"),
        ("ES512", "512"),
        ("EdDSA", "512"),
        ("Ed25519", "512"),
    ],
)
def test_the_at_hash_is_of_the_algorithms_hash(alg: str, size: str) -> None:
    """Section 3.1.3.6: SHA-256 for ES256, and SHA-512 for Ed25519, which is what it hashes with (RFC 8032, 5.1)."""
    accept(alg, at_hash=AT_HASHES[size])
    for other in {"256", "384", "512"} - {size}:
        assert "at_hash" == refused_claim(alg, at_hash=AT_HASHES[other])


@pytest.mark.parametrize(
    "at_hash", ["", "x", 5, True, ["x"], "ä", "\ud800", AT_HASHES["256"] + "="]
)
def test_another_at_hash_is_refused(at_hash: object) -> None:
    """Section 3.1.3.8: when it is there, it must be right."""
    assert "at_hash" == refused_claim(at_hash=at_hash)


def test_an_at_hash_is_optional() -> None:
    """Section 3.1.3.6: in the code flow; and without an access token there is nothing to compare."""
    accept(at_hash=...)
    accept(at_hash=None)
    accept("RS256", evolve(EXPECTED, access_token=None), at_hash="x")


def test_an_access_token_of_any_text_is_hashed() -> None:
    """Halves of surrogate pairs included: the answer is a refusal and no other error."""
    expected = evolve(EXPECTED, access_token=Secret("\ud800"))

    assert "at_hash" == refused_claim("RS256", expected, at_hash="x")


@given(claims, st.sampled_from(ALL_ALGORITHMS))
def test_only_one_error_comes_of_any_claims(changes: dict[str, Any], alg: str) -> None:
    """And what passes has a subject, an audience and an end that lies ahead."""
    changed = {**CLAIMS, **changes}
    try:
        check_claims(changed, alg, EXPECTED)
    except IdTokenInvalid as error:
        assert error.check in CLAIMS or error.check in ("azp", "nbf", "auth_time", "at_hash")
        return
    assert "https://tenant.example.com/" == changed["iss"]
    assert isinstance(changed["sub"], str)
    assert "client-1" in changed["aud"]
    assert changed["exp"] > NOW - 60
    assert "nonce-1" == changed["nonce"]


@given(raw_json_values)
def test_only_one_error_comes_of_claims_of_any_kind(value: Any) -> None:
    """Every claim at once, of whatever kind."""
    with pytest.raises(IdTokenInvalid):
        check_claims(dict.fromkeys([*CLAIMS, "azp", "nbf", "at_hash"], value), "RS256", EXPECTED)


# ---------------------------------------------------------------------------- nothing is printed


def test_neither_token_nor_nonce_prints() -> None:
    """Not in the values on the way."""
    token = parse_signed_token(
        ID_TOKEN, Secret(signed({"sub": CANARY}, EC_KEY, "ES256", kid="ec")), ("ES256",)
    )
    expected = Expected("i", "c", 0, 0, Secret(CANARY), Secret(CANARY))

    assert "SignedToken(alg='ES256', kid='ec')" == repr(token)
    assert CANARY not in repr(expected)


@pytest.mark.parametrize("token", [f"{CANARY}.x.y", f"{CANARY}." + "x" * LONGEST_ID_TOKEN])
def test_a_refused_token_is_in_no_variable(token: str) -> None:
    """Error reporters send the variables of every frame along."""
    with pytest.raises(IdTokenInvalid) as caught:
        parse_signed_token(ID_TOKEN, Secret(token), DEFAULT_ALGORITHMS)

    assert_no_variable_shows(caught.value, CANARY)


@pytest.mark.parametrize(
    "token",
    [
        CANARY,
        f"{CANARY}.{CANARY}.{CANARY}",
        compact({"alg": CANARY}, CLAIMS),
        compact({"alg": "RS256", "crit": [CANARY]}, CLAIMS),
        compact({"alg": "RS256", "kid": [CANARY]}, CLAIMS),
        signed(CANARY.encode(), RSA_KEY, "RS256", kid="rsa"),
        signed({"sub": CANARY}, key_pair("RS256", 1), "RS256", kid="rsa"),
    ],
)
def test_no_error_about_a_token_quotes_it(token: str) -> None:
    """An ID token is a credential until it expires; neither it nor what is in it goes into a log."""
    with pytest.raises(IdTokenInvalid) as caught:
        verified(token, KEYS)

    assert CANARY not in str(caught.value)
    assert token not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(
    "name", ["iss", "sub", "aud", "azp", "exp", "iat", "nbf", "nonce", "at_hash"]
)
def test_no_error_about_a_claim_quotes_it(name: str) -> None:
    """The claim is named, and not shown."""
    with pytest.raises(IdTokenInvalid) as caught:
        check_claims({**CLAIMS, name: [CANARY]}, "RS256", EXPECTED)

    assert name == caught.value.check
    assert CANARY not in str(caught.value)
