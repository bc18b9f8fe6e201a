"""The application of each recipe's page, served by a process of its own, and browsers for it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

import pytest

from support.recipe_browser import RecipeBrowser, register, running_recipe
from userlink_devtenant import DevTenant

PAGES = Path(__file__).parents[2] / "docs" / "how-to"
FRAMEWORKS = ["aiohttp", "django", "litestar", "quart"]
OpenRecipe: TypeAlias = Callable[[], RecipeBrowser]


@pytest.fixture(scope="module", params=FRAMEWORKS)
def page(request: pytest.FixtureRequest) -> Path:
    """Return the page of each framework in turn."""
    return PAGES / f"{request.param}.md"


@pytest.fixture(scope="module")
def address(page: Path, devtenant_server: DevTenant) -> Iterator[str]:
    """Run the application of a page."""
    with running_recipe(page, devtenant_server.issuer) as address:
        yield address


@pytest.fixture
def browser(address: str, devtenant: DevTenant) -> Iterator[OpenRecipe]:
    """Return a function that opens a new browser on the application."""
    register(devtenant)
    with ExitStack() as stack:

        def open_browser() -> RecipeBrowser:
            opened = RecipeBrowser(address, devtenant)
            stack.callback(opened.close)
            return opened

        yield open_browser
