"""Client assertions, the proof of ``private_key_jwt`` (RFC 7521, 4.2; RFC 7523, 2.2 and 3; OIDC Core, 9)."""

from collections.abc import Mapping
from typing import Any, NoReturn

from attrs import field, frozen

from userlink.errors import ConfigurationError

from .json_object import is_mapping, is_sequence
from .keys import IMPLEMENTED_BY, KEY_TYPES, LEAST_RSA_BITS, SAME_ALGORITHM
from .pkce import from_base64url
from .values import Secret

__all__ = ["ClientAssertionKey"]

_LIFETIME_SECONDS = 60
_MATERIAL: Mapping[object, tuple[str, ...]] = {
    "RSA": ("kty", "n", "e", "d", "p", "q", "dp", "dq", "qi"),
    "EC": ("kty", "crv", "x", "y", "d"),
    "OKP": ("kty", "crv", "x", "d"),
}
_USUAL: Mapping[tuple[str, str | None], str] = {
    ("RSA", None): "RS256",
    ("EC", "P-256"): "ES256",
    ("EC", "P-384"): "ES384",
    ("EC", "P-521"): "ES512",
    ("OKP", "Ed25519"): "EdDSA",
}


@frozen
class ClientAssertionKey:
    """
    The client's private key, imported once, and what it signs with.

    Attributes:
        alg: the signature algorithm.
        kid: the key's name at the provider, or None.
        material: the key as joserfc imported it.
    """

    alg: str
    kid: str | None
    material: Any = field(repr=False, eq=False)

    @classmethod
    def read(cls, key: object, alg: object) -> "ClientAssertionKey":
        """
        Import a private key.

        Args:
            key: PEM as a string or bytes, or a JWK as a mapping, whose ``kid`` and ``alg`` are heeded.
            alg: the algorithm; None takes that of the JWK, else the usual one for this kind of key.

        Raises:
            ConfigurationError: when it is no private key, not one for signatures, too weak, or not one for ``alg``.
        """
        jwk: Mapping[Any, Any] = key if is_mapping(key) else {}
        material, crv = _imported(key)
        kid = jwk.get("kid")
        if kid is not None and not isinstance(kid, str):
            _refuse("has a kid that is not a string")
        operations: object = jwk.get("key_ops", ["sign"])
        if (
            jwk.get("use", "sig") != "sig"
            or not is_sequence(operations)
            or "sign" not in operations
        ):
            _refuse("is not for signatures")
        return cls(_chosen(alg, jwk.get("alg"), (material.key_type, crv)), kid, material)

    def assertion(self, client_id: str, audience: str, jti: str, now: int) -> Secret:
        """
        Sign an assertion, good for one use within a minute.

        Args:
            client_id: the client's; it is issuer and subject.
            audience: the provider's issuer identifier, and nothing else. Were it an endpoint, a provider could name
                another one's in its metadata, and have an assertion made that counts there.
            jti: a name that no other assertion has.
            now: in Unix seconds.
        """
        from joserfc import jwt
        from joserfc.jws import JWSRegistry

        implementation = JWSRegistry.algorithms[IMPLEMENTED_BY.get(self.alg, self.alg)]
        registry = JWSRegistry(algorithms=[self.alg])
        registry.algorithms = {self.alg: implementation}
        header = {"alg": self.alg} if self.kid is None else {"alg": self.alg, "kid": self.kid}
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": audience,
            "jti": jti,
            "iat": now,
            "exp": now + _LIFETIME_SECONDS,
        }
        return Secret(jwt.encode(header, claims, self.material, registry=registry))


def _imported(key: object) -> tuple[Any, str | None]:
    from cryptography.exceptions import UnsupportedAlgorithm
    from joserfc.errors import JoseError

    try:
        material = _from_jwk(key) if is_mapping(key) else _from_pem(key)
        kind: tuple[Any, str | None] | None = (material, material.get("crv"))
        if not material.is_private:
            kind = None
    except ConfigurationError:
        raise
    except (JoseError, ValueError, TypeError, KeyError, UnsupportedAlgorithm):
        kind = None  # and no cause is shown: what a library says of a key may quote it
    if kind is None:
        _refuse("is not a private key that can be read")
    return kind


def _from_jwk(key: Mapping[Any, Any]) -> Any:
    from joserfc.jwk import import_key

    names = _MATERIAL[key["kty"]]
    if key["kty"] == "RSA":
        _check_bits(int.from_bytes(from_base64url(str(key["n"])), "big").bit_length())
    return import_key({name: key[name] for name in names if name in key})


def _from_pem(key: object) -> Any:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from joserfc.jwk import ECKey, OKPKey, RSAKey

    if not isinstance(key, str | bytes):
        raise TypeError("neither PEM nor JWK")
    private_key = load_pem_private_key(key.encode() if isinstance(key, str) else key, None)
    if isinstance(private_key, RSAPrivateKey):
        _check_bits(private_key.key_size)
        return RSAKey.import_key(private_key)
    if isinstance(private_key, EllipticCurvePrivateKey):
        return ECKey.import_key(private_key)
    if isinstance(private_key, Ed25519PrivateKey):
        return OKPKey.import_key(private_key)
    raise ValueError("no algorithm is for such a key")


def _check_bits(bits: int) -> None:
    if bits < LEAST_RSA_BITS:
        _refuse(f"has fewer than {LEAST_RSA_BITS} bits")


def _chosen(alg: object, own: object, kind: tuple[str, str | None]) -> str:
    usual = _USUAL.get(kind)
    if usual is None:
        _refuse("is on a curve that no algorithm here is for")
    chosen = alg or own or usual
    if not isinstance(chosen, str) or KEY_TYPES.get(chosen) != kind:
        fitting = ", ".join(name for name in KEY_TYPES if KEY_TYPES[name] == kind)
        raise ConfigurationError(
            f"The client_assertion_signing_key cannot sign with {chosen!r}.",
            hint=f"Choose client_assertion_signing_alg among {fitting}, or use another key.",
        )
    if own not in (None, chosen) and {own, chosen} != SAME_ALGORITHM:
        raise ConfigurationError(
            f"The client_assertion_signing_key is for {own!r} alone, and not for {chosen}.",
            hint="Leave client_assertion_signing_alg out, or use another key.",
        )
    return chosen


def _refuse(reason: str) -> NoReturn:
    raise ConfigurationError(
        f"The client_assertion_signing_key {reason}.",
        hint="Pass the private key as PEM without a passphrase, or as a JWK in a dict.",
    )
