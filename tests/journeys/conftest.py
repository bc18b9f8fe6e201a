"""Fixtures of the journeys: real providers and browsers."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from support.browser import PlainBrowser
from support.certified_tenant import CertifiedTenant
from support.hand_written_client import HandWrittenClient
from support.journey import KINDS_OF_STORES, Journey, journey_at, tenant_of
from support.oidc_provider import OidcProvider
from support.tenants import Tenant


@pytest.fixture(scope="session")
def oidc_provider_process() -> Iterator[OidcProvider]:
    """Run one certified provider for all tests; they take `oidc_provider`, which is clean."""
    with OidcProvider.running() as provider:
        yield provider


@pytest.fixture
def oidc_provider(oidc_provider_process: OidcProvider) -> OidcProvider:
    """Give the certified provider with nothing left of earlier tests."""
    oidc_provider_process.reset()
    return oidc_provider_process


@pytest.fixture(scope="session")
def slashed_oidc_provider_process() -> Iterator[OidcProvider]:
    """Run a second provider whose issuer ends with a slash; take `slashed_oidc_provider`."""
    with OidcProvider.running(issuer_ends_with_slash=True) as provider:
        yield provider


@pytest.fixture
def slashed_oidc_provider(slashed_oidc_provider_process: OidcProvider) -> OidcProvider:
    """Give a clean provider whose issuer ends with a slash, as Auth0's does."""
    slashed_oidc_provider_process.reset()
    return slashed_oidc_provider_process


@pytest.fixture
def browser() -> Iterator[PlainBrowser]:
    """Give a browser without cookies or history."""
    with PlainBrowser() as plain_browser:
        yield plain_browser


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    """Give a plain HTTP client for the requests that no browser sends."""
    with httpx.Client(trust_env=False) as client:
        yield client


@pytest.fixture
def hand_written_client(http: httpx.Client, oidc_provider: OidcProvider) -> HandWrittenClient:
    """Give a client written out by hand, with the credentials of the provider's own client."""
    redirect_uri = "http://localhost:3000/auth/callback"
    return HandWrittenClient(http, oidc_provider.issuer, oidc_provider.client, redirect_uri)


# Each provider, each form of an issuer, each kind of stores, and requests that are pushed or in the URL, without all
# their combinations.
APPLICATIONS = [
    pytest.param(
        ("oidc_provider", "sealed cookies", "auto"), id="oidc-provider", marks=pytest.mark.node
    ),
    pytest.param(
        ("slashed_oidc_provider", "memory stores", "never"),
        id="oidc-provider with slash, memory stores, nothing pushed",
        marks=pytest.mark.node,
    ),
    pytest.param(("devtenant", "sealed cookies", "never"), id="devtenant, nothing pushed"),
    pytest.param(("devtenant", "memory stores", "auto"), id="devtenant, memory stores"),
]
PROVIDERS = [pytest.param("oidc_provider", marks=pytest.mark.node), "devtenant"]


@pytest.fixture(params=APPLICATIONS)
async def journey(request: pytest.FixtureRequest) -> AsyncIterator[Journey]:
    """Give a user of an application, at each provider and with each kind of stores."""
    provider, stores, pushed = request.param
    tenant = tenant_of(request.getfixturevalue(provider))
    more = {**KINDS_OF_STORES[stores], "pushed_authorization": pushed}
    async with journey_at(tenant, **more) as journey:
        yield journey


@pytest.fixture(params=PROVIDERS)
def tenant(request: pytest.FixtureRequest) -> Tenant:
    """Give each provider, for journeys whose client the test itself builds."""
    return tenant_of(request.getfixturevalue(request.param))


@pytest.fixture(params=KINDS_OF_STORES)
async def open_journey(request: pytest.FixtureRequest, tenant: Tenant) -> AsyncIterator[Journey]:
    """Give a user whose browser carries the whole request, where its parameters can be changed."""
    more = {**KINDS_OF_STORES[request.param], "pushed_authorization": "never"}
    async with journey_at(tenant, **more) as journey:
        yield journey


@pytest.fixture
def certified_tenant(oidc_provider: OidcProvider) -> CertifiedTenant:
    """Give the certified provider, for what only that one can be made to do."""
    return CertifiedTenant(oidc_provider)


@pytest.fixture
async def alice(certified_tenant: CertifiedTenant) -> AsyncIterator[Journey]:
    """Give a user of an application at the certified provider, who is not signed in yet."""
    async with journey_at(certified_tenant) as journey:
        yield journey
