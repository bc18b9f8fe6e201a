"""What a provider sends: metadata, keys, tokens."""

import json
from functools import cache
from typing import Any

from userlink import HttpResponse, ProviderError, Secret
from userlink.protocol.id_token import ID_TOKEN, Expected, check_claims
from userlink.protocol.json_object import parse_json_object
from userlink.protocol.keys import KeySet, parse_key_set
from userlink.protocol.metadata import parse_metadata
from userlink.protocol.settings import DEFAULT_ALGORITHMS
from userlink.protocol.signed_token import parse_signed_token, verify
from userlink.protocol.tokens import parse_token_response
from userlink.protocol.urls import Issuer, is_secure_web_url
from userlink.testing.keys import SigningKey

from .browser import ISSUER, expect

__all__ = [
    "CLAIMS",
    "DISCOVERY_DOCUMENTS",
    "ID_TOKENS",
    "KEY_SETS",
    "TOKEN_RESPONSES",
    "discovery",
    "id_token",
    "id_token_claims",
    "jwks",
    "token_response",
]

NOW = 1_700_000_000
_KEY = SigningKey("k1")
_EXPECTED = Expected(
    issuer=ISSUER, client_id="app", now=NOW, clock_skew_seconds=60, nonce=Secret("nonce")
)
_CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "sub": "auth0|alice",
    "aud": ["app"],
    "azp": "app",
    "iat": NOW,
    "exp": NOW + 600,
    "nonce": "nonce",
}
_DISCOVERY = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}authorize",
    "token_endpoint": f"{ISSUER}oauth/token",
    "jwks_uri": f"{ISSUER}.well-known/jwks.json",
    "token_endpoint_auth_methods_supported": ["client_secret_post"],
}


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


DISCOVERY_DOCUMENTS = (_json(_DISCOVERY), _json({**_DISCOVERY, "issuer": None}), b"[[[[")
KEY_SETS = (_json({"keys": [_KEY.public_jwk]}), _json({"keys": [{"kty": "RSA", "n": "", "e": ""}]}))
TOKEN_RESPONSES = (
    _json(
        {"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": "e30.e30.AA"}
    ),
    _json({"error": "invalid_grant", "error_description": "used"}),
)
ID_TOKENS = (
    _KEY.sign(_CLAIMS).encode(),
    b"eyJhbGciOiJub25lIn0.e30.",
    b"eyJhbGciOiJSUzI1NiIsImp3ayI6e319.e30.AAAA",
)
CLAIMS = (_json(_CLAIMS), _json({**_CLAIMS, "exp": 1e308, "aud": {}}), b'{"iat":-1,"iat":2}')


def discovery(data: bytes) -> None:
    """A discovery document is refused, or speaks for the issuer asked and has secure endpoints."""
    try:
        metadata = parse_metadata(HttpResponse(200, body=data), Issuer.from_domain(ISSUER))
    except ProviderError as error:
        expect(len(str(error)) < 2_000)
    else:
        endpoints = (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri)
        expect(metadata.issuer == ISSUER and all(map(is_secure_web_url, endpoints)))


def jwks(data: bytes) -> None:
    """A key set is refused, or its keys are fit for one family of algorithms each."""
    try:
        keys = parse_key_set(HttpResponse(200, body=data))
    except ProviderError:
        return
    for algorithm in DEFAULT_ALGORITHMS:
        expect(all(key.fits(algorithm) for key in keys.candidates(None, algorithm)))


def token_response(data: bytes) -> None:
    """An answer of the token endpoint is refused, or has a token that may go into a header."""
    for status in (200, 400):
        try:
            tokens = parse_token_response(HttpResponse(status, body=data))
        except ProviderError as error:
            expect(len(str(error)) < 2_000)
        else:
            expect(status == 200 and tokens.access_token.reveal().isprintable())


def id_token(data: bytes) -> None:
    """No text is an ID token of ours but one that our key signed."""
    _validate(data.decode("utf-8", "surrogateescape"), signed=data == ID_TOKENS[0])


def id_token_claims(data: bytes) -> None:
    """Claims that the provider did sign are still judged one by one."""
    claims = parse_json_object(data)
    if claims is None:
        return
    try:
        token = _KEY.sign(claims)
    except (ValueError, TypeError):  # joserfc will not sign such claims
        return
    _validate(token, signed=True)


def _validate(encoded: str, *, signed: bool) -> None:
    try:
        token = parse_signed_token(ID_TOKEN, Secret(encoded), DEFAULT_ALGORITHMS)
        claims = verify(token, _keys())
        if claims is None:
            return
        check_claims(claims, token.alg, _EXPECTED)
    except ProviderError as error:
        expect(len(str(error)) < 2_000)
    else:
        audience = claims["aud"]
        expect(signed and claims["iss"] == ISSUER and claims["nonce"] == "nonce")
        expect(audience == "app" or "app" in audience)
        expect(isinstance(claims["sub"], str) and claims["exp"] > NOW - 60)


@cache
def _keys() -> KeySet:
    return parse_key_set(HttpResponse(200, body=KEY_SETS[0]))
