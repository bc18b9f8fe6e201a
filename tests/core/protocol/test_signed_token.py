"""What ID tokens and logout tokens share: each kind has its own types, its own limit and its own error."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from support.signing import compact, jwk_of, key_pair, signed
from userlink.errors import IdTokenInvalid, LogoutTokenInvalid
from userlink.protocol.id_token import ID_TOKEN
from userlink.protocol.keys import KeySet, parse_key_set
from userlink.protocol.logout_token import LOGOUT_TOKEN
from userlink.protocol.signed_token import (
    TokenKind,
    check_audience,
    parse_signed_token,
    seconds_claim,
    verify,
)
from userlink.protocol.values import HttpResponse, Secret

ES256 = ("ES256",)
KEY = key_pair("ES256")
KINDS = [ID_TOKEN, LOGOUT_TOKEN]
of_each_kind = pytest.mark.parametrize("kind", KINDS, ids=["ID token", "logout token"])
PARSING: list[tuple[str, str]] = [
    ("size", "x" * 65_537),
    ("form", "no token"),
    ("form", compact(b'{"alg":"ES256","alg":"ES256"}', {}, b"x")),
    ("alg", compact({"alg": "none"}, {})),
    ("alg", compact({"alg": "HS256"}, {}, b"x")),
    ("form", compact({"typ": "JWT"}, {}, b"x")),
    ("crit", compact({"alg": "ES256", "crit": ["b64"]}, {}, b"x")),
    ("kid", compact({"alg": "ES256", "kid": 1}, {}, b"x")),
    ("typ", compact({"alg": "ES256", "typ": "at+jwt"}, {}, b"x")),
]


def failed_check(kind: TokenKind, act: Callable[[], object]) -> str:
    """Say which check refuses, by the error of the kind and in its name."""
    expected = {"ID token": IdTokenInvalid, "logout token": LogoutTokenInvalid}[kind.name]
    with pytest.raises(expected, match=f"^The {kind.name}(?: |'s )") as caught:
        act()
    assert isinstance(caught.value, IdTokenInvalid | LogoutTokenInvalid)
    return caught.value.check


def key_set(**members: Any) -> KeySet:
    """Return a set with the one key."""
    document = {"keys": [jwk_of(KEY, **members)]}
    return parse_key_set(HttpResponse(200, {}, json.dumps(document).encode()))


@of_each_kind
@pytest.mark.parametrize(("check", "token"), PARSING, ids=[check for check, _ in PARSING])
def test_a_header_is_refused_by_the_error_of_the_kind(
    kind: TokenKind, check: str, token: str
) -> None:
    """RFC 8725, 3.1 and 3.11; RFC 7515, 4.1.11; the message says which token it is."""
    assert check == failed_check(kind, lambda: parse_signed_token(kind, Secret(token), ES256))


@of_each_kind
def test_the_message_says_what_the_token_is(kind: TokenKind) -> None:
    """Each refusal names the token and gives the reason."""
    with pytest.raises(kind.error, match=f"^The {kind.name} is of paper\\."):
        kind.refuse("form", "is of paper")
    with pytest.raises(kind.error, match=f"^The {kind.name}'s nonce is of paper\\."):
        kind.refuse_claim("nonce", "is of paper")


@of_each_kind
@pytest.mark.parametrize(("check", "payload"), [("signature", {"a": 1}), ("form", b"[]")])
def test_a_signature_is_refused_by_the_error_of_the_kind(
    kind: TokenKind,
    check: str,
    payload: dict[str, int] | bytes,
) -> None:
    """A forged one, and one over what is no JSON object."""
    key = key_pair("ES256", 1) if check == "signature" else KEY
    token = parse_signed_token(kind, Secret(signed(payload, key, "ES256", kid="one")), ES256)

    assert check == failed_check(kind, lambda: verify(token, key_set(kid="one")))


def test_an_unknown_key_is_not_yet_a_forgery() -> None:
    """The set may be out of date (OIDC Core, 10.1.1)."""
    token = parse_signed_token(LOGOUT_TOKEN, Secret(signed({}, KEY, "ES256", kid="two")), ES256)

    assert verify(token, key_set(kid="one")) is None


@pytest.mark.parametrize(
    ("typ", "id_token", "logout_token"),
    [
        (None, True, True),
        ("JWT", True, True),
        ("application/jwt", True, True),
        ("logout+jwt", False, True),
        ("Application/Logout+JWT", False, True),
        ("at+jwt", False, False),
        ("secevent+jwt", False, False),
        ("", False, False),
        (5, False, False),
    ],
)
def test_each_kind_has_types_of_its_own(typ: object, id_token: bool, logout_token: bool) -> None:
    """
    What says that it is a logout token is no ID token (RFC 8725, 3.11).

    Back-Channel Logout, 2.4 recommends the type and does not demand it; providers send ``JWT``, or nothing.
    """
    header = {} if typ is None else {"typ": typ}
    token = Secret(signed({}, KEY, "ES256", **header))
    for kind, accepts in zip(KINDS, (id_token, logout_token), strict=True):
        if accepts:
            assert "ES256" == parse_signed_token(kind, token, ES256).alg
        else:
            assert "typ" == failed_check(kind, partial(parse_signed_token, kind, token, ES256))


@pytest.mark.parametrize(
    ("check", "claims"),
    [
        ("aud", {}),
        ("aud", {"aud": "other"}),
        ("aud", {"aud": ["other"]}),
        ("azp", {"aud": ["app", "other"]}),
        ("azp", {"aud": "app", "azp": "other"}),
    ],
)
@of_each_kind
def test_a_token_for_others_is_refused(
    kind: TokenKind,
    check: str,
    claims: dict[str, Any],
) -> None:
    """OIDC Core, 3.1.3.7, steps 3 to 5; logout tokens are held to the same (Back-Channel Logout, 2.6, step 3)."""
    assert check == failed_check(kind, lambda: check_audience(kind, claims, "app"))


def test_a_token_for_this_client_is_accepted() -> None:
    """Alone, in a list, or among others that it names itself the party of."""
    for claims in ({"aud": "app"}, {"aud": ["app"]}, {"aud": ["other", "app"], "azp": "app"}):
        check_audience(LOGOUT_TOKEN, claims, "app")


@pytest.mark.parametrize("value", [None, "1", True, -1, 1e12, float("nan"), [1]])
def test_a_time_is_a_number_of_seconds(value: object) -> None:
    """RFC 7519, 2: what would pass comparisons, or never expire, is none."""
    assert "exp" == failed_check(
        LOGOUT_TOKEN, lambda: seconds_claim(LOGOUT_TOKEN, {"exp": value}, "exp")
    )
    assert 5.5 == seconds_claim(LOGOUT_TOKEN, {"exp": 5.5}, "exp")
