"""What an application can choose about the ready-made routes, and what is refused when it starts."""

from typing import Any

import pytest

from userlink import ConfigurationError
from userlink.web.route_options import METHODS, BaseRouteOptions


def test_the_paths_of_the_routes() -> None:
    """They stand below /auth, named after what they do."""
    options = BaseRouteOptions[object, object]()

    assert "/auth/login" == options.path("login")
    assert "/auth/callback" == options.path("callback")
    assert "/auth/link/{connection}" == options.path("link")
    assert "/auth/unlink/{connection}" == options.path("unlink")
    assert "/auth/logout" == options.path("logout")
    assert "/auth/profile" == options.path("profile")


def test_what_a_foreign_page_might_want_to_trigger_is_posted() -> None:
    """A link, an image or a redirect can only make a browser send GET."""
    assert {"link", "unlink", "logout", "backchannel_logout"} == {
        route for route, method in METHODS.items() if method == "POST"
    }


def test_prefix_and_paths_can_be_chosen() -> None:
    """One by one; a route whose path is None is left out."""
    options = BaseRouteOptions[object, object](
        prefix="",
        paths={"login": "/sign-in", "profile": None, "link": "/{connection}/link"},
    )

    assert "/sign-in" == options.path("login")
    assert options.path("profile") is None
    assert "/{connection}/link" == options.path("link")
    assert "/logout" == options.path("logout")


@pytest.mark.parametrize(
    "name", ["github", "google-oauth2", "Username-Password-Authentication", "a", "a.b_c"]
)
def test_well_formed_connections_are_allowed_where_none_are_listed(name: str) -> None:
    """Letters, digits, hyphens, dots and underscores, as providers name them."""
    assert BaseRouteOptions[object, object]().allows_connection(name)


@pytest.mark.parametrize(
    "name", ["", "-a", "a-", "a b", "a\n", "a/b", "a|b", "../a", "\u00e9", "a" * 129]
)
def test_other_names_are_not_passed_on(name: str) -> None:
    """They come from the path of a request."""
    assert not BaseRouteOptions[object, object]().allows_connection(name)


@pytest.mark.parametrize("connections", [["github"], {"github": "read:user"}])
def test_a_list_of_connections_is_complete(connections: Any) -> None:
    """What it does not name is not linked."""
    options = BaseRouteOptions[object, object](connections=connections)

    assert options.allows_connection("github")
    assert not options.allows_connection("google-oauth2")


def test_connections_may_bring_the_scope_to_ask_for() -> None:
    """A list, a mapping to None, and an unlisted connection bring none."""
    options = BaseRouteOptions[object, object](connections={"github": "read:user", "email": None})

    assert "read:user" == options.connection_scope("github")
    assert options.connection_scope("email") is None
    assert (
        BaseRouteOptions[object, object](connections=["github"]).connection_scope("github") is None
    )
    assert BaseRouteOptions[object, object]().connection_scope("github") is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"prefix": "auth"}, "prefix 'auth'"),
        ({"prefix": "/auth/"}, "prefix '/auth/'"),
        ({"paths": {"signin": "/x"}}, "no route 'signin'"),
        ({"names": {"signin": "x"}}, "no route 'signin'"),
        ({"paths": {"login": "login"}}, "does not begin with a slash"),
        ({"paths": {"link": "/link"}}, "does not fit the route link"),
        ({"paths": {"login": "/{connection}"}}, "does not fit the route login"),
        ({"connections": "github"}, "connections is one string"),
        ({"connections": ["a b"]}, "'a b' is not the name of a connection"),
        ({"forwarded_parameters": "login_hint"}, "forwarded_parameters is one string"),
        ({"forwarded_parameters": ["state"]}, "may not set state"),
        ({"forwarded_parameters": ["ID_TOKEN_HINT"]}, "may not set ID_TOKEN_HINT"),
        ({"allowed_return_to_origins": ["app.example"]}, "is not an origin"),
        ({"trusted_origins": "https://app.example"}, "one string"),
        ({"trusted_origins": ["null"]}, "is not an origin"),
        ({"default_return_to": "//evil.example"}, "default_return_to is not a path"),
        ({"default_return_to": "profile"}, "default_return_to is not a path"),
        ({"error_path": "https://evil.example/"}, "error_path is not a path"),
        ({"post_logout_redirect_uri": "/"}, "return_to is not an absolute"),
    ],
)
def test_options_that_cannot_work_are_refused(options: dict[str, Any], message: str) -> None:
    """When the application is put together, not at the first request, and with the reason."""
    with pytest.raises(ConfigurationError, match=message):
        BaseRouteOptions[object, object](**options)
