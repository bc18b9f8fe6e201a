"""The authorization endpoint of a provider in memory: what it refuses, and how."""

from urllib.parse import urlencode

import pytest

from userlink.testing.accounts import Accounts, Identity
from userlink.testing.authorization import (
    AuthorizationEndpoint,
    AuthorizationError,
    RequestRefused,
    callback_url,
)
from userlink.testing.fixed import FixedClock, FixedEntropy
from userlink.testing.grants import Grants
from userlink.testing.keys import SigningKey
from userlink.testing.registration import Registration

ISSUER = "https://tenant.example/"
URL = "https://tenant.example/authorize"
CALLBACK = "https://app.example/callback"
KEY = SigningKey("k")
CLOCK = FixedClock()
REQUEST = {
    "client_id": "app",
    "redirect_uri": CALLBACK,
    "response_type": "code",
    "scope": "openid",
    "state": "s",
    "nonce": "n",
    "code_challenge": "c",
    "code_challenge_method": "S256",
}


def endpoint() -> AuthorizationEndpoint:
    accounts = Accounts()
    accounts.add("alice")
    accounts.add("bob")
    return AuthorizationEndpoint(
        issuer=ISSUER,
        url=URL,
        registration=Registration("app", None, (CALLBACK,), ()),
        accounts=accounts,
        grants=Grants(FixedEntropy()),
        keys=[SigningKey("retired"), KEY],
        clock=CLOCK,
    )


def hint(key: SigningKey = KEY, **changes: object) -> str:
    claims = {"iss": ISSUER, "aud": "app", "sub": "auth0|alice", "exp": CLOCK.now + 60, **changes}
    return key.sign(claims)


def link(**changes: str) -> dict[str, str]:
    own = {"scope": "openid link_account", "requested_connection": "github"}
    return {**REQUEST, **own, "id_token_hint": hint(), **changes}


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "other"},
        {"redirect_uri": CALLBACK + "/"},
        {"redirect_uri": "https://evil.example/"},
    ],
)
def test_a_request_of_a_stranger_is_answered_with_no_redirect(changes: dict[str, str]) -> None:
    """RFC 6749, 4.1.2.1: otherwise the endpoint were an open redirector."""
    with pytest.raises(RequestRefused):
        endpoint().read(f"{URL}?{urlencode({**REQUEST, **changes})}")


def test_another_place_and_a_doubled_parameter_are_refused() -> None:
    """RFC 6749, 3.1; ``resource`` may repeat (RFC 8707, 2)."""
    query = urlencode(REQUEST)

    with pytest.raises(RequestRefused):
        endpoint().read(f"https://tenant.example/other?{query}")
    with pytest.raises(RequestRefused):
        endpoint().read(f"{URL}?{query}&scope=email")
    assert "s" == endpoint().read(f"{URL}?{query}&resource=a&resource=b")["state"]


@pytest.mark.parametrize(
    ("expected", "request_"),
    [
        ("unsupported_response_type", {**REQUEST, "response_type": "token"}),
        ("invalid_scope", {**REQUEST, "scope": "email"}),
        ("invalid_request", {**REQUEST, "code_challenge": ""}),
        ("invalid_request", {**REQUEST, "code_challenge_method": "plain"}),
        ("invalid_request", {**REQUEST, "scope": "openid link_account"}),
        ("invalid_request", link(requested_connection="")),
        ("invalid_request", link(id_token_hint="nonsense")),
        ("invalid_request", link(id_token_hint=hint(SigningKey("k")))),
        ("invalid_request", link(id_token_hint=hint(iss="https://other.example/"))),
        ("invalid_request", link(id_token_hint=hint(aud="other"))),
        ("invalid_request", link(id_token_hint=hint(exp=CLOCK.now))),
        ("login_required", link(id_token_hint=hint(sub="auth0|bob"))),
    ],
)
def test_a_wrong_request_is_sent_back_with_an_error(
    expected: str, request_: dict[str, str]
) -> None:
    """RFC 6749, 4.1.2.1; RFC 9700, 2.1.1; OIDC Core, 3.1.2.1; and nothing is linked."""
    at = endpoint()

    with pytest.raises(AuthorizationError) as refused:
        at.code(request_, at.accounts["alice"], None, hint=True)

    assert expected == refused.value.error
    assert 1 == len(at.accounts["alice"].identities)


def test_a_code_stands_for_what_was_asked() -> None:
    """The token endpoint will compare redirect_uri and challenge."""
    at = endpoint()
    code = at.code({**REQUEST, "audience": "urn:api"}, at.accounts["alice"], None, hint=True)
    grant = at.grants.look(code)

    assert grant is not None
    assert ("auth0|alice", CALLBACK, "c", "n", "urn:api") == (
        grant.subject,
        grant.redirect_uri,
        grant.code_challenge,
        grant.nonce,
        grant.audience,
    )


def test_a_link_attaches_and_an_unlink_detaches() -> None:
    """By default the user's account of the same name at the connection."""
    at = endpoint()
    alice = at.accounts["alice"]

    at.code(link(), alice, None, hint=True)
    assert Identity("github", "alice") == alice.identities[1]

    at.code(link(scope="openid unlink_account"), alice, None, hint=True)
    assert 1 == len(alice.identities)


def test_a_refused_change_is_access_denied() -> None:
    """Here: the identity belongs to somebody else."""
    at = endpoint()
    octocat = Identity("github", "octocat")
    at.accounts.link(at.accounts["bob"], octocat)

    with pytest.raises(AuthorizationError, match="access_denied"):
        at.code(link(), at.accounts["alice"], octocat, hint=True)


def test_a_provider_may_be_told_to_disregard_whom_the_hint_names() -> None:
    """For tests of what a client does with such a provider."""
    at = endpoint()

    code = at.code(link(), at.accounts["bob"], None, hint=False)

    grant = at.grants.look(code)
    assert grant is not None
    assert "auth0|bob" == grant.subject


def test_a_callback_keeps_the_query_of_its_redirect_uri() -> None:
    """RFC 6749, 3.1.2; what is None is left out."""
    assert "https://a/?x=1&code=c" == callback_url("https://a/?x=1", {"code": "c", "iss": None})
    assert "https://a/?code=c" == callback_url("https://a/", {"code": "c"})


@pytest.mark.parametrize(
    ("asked", "age_seconds"),
    [
        ({}, 400),
        ({"max_age": "400"}, 400),
        ({"max_age": "399"}, 0),
        ({"max_age": "0"}, 0),
        ({"prompt": "consent login"}, 0),
        ({"prompt": "consent"}, 400),
    ],
)
def test_who_signed_in_long_ago_does_so_anew_where_it_is_demanded(
    asked: dict[str, str], age_seconds: int
) -> None:
    """OIDC Core, 3.1.2.1."""
    served = endpoint()
    account = served.accounts["alice"]

    code = served.code({**REQUEST, **asked}, account, None, True, signed_in_seconds_ago=400)

    grant = served.grants.look(code)
    assert grant is not None
    assert CLOCK.now - age_seconds == grant.authenticated_at


@pytest.mark.parametrize(("asked", "acr"), [({}, None), ({"acr_values": "gold silver"}, "gold")])
def test_users_can_do_whatever_is_asked_of_them(asked: dict[str, str], acr: str | None) -> None:
    """The first class is the one preferred."""
    served = endpoint()

    grant = served.grants.look(
        served.code({**REQUEST, **asked}, served.accounts["alice"], None, True)
    )

    assert grant is not None
    assert acr == grant.acr
