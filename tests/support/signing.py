"""
Signed tokens of every kind, the forged ones included, made with cryptography alone.

What is tested reads tokens with joserfc; these are written by other code, so that both would have to err alike.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

__all__ = [
    "PrivateKey",
    "compact",
    "hmac_token",
    "jwk_of",
    "key_pair",
    "pem_of",
    "private_jwk_of",
    "private_pem_of",
    "signed",
    "signed_segment",
    "verifies",
]

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
_CURVES: Mapping[str, ec.EllipticCurve] = {"256": ec.SECP256R1(), "384": ec.SECP384R1()}
_HASHES: Mapping[str, hashes.HashAlgorithm] = {
    "256": hashes.SHA256(),
    "384": hashes.SHA384(),
    "512": hashes.SHA512(),
}


@cache
def key_pair(alg: str, number: int = 0) -> PrivateKey:
    """Return the key of this number for an algorithm; it is made once a run, for RSA takes its time."""
    if alg in ("EdDSA", "Ed25519"):
        return ed25519.Ed25519PrivateKey.generate()
    if alg.startswith("ES"):
        return ec.generate_private_key(_CURVES[alg[2:]])
    return rsa.generate_private_key(65537, 2048)


def jwk_of(key: PrivateKey, **members: Any) -> dict[str, Any]:
    """Return the public key as a JWK (RFC 7518, 6; RFC 8037, 2), with further members."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return {"kty": "OKP", "crv": "Ed25519", "x": _encode(raw), **members}
    if isinstance(key, ec.EllipticCurvePrivateKey):
        point, size = key.public_key().public_numbers(), _size(key)
        x, y = (_encode(number.to_bytes(size, "big")) for number in (point.x, point.y))
        return {"kty": "EC", "crv": f"P-{key.key_size}", "x": x, "y": y, **members}
    numbers = key.public_key().public_numbers()
    modulus = _encode(numbers.n.to_bytes(key.key_size // 8, "big"))
    return {"kty": "RSA", "n": modulus, "e": "AQAB", **members}


def pem_of(key: PrivateKey) -> bytes:
    """Return the public key as PEM, as an attacker can make it from the key set."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def private_jwk_of(key: PrivateKey, **members: Any) -> dict[str, Any]:
    """Return the private key as a JWK (RFC 7518, 6; RFC 8037, 2), with further members."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return jwk_of(key, d=_encode(key.private_bytes_raw()), **members)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        private = key.private_numbers().private_value.to_bytes(_size(key), "big")
        return jwk_of(key, d=_encode(private), **members)
    exponent = key.private_numbers().d.to_bytes(key.key_size // 8, "big")
    return jwk_of(key, d=_encode(exponent), **members)


def private_pem_of(key: PrivateKey | ed448.Ed448PrivateKey) -> bytes:
    """Return the private key as PEM, without a passphrase."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def verifies(token: str, key: PrivateKey, alg: str) -> bool:
    """Tell whether a token in compact form was signed with this key and algorithm."""
    start, _, encoded = token.rpartition(".")
    signature, data = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)), start.encode()
    public = key.public_key()
    try:
        if isinstance(public, ed25519.Ed25519PublicKey):
            public.verify(signature, data)
            return True
        digest = _HASHES[alg[2:]]
        if isinstance(public, ec.EllipticCurvePublicKey):
            r, s = (int.from_bytes(half, "big") for half in _halves(signature))
            public.verify(encode_dss_signature(r, s), data, ec.ECDSA(digest))
        elif alg.startswith("PS"):
            pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
            public.verify(signature, data, pss, digest)
        else:
            public.verify(signature, data, padding.PKCS1v15(), digest)
    except InvalidSignature:
        return False
    return True


def _halves(signature: bytes) -> tuple[bytes, bytes]:
    return signature[: len(signature) // 2], signature[len(signature) // 2 :]


def signed(payload: Mapping[str, Any] | bytes, key: PrivateKey, alg: str, **header: Any) -> str:
    """Sign a payload as a JWS in compact form (RFC 7515, 7.1); ``header`` adds to ``alg`` or overrides it."""
    start = _start({"alg": alg, **header}, payload)
    return f"{start}.{_encode(_signature(start.encode(), key, alg))}"


def signed_segment(
    header: str, payload: Mapping[str, Any] | bytes, key: PrivateKey, alg: str
) -> str:
    """Sign a payload under a header that is encoded already, well or badly."""
    start = f"{header}.{_start(b'', payload).removeprefix('.')}"
    return f"{start}.{_encode(_signature(start.encode(), key, alg))}"


def hmac_token(payload: Mapping[str, Any] | bytes, secret: bytes, **header: Any) -> str:
    """Sign with HS256 and whatever secret: the key confusion of RFC 8725, 2.1."""
    start = _start({"alg": "HS256", **header}, payload)
    return f"{start}.{_encode(hmac.new(secret, start.encode(), hashlib.sha256).digest())}"


def compact(
    header: Mapping[str, Any] | bytes, payload: Mapping[str, Any] | bytes, signature: bytes = b""
) -> str:
    """Put a token together from any header, payload and signature."""
    return f"{_start(header, payload)}.{_encode(signature)}"


def _start(header: Mapping[str, Any] | bytes, payload: Mapping[str, Any] | bytes) -> str:
    parts = (
        part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload)
    )
    return ".".join(_encode(part) for part in parts)


def _signature(data: bytes, key: PrivateKey, alg: str) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    digest = _HASHES[alg[2:]]
    if isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(digest)))
        return r.to_bytes(_size(key), "big") + s.to_bytes(_size(key), "big")
    if alg.startswith("PS"):
        return key.sign(data, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
    return key.sign(data, padding.PKCS1v15(), digest)


def _size(key: ec.EllipticCurvePrivateKey) -> int:
    return (key.key_size + 7) // 8


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
