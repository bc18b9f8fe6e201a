"""A real HTTP server on loopback, in threads of its own, that can be slow, silent, endless and wrong."""

from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

from userlink.protocol.values import HttpRequest

from .answers import ENDLESS_BYTES, Answer

__all__ = ["HttpServer"]

_LONGEST_SILENCE_SECONDS = 120.0
_LARGEST_REQUEST_BYTES = 16 * 1024 * 1024


class HttpServer:
    """
    Serves until it is closed.

    Args:
        answer: returns the answer to a request; called in the thread of the request.
        port: where to listen on 127.0.0.1; 0 takes a free port.

    Attributes:
        port: where it listens.
        most_sent: the most bytes of an endless answer that anybody has taken.
        failures: what was raised in the place of an answer. The client saw a status of 500, which is easily refused:
            a test must not take that for a good sign.

    Raises:
        OSError: when the port is taken.
    """

    def __init__(self, answer: Callable[[HttpRequest], Answer], port: int = 0) -> None:
        self.most_sent = 0
        self.failures: list[Exception] = []
        self._answer = answer
        self._let_go = Event()
        self._server = _Server(("127.0.0.1", port), self._handler())
        self.port = self._server.server_port
        serve = self._server.serve_forever
        self._thread = Thread(target=serve, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def let_go(self) -> None:
        """End every answer that is still on its way, and forget how much was sent."""
        self._let_go.set()
        self._let_go = Event()
        self.most_sent = 0

    def close(self) -> None:
        """Stop listening."""
        self._let_go.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def send(self, handler: BaseHTTPRequestHandler, request: HttpRequest) -> None:
        """Answer a request at the pace of its answer."""
        let_go = self._let_go
        answer = self._answer_or_failure(request)
        if answer.is_silent:
            let_go.wait(_LONGEST_SILENCE_SECONDS)
            return
        _send_head(handler, answer)
        if answer.is_endless:
            self._send_without_end(handler, answer, let_go)
        elif answer.pause_seconds:
            _drip(handler, answer, let_go)
        else:
            handler.wfile.write(answer.body)

    def _answer_or_failure(self, request: HttpRequest) -> Answer:
        try:
            return self._answer(request)
        except Exception as error:  # noqa: BLE001 - told by who plays the case
            self.failures.append(error)
            return Answer(500)

    def _send_without_end(
        self, handler: BaseHTTPRequestHandler, answer: Answer, let_go: Event
    ) -> None:
        sent = 0
        while sent < ENDLESS_BYTES and not let_go.is_set():
            handler.wfile.write(answer.body)
            sent += len(answer.body)
            self.most_sent = max(self.most_sent, sent)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                self.close_connection = True
                # Whoever hangs up does what is asked of a client that has heard enough.
                with suppress(ConnectionError):
                    server.send(self, _request(self, server.port))

            do_POST = do_GET  # noqa: N815 - the base class finds methods by the request's

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's
                """Stay quiet."""

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128


def _request(handler: BaseHTTPRequestHandler, port: int) -> HttpRequest:
    length = min(int(handler.headers.get("content-length") or 0), _LARGEST_REQUEST_BYTES)
    headers = {name.lower(): value for name, value in handler.headers.items()}
    url = f"http://{headers.get('host', f'127.0.0.1:{port}')}{handler.path}"
    return HttpRequest(handler.command, url, headers, handler.rfile.read(length))


def _send_head(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    handler.send_response_only(answer.status)
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    if not answer.is_endless:
        handler.send_header("content-length", str(len(answer.body)))
    handler.send_header("connection", "close")
    handler.end_headers()


def _drip(handler: BaseHTTPRequestHandler, answer: Answer, let_go: Event) -> None:
    for byte in answer.body:
        handler.wfile.write(bytes([byte]))
        if let_go.wait(answer.pause_seconds):
            return
