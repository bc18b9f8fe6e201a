"""A provider that publishes whatever a test wants, by real HTTP on this machine."""

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from email.utils import formatdate

from userlink.protocol.values import HttpRequest
from userlink.testing.discovery import discovery_document
from userlink.testing.hostile.answers import Answer
from userlink.testing.hostile.http_server import HttpServer
from userlink.testing.keys import SigningKey

__all__ = ["publishing"]

_KEY = SigningKey("key-1", "ES256").public_jwk


@contextmanager
def publishing(
    changes: Mapping[str, object] | None = None, keys: Sequence[Mapping[str, object]] = (_KEY,)
) -> Generator[str]:
    """
    Publish metadata and keys, and nothing else, until the block ends.

    Args:
        changes: members of the metadata to add, replace, or leave out where the value is None.
        keys: the key set.

    Returns:
        The issuer.
    """

    def answer(request: HttpRequest) -> Answer:
        issuer = f"http://127.0.0.1:{server.port}/"
        headers = {"date": formatdate(usegmt=True), "content-type": "application/json"}
        documents: dict[str, object] = {
            f"{issuer}.well-known/openid-configuration": discovery_document(
                issuer, "ES256", changes or {}
            ),
            f"{issuer}.well-known/jwks.json": {"keys": list(keys)},
        }
        if request.method != "GET" or request.url not in documents:
            return Answer(404, headers)
        return Answer(200, headers, json.dumps(documents[request.url]).encode())

    server = HttpServer(answer)
    try:
        yield f"http://127.0.0.1:{server.port}/"
    finally:
        server.close()
