"""Where to send somebody who must sign in first."""

import pytest

from userlink.web.route_options import BaseRouteOptions
from userlink.web.sign_in import (
    encoded_path,
    encoded_query,
    login_url,
    opens_a_page,
    sign_in_url,
)

OPTIONS = BaseRouteOptions[object, object]()


@pytest.mark.parametrize(
    ("root_path", "options", "expected"),
    [
        ("", OPTIONS, "/auth/login"),
        ("/app", BaseRouteOptions[object, object](prefix="/a"), "/app/a/login"),
        ("/größe", OPTIONS, "/gr%C3%B6%C3%9Fe/auth/login"),
        ("", BaseRouteOptions[object, object](paths={"login": None}), None),
        ("//evil.example", OPTIONS, None),
        ("/\\evil.example", OPTIONS, None),
        ("/%2fevil.example", OPTIONS, None),
        ("/..//evil.example", OPTIONS, None),
        ("https://evil.example", OPTIONS, None),
    ],
)
def test_the_login_is_below_the_root_and_on_this_host(
    root_path: str, options: BaseRouteOptions[object, object], expected: str | None
) -> None:
    """The root may be the visitor's to choose (CWE-601)."""
    assert expected == login_url(options, root_path)


@pytest.mark.parametrize(
    ("method", "query", "mode", "accept", "expected"),
    [
        ("GET", "", None, "text/html,*/*", True),
        ("HEAD", "", None, "text/html", True),
        ("GET", "", "navigate", "*/*", True),
        ("GET", "", "cors", "text/html", False),
        ("GET", "", None, "application/json", False),
        ("GET", "", None, "", False),
        ("POST", "", "navigate", "text/html", False),
        ("GET", "a=b&userlink_error=x", "navigate", "text/html", False),
    ],
)
def test_only_a_browser_that_opens_a_page_is_sent_to_the_provider(
    method: str, query: str, mode: str | None, accept: str, expected: bool
) -> None:
    """Scripts cannot follow, forms would be lost, and a failed login would fail for ever."""
    answer = opens_a_page(method=method, query=query, sec_fetch_mode=mode, accept=accept)

    assert expected is answer


def test_the_address_of_the_page_travels_as_one_parameter() -> None:
    """Its own parameters stay its own."""
    assert "/auth/login?return_to=%2Fa%3Fb%3D1%26c%3D2" == sign_in_url("/auth/login", "/a?b=1&c=2")


def test_what_a_server_decoded_is_encoded_again_and_what_it_left_is_left() -> None:
    """A percent sign in a decoded path is one; in an encoded query it begins a byte."""
    assert "/a%25b/%C3%A9%3F" == encoded_path("/a%b/é?") == encoded_path("/a%b/é?".encode())
    assert "a=%C3%A9&b=%22%20" == encoded_query(b'a=%C3%A9&b=" ')
