"""A server on this machine that answers as badly as a test wants it to, and remembers what it was sent."""

import ipaddress
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import anyio
from anyio.abc import ByteStream, SocketAttribute
from anyio.streams.tls import TLSListener
from attrs import define, field
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

__all__ = ["LoopbackServer", "answer_of", "self_signed_context", "serving"]

Answerer = Callable[[ByteStream], Awaitable[None]]


@define
class LoopbackServer:
    """
    A running server.

    Attributes:
        origin: what its URLs begin with.
        requests: each request as it came, head and body.
        hung_up: how often the client ended the connection before the answer did.
    """

    origin: str
    requests: list[bytes] = field(factory=list[bytes])
    hung_up: int = 0


def answer_of(status: str, body: bytes = b"", *headers: str) -> Answerer:
    """Return an answerer that sends this and closes the connection."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    answer = "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    async def send(stream: ByteStream) -> None:
        await stream.send(answer)

    return send


@asynccontextmanager
async def serving(
    answerer: Answerer, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncGenerator[LoopbackServer]:
    """
    Serve until the block ends.

    Args:
        answerer: sends the answer to one request.
        host: the loopback address or name to be reached by.
        tls: makes it https.
    """
    tcp = await anyio.create_tcp_listener(local_host=host)
    port = tcp.extra(SocketAttribute.local_port)  # noqa: S610 - not a query
    server = LoopbackServer(f"{'http' if tls is None else 'https'}://{host}:{port}")

    async def serve_one(stream: ByteStream) -> None:
        async with stream:
            try:
                server.requests.append(await _request(stream))
                await answerer(stream)
            except (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream):
                server.hung_up += 1

    async with tcp, anyio.create_task_group() as group:
        if tls is None:
            group.start_soon(tcp.serve, serve_one)
        else:
            group.start_soon(TLSListener(tcp, tls, standard_compatible=False).serve, serve_one)
        yield server
        group.cancel_scope.cancel()


async def _request(stream: ByteStream) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += await stream.receive()
    head, _, body = received.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        with suppress(anyio.EndOfStream):
            body += await stream.receive()
    return head + b"\r\n\r\n" + body


def self_signed_context(folder: Path) -> ssl.SSLContext:
    """Return a TLS context with a certificate for 127.0.0.1 that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2099, 1, 1, tzinfo=UTC))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    file = folder / "self-signed.pem"
    file.write_bytes(
        certificate.public_bytes(Encoding.PEM)
        + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
