"""The log lines that requests cause: one line each, whatever was sent."""

import logging
import socket
from urllib.parse import quote, urlencode, urlsplit

import httpx
import pytest

from userlink_devtenant import DevTenant
from userlink_devtenant.request_log import on_one_line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/authorize?a=b c", "/authorize?a=b c"),
        ("a\r\nb\x1b[2J\x85\u2028", "a\\r\\nb\\x1b[2J\\x85\\u2028"),
        ("\\n", "\\\\n"),
        ("é\ud800\U0001f600", "\\xe9\\ud800\\U0001f600"),
    ],
)
def test_what_ends_lines_or_commands_terminals_is_escaped(text: str, expected: str) -> None:
    """And two different texts stay different."""
    assert expected == on_one_line(text)


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("authorize", {"client_id": "x\r\n{canary}"}),
        ("authorize", {"client_id": "userlink-demo", "redirect_uri": "x\u2028\x85{canary}"}),
        ("authorize%0A{canary}", {}),
    ],
)
def test_no_request_writes_a_line_of_its_own_into_the_log(
    devtenant: DevTenant, caplog: pytest.LogCaptureFixture, path: str, parameters: dict[str, str]
) -> None:
    """CWE-117: what was asked for is told, with line ends and terminal commands escaped."""
    canary = "REFUSED\x1b[2J GET"
    query = urlencode({name: value.format(canary=canary) for name, value in parameters.items()})
    with caplog.at_level(logging.INFO, "userlink_devtenant"):
        httpx.get(f"{devtenant.issuer}{path.format(canary=quote(canary))}?{query}", trust_env=False)
    lines = [record.getMessage() for record in caplog.records]

    assert any("\\x1b[2J" in line for line in lines)
    assert all(line.isascii() and line.isprintable() for line in lines)


def test_the_line_of_every_request_is_one_line(
    devtenant: DevTenant, caplog: pytest.LogCaptureFixture
) -> None:
    """A client that is no browser may send control characters as they are."""
    address = urlsplit(devtenant.issuer)
    with (
        caplog.at_level(logging.INFO, "userlink_devtenant"),
        socket.create_connection((address.hostname, address.port or 80)) as connection,
    ):
        connection.sendall(b"GET /\x1b[2J HTTP/1.0\r\n\r\n")
        while connection.recv(4096):
            pass
    lines = [record.getMessage() for record in caplog.records]

    assert "GET /\\x1b[2J -> 404" in lines
    assert all(line.isascii() and line.isprintable() for line in lines)
