"""The token endpoint: what it is sent, and which answers count."""

import json
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from strategies import any_text, raw_json_values
from support.vectors import load
from userlink.errors import TokenRequestRefused, TokenResponseInvalid
from userlink.protocol.tokens import (
    TokenResponse,
    code_parameters,
    parse_token_response,
    refresh_parameters,
)
from userlink.protocol.transaction import Transaction, TransactionKind
from userlink.protocol.values import HttpResponse, Secret

CANARY = "canary-9f4c1b7e"
JSON = {"content-type": "application/json"}
TRANSACTION = Transaction(
    kind=TransactionKind.LOGIN,
    state="state-1",
    nonce="nonce-1",
    code_verifier="verifier-1",
    redirect_uri="https://app.example/auth/callback?tenant=a%20b",
    issuer="https://tenant.example.com/",
    expires_at=1_800_000_600,
)


def test_a_code_is_exchanged_with_its_verifier_and_redirect_uri() -> None:
    """RFC 6749, 4.1.3; RFC 7636, 4.5. The redirect_uri is the transaction's, byte for byte."""
    assert {
        "grant_type": "authorization_code",
        "code": Secret("a+b/c&d"),
        "redirect_uri": "https://app.example/auth/callback?tenant=a%20b",
        "code_verifier": Secret("verifier-1"),
    } == code_parameters(TRANSACTION, Secret("a+b/c&d"))


def test_tokens_are_renewed_with_the_refresh_token() -> None:
    """RFC 6749, 6."""
    assert {
        "grant_type": "refresh_token",
        "refresh_token": Secret("refresh-1"),
    } == refresh_parameters(Secret("refresh-1"))


def test_no_parameters_print_what_they_carry() -> None:
    """Code, verifier, refresh token: whoever logs them gives none away."""
    transaction = evolve(TRANSACTION, code_verifier=CANARY)
    for parameters in (
        code_parameters(transaction, Secret(CANARY)),
        refresh_parameters(Secret(CANARY)),
    ):
        assert CANARY not in repr(parameters)


def answer(
    status: int = 200, headers: dict[str, str] | None = None, **members: Any
) -> HttpResponse:
    """An answer of the token endpoint."""
    return HttpResponse(status, JSON if headers is None else headers, json.dumps(members).encode())


def success(**members: Any) -> HttpResponse:
    """A successful answer with some members changed."""
    return answer(**{"access_token": "access-1", "token_type": "Bearer", **members})


def test_the_example_of_the_specification() -> None:
    """OIDC Core, 3.1.3.3."""
    response = answer(**load("openid_core")["token_response"], id_token="eyJ.eyJ.c2ln")

    assert TokenResponse(
        access_token=Secret("SlAV32hkKG"),
        expires_in=3600,
        scope=None,
        id_token=Secret("eyJ.eyJ.c2ln"),
        refresh_token=Secret("8xLOxBtZp8"),
    ) == parse_token_response(response)


def test_the_least_answer() -> None:
    """RFC 6749, 5.1: only two members are required."""
    assert TokenResponse(Secret("access-1"), None, None, None, None) == parse_token_response(
        success()
    )


@pytest.mark.parametrize("name", ["expires_in", "scope", "id_token", "refresh_token", "unknown"])
def test_null_is_absent(name: str) -> None:
    """Some providers write what they do not give as null."""
    assert parse_token_response(success()) == parse_token_response(success(**{name: None}))


@pytest.mark.parametrize("name", ["id_token", "refresh_token"])
def test_an_empty_token_is_absent(name: str) -> None:
    """There is nothing to use in it."""
    assert parse_token_response(success()) == parse_token_response(success(**{name: ""}))


@pytest.mark.parametrize("token_type", ["Bearer", "bearer", "BEARER"])
def test_the_type_of_a_token_has_no_letter_case(token_type: str) -> None:
    """RFC 6749, 5.1."""
    assert parse_token_response(success(token_type=token_type)).access_token


@pytest.mark.parametrize("token_type", [None, "", "DPoP", "mac", "Bearer ", 5, ["Bearer"]])
def test_another_type_of_token_is_refused(token_type: object) -> None:
    """RFC 6749, 7.1: a client must not use a token whose type it does not understand."""
    with pytest.raises(TokenResponseInvalid, match="another token_type than Bearer"):
        parse_token_response(success(token_type=token_type))


@pytest.mark.parametrize("access_token", [None, ""])
def test_an_access_token_must_be_there(access_token: object) -> None:
    """RFC 6749, 5.1."""
    with pytest.raises(TokenResponseInvalid, match="has no access_token"):
        parse_token_response(success(access_token=access_token))


@pytest.mark.parametrize("name", ["access_token", "id_token", "refresh_token", "scope"])
@pytest.mark.parametrize("value", [5, True, ["x"], {"x": 1}])
def test_tokens_and_scope_are_strings(name: str, value: object) -> None:
    """The error names the member and does not quote it."""
    with pytest.raises(TokenResponseInvalid, match=f"{name} is not a string"):
        parse_token_response(success(**{name: value}))


@pytest.mark.parametrize("name", ["access_token", "id_token", "refresh_token"])
@pytest.mark.parametrize("value", ["a\r\nx-evil: 1", "a\x00", "ä", "\ud800", "\x7f"])
def test_tokens_are_visible_ascii(name: str, value: str) -> None:
    """RFC 6749, A.12 and A.17: the application puts them into headers."""
    with pytest.raises(TokenResponseInvalid, match=f"{name} has characters that no token may have"):
        parse_token_response(success(**{name: value}))


@pytest.mark.parametrize(("given_value", "seconds"), [(0, 0), (3600, 3600), ("3600", 3600)])
def test_a_lifetime_is_in_seconds(given_value: object, seconds: int) -> None:
    """As a number (RFC 6749, A.14); a string of digits is a common deviation, and harmless."""
    assert seconds == parse_token_response(success(expires_in=given_value)).expires_in


@pytest.mark.parametrize(
    "expires_in",
    [
        -1,
        1.5,
        True,
        "",
        "1h",
        "-1",
        " 1",
        "9" * 12,
        "000000003600",
        10**11,
        10**4000,
        [3600],
        float("nan"),
    ],
)
def test_another_lifetime_is_refused(expires_in: object) -> None:
    """Negative, broken, or longer than anything that could be added to a time; twelve digits are not even read."""
    with pytest.raises(TokenResponseInvalid):
        parse_token_response(success(expires_in=expires_in))


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; charset=utf-8", "application/json;x"]
)
def test_the_answer_is_json(content_type: str) -> None:
    """Parameters and letter case of the media type do not matter (RFC 9110, 8.3.1)."""
    response = HttpResponse(200, {"content-type": content_type}, success().body)

    assert parse_token_response(response).access_token


@pytest.mark.parametrize(
    "headers", [{}, {"content-type": "text/html"}, {"content-type": "text/json"}]
)
def test_another_media_type_is_refused(headers: dict[str, str]) -> None:
    """RFC 6749, 5.1: a page that happens to hold JSON is no answer."""
    with pytest.raises(TokenResponseInvalid, match="of the type application/json"):
        parse_token_response(HttpResponse(200, headers, success().body))


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"<html>", b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    """Even when it says that it is."""
    with pytest.raises(TokenResponseInvalid, match="not a JSON object"):
        parse_token_response(HttpResponse(200, JSON, body))


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
def test_an_oauth_error_is_a_refusal(status: int) -> None:
    """RFC 6749, 5.2. The description is left out: providers quote codes and tokens in it."""
    response = answer(
        status, error="invalid_grant", error_description=f"code {CANARY}", error_uri=CANARY
    )
    with pytest.raises(TokenRequestRefused, match="with invalid_grant") as caught:
        parse_token_response(response)

    assert ("invalid_grant", status) == (caught.value.error, caught.value.status)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    "error", [None, "", 5, ["invalid_grant"], "e" * 101, 'say "no"', "a\r\nb", "ä", "\\"]
)
def test_another_error_is_no_oauth_error(error: object) -> None:
    """It would go into messages and logs as it is."""
    with pytest.raises(TokenResponseInvalid, match="HTTP status 400 and no OAuth error"):
        parse_token_response(answer(400, error=error))


@pytest.mark.parametrize("status", [204, 302, 404, 500, 502])
@pytest.mark.parametrize(
    ("headers", "body"),
    [({}, b""), ({"content-type": "text/html"}, b'{"error": "invalid_grant"}'), (JSON, b"[]")],
)
def test_a_failure_without_oauth_error_is_invalid(
    status: int, headers: dict[str, str], body: bytes
) -> None:
    """A proxy's page, an empty answer, a redirect: nothing is known of what happened."""
    with pytest.raises(TokenResponseInvalid, match=f"HTTP status {status} and no OAuth error"):
        parse_token_response(HttpResponse(status, headers, body))


def test_an_error_with_status_200_is_invalid() -> None:
    """Some providers answer so; there is no token in it."""
    with pytest.raises(TokenResponseInvalid, match="has no access_token"):
        parse_token_response(answer(200, error="invalid_grant"))


def test_a_token_response_does_not_print_its_tokens() -> None:
    """What helps to find a mistake does print."""
    tokens = parse_token_response(
        success(access_token=CANARY, id_token=CANARY, refresh_token=CANARY, scope="openid")
    )

    assert CANARY not in repr(tokens)
    assert "scope='openid'" in repr(tokens)


@pytest.mark.parametrize(
    "members",
    [
        {"access_token": CANARY, "token_type": CANARY},
        {"access_token": CANARY + "\n"},
        {"refresh_token": [CANARY]},
        {"expires_in": CANARY},
        {"scope": [CANARY]},
    ],
)
def test_no_error_quotes_the_answer(members: dict[str, Any]) -> None:
    """Whatever is wrong with it."""
    with pytest.raises(TokenResponseInvalid) as caught:
        parse_token_response(success(**members))

    assert CANARY not in str(caught.value)
    assert CANARY not in repr(caught.value.__context__)


NAMES = "access_token token_type expires_in scope id_token refresh_token error".split()


@given(
    st.sampled_from([200, 200, 200, 400, 500]),
    st.sampled_from([JSON, {}]),
    st.dictionaries(
        st.sampled_from(NAMES), raw_json_values | st.sampled_from(["Bearer", "x", 3600]) | any_text
    ),
)
def test_any_answer_is_tokens_or_one_of_two_errors(
    status: int, headers: dict[str, str], members: dict[str, Any]
) -> None:
    """And tokens can be sent again: in a header, in a form."""
    try:
        tokens = parse_token_response(answer(status, headers, **members))
    except (TokenRequestRefused, TokenResponseInvalid):
        return
    assert tokens.access_token.reveal().isprintable()
    assert tokens.access_token.reveal().isascii()
    assert tokens.expires_in is None or 0 <= tokens.expires_in < 10**11
