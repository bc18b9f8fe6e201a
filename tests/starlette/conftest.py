"""An application on the real development tenant, and browsers for it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest
from starlette.types import ASGIApp

from support.app_browser import APP, Browser, register
from userlink import ServerClient
from userlink_devtenant import DevTenant


@pytest.fixture
async def client(devtenant: DevTenant, anyio_backend: str) -> AsyncIterator[ServerClient]:
    """Return a client of the application at ``https://app.test``, registered at the tenant."""
    register(devtenant)
    async with ServerClient(
        domain=devtenant.issuer,
        client_id="app",
        client_secret="the-secret-of-the-app-for-tests",
        secret="a secret for tests, of 32 bytes or more",
        authorization_params={"redirect_uri": f"{APP}/auth/callback"},
    ) as client:
        yield client


@pytest.fixture
async def browser(
    devtenant: DevTenant, anyio_backend: str
) -> AsyncIterator[Callable[[ASGIApp], Browser]]:
    """Return a function that opens a new browser on an application."""
    async with AsyncExitStack() as stack:

        def open_browser(app: ASGIApp) -> Browser:
            opened = Browser(app, devtenant)
            stack.push_async_callback(opened.aclose)
            return opened

        yield open_browser
