"""Pushed authorization requests: when one is sent, and which answers count."""

import json
from typing import Any

import pytest
from hypothesis import given

from strategies import raw_json_values
from userlink.errors import (
    MetadataInvalid,
    PushedAuthorizationMismatch,
    PushedAuthorizationRefused,
    PushedAuthorizationResponseInvalid,
    UserlinkError,
)
from userlink.protocol.metadata import ProviderMetadata
from userlink.protocol.pushed_authorization import (
    PushedAuthorization,
    parse_pushed_response,
    pushed_endpoint,
)
from userlink.protocol.values import HttpResponse, Secret

CANARY = "canary-9f4c1b7e"
PLACE = "https://tenant.example/par"
REQUEST_URI = "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c"


def metadata(place: str | None, required: bool = False) -> ProviderMetadata:
    """Return the metadata of a provider that takes pushed requests, or does not."""
    return ProviderMetadata(
        issuer="https://tenant.example/",
        authorization_endpoint="https://tenant.example/authorize",
        token_endpoint="https://tenant.example/token",
        jwks_uri="https://tenant.example/jwks",
        pushed_authorization_request_endpoint=place,
        require_pushed_authorization_requests=required,
    )


@pytest.mark.parametrize(
    ("choice", "place", "required", "expected"),
    [
        ("auto", PLACE, False, PLACE),
        ("auto", PLACE, True, PLACE),
        ("auto", None, False, None),
        ("required", PLACE, False, PLACE),
        ("required", PLACE, True, PLACE),
        ("never", PLACE, False, None),
        ("never", None, False, None),
    ],
)
def test_requests_are_pushed_where_both_sides_allow_it(
    choice: PushedAuthorization, place: str | None, required: bool, expected: str | None
) -> None:
    """RFC 9126, 5."""
    assert expected == pushed_endpoint(choice, metadata(place, required))


@pytest.mark.parametrize(
    ("choice", "place", "required", "message"),
    [
        ("never", PLACE, True, "provider requires pushed authorization requests, and the client"),
        ("never", None, True, "provider requires pushed authorization requests, and the client"),
        ("required", None, False, "the provider takes none"),
    ],
)
def test_sides_that_exclude_each_other_are_told_so(
    choice: PushedAuthorization, place: str | None, required: bool, message: str
) -> None:
    """No request goes out in a way that one of them forbids."""
    with pytest.raises(PushedAuthorizationMismatch, match=message):
        pushed_endpoint(choice, metadata(place, required))


@pytest.mark.parametrize("choice", ["auto", "required"])
def test_a_provider_that_requires_them_must_say_where(choice: PushedAuthorization) -> None:
    """RFC 9126, 5: else no request can be made that it takes."""
    with pytest.raises(MetadataInvalid, match="no pushed_authorization_request_endpoint"):
        pushed_endpoint(choice, metadata(None, required=True))


def answer(status: int = 201, **members: Any) -> HttpResponse:
    """Return the provider's answer; a member that is None is left out."""
    document = {"request_uri": REQUEST_URI, "expires_in": 60, **members}
    given = {name: value for name, value in document.items() if value is not None}
    return HttpResponse(
        status, {"content-type": "application/json"}, json.dumps(given).encode("utf-8")
    )


@pytest.mark.parametrize(
    "request_uri",
    [REQUEST_URI, "https://tenant.example/requests/1", "urn:example:bwc4JK-ESC0w8acc1"],
)
def test_the_name_of_the_request_is_returned(request_uri: str) -> None:
    """RFC 9126, 2.2; a secret, for it stands for the request until it is used."""
    assert Secret(request_uri) == parse_pushed_response(answer(request_uri=request_uri))


@pytest.mark.parametrize("seconds", [1, 600])
def test_a_request_lives_for_some_seconds(seconds: int) -> None:
    """RFC 9126, 2.2: a positive number of them, be it one."""
    assert Secret(REQUEST_URI) == parse_pushed_response(answer(expires_in=seconds))


@pytest.mark.parametrize("status", [400, 401, 403, 413, 429, 500, 200])
def test_an_error_says_what_the_provider_said(status: int) -> None:
    """RFC 9126, 2.3: its code, and no description, in which providers quote."""
    response = answer(status, error="invalid_request", error_description=f"redirect_uri {CANARY}")

    with pytest.raises(PushedAuthorizationRefused, match="invalid_request") as caught:
        parse_pushed_response(response)
    assert ("invalid_request", status) == (caught.value.error, caught.value.status)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (HttpResponse(404, {"content-type": "text/html"}, b"<html>"), "404 and no OAuth error"),
        (HttpResponse(302, {"location": "https://elsewhere.example/"}), "302 and no OAuth error"),
        (answer(200), "200 and no OAuth error"),
        (answer(503, error='a"b'), "503 and no OAuth error"),
        (HttpResponse(201, {"content-type": "text/html"}, b"{}"), "not a JSON object"),
        (HttpResponse(201, {"content-type": "application/json"}, b"[]"), "not a JSON object"),
        (answer(request_uri=None), "no request_uri"),
        (answer(request_uri=""), "no request_uri"),
        (answer(request_uri=["urn:a"]), "no request_uri"),
        (answer(request_uri="no URI"), "no request_uri"),
        (answer(request_uri="urn:a b"), "no request_uri"),
        (answer(request_uri="urn:a\r\nb"), "no request_uri"),
        (answer(request_uri=f"urn:{'a' * 2001}"), "no request_uri"),
        (answer(expires_in=None), "no expires_in"),
        (answer(expires_in=0), "no expires_in"),
        (answer(expires_in=-1), "no expires_in"),
        (answer(expires_in="60"), "no expires_in"),
        (answer(expires_in=True), "no expires_in"),
    ],
)
def test_a_malformed_answer_is_refused(response: HttpResponse, message: str) -> None:
    """RFC 9126, 2.2: 201, a request_uri and a positive lifetime, in JSON."""
    with pytest.raises(PushedAuthorizationResponseInvalid, match=message):
        parse_pushed_response(response)


@given(raw_json_values, raw_json_values)
def test_any_answer_gives_a_uri_or_a_typed_error(request_uri: Any, expires_in: Any) -> None:
    """Whatever JSON comes."""
    document = {"request_uri": request_uri, "expires_in": expires_in}
    body = json.dumps(document).encode("utf-8", "surrogatepass")
    try:
        parse_pushed_response(HttpResponse(201, {"content-type": "application/json"}, body))
    except UserlinkError as error:
        assert isinstance(error, PushedAuthorizationResponseInvalid)
