"""The behaviour of clients is one suite: on asyncio, on trio, and in plain threads."""

from collections.abc import Iterator

import pytest

from support import clients


@pytest.fixture(scope="module", params=["asyncio", "trio", "threads"])
def anyio_backend(request: pytest.FixtureRequest) -> Iterator[str]:
    """
    Run each test marked ``anyio`` on both event loops, and those of clients with ``SyncServerClient`` too.

    For the latter the event loop is only where the test itself runs; the client runs in worker threads.
    """
    in_threads = request.param == "threads"
    if in_threads and not request.module.__name__.rpartition(".")[2].startswith("test_client_"):
        pytest.skip("not about clients")
    clients.driver = "threads" if in_threads else "async"
    yield "asyncio" if in_threads else request.param
    clients.driver = "async"
