"""The discovery document is believed only when it speaks for the issuer that was asked, and names safe places."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import raw_json_values
from userlink.errors import MetadataInvalid
from userlink.protocol.metadata import ProviderMetadata, parse_metadata
from userlink.protocol.urls import Issuer, is_secure_web_url
from userlink.protocol.values import HttpResponse

ISSUER = Issuer.from_domain("tenant.example.com")
DOCUMENT: dict[str, Any] = {
    "issuer": "https://tenant.example.com/",
    "authorization_endpoint": "https://tenant.example.com/authorize",
    "token_endpoint": "https://tenant.example.com/oauth/token",
    "jwks_uri": "https://tenant.example.com/.well-known/jwks.json",
}
ENDPOINTS = (
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "end_session_endpoint",
    "userinfo_endpoint",
    "revocation_endpoint",
    "pushed_authorization_request_endpoint",
)


def parsed(asked: Issuer = ISSUER, /, **members: Any) -> ProviderMetadata:
    """Judge the document with some members changed."""
    body = json.dumps({**DOCUMENT, **members}).encode()
    return parse_metadata(HttpResponse(200, {}, body), asked)


def test_what_is_absent_has_the_specifications_default() -> None:
    """OIDC Discovery, 3: no endpoint but those required, and Basic; RFC 9207, 3: no promise of ``iss``."""
    assert ProviderMetadata(
        **DOCUMENT,
        end_session_endpoint=None,
        userinfo_endpoint=None,
        revocation_endpoint=None,
        pushed_authorization_request_endpoint=None,
        require_pushed_authorization_requests=False,
        token_endpoint_auth_methods_supported=("client_secret_basic",),
        authorization_response_iss_parameter_supported=False,
    ) == parsed(unknown_member=[1, 2])


def test_what_is_there_is_taken() -> None:
    """Everything that userlink uses."""
    metadata = parsed(
        end_session_endpoint="https://tenant.example.com/oidc/logout",
        userinfo_endpoint="https://tenant.example.com/userinfo",
        revocation_endpoint="https://tenant.example.com/oauth/revoke",
        pushed_authorization_request_endpoint="https://tenant.example.com/oauth/par",
        require_pushed_authorization_requests=True,
        token_endpoint_auth_methods_supported=["client_secret_post", "none", 5],
        authorization_response_iss_parameter_supported=True,
    )

    assert "https://tenant.example.com/oidc/logout" == metadata.end_session_endpoint
    assert "https://tenant.example.com/userinfo" == metadata.userinfo_endpoint
    assert "https://tenant.example.com/oauth/revoke" == metadata.revocation_endpoint
    assert "https://tenant.example.com/oauth/par" == metadata.pushed_authorization_request_endpoint
    assert metadata.require_pushed_authorization_requests
    assert ("client_secret_post", "none") == metadata.token_endpoint_auth_methods_supported
    assert metadata.authorization_response_iss_parameter_supported


@pytest.mark.parametrize("issuer", ["https://tenant.example.com/", "https://tenant.example.com"])
def test_a_bare_host_accepts_both_forms_of_its_issuer(issuer: str) -> None:
    """It is kept as the document has it: ID tokens and callbacks must carry the same."""
    assert issuer == parsed(issuer=issuer).issuer


@pytest.mark.parametrize(
    "issuer",
    [
        "https://evil.example/",
        "https://tenant.example.com//",
        "https://TENANT.example.com/",
        "http://tenant.example.com/",
        "https://tenant.example.com/x",
        "",
        None,
        5,
        ["https://tenant.example.com/"],
        {"https://tenant.example.com/": 1},
    ],
)
def test_a_document_of_another_issuer_is_refused(issuer: object) -> None:
    """OIDC Discovery, 4.3: exactly the issuer asked for; the error names both."""
    with pytest.raises(MetadataInvalid, match="and https://tenant") as caught:
        parsed(issuer=issuer)

    assert (repr(issuer) in caught.value.message) is isinstance(issuer, str)


def test_an_issuer_url_accepts_itself_only() -> None:
    """With or without slash is another issuer, once a URL was configured."""
    issuer = Issuer.from_domain("https://tenant.example.com/realms/one")

    assert (
        "https://tenant.example.com/realms/one" == parsed(issuer, issuer=issuer.accepted[0]).issuer
    )
    with pytest.raises(MetadataInvalid):
        parsed(issuer, issuer="https://tenant.example.com/realms/one/")


def test_an_endless_issuer_does_not_make_an_endless_message() -> None:
    """What is quoted of it has an end, and a nested one is not quoted."""
    with pytest.raises(MetadataInvalid) as caught:
        parsed(issuer="x" * 100_000)
    assert 1000 > len(str(caught.value))

    nested = b'{"issuer":' + b"[" * 900 + b"]" * 900 + b"}"
    with pytest.raises(MetadataInvalid):
        parse_metadata(HttpResponse(200, {}, nested), ISSUER)


@pytest.mark.parametrize("status", [204, 301, 302, 404, 500])
def test_another_status_is_refused(status: int) -> None:
    """A redirect is an answer too, and none that is followed (OIDC Discovery, 4.2)."""
    with pytest.raises(MetadataInvalid, match=f"HTTP status {status}"):
        parse_metadata(HttpResponse(status, {}, json.dumps(DOCUMENT).encode()), ISSUER)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    """A login page of some portal, or nothing at all."""
    with pytest.raises(MetadataInvalid, match="not a JSON object"):
        parse_metadata(HttpResponse(200, {}, body), ISSUER)


@pytest.mark.parametrize("name", ENDPOINTS[:3])
def test_a_required_endpoint_must_be_there(name: str) -> None:
    """OIDC Discovery, 3; null is as good as absent."""
    document = {key: value for key, value in DOCUMENT.items() if key != name}
    with pytest.raises(MetadataInvalid, match=f"has no {name}"):
        parse_metadata(HttpResponse(200, {}, json.dumps(document).encode()), ISSUER)
    with pytest.raises(MetadataInvalid, match=f"has no {name}"):
        parsed(**{name: None})


@pytest.mark.parametrize("name", ENDPOINTS)
@pytest.mark.parametrize(
    "url",
    [
        "",
        "/authorize",
        "http://tenant.example.com/authorize",
        "http://localhost/authorize",
        "HTTP://127.0.0.1:6379/",
        "https://tenant.example.com/authorize#x",
        "https://user:password@tenant.example.com/",
        "https://tenant.example.com\\@evil.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        5,
        ["https://tenant.example.com/"],
    ],
)
def test_an_endpoint_is_an_https_url(name: str, url: object) -> None:
    """OIDC Discovery, 3. An https provider cannot have this machine's own services talked to."""
    with pytest.raises(MetadataInvalid, match=f"{name} is not an https URL"):
        parsed(**{name: url})


def test_an_endpoint_may_be_elsewhere_and_have_a_query() -> None:
    """Providers spread over hosts (RFC 6749, 3.1)."""
    assert (
        "https://login.example/a?tenant=b"
        == parsed(authorization_endpoint="https://login.example/a?tenant=b").authorization_endpoint
    )


def test_a_provider_on_loopback_has_its_endpoints_there() -> None:
    """The development tenant speaks plain http."""
    base = "http://localhost:9000"
    endpoints = {name: f"{base}/{name}" for name in ENDPOINTS}
    metadata = parsed(Issuer.from_domain(base), issuer=base, **endpoints)

    assert f"{base}/token_endpoint" == metadata.token_endpoint
    with pytest.raises(MetadataInvalid, match="jwks_uri is not an https URL"):
        parsed(
            Issuer.from_domain(base),
            **{"issuer": base, **endpoints, "jwks_uri": "http://x.example/"},
        )


@pytest.mark.parametrize("promise", [False, None, "true", 1, [True]])
def test_only_true_is_a_promise_of_iss(promise: object) -> None:
    """RFC 9207, 3: a boolean."""
    assert not parsed(
        authorization_response_iss_parameter_supported=promise
    ).authorization_response_iss_parameter_supported


@pytest.mark.parametrize("methods", [None, "client_secret_post", {"client_secret_post": 1}, 5])
def test_authentication_methods_are_a_list(methods: object) -> None:
    """OIDC Discovery, 3: a JSON array."""
    with pytest.raises(
        MetadataInvalid, match="token_endpoint_auth_methods_supported is not a list"
    ):
        parsed(token_endpoint_auth_methods_supported=methods)


@given(
    st.dictionaries(
        st.sampled_from(
            [*DOCUMENT, "end_session_endpoint", "token_endpoint_auth_methods_supported"]
        ),
        raw_json_values | st.sampled_from(list(DOCUMENT.values())),
    )
)
def test_any_document_is_metadata_or_invalid(members: dict[str, Any]) -> None:
    """And metadata name secure places only."""
    try:
        metadata = parsed(**members)
    except MetadataInvalid:
        return
    assert metadata.issuer in ISSUER.accepted
    assert is_secure_web_url(metadata.token_endpoint)


@given(st.binary())
def test_any_body_is_judged(body: bytes) -> None:
    """Bytes that are no document are invalid, and nothing else happens."""
    with pytest.raises(MetadataInvalid):
        parse_metadata(HttpResponse(200, {}, body), ISSUER)


@pytest.mark.parametrize("value", ["true", 1, None, [True]])
def test_only_true_requires_pushed_requests(value: object) -> None:
    """RFC 9126, 5: a boolean."""
    assert not parsed(
        require_pushed_authorization_requests=value
    ).require_pushed_authorization_requests
