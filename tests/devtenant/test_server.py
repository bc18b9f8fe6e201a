"""Where the tenant may listen."""

import httpx
import pytest

from userlink_devtenant import DevTenant, TenantConfig, User
from userlink_devtenant.server import is_loopback


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.10", "::1"])
def test_this_machine_alone_reaches_loopback(host: str) -> None:
    """RFC 1122 3.2.1.3 and RFC 4291 2.5.3."""
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.com", "localhost.evil", ""])  # noqa: S104
def test_others_reach_everything_else(host: str) -> None:
    """A name counts as foreign: what it resolves to can change."""
    assert not is_loopback(host)


def test_localhost_is_the_issuers_name_then() -> None:
    """The issuer says what the tenant was started with."""
    with DevTenant(TenantConfig([User("a")])).running(host="localhost") as tenant:
        assert tenant.issuer.startswith("http://localhost:")
        assert 200 == httpx.get(tenant.issuer, trust_env=False).status_code
