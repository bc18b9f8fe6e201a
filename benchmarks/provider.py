"""A provider in memory: one RSA key, tokens signed with it, and answers of the token endpoint made in advance."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from userlink import HttpRequest, HttpResponse

__all__ = ["CLIENT_ID", "DOMAIN", "BlockingProvider", "Provider"]

DOMAIN = "tenant.example.com"
CLIENT_ID = "pR4v8Qm2Lk7Xw1Tz9Ys3Bn6Hd5Gc0Jf"
_JSON = {"content-type": "application/json"}


class Provider:
    """
    Answers discovery, keys and token requests without a network; it is both sides' transport.

    Attributes:
        metadata: the discovery document.
        answer: what the token endpoint answers.
        form: the body of the newest token request.
    """

    def __init__(self) -> None:
        issuer = f"https://{DOMAIN}/"
        self.metadata = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}authorize",
            "token_endpoint": f"{issuer}oauth/token",
            "jwks_uri": f"{issuer}.well-known/jwks.json",
        }
        self.answer = b""
        self.form = b""
        self._key = generate_private_key(public_exponent=65_537, key_size=2048)

    @property
    def keys(self) -> dict[str, RSAPublicKey]:
        """The public key, by its ``kid``."""
        return {"key-1": self._key.public_key()}

    def jwks(self) -> dict[str, Any]:
        """Return the key set (RFC 7517, 5)."""
        numbers = self._key.public_key().public_numbers()
        key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "key-1"}
        key["n"] = _encode(numbers.n.to_bytes(256, "big"))
        key["e"] = _encode(numbers.e.to_bytes(3, "big"))
        return {"keys": [key]}

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return a JWS of the claims, with RS256."""
        header = _json({"alg": "RS256", "typ": "JWT", "kid": "key-1"})
        signed = f"{_encode(header)}.{_encode(_json(claims))}"
        return f"{signed}.{_encode(self._key.sign(signed.encode(), PKCS1v15(), SHA256()))}"

    def id_token(self, user: Mapping[str, Any], access_token: str, nonce: str, now: int) -> str:
        """Return an ID token about a user (OIDC Core, 2), with everything that can be validated."""
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        token = {
            "iss": self.metadata["issuer"],
            "aud": [CLIENT_ID],
            "azp": CLIENT_ID,
            "iat": now,
            "exp": now + 36_000,
            "auth_time": now,
            "nonce": nonce,
            "at_hash": _encode(half),
            "sid": "q9Vt2Nx7Lc4Rz8Wm",
        }
        return self.sign({**user, **token})

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Answer a token request of the bare side."""
        self.form = body
        return 200, self.answer

    async def send(
        self, request: HttpRequest, *, timeout_seconds: float, most_bytes: int
    ) -> HttpResponse:
        """Answer a request of userlink's."""
        return self.respond(request)

    def respond(self, request: HttpRequest) -> HttpResponse:
        """Answer a request at once."""
        if request.method == "POST":
            self.form = request.body
            return HttpResponse(200, _JSON, self.answer)
        wanted = self.jwks() if request.url == self.metadata["jwks_uri"] else self.metadata
        return HttpResponse(200, _JSON, _json(wanted))

    async def aclose(self) -> None:
        """Give back nothing: there is no connection."""


class BlockingProvider:
    """
    The same as a blocking transport.

    Args:
        provider: that answers.
    """

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def send(
        self, request: HttpRequest, *, timeout_seconds: float, most_bytes: int
    ) -> HttpResponse:
        """Answer a request of userlink's."""
        return self._provider.respond(request)

    def close(self) -> None:
        """Give back nothing: there is no connection."""


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
