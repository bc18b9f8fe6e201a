"""What a relying party written by hand asks of its provider and believes of ID tokens; any check can be left out."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Mapping
from typing import Any, TypeGuard

import httpx
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey, import_key

from userlink.testing.hostile import Credentials

__all__ = ["ProviderOfOne", "Refused", "is_number", "parsed"]

ALGORITHMS = {"RS256": "RS256", "ES256": "ES256", "PS256": "PS256", "EdDSA": "Ed25519"}
COOL_DOWN_SECONDS = 60
MOST_BYTES = 1_000_000
LONGEST_TOKEN = 50_000
TIMEOUT_SECONDS = 1.5


class Refused(Exception):
    """The relying party refuses."""


class ProviderOfOne:
    """
    The provider, as a relying party sees it.

    Args:
        credentials: at the provider.
        issuer: of the provider.
        forgets: the names of the checks that are left out.
    """

    def __init__(self, credentials: Credentials, issuer: str, forgets: frozenset[str]) -> None:
        self.credentials = credentials
        self.issuer = issuer
        self.forgets = forgets
        self.lock = threading.Lock()
        self.metadata: dict[str, Any] | None = None
        self.keys: list[dict[str, Any]] | None = None
        self.keys_asked_at = -float(COOL_DOWN_SECONDS)
        self.client = httpx.Client(follow_redirects="redirects" in forgets)

    def checks(self, name: str) -> bool:
        """Tell whether a check is made."""
        return name not in self.forgets

    # ------------------------------------------------------------------------- the provider

    def ask(self, method: str, url: str, **arguments: Any) -> httpx.Response:
        """Send a request; no redirect is followed, and neither time nor size is without limit."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        body = b""
        try:
            with self.client.stream(
                *(method, url),
                timeout=TIMEOUT_SECONDS if self.checks("time-out") else None,
                **arguments,
            ) as answer:
                for chunk in answer.iter_bytes():
                    body += chunk
                    if self.checks("size") and len(body) > MOST_BYTES:
                        raise Refused("too long")
                    if self.checks("time-out") and time.monotonic() > deadline:
                        raise Refused("too slow")
        except httpx.HTTPError as error:
            raise Refused("unreachable") from error
        return httpx.Response(answer.status_code, headers=answer.headers, content=body)

    def ask_json(self, url: str) -> dict[str, Any]:
        """Get a JSON object."""
        answer = self.ask("GET", url)
        if answer.status_code != 200:
            raise Refused(f"status {answer.status_code}")
        return parsed(answer.content)

    def discover(self) -> dict[str, Any]:
        """Return the metadata, fetched once."""
        if self.metadata is None:
            issuer = self.issuer
            document = self.ask_json(f"{issuer}/.well-known/openid-configuration")
            if self.checks("discovery issuer") and document.get("issuer") != issuer:
                raise Refused("the metadata are another issuer's")
            if self.checks("jwks_uri") and not str(document.get("jwks_uri")).startswith("http"):
                raise Refused("the keys are nowhere on the web")
            self.metadata = document
        return self.metadata

    def fetch_keys(self, again: bool = False) -> list[dict[str, Any]]:
        """Return the keys; they are fetched again once in a minute."""
        is_cool = time.monotonic() - self.keys_asked_at >= COOL_DOWN_SECONDS
        if not self.checks("cool-down"):
            is_cool = True
        if not self.checks("rotation"):
            is_cool = self.keys is None
        if self.keys is None or (again and is_cool):
            if again:
                self.keys_asked_at = time.monotonic()
            keys = [
                key
                for key in self.ask_json(self.discover()["jwks_uri"]).get("keys", [])
                if key.get("use", "sig") == "sig" or not self.checks("key use")
            ]
            if not keys and self.checks("no keys"):
                raise Refused("there are no keys")
            self.keys = keys
        return self.keys

    # ------------------------------------------------------------------------- the ID token

    def claims_of(self, token: str, access_token: str, nonce: str | None) -> dict[str, Any]:
        """Validate an ID token in full."""
        if self.checks("token size") and len(token) > LONGEST_TOKEN:
            raise Refused("too long")
        claims = self.verified(token)
        self.check(claims, access_token, nonce, header_of(token).get("alg", ""))
        return claims

    def verified(self, token: str, types: tuple[str, ...] = ("JWT",)) -> dict[str, Any]:
        """Return the claims of a token whose signature is good."""
        header = header_of(token)
        alg = header.get("alg")
        if self.checks("typ") and header.get("typ", "JWT") not in types:
            raise Refused("this is no ID token")
        if self.checks("crit") and "crit" in header:
            raise Refused("this must be understood")
        if not self.checks("alg none") and alg == "none":
            return parsed(from_base64url(token.split(".")[1]))
        if alg == "HS256":
            return self.verified_by_hmac(token)
        if alg not in ALGORITHMS or f"no {alg}" in self.forgets:
            raise Refused("this algorithm is not allowed")
        keys = self.candidates(header)
        if not self.checks("signature"):
            return parsed(from_base64url(token.split(".")[1]))
        good = [each for key in keys if (each := verify(token, alg, key)) is not None]
        if not good and "kid" not in header:
            self.fetch_keys(again=True)
        if len(good) != 1:
            raise Refused("the signature is wrong")
        return parsed(good[0])

    def verified_by_hmac(self, token: str) -> dict[str, Any]:
        """Return the claims of a token that was signed with something that is no key for that."""
        secrets_: list[bytes] = []
        if not self.checks("hs256 client secret"):
            secrets_.append(self.credentials.client_secret.encode())
        if not self.checks("hs256 public key"):
            secrets_ += [
                RSAKey.import_key(key).as_pem(private=False)
                for key in self.fetch_keys()
                if key["kty"] == "RSA"
            ]
        data, _, signature = token.rpartition(".")
        for secret in secrets_:
            made = hmac.new(secret, data.encode(), hashlib.sha256).digest()
            if hmac.compare_digest(made, from_base64url(signature)):
                return parsed(from_base64url(token.split(".")[1]))
        raise Refused("this algorithm is not allowed")

    def candidates(self, header: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the keys that a token's header allows."""
        if not self.checks("header jwk") and "jwk" in header:
            return [header["jwk"]]
        if not self.checks("header jku") and "jku" in header:
            return list(self.ask_json(header["jku"])["keys"])
        if not self.checks("header x5u") and "x5u" in header:
            self.ask("GET", header["x5u"])
        kid = header.get("kid")
        found = [key for key in self.fetch_keys() if kid is None or key.get("kid") == kid]
        if not found:
            found = [key for key in self.fetch_keys(again=True) if key.get("kid") == kid]
        if not self.checks("kid absent") and kid is None:
            return found[:1]
        if "no kid, no login" in self.forgets and kid is None:
            return []
        return found

    def check(self, claims: dict[str, Any], access_token: str, nonce: str | None, alg: str) -> None:
        """Check every claim."""
        now, ours = time.time(), self.credentials.client_id
        audience = claims.get("aud")
        audiences = [audience] if isinstance(audience, str) else audience
        azp = claims.get("azp")
        hashed = hashlib.new(
            "sha512" if alg == "EdDSA" else "sha256", access_token.encode()
        ).digest()
        at_hash = base64.urlsafe_b64encode(hashed[: len(hashed) // 2]).rstrip(b"=").decode()
        is_wrong = {
            "iss": claims.get("iss") != self.issuer,
            "sub": not isinstance(claims.get("sub"), str) or not claims["sub"],
            "aud": not isinstance(audiences, list) or ours not in audiences,
            "no array": "no array" in self.forgets and not isinstance(audience, str),
            "azp missing": isinstance(audiences, list) and len(audiences) > 1 and azp is None,
            "azp": azp not in (None, ours),
            "exp": not is_number(claims.get("exp")) or claims["exp"] < now - 60,
            "iat": not is_number(claims.get("iat")),
            "future": is_number(claims.get("iat")) and claims["iat"] > now + 60,
            "nbf": is_number(claims.get("nbf")) and claims["nbf"] > now + 60,
            "nonce": nonce is not None and claims.get("nonce") != nonce,
            "at_hash": claims.get("at_hash", at_hash) != at_hash,
        }
        for name, wrong in is_wrong.items():
            if wrong and (self.checks(name) or name == "no array"):
                raise Refused(f"{name} is wrong")


def verify(token: str, alg: str, key: Mapping[str, Any]) -> bytes | None:
    """Return the payload of a token that a key has signed."""
    data, _, signature = token.rpartition(".")
    usable = {name: key[name] for name in ("kty", "crv", "n", "e", "x", "y") if name in key}
    algorithm = jws.JWSRegistry.algorithms[ALGORITHMS[alg]]
    try:
        imported = import_key(usable)
        imported.as_dict()
        good = algorithm.verify(data.encode(), from_base64url(signature), imported)
    except (JoseError, ValueError, TypeError, AttributeError):
        return None
    return from_base64url(data.partition(".")[2]) if good else None


def parsed(text: bytes) -> dict[str, Any]:
    """Parse a JSON object."""
    try:
        members = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused("no JSON") from error
    if not isinstance(members, dict):
        raise Refused("no JSON object")
    return members


def header_of(token: str) -> dict[str, Any]:
    """Parse the header of a token."""
    return parsed(from_base64url(token.split(".")[0]))


def from_base64url(text: str) -> bytes:
    """Decode base64url."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise Refused("no base64url") from error


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether a claim is a time."""
    return isinstance(value, int | float) and not isinstance(value, bool)
