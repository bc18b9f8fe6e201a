"""
Fixtures for anybody's tests: installing the package is enough.

``devtenant`` is a running tenant that was reset; ``devtenant_browser`` walks its pages. Override
``devtenant_config`` to bring users, connections and clients of your own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

# Imported when first used: this module is loaded in every pytest run of the environment.
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .browser import TenantBrowser
    from .config import TenantConfig
    from .tenant import DevTenant


@pytest.fixture(scope="session")
def devtenant_config() -> TenantConfig:
    """Return the configuration of the tenant; override it for your own."""
    from .config import TenantConfig

    return TenantConfig.default()


@pytest.fixture(scope="session")
def devtenant_server(devtenant_config: TenantConfig) -> Iterator[DevTenant]:
    """Run one tenant for all tests, on a free port."""
    from .tenant import DevTenant

    with DevTenant(devtenant_config).running() as tenant:
        yield tenant


@pytest.fixture
def devtenant(devtenant_server: DevTenant) -> DevTenant:
    """Return the running tenant, with nothing left of the tests before."""
    devtenant_server.reset()
    return devtenant_server


@pytest.fixture
def devtenant_browser(devtenant: DevTenant) -> Iterator[TenantBrowser]:
    """Return a browser that nobody has signed in with yet."""
    from .browser import TenantBrowser

    with TenantBrowser(devtenant.issuer, password=devtenant.config.password) as browser:
        yield browser
