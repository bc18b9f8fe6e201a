"""A dialect is chosen by name or given as an object."""

from typing import Any

import pytest

from userlink.errors import ConfigurationError
from userlink.protocol.dialects import dialect_named
from userlink.protocol.dialects.auth0 import Auth0Dialect
from userlink.protocol.dialects.oidc import OidcDialect


class Custom(OidcDialect):
    """A dialect of somebody else's."""


@pytest.mark.parametrize(("name", "kind"), [("auth0", Auth0Dialect), ("oidc", OidcDialect)])
def test_a_dialect_has_a_name(name: str, kind: type) -> None:
    """The two there are."""
    assert isinstance(dialect_named(name), kind)


def test_a_dialect_of_ones_own_is_used_as_it_is() -> None:
    """The very object."""
    custom = Custom()

    assert custom is dialect_named(custom)


@pytest.mark.parametrize("name", ["", "Auth0", "auth0 ", "okta"])
def test_an_unknown_name_is_refused(name: str) -> None:
    """The hint names what there is."""
    with pytest.raises(ConfigurationError, match="There is no dialect") as caught:
        dialect_named(name)

    assert "'auth0' or 'oidc'" in caught.value.hint


@pytest.mark.parametrize("dialect", [None, 5, Auth0Dialect, ["auth0"], object()])
def test_what_is_no_dialect_is_refused(dialect: Any) -> None:
    """A class in place of its instance is the usual slip; it would fail in the middle of a link."""
    with pytest.raises(ConfigurationError, match="neither a dialect's name nor a Dialect"):
        dialect_named(dialect)
