"""What an application can choose about the ready-made routes: everything but its hooks is shared by all adapters."""

import pytest

from userlink import ConfigurationError
from userlink.web.route_options import BaseRouteOptions
from userlink_flask import RouteOptions


def test_routes_are_named_after_what_they_do() -> None:
    """Within the blueprint, so that ``url_for("userlink.login")`` finds them."""
    options = RouteOptions(names={"login": "sign_in"})

    assert ("sign_in", "logout") == (options.endpoint("login"), options.endpoint("logout"))


def test_the_rules_are_those_of_all_adapters() -> None:
    """Refused here as there, when the application is put together."""
    assert issubclass(RouteOptions, BaseRouteOptions)
    with pytest.raises(ConfigurationError, match="prefix 'auth'"):
        RouteOptions(prefix="auth")
