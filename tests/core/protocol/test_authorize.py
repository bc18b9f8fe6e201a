"""The authorization request carries the merged parameters and, over them, what the flow owns."""

from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from hypothesis import given

from strategies import authorization_params
from support.vectors import load
from userlink.errors import InvalidOption
from userlink.protocol.authorize import (
    authorization_request,
    by_reference,
    by_value,
    merged_params,
)
from userlink.protocol.params import check_authorization_params
from userlink.protocol.pkce import code_challenge
from userlink.protocol.settings import ClientSettings
from userlink.protocol.transaction import Transaction, TransactionKind
from userlink.protocol.values import Secret

ENDPOINT = "https://tenant.example.com/authorize"
CALLBACK = "https://app.example/auth/callback"
LINK_SCOPES = ("openid", "link_account", "offline_access")


def settings(**authorization_params: Any) -> ClientSettings:
    """Settings with these client-wide parameters."""
    return ClientSettings.read(
        domain="tenant.example.com",
        client_id="client-1",
        client_secret=None,
        authorization_params={"redirect_uri": CALLBACK, **authorization_params},
    )


def a_transaction() -> Transaction:
    """A transaction with the verifier of RFC 7636, appendix B."""
    return Transaction(
        kind=TransactionKind.LINK,
        state="state-1",
        nonce="nonce-1",
        code_verifier=load("rfc7636")["code_verifier"],
        redirect_uri=CALLBACK,
        issuer="https://tenant.example.com/",
        expires_at=1_800_000_600,
    )


def query_of(params: Any, own: dict[str, str] | None = None) -> dict[str, list[str]]:
    """Read the query that the provider gets."""
    request = authorization_request("client-1", params, a_transaction(), own or {})
    url = by_value(ENDPOINT, request).reveal()
    return parse_qs(urlsplit(url).query, keep_blank_values=True, strict_parsing=True)


def test_the_clients_parameters_appear() -> None:
    """Client-wide audience, redirect_uri and scope are in the URL of a link."""
    client = settings(audience="urn:my:api", scope="openid profile")
    query = query_of(merged_params(client, {}, LINK_SCOPES, ""))

    assert ["urn:my:api"] == query["audience"]
    assert [CALLBACK] == query["redirect_uri"]
    assert ["openid link_account offline_access profile"] == query["scope"]


def test_the_calls_parameters_override_and_add() -> None:
    """The documented example: another audience, and ``foo`` besides."""
    call = check_authorization_params({"audience": "urn:another:api", "foo": "bar"})
    query = query_of(merged_params(settings(audience="urn:my:api"), call, LINK_SCOPES, ""))

    assert ["urn:another:api"] == query["audience"]
    assert ["bar"] == query["foo"]


def test_the_calls_redirect_uri_is_in_force() -> None:
    """It is in the request, and so in the transaction that is made from the same parameters."""
    call = check_authorization_params({"redirect_uri": "https://app.example/other"})

    assert "https://app.example/other" == merged_params(settings(), call, (), "")["redirect_uri"]


@pytest.mark.parametrize("client", [{}, {"redirect_uri": CALLBACK}])
def test_without_a_redirect_uri_nothing_starts(client: dict[str, str]) -> None:
    """Neither named nor removed by the call; the hint says where it goes."""
    wide = ClientSettings.read(
        domain="tenant.example.com",
        client_id="client-1",
        client_secret=None,
        authorization_params=client,
    )
    with pytest.raises(InvalidOption, match="There is no redirect_uri") as caught:
        merged_params(wide, {"redirect_uri": None}, (), "")

    assert "authorization_params" in caught.value.hint


@pytest.mark.parametrize(
    ("client", "call", "expected"),
    [
        ({}, {}, "openid profile email"),
        ({"scope": "read:a"}, {}, "openid read:a"),
        ({"scope": "read:a"}, {"scope": "read:b"}, "openid read:b"),
        ({"scope": "read:a"}, {"scope": None}, "openid profile email"),
        ({}, {"scope": ""}, "openid"),
    ],
)
def test_the_scope_is_the_calls_else_the_clients_else_the_default(
    client: dict[str, Any], call: dict[str, Any], expected: str
) -> None:
    """What the flow cannot do without is joined to whichever it is."""
    merged = merged_params(settings(**client), call, ("openid",), "profile email")

    assert expected == merged["scope"]


def test_the_flow_owns_its_parameters() -> None:
    """RFC 6749, 4.1.1; OIDC Core, 3.1.2.1; RFC 7636, 4.3: S256 and nothing else."""
    query = query_of({"redirect_uri": CALLBACK}, {"requested_connection": "github"})

    assert {
        "client_id": ["client-1"],
        "response_type": ["code"],
        "redirect_uri": [CALLBACK],
        "state": ["state-1"],
        "nonce": ["nonce-1"],
        "code_challenge": [load("rfc7636")["code_challenge"]],
        "code_challenge_method": ["S256"],
        "requested_connection": ["github"],
    } == query


def test_nothing_overrides_the_flows_parameters() -> None:
    """Should a reserved name slip through the check, the flow's value still stands (RFC 9700, 4.8.2)."""
    query = query_of(
        {
            "state": "evil",
            "nonce": "evil",
            "code_challenge": "evil",
            "code_challenge_method": "plain",
        }
    )

    assert "evil" not in str(query)
    assert ["S256"] == query["code_challenge_method"]


def test_a_repeated_parameter_is_sent_repeatedly() -> None:
    """RFC 8707, 2."""
    assert ["urn:a", "urn:b"] == query_of({"resource": ("urn:a", "urn:b")})["resource"]


def test_the_query_of_the_endpoint_stays() -> None:
    """RFC 6749, 3.1."""
    request = authorization_request("client-1", {}, a_transaction(), {})
    url = by_value(f"{ENDPOINT}?tenant=a", request).reveal()

    assert url.startswith(f"{ENDPOINT}?tenant=a&client_id=client-1&")


@given(authorization_params, authorization_params)
def test_each_parameter_is_sent_once_and_the_verifier_never(
    client: dict[str, Any], call: dict[str, Any]
) -> None:
    """Whatever the parameters, no name repeats, and what ties the code to us stays here (RFC 7636, 7.1)."""
    params = merged_params(settings(**client), check_authorization_params(call), LINK_SCOPES, "")
    url = by_value(
        ENDPOINT, authorization_request("client-1", params, a_transaction(), {})
    ).reveal()
    names = [name for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)]

    assert len(set(names)) == len(names)
    assert a_transaction().code_verifier.reveal() not in url


def test_a_pushed_request_is_named_and_nothing_more() -> None:
    """RFC 9126, 4; the endpoint's own query stays."""
    url = by_reference(f"{ENDPOINT}?tenant=a", "client-1", Secret("urn:example:a&b"))

    assert (
        f"{ENDPOINT}?tenant=a&client_id=client-1&request_uri=urn%3Aexample%3Aa%26b" == url.reveal()
    )


def test_the_request_does_not_print_what_must_not_be_seen() -> None:
    """It is in the frame that waits for the provider, and error reporters show what is in a frame."""
    transaction = a_transaction()
    own = {"id_token_hint": Secret("hint-1")}
    request = authorization_request("client-1", {"redirect_uri": CALLBACK}, transaction, own)

    shown = repr(request) + repr(by_value(ENDPOINT, request))
    verifier = transaction.code_verifier.reveal()
    for secret in ("state-1", "nonce-1", "hint-1", code_challenge(verifier), verifier):
        assert secret not in shown
    assert CALLBACK in shown
