"""What a provider in memory publishes, and where its endpoints are."""

import json

import pytest

from userlink.protocol.metadata import parse_metadata
from userlink.protocol.urls import Issuer
from userlink.protocol.values import HttpRequest, HttpResponse
from userlink.testing.discovery import (
    authorization_endpoint,
    discovery_document,
    endpoint_of,
    pushed_endpoint,
)
from userlink.testing.pushed import PushedAuthorization


@pytest.mark.parametrize("issuer", ["https://a.example/", "https://a.example/tenant"])
def test_the_document_is_one_that_a_client_accepts(issuer: str) -> None:
    """OIDC Discovery, 3; and every place that it names is served."""
    document = json.dumps(discovery_document(issuer, "ES256", {}, "required")).encode()

    metadata = parse_metadata(HttpResponse(200, {}, document), Issuer.from_domain(issuer))

    assert authorization_endpoint(issuer) == metadata.authorization_endpoint
    assert pushed_endpoint(issuer) == metadata.pushed_authorization_request_endpoint
    for expected, method, url in (
        ("discovery", "GET", Issuer.from_domain(issuer).discovery_url),
        ("jwks", "GET", metadata.jwks_uri),
        ("token", "POST", metadata.token_endpoint),
        ("par", "POST", metadata.pushed_authorization_request_endpoint or ""),
    ):
        assert expected == endpoint_of(issuer, HttpRequest(method, url))


@pytest.mark.parametrize("choice", ["off", "offered", "required"])
def test_it_says_whether_requests_may_or_must_be_pushed(choice: PushedAuthorization) -> None:
    """RFC 9126, 5."""
    document = discovery_document("https://a.example/", "ES256", {}, choice)

    assert ("pushed_authorization_request_endpoint" in document) is (choice != "off")
    assert document.get("require_pushed_authorization_requests", False) is (choice == "required")


def test_members_can_be_added_replaced_and_left_out() -> None:
    """A test may need a provider without logout, or with a wrong one."""
    document = discovery_document("https://a.example/", "ES256", {"issuer": None, "new": 1})

    assert 1 == document["new"]
    assert "issuer" not in document


def test_other_places_and_other_methods_are_no_endpoints() -> None:
    """A wrong method is as wrong as a wrong path or host."""
    for method, url in (
        ("GET", "https://a.example/oauth/token"),
        ("POST", "https://a.example/oauth/tokens"),
        ("POST", "https://b.example/oauth/token"),
    ):
        assert endpoint_of("https://a.example/", HttpRequest(method, url)) is None
