"""Serve a WSGI application over HTTP on loopback, with a threaded server of one's choice."""

import socket
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import waitress.server
from werkzeug.serving import make_server

__all__ = ["SERVERS", "waitress_serving", "werkzeug_serving"]


@contextmanager
def werkzeug_serving(app: Any) -> Iterator[str]:
    """Serve with Werkzeug's development server, a thread for each request, and yield the origin."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    with _running(lambda: server.serve_forever(poll_interval=0.02), server.shutdown):
        yield f"http://localhost:{server.server_port}"
    server.server_close()


@contextmanager
def waitress_serving(
    app: Any, listener: socket.socket | None = None, **limits: int
) -> Iterator[str]:
    """Serve with waitress, a pool of threads, on a socket that is bound or a free port, and yield the origin."""
    channels: dict[int, Any] = {}
    place: Any = {"host": "127.0.0.1", "port": 0} if listener is None else {"sockets": [listener]}
    server = waitress.server.create_server(app, map=channels, threads=32, **place, **limits)

    def serve() -> None:
        server.run()

    def stop() -> None:
        # Closing what its loop watches ends the loop, as a signal would. A worker that finishes just now may have
        # woken the loop already, which then closes the trigger before we pull it.
        with suppress(OSError):
            server.trigger.pull_trigger(
                lambda: [channel.close() for channel in list(channels.values())]
            )

    with _running(serve, stop):
        yield f"http://localhost:{server.effective_port}"
    server.task_dispatcher.shutdown()


@contextmanager
def _running(serve: Callable[[], None], stop: Callable[[], None]) -> Generator[None]:
    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        stop()
        thread.join()


SERVERS = {"werkzeug": werkzeug_serving, "waitress": waitress_serving}
