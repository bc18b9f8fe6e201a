"""Fixtures of the journeys: real providers and browsers."""

from collections.abc import Iterator

import httpx
import pytest

from support.browser import PlainBrowser
from support.hand_written_client import HandWrittenClient
from support.oidc_provider import OidcProvider


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
