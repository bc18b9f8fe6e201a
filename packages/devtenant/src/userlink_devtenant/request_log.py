"""What clients and browsers sent: kept for assertions in tests, and written into log lines."""

import threading
from collections import deque

from attrs import field, frozen
from werkzeug.datastructures import MultiDict

__all__ = ["RecordedRequest", "RequestLog", "on_one_line"]

# Enough for any test; a tenant that runs for days forgets the oldest instead of growing.
MAX_RECORDED = 5000


def on_one_line(text: str) -> str:
    """Escape what could end a line of the log, or command the terminal that shows it (CWE-117)."""
    return text.encode("unicode_escape").decode("ascii")


@frozen
class RecordedRequest:
    """
    One request as it arrived, secrets included; its repr shows none of them.

    ``query`` and ``form`` are multi-dictionaries: ``form["code"]``, ``form.getlist("code")``.
    """

    method: str
    path: str
    query: MultiDict[str, str] = field(repr=lambda value: f"<{', '.join(value)}>")
    form: MultiDict[str, str] = field(repr=lambda value: f"<{', '.join(value)}>")
    authorization: str | None = field(repr=False)


class RequestLog:
    """The latest requests, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: deque[RecordedRequest] = deque(maxlen=MAX_RECORDED)

    def add(self, request: RecordedRequest) -> None:
        """Record a request."""
        with self._lock:
            self._requests.append(request)

    def snapshot(self, path: str | None = None) -> list[RecordedRequest]:
        """Return what was recorded, all of it or that of one path."""
        with self._lock:
            return [r for r in self._requests if path in (None, r.path)]

    def reset(self) -> None:
        """Forget everything."""
        with self._lock:
            self._requests.clear()
