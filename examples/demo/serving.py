"""Serving the demo, each framework as it is usually served: uvicorn for ASGI, a threaded server for WSGI."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Protocol

from attrs import frozen
from pages import Site

__all__ = ["FRAMEWORKS", "Server", "in_background"]


class Server(Protocol):
    """What serves an application."""

    def run(self) -> None:
        """Serve until it is stopped."""

    def stop(self) -> None:
        """Make ``run()`` return, from another thread."""


@frozen
class _Server:
    run: Callable[[], None]
    stop: Callable[[], None]


def starlette_server(site: Site, listener: socket.socket) -> Server:
    """Serve Starlette with uvicorn."""
    import uvicorn
    from on_starlette import build_application

    config = uvicorn.Config(build_application(site), log_level="warning", lifespan="on")
    server = uvicorn.Server(config)

    def stop() -> None:
        server.should_exit = True

    return _Server(lambda: server.run(sockets=[listener]), stop)


def flask_server(site: Site, listener: socket.socket) -> Server:
    """Serve Flask with Werkzeug's server, a thread for each request."""
    from on_flask import build_application
    from werkzeug.serving import make_server

    listener.listen()  # a server that is given a socket takes it as it is
    host, port = listener.getsockname()
    app = build_application(site)
    server = make_server(host, port, app, threaded=True, fd=listener.fileno())
    return _Server(server.serve_forever, server.shutdown)


FRAMEWORKS: dict[str, Callable[[Site, socket.socket], Server]] = {
    "starlette": starlette_server,
    "flask": flask_server,
}


@contextmanager
def in_background(server: Server) -> Iterator[None]:
    """Serve from a thread while the body runs."""
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.stop()
        thread.join(timeout=10)
