"""Where the helpers find what an application was set up with."""

import pytest

from userlink import ConfigurationError, ServerClient
from userlink_starlette import RouteOptions
from userlink_starlette._application import application_of, enter, leave


def make_client(**authorization_params: str) -> ServerClient:
    """Make a client that is never asked anything."""
    return ServerClient(
        authorization_params=authorization_params,
        domain="tenant.example.com",
        client_id="app",
        client_secret="secret",
        secret="a secret for tests, of 32 bytes or more",
    )


def test_an_application_that_was_not_set_up_is_told_how() -> None:
    """The helpers cannot guess the client."""
    with pytest.raises(ConfigurationError, match="add_userlink"):
        application_of({})


def test_an_inner_application_has_its_own_client_and_gives_way_again() -> None:
    """Applications may be mounted in each other."""
    outer, inner, options = make_client(), make_client(), RouteOptions()
    scope: dict[str, object] = {}
    before_outer = enter(scope, outer, options)
    before_inner = enter(scope, inner, options)

    assert inner is application_of(scope).client
    leave(scope, before_inner)
    assert outer is application_of(scope).client
    leave(scope, before_outer)
    with pytest.raises(ConfigurationError):
        application_of(scope)


@pytest.mark.parametrize(
    ("root_path", "options", "expected"),
    [
        ("", RouteOptions(), "/auth/login"),
        ("/app", RouteOptions(prefix="/a"), "/app/a/login"),
        ("/app/", RouteOptions(), "/app/auth/login"),
        ("/größe & 100%", RouteOptions(), "/gr%C3%B6%C3%9Fe%20&%20100%25/auth/login"),
        ("", RouteOptions(prefix="/größe"), "/gr%C3%B6%C3%9Fe/login"),
        ("", RouteOptions(paths={"login": None}), None),
    ],
)
def test_the_login_is_below_the_root_of_the_application(
    root_path: str, options: RouteOptions, expected: str | None
) -> None:
    """As the browser sees it, proxies and mounts included."""
    scope: dict[str, object] = {"root_path": root_path}
    enter(scope, make_client(), options)

    assert expected == application_of(scope).login_url


@pytest.mark.parametrize(
    "root_path",
    [
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/%2fevil.example",
        "/..//evil.example",
        "/a\r\nSet-Cookie: x=1",
        "evil.example",
        "https://evil.example",
        "/" + "a" * 2048,
    ],
)
def test_a_root_that_leads_to_another_host_has_no_login(root_path: str) -> None:
    """The root is decoded, and below a mount whose path has a parameter the visitor chooses it (CWE-601)."""
    scope: dict[str, object] = {"root_path": root_path}
    enter(scope, make_client(), RouteOptions())

    assert application_of(scope).login_url is None


@pytest.mark.parametrize(
    ("root_path", "path", "expected"),
    [
        ("", "/page", "/page"),
        ("/app", "/page", "/app/page"),
        ("/app", "/app/page", "/app/page"),
        ("/größe", "/page", "/gr%C3%B6%C3%9Fe/page"),
        ("/größe", "/gr%C3%B6%C3%9Fe/page", "/gr%C3%B6%C3%9Fe/page"),
        ("/größe", "/gr%c3%b6%c3%9fe/page", "/gr%c3%b6%c3%9fe/page"),
    ],
)
def test_the_root_stands_before_a_path_once(root_path: str, path: str, expected: str) -> None:
    """Whether a proxy has taken it away or not, and however the browser has encoded it."""
    scope: dict[str, object] = {"root_path": root_path}
    enter(scope, make_client(), RouteOptions())

    assert expected == application_of(scope).below_root(path)


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        (make_client(), {"https://admin.test"}),
        (
            make_client(redirect_uri="https://app.test:8443/auth/callback"),
            {"https://app.test:8443", "https://admin.test"},
        ),
    ],
)
def test_pages_of_the_own_origin_and_of_trusted_ones_act_for_users(
    client: ServerClient, expected: set[str]
) -> None:
    """The own origin is that of redirect_uri; no header of a request adds to them."""
    scope: dict[str, object] = {}
    enter(scope, client, RouteOptions(trusted_origins=["https://admin.test"]))

    assert expected == application_of(scope).trusted_origins
