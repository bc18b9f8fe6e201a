"""The tenant's judgement of client assertions (RFC 7523, section 3; OIDC Core, section 9)."""

import time
from typing import Any

import httpx
import pytest

from devtenant.relying_party import CLIENT_SECRET, RelyingParty
from support.signing import compact, hmac_token, jwk_of, key_pair, pem_of, signed
from userlink_devtenant import Client, DevTenant
from userlink_devtenant.client_assertions import read_public_key

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PAIR = key_pair("ES256")
CLIENT_ID = "with-a-key"


@pytest.fixture
def tenant(devtenant: DevTenant) -> DevTenant:
    """Return a tenant that knows a client with a key."""
    devtenant.add_client(Client(CLIENT_ID, public_key=pem_of(PAIR).decode()))
    return devtenant


def claims(tenant: DevTenant, **changes: Any) -> dict[str, Any]:
    """Return the claims of a good assertion, with changes."""
    now = int(time.time())
    good = {"iss": CLIENT_ID, "sub": CLIENT_ID, "aud": tenant.issuer, "jti": "1", "exp": now + 60}
    return {**good, **changes}


def send(tenant: DevTenant, http: httpx.Client, assertion: str, **changes: str) -> str:
    """Refresh with an assertion, and return the error: ``invalid_grant`` comes after authentication."""
    form = {
        "grant_type": "refresh_token",
        "refresh_token": "of nobody",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        **changes,
    }
    answer = http.post(f"{tenant.issuer}oauth/token", data=form)
    return f"{answer.json()['error']}: {answer.json().get('error_description')}"


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
@pytest.mark.parametrize("form", [{}, {"client_id": CLIENT_ID}])
def test_an_assertion_of_each_algorithm_counts_once(
    tenant: DevTenant, http: httpx.Client, alg: str, form: dict[str, str]
) -> None:
    """The client_id may be left out (RFC 7521 4.2); a jti may not be used again (RFC 7523 3)."""
    pair = key_pair(alg)
    tenant.add_client(Client(CLIENT_ID, public_key=pem_of(pair).decode()))
    assertion = signed(claims(tenant), pair, alg)

    assert "invalid_grant" in send(tenant, http, assertion, **form)
    assert "jti is missing or was used" in send(tenant, http, assertion, **form)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"iss": "other"}, "iss and sub are not"),
        ({"aud": "https://other.example/"}, "aud is not the issuer"),
        ({"aud": None}, "aud is not the issuer"),
        ({"exp": 1}, "exp is not within"),
        ({"exp": int(time.time()) + 10_000}, "exp is not within"),
        ({"exp": "soon"}, "exp is not within"),
        ({"jti": None}, "jti is missing"),
        ({"jti": 5}, "jti is missing"),
    ],
)
def test_wrong_claims_are_refused_with_the_reason(
    tenant: DevTenant, http: httpx.Client, changes: dict[str, Any], words: str
) -> None:
    """RFC 7523, section 3."""
    error = send(tenant, http, signed(claims(tenant, **changes), PAIR, "ES256"))

    assert "invalid_client" in error
    assert words in error


def test_the_address_of_an_endpoint_is_no_audience(tenant: DevTenant, http: httpx.Client) -> None:
    """Nor is the issuer among others: who receives the assertion is one, and known by its name."""
    for audience in (f"{tenant.issuer}oauth/token", [tenant.issuer]):
        assertion = signed(claims(tenant, aud=audience), PAIR, "ES256")
        assert "aud is not the issuer" in send(tenant, http, assertion)


def test_wrong_signatures_are_refused(tenant: DevTenant, http: httpx.Client) -> None:
    """RFC 8725, sections 2.1 and 3.1."""
    good = claims(tenant)
    for assertion in (
        compact({"alg": "none"}, good),
        hmac_token(good, pem_of(PAIR)),
        signed(good, key_pair("ES256", 1), "ES256"),
    ):
        assert "signature is not that of the client's key" in send(tenant, http, assertion)


@pytest.mark.parametrize(
    ("assertion", "words"),
    [("garbage", "not a JWT"), ("a.!.c", "not a JWT"), ("a.W10.c", "not a JWT")],
)
def test_what_is_no_jwt_names_nobody(
    tenant: DevTenant, http: httpx.Client, assertion: str, words: str
) -> None:
    """RFC 7519, section 7.2."""
    assert words in send(tenant, http, assertion)


def test_another_kind_of_assertion_is_refused(tenant: DevTenant, http: httpx.Client) -> None:
    """RFC 7521, section 4.2."""
    assertion = signed(claims(tenant), PAIR, "ES256")

    assert "client_assertion_type is not" in send(
        tenant, http, assertion, client_assertion_type="urn:other"
    )


def test_nobody_authenticates_twice(rp: RelyingParty, tenant: DevTenant) -> None:
    """RFC 6749, section 2.3."""
    assertion = signed(claims(tenant), PAIR, "ES256")

    assert "authenticated twice" in send(tenant, rp.http, assertion, client_secret=CLIENT_SECRET)


def test_a_client_with_a_key_may_not_leave_it_out(tenant: DevTenant, http: httpx.Client) -> None:
    """It is no public client."""
    form = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": CLIENT_ID}
    answer = http.post(f"{tenant.issuer}oauth/token", data=form)

    assert "registered for private_key_jwt" in answer.json()["error_description"]


def test_used_assertions_are_forgotten_with_everything(
    tenant: DevTenant, http: httpx.Client
) -> None:
    """A reset is a new start."""
    assertion = signed(claims(tenant), PAIR, "ES256")
    send(tenant, http, assertion)
    tenant.reset()
    tenant.add_client(Client(CLIENT_ID, public_key=pem_of(PAIR).decode()))

    assert "invalid_grant" in send(tenant, http, assertion)


@pytest.mark.parametrize("pem", ["", "no key", str(jwk_of(PAIR))])
def test_what_is_no_public_key_is_refused(pem: str) -> None:
    """A ValueError, which a configuration turns into words."""
    with pytest.raises(ValueError, match=r".+"):
        read_public_key(pem)
