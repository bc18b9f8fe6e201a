"""The client proves itself in the way configured, else in one of two that the provider supports."""

from base64 import b64decode, b64encode
from typing import Any
from urllib.parse import parse_qs, unquote_plus

import pytest
from hypothesis import given

from strategies import any_text
from userlink.protocol.client_auth import (
    AuthMethod,
    ClientAuthentication,
    authenticate,
    choose_method,
    form_request,
)
from userlink.protocol.urls import is_sendable
from userlink.protocol.values import HttpRequest, Secret

CANARY = "canary-9f4c1b7e"
BASIC: AuthMethod = "client_secret_basic"
POST: AuthMethod = "client_secret_post"
ENDPOINT = "https://tenant.example/token"
NOTHING = ClientAuthentication({}, {})


@pytest.mark.parametrize("configured", [BASIC, POST, "private_key_jwt", "none"])
@pytest.mark.parametrize("has_key", [True, False])
@pytest.mark.parametrize("has_secret", [True, False])
def test_the_configured_method_stands(configured: Any, has_key: bool, has_secret: bool) -> None:
    """Whatever the metadata say: some say less than is true."""
    assert configured == choose_method(configured, has_key, has_secret, (), POST)


def test_without_a_secret_the_client_is_public() -> None:
    """RFC 6749, 2.1."""
    assert "none" == choose_method(None, False, False, (BASIC, POST), POST)


@pytest.mark.parametrize("has_secret", [True, False])
@pytest.mark.parametrize("supported", [(BASIC, POST), ("private_key_jwt",), ()])
def test_a_key_comes_before_a_secret(has_secret: bool, supported: tuple[str, ...]) -> None:
    """No metadata can talk the client into sending its secret instead."""
    assert "private_key_jwt" == choose_method(None, True, has_secret, supported, POST)


@pytest.mark.parametrize(
    ("supported", "preferred", "expected"),
    [
        ((BASIC, POST), POST, POST),
        ((BASIC, POST), BASIC, BASIC),
        ((BASIC,), POST, BASIC),
        ((POST,), BASIC, POST),
        ((POST, "private_key_jwt"), BASIC, POST),
        (("private_key_jwt",), POST, BASIC),
        ((), POST, BASIC),
        ((BASIC, POST), "private_key_jwt", BASIC),
    ],
)
def test_the_preferred_method_is_used_where_supported(
    supported: tuple[str, ...], preferred: AuthMethod, expected: str
) -> None:
    """Else the other one; Basic when neither is named, or both are and neither is preferred (OIDC Core, 9)."""
    assert expected == choose_method(None, False, True, supported, preferred)


def test_basic_encodes_both_parts_before_joining_them() -> None:
    """RFC 6749, 2.3.1: else a colon in the client_id would end it."""
    proof = authenticate(BASIC, "client:1", Secret("s+cr%t ä"))

    assert {} == proof.parameters
    assert b"client%3A1:s%2Bcr%25t+%C3%A4" == b64decode(
        proof.headers["authorization"].removeprefix("Basic ")
    )


@given(any_text.filter(is_sendable), any_text.filter(is_sendable).filter(bool))
def test_basic_is_decoded_to_what_was_meant(client_id: str, client_secret: str) -> None:
    """Whatever characters they have."""
    header = authenticate(BASIC, client_id, Secret(client_secret)).headers["authorization"]
    one, other = b64decode(header.removeprefix("Basic ")).decode().split(":")

    assert (client_id, client_secret) == (unquote_plus(one), unquote_plus(other))


def test_post_sends_both_in_the_body() -> None:
    """And nothing in a header."""
    proof = authenticate(POST, "client-1", Secret("s3cr3t"))

    assert {} == proof.headers
    assert {"client_id": "client-1", "client_secret": "s3cr3t"} == proof.parameters


@pytest.mark.parametrize(
    ("method", "secret"), [("none", None), ("none", Secret(CANARY)), (BASIC, None), (POST, None)]
)
def test_a_public_client_names_itself(method: AuthMethod, secret: Secret | None) -> None:
    """RFC 6749, 3.2.1. With ``none`` a secret that is there stays here."""
    proof = authenticate(method, "client-1", secret)

    assert ({}, {"client_id": "client-1"}) == (proof.headers, proof.parameters)


def test_an_assertion_is_sent_in_the_body() -> None:
    """RFC 7521, 4.2 and RFC 7523, 2.2; a secret that is there too stays here."""
    proof = authenticate("private_key_jwt", "client-1", Secret(CANARY), Secret("a.b.c"))

    assert {} == proof.headers
    assert {
        "client_id": "client-1",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": "a.b.c",
    } == proof.parameters


@pytest.mark.parametrize("method", [BASIC, POST])
def test_the_proof_does_not_print(method: AuthMethod) -> None:
    """Neither as it is nor encoded."""
    proof = authenticate(method, "client-1", Secret(CANARY))

    assert "ClientAuthentication()" == repr(proof) == str(proof)


def form_of(request: HttpRequest) -> dict[str, list[str]]:
    """Read the body of a request as the provider does."""
    return parse_qs(request.body.decode(), keep_blank_values=True, strict_parsing=True)


def test_a_form_goes_to_the_endpoint_with_the_proof() -> None:
    """RFC 6749, 3.2 and 2.3.1: a POST of a form; secrets are opened for the wire alone."""
    proof = authenticate(POST, "client-1", Secret("client secret"))
    request = form_request(ENDPOINT, {"code": Secret("a+b/c&d"), "grant_type": "x"}, proof)

    assert ("POST", ENDPOINT) == (request.method, request.url)
    assert {
        "accept": "application/json",
        "content-type": "application/x-www-form-urlencoded",
    } == request.headers
    assert {
        "code": ["a+b/c&d"],
        "grant_type": ["x"],
        "client_id": ["client-1"],
        "client_secret": ["client secret"],
    } == form_of(request)


def test_basic_goes_into_the_header_alone() -> None:
    """RFC 6749, 2.3: one method in each request."""
    request = form_request(ENDPOINT, {"a": "b"}, authenticate(BASIC, "client-1", Secret("c s")))

    assert f"Basic {b64encode(b'client-1:c+s').decode()}" == request.headers["authorization"]
    assert {"a": ["b"]} == form_of(request)


def test_a_parameter_with_several_values_is_sent_as_often() -> None:
    """RFC 8707, 2: ``resource`` may repeat."""
    request = form_request(ENDPOINT, {"resource": ("urn:a", "urn:b")}, NOTHING)

    assert b"resource=urn%3Aa&resource=urn%3Ab" == request.body


@given(any_text.filter(is_sendable))
def test_values_arrive_as_they_are(text: str) -> None:
    """Whatever characters they have."""
    assert {"a": [text]} == form_of(form_request(ENDPOINT, {"a": Secret(text)}, NOTHING))


@pytest.mark.parametrize("method", [BASIC, POST])
def test_no_request_prints_what_it_carries(method: AuthMethod) -> None:
    """A transport that logs its requests gives nothing away."""
    proof = authenticate(method, "client-1", Secret(CANARY))
    request = form_request(ENDPOINT, {"code": Secret(CANARY)}, proof)

    assert CANARY not in repr(request)
    assert CANARY in request.body.decode()
