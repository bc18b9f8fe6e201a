"""The key pair that a provider in memory signs with: real ones, made when they are first needed."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey

__all__ = ["SigningAlgorithm", "SigningKey"]

SigningAlgorithm: TypeAlias = Literal["RS256", "ES256"]


class SigningKey:
    """
    A key pair for signatures.

    Args:
        kid: its name.
        algorithm: ``ES256`` costs a test next to nothing; ``RS256`` is what most providers use, and takes a tenth of a
            second to make a key for.
    """

    def __init__(self, kid: str, algorithm: SigningAlgorithm = "ES256") -> None:
        self.kid = kid
        self.algorithm = algorithm
        self._pair: ECKey | RSAKey | None = None

    @property
    def public_jwk(self) -> dict[str, Any]:
        """The public half, as a key set lists it (RFC 7517, 4)."""
        public = self._key().as_dict(private=False)
        return {**public, "kid": self.kid, "alg": self.algorithm, "use": "sig"}

    def sign(self, claims: Mapping[str, Any], **header: Any) -> str:
        """
        Sign claims as a JWT in compact form (RFC 7519, 7.1).

        Args:
            claims: the payload.
            header: members that override ``alg``, ``kid`` and ``typ``; those whose value is None are left out.
        """
        from joserfc import jwt

        members = {"alg": self.algorithm, "kid": self.kid, "typ": "JWT", **header}
        protected = {name: value for name, value in members.items() if value is not None}
        return jwt.encode(protected, dict(claims), self._key(), algorithms=[self.algorithm])

    def claims_of(self, token: str) -> dict[str, Any] | None:
        """Return the claims of a JWT that this key signed; None when it did not."""
        from joserfc import jwt
        from joserfc.errors import JoseError

        try:
            return jwt.decode(token, self._key(), algorithms=[self.algorithm]).claims
        except (JoseError, ValueError):
            return None

    def _key(self) -> "ECKey | RSAKey":
        from joserfc.jwk import ECKey, RSAKey

        if self._pair is None:
            rsa = self.algorithm == "RS256"
            self._pair = RSAKey.generate_key(2048) if rsa else ECKey.generate_key("P-256")
        return self._pair
