"""How a provider in memory signs out: at its logout endpoint, and on the back channel."""

import pytest

from userlink.testing.authorization import RequestRefused
from userlink.testing.logout import judge_logout, logout_claims
from userlink.testing.registration import Registration

URL = "https://tenant.example/oidc/logout"
CLIENT = Registration("app", None, (), ("https://app.example/",))


def judge(query: str) -> str | None:
    return judge_logout(f"{URL}{query}", URL, CLIENT, lambda token: token == "own")


@pytest.mark.parametrize(
    ("expected", "query"),
    [
        (None, ""),
        (None, "?id_token_hint=own&client_id=app"),
        ("https://app.example/", "?post_logout_redirect_uri=https%3A%2F%2Fapp.example%2F"),
        (
            "https://app.example/?state=s+1",
            "?post_logout_redirect_uri=https%3A%2F%2Fapp.example%2F&state=s%201",
        ),
        (None, "?state=s"),
    ],
)
def test_a_registered_place_is_where_the_browser_goes(expected: str | None, query: str) -> None:
    """Without one, the browser stays at the provider."""
    assert expected == judge(query)


@pytest.mark.parametrize(
    "query",
    [
        "?id_token_hint=foreign",
        "?client_id=other",
        "?post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F",
        "x",
    ],
)
def test_a_wrong_request_is_refused(query: str) -> None:
    """Sections 2 and 3: foreign hint, unknown client, unregistered place; and another URL."""
    with pytest.raises(RequestRefused):
        judge(query)


def test_a_logout_token_says_what_the_specification_wants() -> None:
    """OIDC Back-Channel Logout 1.0, 2.4; a claim that is None is left out, and any can be changed."""
    claims = logout_claims("https://tenant.example/", "app", 1_000, "a", {"sub": "x", "sid": None})

    assert {
        "iss": "https://tenant.example/",
        "aud": "app",
        "iat": 1_000,
        "exp": 1_120,
        "jti": "a",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        "sub": "x",
    } == claims
    changed = logout_claims("https://tenant.example/", "app", 1_000, "a", {"aud": "b", "exp": None})
    assert ("b", False) == (changed["aud"], "exp" in changed)
