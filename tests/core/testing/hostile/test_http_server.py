"""The server sends what it is told to, at the pace it is told to."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import httpx
import pytest

from userlink.protocol.values import HttpRequest
from userlink.testing.hostile.answers import ENDLESS_BYTES, Answer
from userlink.testing.hostile.http_server import HttpServer


@contextmanager
def serving(answer: Answer, seen: list[HttpRequest] | None = None) -> Iterator[HttpServer]:
    """Serve one answer to everybody."""

    def give(request: HttpRequest) -> Answer:
        if seen is not None:
            seen.append(request)
        return answer

    server = HttpServer(give)
    try:
        yield server
    finally:
        server.close()


def test_an_answer_arrives_as_it_is() -> None:
    """So does the request: method, address, headers, body."""
    seen: list[HttpRequest] = []
    with serving(Answer(418, {"x-a": "b"}, b"tea"), seen) as server:
        url = f"http://127.0.0.1:{server.port}/pot?a=b"
        answer = httpx.post(url, content=b"water", headers={"x-c": "d"})

    assert (418, "b", b"tea") == (answer.status_code, answer.headers["x-a"], answer.content)
    assert ("POST", url, b"water", "d") == (
        *(seen[0].method, seen[0].url, seen[0].body),
        seen[0].headers["x-c"],
    )


def test_a_dripping_answer_comes_byte_by_byte() -> None:
    """It is whole in the end."""
    with serving(Answer(body=b"abc", pause_seconds=0.001)) as server:
        assert b"abc" == httpx.get(f"http://127.0.0.1:{server.port}/").content


def test_what_is_under_way_ends_when_it_is_let_go() -> None:
    """A case that is over keeps no thread waiting."""
    arrived = Event()

    def silent(request: HttpRequest) -> Answer:
        arrived.set()
        return Answer(is_silent=True)

    server = HttpServer(silent)
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert arrived.wait(30)
        server.let_go()

        assert b"" == connection.recv(100)
    server.close()


def test_an_endless_answer_says_how_much_was_taken() -> None:
    """Whoever reads to the end has read more than any document has."""
    with serving(Answer(body=b"x" * 65536, is_endless=True)) as server:
        answer = httpx.get(f"http://127.0.0.1:{server.port}/")

        assert ENDLESS_BYTES == len(answer.content) == server.most_sent
        server.let_go()
        assert 0 == server.most_sent


def test_a_taken_port_is_told() -> None:
    """The caller chooses another."""
    with serving(Answer()) as server, pytest.raises(OSError, match="in use"):
        HttpServer(lambda request: Answer(), server.port)


def test_a_failure_of_the_kit_is_kept() -> None:
    """The client sees a status of 500; who plays the case must not take that for an attack."""

    def fail(request: HttpRequest) -> Answer:
        raise KeyError("claims")

    server = HttpServer(fail)
    answer = httpx.get(f"http://127.0.0.1:{server.port}/")
    server.close()

    assert 500 == answer.status_code
    assert ["KeyError('claims')"] == [repr(failure) for failure in server.failures]
