"""The key pair that a provider in memory signs with: real ones, made when they are first needed."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, OKPKey, RSAKey

__all__ = ["KeyAlgorithm", "Signer", "SigningAlgorithm", "SigningKey"]

SigningAlgorithm: TypeAlias = Literal["RS256", "ES256"]
KeyAlgorithm: TypeAlias = Literal["RS256", "ES256", "PS256", "EdDSA"]
# joserfc warns of the name that RFC 8037 gave to what RFC 9864 calls by its curve.
_IMPLEMENTED_BY: Mapping[str, str] = {"EdDSA": "Ed25519"}
_NO_LIMIT = 2**31  # of what a test signs


class Signer(Protocol):
    """What makes ID tokens."""

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return the claims as a JWT in compact form."""
        ...


class SigningKey:
    """
    A key pair for signatures.

    Args:
        kid: its name.
        algorithm: ``ES256`` costs a test next to nothing; ``RS256`` is what most providers use, and takes a tenth of a
            second to make a key for.
    """

    def __init__(self, kid: str, algorithm: KeyAlgorithm = "ES256") -> None:
        self.kid = kid
        self.algorithm: KeyAlgorithm = algorithm
        self._pair: ECKey | OKPKey | RSAKey | None = None

    @property
    def public_jwk(self) -> dict[str, Any]:
        """The public half, as a key set lists it (RFC 7517, 4)."""
        public = self._key().as_dict(private=False)
        return {**public, "kid": self.kid, "alg": self.algorithm, "use": "sig"}

    @property
    def public_pem(self) -> bytes:
        """The public half as PEM (RFC 7468, 13)."""
        return self._key().as_pem(private=False)

    def sign(self, claims: Mapping[str, Any], **header: Any) -> str:
        """
        Sign claims as a JWT in compact form (RFC 7519, 7.1).

        Args:
            claims: the payload.
            header: members that override ``alg``, ``kid`` and ``typ``; those whose value is None are left out.
        """
        from joserfc.jws import serialize_compact

        members = {"alg": self.algorithm, "kid": self.kid, "typ": "JWT", **header}
        protected = {name: value for name, value in members.items() if value is not None}
        payload = json.dumps(claims, separators=(",", ":")).encode()
        return serialize_compact(
            protected, payload, self._key(), registry=_registry(self.algorithm)
        )

    def signature(self, data: bytes) -> bytes:
        """Sign bytes, whatever they are (RFC 7515, 5.1)."""
        algorithm = _registry(self.algorithm).algorithms[self.algorithm]
        signature: bytes = algorithm.sign(data, self._key())
        return signature

    def claims_of(self, token: str) -> dict[str, Any] | None:
        """Return the claims of a JWT that this key signed; None when it did not."""
        from joserfc.errors import JoseError
        from joserfc.jws import deserialize_compact

        try:
            signed = deserialize_compact(token, self._key(), registry=_registry(self.algorithm))
            claims: dict[str, Any] = json.loads(signed.payload)
        except (JoseError, ValueError):
            return None
        return claims

    def _key(self) -> "ECKey | OKPKey | RSAKey":
        from joserfc.jwk import ECKey, OKPKey, RSAKey

        if self._pair is None:
            match self.algorithm:
                case "RS256" | "PS256":
                    self._pair = RSAKey.generate_key(2048)
                case "ES256":
                    self._pair = ECKey.generate_key("P-256")
                case "EdDSA":
                    self._pair = OKPKey.generate_key("Ed25519")
        return self._pair


def _registry(algorithm: KeyAlgorithm) -> Any:
    from joserfc.jws import JWSRegistry

    registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    registry.max_header_length = registry.max_payload_length = _NO_LIMIT
    implemented = JWSRegistry.algorithms[_IMPLEMENTED_BY.get(algorithm, algorithm)]
    registry.algorithms = {algorithm: implemented}
    return registry
