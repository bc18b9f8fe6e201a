"""What was asked of a provider in memory, and the faults it was told to show."""

from collections import deque
from typing import Literal, TypeAlias
from urllib.parse import parse_qsl

from attrs import define, field, frozen

from userlink.protocol.values import HttpRequest, HttpResponse

__all__ = ["Endpoint", "Fault", "Faults", "LoggedRequest"]

Endpoint: TypeAlias = Literal["discovery", "jwks", "par", "token", "userinfo"]


@frozen
class LoggedRequest:
    """
    A request that the provider was sent.

    Attributes:
        endpoint: which of its endpoints it was for; None when there is no such place.
        request: the request.
    """

    endpoint: Endpoint | None
    request: HttpRequest

    @property
    def form(self) -> dict[str, str]:
        """The parameters of its body."""
        return dict(parse_qsl(self.request.body.decode(), keep_blank_values=True))


@frozen
class Fault:
    """
    Something that goes wrong at an endpoint, in this order: a delay, an exception, an answer of its own.

    Attributes:
        delay_seconds: how long the request waits first.
        exception: raised instead of an answer, as a transport does; or None.
        response: the answer; None lets the endpoint do its work after the delay.
    """

    delay_seconds: float = 0
    exception: Exception | None = None
    response: HttpResponse | None = None


@define
class Faults:
    """The faults to come, each endpoint its own queue."""

    _waiting: dict[Endpoint, deque[Fault]] = field(factory=dict[Endpoint, deque[Fault]])

    def add(self, endpoint: Endpoint, fault: Fault, times: int) -> None:
        """Let the next requests to an endpoint, after those that have their fault already, meet this one."""
        self._waiting.setdefault(endpoint, deque()).extend([fault] * times)

    def clear(self) -> None:
        """Forget all faults to come."""
        self._waiting.clear()

    def next(self, endpoint: Endpoint | None) -> Fault | None:
        """Take the fault that the next request to an endpoint meets, if any."""
        waiting = None if endpoint is None else self._waiting.get(endpoint)
        return waiting.popleft() if waiting else None
