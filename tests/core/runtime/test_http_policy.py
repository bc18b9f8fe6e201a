"""What holds for every request, whichever transport sends it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
import pytest
from anyio.abc import ByteStream

from support.loopback_server import answer_of, serving
from userlink.errors import ConfigurationError, MetadataInvalid, ProviderUnreachable
from userlink.plugins.httpx_transport import HttpxTransport
from userlink.protocol.values import HttpRequest, HttpResponse
from userlink.runtime.http_policy import HttpPolicy, send, send_blocking

pytestmark = pytest.mark.anyio

POLICY = HttpPolicy()
IN_THE_CLEAR = [
    "http://tenant.example.com/token",
    "HTTP://tenant.example.com/token",
    "http://localhost.example.com/token",
    "http://127.0.0.1.example.com/token",
    "http://127.0.0.1@tenant.example.com/token",
    "ftp://tenant.example.com/token",
    "file:///etc/passwd",
    "//tenant.example.com/token",
    "/token",
    "",
]
ALLOWED = [
    "https://tenant.example.com/token",
    "http://localhost:3000/token",
    "http://127.0.0.1/token",
    "http://[::1]:3000/token",
]


class Answering:
    """A transport that does one thing."""

    def __init__(self, outcome: HttpResponse | BaseException | None) -> None:
        self.outcome = outcome
        self.requests: list[HttpRequest] = []
        self.limits: list[tuple[float, int]] = []

    async def send(
        self, request: HttpRequest, *, timeout_seconds: float, most_bytes: int
    ) -> HttpResponse:
        """Return or raise the outcome; None means to wait forever."""
        self.requests.append(request)
        self.limits.append((timeout_seconds, most_bytes))
        if self.outcome is None:
            await anyio.sleep_forever()
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        assert self.outcome is not None
        return self.outcome

    async def aclose(self) -> None:
        """There is nothing to close."""


@asynccontextmanager
async def own_transport() -> AsyncGenerator[HttpxTransport]:
    """Open a transport, and close it whatever happens."""
    transport = HttpxTransport()
    try:
        yield transport
    finally:
        await transport.aclose()


@pytest.mark.parametrize("url", IN_THE_CLEAR)
async def test_nothing_is_sent_in_the_clear_but_to_this_machine(url: str) -> None:
    """RFC 6749, 3.2: TLS for whatever carries a secret; the refusal comes before the transport."""
    transport = Answering(HttpResponse(200))

    with pytest.raises(ProviderUnreachable, match="neither https nor on this machine"):
        await send(transport, POLICY, HttpRequest("POST", url))

    assert [] == transport.requests


@pytest.mark.parametrize("url", ALLOWED)
async def test_https_and_loopback_are_sent_with_the_limits(url: str) -> None:
    """The transport is told what it must keep to."""
    transport, request = Answering(HttpResponse(200, {}, b"body")), HttpRequest("GET", url)

    response = await send(transport, HttpPolicy(timeout_seconds=3, most_bytes=4), request)

    assert HttpResponse(200, {}, b"body") == response
    assert [request] == transport.requests
    assert [(3, 4)] == transport.limits


async def test_an_answer_that_is_too_long_is_refused_whatever_the_transport_does() -> None:
    """A plugin that reads on does not get it past the policy."""
    transport = Answering(HttpResponse(200, {}, b"12345"))

    with pytest.raises(ProviderUnreachable, match="longer than 4 bytes"):
        await send(transport, HttpPolicy(most_bytes=4), HttpRequest("GET", "https://a.example/"))


async def test_a_transport_that_never_answers_is_given_up() -> None:
    """The time-out is for the whole of the request, whatever the transport does about its own."""
    with pytest.raises(ProviderUnreachable, match=r"within 0\.05 seconds"), anyio.fail_after(60):
        await send(
            Answering(None),
            HttpPolicy(timeout_seconds=0.05),
            HttpRequest("GET", "https://a.example/"),
        )


@pytest.mark.parametrize("error", [OSError("canary"), RuntimeError("canary"), KeyError("canary")])
async def test_whatever_a_transport_raises_the_provider_is_unreachable(error: Exception) -> None:
    """The text names the class alone; the cause is kept for a debugger."""
    with pytest.raises(ProviderUnreachable, match=type(error).__name__) as caught:
        await send(Answering(error), POLICY, HttpRequest("GET", "https://a.example/"))

    assert "canary" not in str(caught.value)
    assert error is caught.value.__cause__


async def test_an_error_of_userlink_is_raised_as_it_is() -> None:
    """A transport that knows better than the policy what went wrong may say so."""
    error = MetadataInvalid("The discovery document is not a JSON object.")

    with pytest.raises(MetadataInvalid) as caught:
        await send(Answering(error), POLICY, HttpRequest("GET", "https://a.example/"))

    assert error is caught.value


async def test_cancelling_is_not_taken_for_a_failure() -> None:
    """A request that is given up from outside ends as cancelled, and not as an error."""
    seen: list[str] = []

    async def request() -> None:
        try:
            await send(Answering(None), POLICY, HttpRequest("GET", "https://a.example/"))
        except ProviderUnreachable:
            seen.append("error")

    async with anyio.create_task_group() as group:
        group.start_soon(request)
        await anyio.wait_all_tasks_blocked()
        group.cancel_scope.cancel()

    assert [] == seen


# ----------------------------------------------------------------------------- without a loop


class BlockingAnswering:
    """A blocking transport that does one thing."""

    def __init__(self, outcome: HttpResponse | Exception) -> None:
        self.outcome = outcome
        self.requests: list[HttpRequest] = []
        self.limits: list[tuple[float, int]] = []

    def send(
        self, request: HttpRequest, *, timeout_seconds: float, most_bytes: int
    ) -> HttpResponse:
        """Return or raise the outcome."""
        self.requests.append(request)
        self.limits.append((timeout_seconds, most_bytes))
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def close(self) -> None:
        """There is nothing to close."""


@pytest.mark.parametrize("url", IN_THE_CLEAR)
def test_nothing_is_sent_in_the_clear_by_a_thread_either(url: str) -> None:
    """RFC 6749, 3.2: TLS for whatever carries a secret; the refusal comes before the transport."""
    transport = BlockingAnswering(HttpResponse(200))

    with pytest.raises(ProviderUnreachable, match="neither https nor on this machine"):
        send_blocking(transport, POLICY, HttpRequest("POST", url))

    assert [] == transport.requests


@pytest.mark.parametrize("url", ALLOWED)
def test_a_blocking_transport_is_told_the_limits(url: str) -> None:
    """It must keep to the time by itself: nobody can interrupt a thread."""
    transport, request = BlockingAnswering(HttpResponse(302, {}, b"body")), HttpRequest("GET", url)

    response = send_blocking(transport, HttpPolicy(timeout_seconds=3, most_bytes=4), request)

    assert HttpResponse(302, {}, b"body") == response
    assert [request] == transport.requests
    assert [(3, 4)] == transport.limits


def test_an_answer_that_is_too_long_is_refused_whatever_the_blocking_transport_does() -> None:
    """A plugin that reads on does not get it past the policy."""
    transport = BlockingAnswering(HttpResponse(200, {}, b"12345"))

    with pytest.raises(ProviderUnreachable, match="longer than 4 bytes"):
        send_blocking(transport, HttpPolicy(most_bytes=4), HttpRequest("GET", ALLOWED[0]))


@pytest.mark.parametrize("error", [OSError("canary"), RuntimeError("canary"), KeyError("canary")])
def test_whatever_a_blocking_transport_raises_the_provider_is_unreachable(error: Exception) -> None:
    """The text names the class alone; the cause is kept for a debugger."""
    with pytest.raises(ProviderUnreachable, match=type(error).__name__) as caught:
        send_blocking(BlockingAnswering(error), POLICY, HttpRequest("GET", ALLOWED[0]))

    assert "canary" not in str(caught.value)
    assert error is caught.value.__cause__


def test_a_time_out_of_a_blocking_transport_says_how_long_it_was() -> None:
    """As the async one does."""
    with pytest.raises(ProviderUnreachable, match="within 3 seconds") as caught:
        send_blocking(
            BlockingAnswering(TimeoutError()),
            HttpPolicy(timeout_seconds=3),
            HttpRequest("GET", ALLOWED[0]),
        )

    assert caught.value.__cause__ is None


def test_an_error_of_userlink_from_a_blocking_transport_is_raised_as_it_is() -> None:
    """A transport that knows better than the policy what went wrong may say so."""
    error = MetadataInvalid("The discovery document is not a JSON object.")

    with pytest.raises(MetadataInvalid) as caught:
        send_blocking(BlockingAnswering(error), POLICY, HttpRequest("GET", ALLOWED[0]))

    assert error is caught.value


@pytest.mark.parametrize(("asked", "given"), [(None, 10.0), (2.0, 2.0), (10.0, 10.0), (60.0, 10.0)])
def test_a_request_may_be_given_less_time_and_never_more(asked: float | None, given: float) -> None:
    """The client's own time-out is the limit; the size stays."""
    policy = HttpPolicy(timeout_seconds=10.0, most_bytes=7)

    assert HttpPolicy(given, 7) == policy.within(asked)


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), "10", None, True])
def test_a_time_out_that_is_no_time_is_refused(seconds: float) -> None:
    """It would fail at the first request, or never end one."""
    with pytest.raises(ConfigurationError, match="timeout_seconds"):
        HttpPolicy(timeout_seconds=seconds)


async def dripping(stream: ByteStream) -> None:
    """Send a body a byte at a time, each well within any time-out between bytes."""
    await stream.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while True:
        await stream.send(b"x")
        await anyio.sleep(0.01)


async def test_a_body_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A time-out between bytes would never end it (CWE-400): the one for the whole does."""
    monkeypatch.setenv("NO_PROXY", "*")
    policy = HttpPolicy(timeout_seconds=0.3)
    async with serving(dripping) as server, own_transport() as transport:
        with pytest.raises(ProviderUnreachable, match=r"within 0\.3 seconds"), anyio.fail_after(60):
            await send(transport, policy, HttpRequest("GET", server.origin))

        assert 1 == len(server.requests)


async def test_a_request_that_is_given_up_is_not_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A code may have been spent by it: what is repeated is the user's decision."""
    monkeypatch.setenv("NO_PROXY", "*")

    async def silent(stream: ByteStream) -> None:
        await anyio.sleep_forever()

    async with serving(silent) as server, own_transport() as transport:
        with pytest.raises(ProviderUnreachable):
            await send(
                transport,
                HttpPolicy(timeout_seconds=0.1),
                HttpRequest("POST", f"{server.origin}/token", {}, b"code=x"),
            )
        await anyio.wait_all_tasks_blocked()

        assert 1 == len(server.requests)


async def test_a_redirect_is_handed_back_through_policy_and_transport(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Policy and transport together follow nothing, to another host or to the same."""
    monkeypatch.setenv("NO_PROXY", "*")
    async with (
        serving(answer_of("302 Found", b"", "Location: /elsewhere")) as server,
        own_transport() as transport,
    ):
        response = await send(transport, POLICY, HttpRequest("GET", f"{server.origin}/jwks"))

    assert 302 == response.status
    assert 1 == len(server.requests)
