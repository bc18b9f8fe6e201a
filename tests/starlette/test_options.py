"""What an application can choose about the ready-made routes: everything but its hooks is shared by all adapters."""

import pytest

from userlink import ConfigurationError
from userlink.web.route_options import BaseRouteOptions
from userlink_starlette import RouteOptions


def test_routes_are_named_after_what_they_do() -> None:
    """With a prefix, because all routes of an application share their names."""
    options = RouteOptions(names={"login": "sign_in"})

    assert ("sign_in", "userlink_logout") == (options.name("login"), options.name("logout"))


def test_the_rules_are_those_of_all_adapters() -> None:
    """Refused here as there, when the application is put together."""
    assert issubclass(RouteOptions, BaseRouteOptions)
    with pytest.raises(ConfigurationError, match="prefix 'auth'"):
        RouteOptions(prefix="auth")
