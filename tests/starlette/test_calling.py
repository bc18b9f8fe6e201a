"""Calling what an application wrote, with ``async def`` or without."""

import threading
from functools import partial

import pytest
from starlette.responses import Response

from userlink_starlette._calling import call

pytestmark = pytest.mark.anyio


async def asynchronous(threads: list[int], response: Response | None) -> Response | None:
    """Note the thread, and answer."""
    threads.append(threading.get_ident())
    return response


def plain(threads: list[int], response: Response | None) -> Response | None:
    """Note the thread, and answer."""
    threads.append(threading.get_ident())
    return response


@pytest.mark.parametrize("response", [Response("done"), None])
async def test_an_async_function_is_awaited_here(response: Response | None) -> None:
    """It runs on the event loop; None is an answer too."""
    threads: list[int] = []

    assert response is await call(asynchronous, threads, response)
    assert [threading.get_ident()] == threads


@pytest.mark.parametrize("response", [Response("done"), None])
async def test_a_plain_function_runs_in_a_thread(response: Response | None) -> None:
    """It may block without holding up other requests."""
    threads: list[int] = []

    assert response is await call(plain, threads, response)
    assert [threading.get_ident()] != threads


async def test_an_async_function_in_disguise_is_awaited() -> None:
    """A callable object whose call is asynchronous looks like a plain function until it is called."""
    threads: list[int] = []

    class Hook:
        async def __call__(self, response: Response) -> Response | None:
            return await asynchronous(threads, response)

    response = Response("done")

    assert response is await call(Hook(), response)
    assert response is await call(partial(asynchronous, threads), response)


async def test_what_it_raises_is_raised() -> None:
    """The application's errors are the application's to see."""

    def failing(_: str) -> Response:
        raise LookupError("of the application")

    with pytest.raises(LookupError, match="of the application"):
        await call(failing, "x")
