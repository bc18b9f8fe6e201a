"""A place where no application has any business: whatever arrives here was sent where it must not go."""

from threading import Lock

from userlink.protocol.values import HttpRequest

from .answers import Answer, json_answer
from .http_server import HttpServer

__all__ = ["Tripwire"]


class Tripwire:
    """
    A server of the attacker's, on another host and port than the provider.

    Attributes:
        url: what its addresses begin with.
        requests: what has arrived, as ``GET /path``; bodies are not kept, for they may hold secrets.
        bait: what is answered by path, so that an application which goes there also believes what it finds.
    """

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.bait: dict[str, Answer] = {}
        self._lock = Lock()
        self._server = HttpServer(self._answer)
        self.url = f"http://localhost:{self._server.port}"

    def reset(self) -> None:
        """Forget what has arrived, and take the bait away."""
        with self._lock:
            self.requests.clear()
            self.bait.clear()

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    def _answer(self, request: HttpRequest) -> Answer:
        path = "/" + request.url.split("/", 3)[3].partition("?")[0]
        with self._lock:
            self.requests.append(f"{request.method} {path}")
            return self.bait.get(path, json_answer({}))
