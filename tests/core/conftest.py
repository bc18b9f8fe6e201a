"""The behaviour of clients is one suite: on asyncio, on trio, and in plain threads."""

from collections.abc import Iterator
from types import ModuleType

import pytest

from support import clients

LOOPS = ["asyncio", "trio"]


def is_about_clients(module: ModuleType) -> bool:
    """Tell whether a module tests what clients do: ``tests/core/test_client.py`` and ``test_client_….py``."""
    *_, folder, name = module.__name__.split(".")
    return folder == "core" and f"{name}_".startswith("test_client_")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test marked ``anyio`` on both event loops, and those of clients with ``SyncServerClient`` too."""
    if "anyio_backend" in metafunc.fixturenames:
        drivers = [*LOOPS, "threads"] if is_about_clients(metafunc.module) else LOOPS
        metafunc.parametrize("anyio_backend", drivers, indirect=True, scope="module")


@pytest.fixture(scope="module")
def anyio_backend(request: pytest.FixtureRequest) -> Iterator[str]:
    """
    Choose the event loop, and which client ``client_of()`` builds.

    In ``threads`` the event loop is only where the test itself runs; the client runs in worker threads.
    """
    clients.driver = "threads" if request.param == "threads" else "async"
    yield "asyncio" if request.param == "threads" else request.param
    clients.driver = "async"
