"""A client and a browser for each test; the tenant comes from the package's own pytest plugin."""

import ssl
from collections.abc import Iterator

import httpx
import pytest

from devtenant.relying_party import RelyingParty
from userlink_devtenant import DevTenant
from userlink_devtenant.browser import TenantBrowser


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    """Return a client that trusts no certificate: everything here is plain http on loopback."""
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with httpx.Client(trust_env=False, verify=nobody) as client:
        yield client


@pytest.fixture
def rp(devtenant: DevTenant, devtenant_browser: TenantBrowser, http: httpx.Client) -> RelyingParty:
    """Return the default client, with a browser that nobody has signed in with."""
    return RelyingParty(devtenant, devtenant_browser, http)
