"""The built-in blocking transport against a real server: what goes out, what comes back, and what is refused."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from threading import get_ident
from time import monotonic

import anyio
import httpx
import pytest
from anyio.abc import ByteStream
from anyio.to_thread import run_sync as run_in_thread

from support.loopback_server import (
    LoopbackServer,
    answer_of,
    self_signed_context,
    serving,
)
from userlink.errors import ProviderUnreachable
from userlink.plugins.blocking_httpx_transport import BlockingHttpxTransport, _Remaining
from userlink.protocol.values import HttpRequest, HttpResponse

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("no_proxy")]

MOST_BYTES = 10_000


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reach this machine directly, whatever the environment says about proxies."""
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def transport(no_proxy: None) -> Iterator[BlockingHttpxTransport]:
    """Make a transport, and close it whatever happens."""
    transport = BlockingHttpxTransport()
    yield transport
    transport.close()


async def send(
    transport: BlockingHttpxTransport, request: HttpRequest, timeout_seconds: float = 30
) -> HttpResponse:
    """Send in a thread, while the server runs in the event loop; the limits are generous in time."""
    return await run_in_thread(
        lambda: transport.send(request, timeout_seconds=timeout_seconds, most_bytes=MOST_BYTES)
    )


async def ask(
    transport: BlockingHttpxTransport,
    server: LoopbackServer,
    path: str = "/",
    timeout_seconds: float = 30,
) -> HttpResponse:
    """Ask a server for something."""
    return await send(transport, HttpRequest("GET", server.origin + path), timeout_seconds)


async def test_a_request_goes_out_as_it_is(transport: BlockingHttpxTransport) -> None:
    """Method, path, query, headers and body arrive unchanged."""
    request_headers = {"content-type": "application/x-www-form-urlencoded", "x-test": "1"}
    async with serving(answer_of("200 OK")) as server:
        url = f"{server.origin}/token?a=b%20c"
        await send(transport, HttpRequest("POST", url, request_headers, b"grant_type=x&code=y"))

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    assert "post /token?a=b%20c http/1.1" == lines[0]
    assert {"content-type: application/x-www-form-urlencoded", "x-test: 1"} <= set(lines)
    assert b"grant_type=x&code=y" == body


async def test_an_answer_comes_back_as_it_is(transport: BlockingHttpxTransport) -> None:
    """Status, headers with names in lower case, and body."""
    answer = answer_of("418 I'm a teapot", b'{"error":"x"}', "Content-Type: application/json")
    async with serving(answer) as server:
        response = await ask(transport, server)

    assert 418 == response.status
    assert "application/json" == response.headers["content-type"]
    assert b'{"error":"x"}' == response.body


async def test_threads_share_one_transport(transport: BlockingHttpxTransport) -> None:
    """Each thread gets the answer to its own request."""

    async def echo(stream: ByteStream) -> None:
        path = server.requests[-1].split(b" ")[1]  # nothing was awaited since it was noted
        await answer_of("200 OK", path)(stream)

    answers: dict[int, bytes] = {}
    threads: set[int] = set()

    def ask_for(number: int) -> None:
        threads.add(get_ident())
        request = HttpRequest("GET", f"{server.origin}/{number}")
        answer = transport.send(request, timeout_seconds=30, most_bytes=MOST_BYTES)
        answers[number] = answer.body

    async with serving(echo) as server, anyio.create_task_group() as group:
        for number in range(32):
            group.start_soon(run_in_thread, ask_for, number)

    assert {number: b"/%d" % number for number in range(32)} == answers
    assert len(threads) > 1


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 T", "308 P"])
async def test_a_redirect_is_an_answer_and_is_not_followed(
    transport: BlockingHttpxTransport, status: str
) -> None:
    """A code or a secret is never sent on to where a redirect points (RFC 9700, 4.12)."""
    async with serving(answer_of("200 OK"), host="localhost") as elsewhere:
        location = f"Location: {elsewhere.origin}/stolen"
        async with serving(answer_of(status, b"", location)) as server:
            request = HttpRequest("POST", f"{server.origin}/token", {}, b"code=canary")
            response = await send(transport, request)

    assert int(status[:3]) == response.status
    assert 1 == len(server.requests)
    assert [] == elsewhere.requests


async def test_not_even_a_client_that_follows_redirects_does_here() -> None:
    """A client that an application brings is held to the same."""
    async with (
        serving(answer_of("200 OK"), host="localhost") as elsewhere,
        serving(answer_of("302 Found", b"", f"Location: {elsewhere.origin}/")) as server,
    ):
        with httpx.Client(follow_redirects=True) as client:
            response = await ask(BlockingHttpxTransport(client), server)

    assert 302 == response.status
    assert [] == elsewhere.requests


async def test_a_client_from_outside_is_used_and_not_closed() -> None:
    """Whoever made it closes it."""
    async with serving(answer_of("200 OK")) as server:
        with httpx.Client(headers={"x-mine": "1"}) as client:
            transport = BlockingHttpxTransport(client)
            await ask(transport, server)
            transport.close()

            assert not client.is_closed

    assert b"x-mine: 1" in server.requests[0].lower()


def test_an_own_client_is_closed() -> None:
    """Connections are given back."""
    transport = BlockingHttpxTransport()

    transport.close()

    assert transport._client.is_closed


async def test_compression_is_not_offered(transport: BlockingHttpxTransport) -> None:
    """An answer of a few bytes cannot swell to gigabytes (CWE-409)."""
    async with serving(answer_of("200 OK")) as server:
        await ask(transport, server)

    assert b"accept-encoding: identity" in server.requests[0].lower()


async def test_an_answer_compressed_all_the_same_is_not_unpacked(
    transport: BlockingHttpxTransport,
) -> None:
    """It is handed on as the bytes that came, and will be no JSON."""
    packed = b"\x1f\x8b\x08\x00\x00\x00\x00\x00"
    async with serving(answer_of("200 OK", packed, "Content-Encoding: gzip")) as server:
        response = await ask(transport, server)

    assert packed == response.body


async def test_cookies_of_the_provider_are_not_kept(transport: BlockingHttpxTransport) -> None:
    """One client serves all users: what the provider sets for one must not be sent for another."""
    async with serving(answer_of("200 OK", b"", "Set-Cookie: user=alice; Path=/")) as server:
        await ask(transport, server)
        await ask(transport, server)

    assert 2 == len(server.requests)
    assert b"alice" not in server.requests[1]


async def endless(stream: ByteStream) -> None:
    """Send a body without end."""
    await stream.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while True:
        await stream.send(b"x" * 4_096)


async def dripping(stream: ByteStream) -> None:
    """Send a body a byte at a time, each well within any time-out between bytes."""
    await stream.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while True:
        await stream.send(b"x")
        await anyio.sleep(0.01)


async def silent(stream: ByteStream) -> None:
    """Say nothing, ever."""
    await anyio.sleep_forever()


async def cut_off(stream: ByteStream) -> None:
    """Promise more than is sent."""
    await stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")


async def huge_headers(stream: ByteStream) -> None:
    """Send headers without end."""
    await stream.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await stream.send(b"x-canary: " + b"x" * 4_096 + b"\r\n")


async def no_http(stream: ByteStream) -> None:
    """Speak another protocol."""
    await stream.send(b"220 mail.example.com ESMTP canary\r\n")


async def test_an_endless_body_is_cut_off(transport: BlockingHttpxTransport) -> None:
    """Reading stops, and so does the connection."""
    async with serving(endless) as server:
        with pytest.raises(ProviderUnreachable, match="longer than 10000 bytes"):
            await ask(transport, server)
        await anyio.wait_all_tasks_blocked()

    assert 1 == server.hung_up


async def test_a_body_of_the_allowed_length_is_read(transport: BlockingHttpxTransport) -> None:
    """The limit itself is within the limit; one byte more is not."""
    async with serving(answer_of("200 OK", b"x" * MOST_BYTES)) as server:
        assert MOST_BYTES == len((await ask(transport, server)).body)
    async with serving(answer_of("200 OK", b"x" * (MOST_BYTES + 1))) as server:
        with pytest.raises(ProviderUnreachable, match="longer than"):
            await ask(transport, server)


@pytest.mark.parametrize("answerer", [cut_off, huge_headers, no_http])
async def test_what_is_no_http_answer_is_none(
    transport: BlockingHttpxTransport, answerer: Callable[[ByteStream], Awaitable[None]]
) -> None:
    """The provider cannot be reached, and the text quotes nothing of what was sent or received."""
    async with serving(answerer) as server:
        with pytest.raises(ProviderUnreachable, match="RemoteProtocolError") as caught:
            await ask(transport, server, "/?code=canary")

    assert "canary" not in str(caught.value)
    assert caught.value.__suppress_context__


async def test_silence_times_out(transport: BlockingHttpxTransport) -> None:
    """Between two bytes the transport's patience ends."""
    async with serving(silent) as server:
        with pytest.raises(ProviderUnreachable, match="ReadTimeout"):
            await ask(transport, server, timeout_seconds=0.05)


async def test_a_body_that_drips_is_given_up(transport: BlockingHttpxTransport) -> None:
    """A time-out between bytes would never end it (CWE-400): the one for the whole does."""
    async with serving(dripping) as server:
        with pytest.raises(ProviderUnreachable, match=r"did not end in time|ReadTimeout"):
            await ask(transport, server, timeout_seconds=0.3)

    assert 1 == len(server.requests)


def test_each_step_has_what_is_left_of_the_whole() -> None:
    """Connecting, sending and reading together may take as long as was said, not each of them."""
    long, over = _Remaining(monotonic() + 60), _Remaining(monotonic() - 60)

    left = [long[step] for step in long]

    assert ["pool", "connect", "write", "read"] == list(long)
    assert len(long) == len(left)
    assert sorted(left, reverse=True) == left
    assert 60 >= left[0]
    assert 0 < over["read"] < 1


async def test_a_request_that_is_given_up_is_not_sent_again(
    transport: BlockingHttpxTransport,
) -> None:
    """A code may have been spent by it: what is repeated is the user's decision."""
    async with serving(silent) as server:
        with pytest.raises(ProviderUnreachable):
            await send(
                transport,
                HttpRequest("POST", f"{server.origin}/token", {}, b"code=x"),
                timeout_seconds=0.1,
            )
        await anyio.wait_all_tasks_blocked()

        assert 1 == len(server.requests)


async def test_a_refused_connection_is_no_answer(transport: BlockingHttpxTransport) -> None:
    """The port of a server that has just ended."""
    async with serving(answer_of("200 OK")) as server:
        pass

    with pytest.raises(ProviderUnreachable, match="ConnectError") as caught:
        await ask(transport, server)
    assert server.origin not in str(caught.value)


async def test_a_certificate_that_nobody_vouches_for_is_refused(
    transport: BlockingHttpxTransport, tmp_path: Path
) -> None:
    """TLS without verification would let anybody be the provider (OIDC Core, 16.17)."""
    async with serving(answer_of("200 OK"), tls=self_signed_context(tmp_path)) as server:
        with pytest.raises(ProviderUnreachable, match="ConnectError"):
            await ask(transport, server)

    assert [] == server.requests
