"""The logout endpoint of a provider in memory (OIDC RP-Initiated Logout 1.0)."""

import pytest

from userlink.testing.authorization import RequestRefused
from userlink.testing.logout import judge_logout
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
