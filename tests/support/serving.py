"""Serve an ASGI application over HTTP on loopback, with uvicorn in a thread."""

import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

__all__ = ["listen", "serving"]

POLL_SECONDS = 0.01


def listen() -> tuple[socket.socket, str]:
    """Open a free port and return it with the origin that is to be served there."""
    # Of a socket that does not say TCP, asyncio does not know that it need not wait for more to send
    # (TCP_NODELAY): that costs 40 ms an answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    # Providers are at 127.0.0.1. Cookies know no port, so the application has another name.
    return listener, f"http://localhost:{listener.getsockname()[1]}"


@contextmanager
def serving(app: ASGIApp, listener: socket.socket) -> Generator[None]:
    """
    Serve an application until the end of the block, its lifespan included.

    Raises:
        RuntimeError: When it does not start.
    """
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, ws="none", lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError("the application did not start; its log says why")
            time.sleep(POLL_SECONDS)
        yield
    finally:
        server.should_exit = True
        thread.join()
