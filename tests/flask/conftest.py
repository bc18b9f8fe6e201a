"""An application on the real development tenant, and browsers for it."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from support.app_browser import register
from support.flask_browser import FlaskBrowser, OpenFlaskBrowser, make_client
from userlink import SyncServerClient
from userlink_devtenant import DevTenant


@pytest.fixture
def client(devtenant: DevTenant) -> Iterator[SyncServerClient]:
    """Return a client of the application at ``https://app.test``, registered at the tenant."""
    register(devtenant)
    with make_client(devtenant.issuer) as client:
        yield client


@pytest.fixture
def browser(devtenant: DevTenant) -> Iterator[OpenFlaskBrowser]:
    """Return a function that opens a new browser on an application."""
    with ExitStack() as stack:

        def open_browser(app: Any) -> FlaskBrowser:
            opened = FlaskBrowser(app, devtenant)
            stack.callback(opened.close)
            return opened

        yield open_browser
