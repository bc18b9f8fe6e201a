"""The built-in transport of ``SyncServerClient``, on httpx: one client for all threads, made when first needed."""

import time  # noqa: TID251  # a deadline is no date: it is measured where the waiting is
from collections.abc import Iterator, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from userlink.errors import ProviderUnreachable
from userlink.protocol.values import HttpRequest, HttpResponse

__all__ = ["BlockingHttpxTransport"]

_STEPS = ("pool", "connect", "write", "read")
_SHORTEST_SECONDS = 0.001  # zero would mean not to wait at all


class BlockingHttpxTransport:
    """
    Sends requests with httpx, from any number of threads. Compression is not offered, so that no answer can swell, and
    no cookie is kept: one client serves all users.

    Nobody can interrupt a thread, so the time is looked at between the steps of a request: connecting, sending, the
    answer's head, and each part of its body.

    Args:
        client: one to be used instead of an own; it is not closed here.
    """

    def __init__(self, client: httpx.Client | None = None) -> None:
        self._client = client or httpx.Client(
            follow_redirects=False, cookies=CookieJar(DefaultCookiePolicy(allowed_domains=()))
        )
        self._own = client is None

    def send(
        self, request: HttpRequest, *, timeout_seconds: float, most_bytes: int
    ) -> HttpResponse:
        """
        Send a request and return the answer.

        Raises:
            ProviderUnreachable: when there is none, none in time, or one that is too long.
        """
        deadline = time.monotonic() + timeout_seconds
        try:
            with self._client.stream(
                request.method,
                request.url,
                headers={**request.headers, "accept-encoding": "identity"},
                content=request.body or None,
                extensions={"timeout": _Remaining(deadline)},
                follow_redirects=False,
            ) as response:
                body = _body_of(response, most_bytes, deadline)
        except httpx.HTTPError as error:
            # The text of httpx's errors can quote the URL; the class says enough.
            raise ProviderUnreachable(
                f"The provider could not be reached ({type(error).__name__})."
            ) from None
        return HttpResponse(
            response.status_code,
            {name.lower(): value for name, value in response.headers.items()},
            body,
        )

    def close(self) -> None:
        """Close the connections, unless the httpx client came from outside."""
        if self._own:
            self._client.close()


class _Remaining(Mapping[str, float]):
    """
    What is left of the whole time, as the time-out of each step: each would else last from its own beginning.

    httpcore looks a step's time-out up as the step begins.
    """

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline

    def __getitem__(self, step: str) -> float:
        return max(self._deadline - time.monotonic(), _SHORTEST_SECONDS)

    def __iter__(self) -> Iterator[str]:
        return iter(_STEPS)

    def __len__(self) -> int:
        return len(_STEPS)


def _body_of(response: httpx.Response, most_bytes: int, deadline: float) -> bytes:
    # httpx's time-out is for each read: a body that drips in would take for ever.
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > most_bytes:
            raise ProviderUnreachable(f"The provider's answer is longer than {most_bytes} bytes.")
        if time.monotonic() > deadline:
            raise ProviderUnreachable("The provider's answer did not end in time.")
    return bytes(body)
