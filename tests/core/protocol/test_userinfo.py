"""The userinfo endpoint's answer counts only when it is about the user of the ID token (OIDC Core, 5.3)."""

import json
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given

from strategies import any_text, json_objects
from support.flow_world import METADATA
from userlink.errors import MetadataInvalid, UserinfoInvalid
from userlink.protocol.userinfo import parse_userinfo, userinfo_request
from userlink.protocol.values import HttpResponse, Secret

WITH_USERINFO = evolve(METADATA, userinfo_endpoint="https://tenant.example/userinfo")
ALICE = {"sub": "auth0|alice", "name": "Alice"}


def answer(
    document: object = ALICE, status: int = 200, content_type: str = "application/json"
) -> HttpResponse:
    """Return an answer of the endpoint."""
    return HttpResponse(status, {"content-type": content_type}, json.dumps(document).encode())


def test_the_access_token_goes_into_the_header() -> None:
    """RFC 6750, 2.1: never into the URL; and it does not print."""
    request = userinfo_request(WITH_USERINFO, Secret("canary-9f4c1b7e"))

    assert ("GET", "https://tenant.example/userinfo", b"") == (
        request.method,
        request.url,
        request.body,
    )
    assert {
        "accept": "application/json",
        "authorization": "Bearer canary-9f4c1b7e",
    } == request.headers
    assert "canary-9f4c1b7e" not in repr(request)


def test_a_provider_without_the_endpoint_is_told() -> None:
    """The hint says what to change."""
    with pytest.raises(MetadataInvalid, match="no userinfo_endpoint") as caught:
        userinfo_request(METADATA, Secret("access"))

    assert "userinfo=False" in caught.value.hint


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-8"])
def test_claims_about_the_user_are_returned(content_type: str) -> None:
    """And those about tokens are not: only a signature can say when somebody authenticated, for whom, until when."""
    about_tokens = {"iss": "i", "aud": "a", "exp": 1, "auth_time": 1, "acr": "gold", "sid": "s"}

    assert ALICE == parse_userinfo(
        answer({**ALICE, **about_tokens}, content_type=content_type), "auth0|alice"
    )


@pytest.mark.parametrize(
    "sub", ["auth0|bob", "auth0|alice ", "AUTH0|ALICE", "", None, 5, ["auth0|alice"]]
)
def test_the_claims_of_another_user_are_refused(sub: object) -> None:
    """OIDC Core, 5.3.2: the ``sub`` must be exactly that of the ID token."""
    with pytest.raises(UserinfoInvalid, match="another user, or of nobody"):
        parse_userinfo(answer({**ALICE, "sub": sub}), "auth0|alice")


def test_claims_of_nobody_are_refused() -> None:
    """OIDC Core, 5.3.2: ``sub`` is always there."""
    with pytest.raises(UserinfoInvalid):
        parse_userinfo(answer({"name": "Alice"}), "auth0|alice")


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_names_the_usual_reason(status: int) -> None:
    """A token for an API is often good for nothing else."""
    with pytest.raises(UserinfoInvalid, match=f"HTTP status {status}") as caught:
        parse_userinfo(answer({"error": "invalid_token"}, status), "auth0|alice")

    assert "audience" in caught.value.hint


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (answer(status=500), "answered with HTTP status 500"),
        (answer(status=302), "answered with HTTP status 302"),
        (answer(content_type="application/jwt"), "signed or encrypted JWT"),
        (answer(content_type="text/html"), "something else than a JSON object"),
        (answer([ALICE]), "something else than a JSON object"),
        (HttpResponse(200, {}, json.dumps(ALICE).encode()), "something else than a JSON object"),
        (
            HttpResponse(
                200, {"content-type": "application/json"}, b'{"sub":"auth0|alice","sub":"b"}'
            ),
            "something else than a JSON object",
        ),
    ],
)
def test_another_answer_is_refused(response: HttpResponse, message: str) -> None:
    """JSON and nothing else (OIDC Core, 5.3.2)."""
    with pytest.raises(UserinfoInvalid, match=message):
        parse_userinfo(response, "auth0|alice")


def test_an_answer_that_is_signed_says_how_to_have_another() -> None:
    """OIDC Core, 5.3.2: it was the client's registration that asked for it."""
    with pytest.raises(UserinfoInvalid) as caught:
        parse_userinfo(answer(content_type="application/jwt"), "auth0|alice")

    assert "userinfo_signed_response_alg" in caught.value.hint


@given(json_objects, any_text)
def test_whatever_comes_is_refused_or_about_the_user(claims: dict[str, Any], subject: str) -> None:
    """Halves of surrogate pairs included."""
    try:
        about_user = parse_userinfo(answer(claims), subject)
    except UserinfoInvalid:
        assert claims.get("sub") != subject
    else:
        assert subject == about_user["sub"] == claims["sub"]
