"""Serving the application over HTTP, each request in a thread of its own."""

import errno
import ipaddress
import logging
import socket
import threading
from typing import Any

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from .errors import TenantConfigError
from .request_log import on_one_line

__all__ = ["HttpServer", "is_loopback", "open_socket"]

BACKLOG = 128

log = logging.getLogger("userlink_devtenant")


def is_loopback(host: str) -> bool:
    """Tell whether a host can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def open_socket(host: str, port: int) -> socket.socket:
    """
    Bind and listen.

    Raises:
        TenantConfigError: when the address is taken or is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        reason = "something else is listening there" if taken else str(error)
        raise TenantConfigError(
            f"The tenant cannot listen on {host} port {port}: {reason}.",
            "Choose another with --port (0 takes any free one).",
        ) from error
    return listener


class HttpServer:
    """A running server; ``close`` ends it."""

    def __init__(self, app: Flask, listener: socket.socket) -> None:
        host, port = listener.getsockname()[:2]
        self._server: BaseWSGIServer = make_server(
            *(host, port, app),
            threaded=True,
            request_handler=_Handler,
            fd=listener.fileno(),
        )
        listener.close()  # the server has its own duplicate
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="devtenant",
            daemon=True,
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening, and wait until it has stopped."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(WSGIRequestHandler):
    """Logs paths without their queries, which hold codes and ID tokens."""

    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        path = getattr(self, "path", "").partition("?")[0]
        method = getattr(self, "command", None) or "-"
        log.info("%s %s -> %s", on_one_line(method), on_one_line(path), code)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the base's name
        log.info(message, *args)
