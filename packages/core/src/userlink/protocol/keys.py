"""The provider's key set (RFC 7517): imported once, then looked up by ``kid`` and algorithm."""

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from userlink.errors import KeysInvalid

from .json_object import is_mapping, is_sequence, parse_json_object
from .pkce import from_base64url
from .values import HttpResponse

__all__ = [
    "IMPLEMENTED_BY",
    "KEY_TYPES",
    "LEAST_RSA_BITS",
    "SAME_ALGORITHM",
    "Key",
    "KeySet",
    "parse_key_set",
]

# RFC 7518 3.1, RFC 8037 3.1 and RFC 9864 2.2: which kind of key each algorithm needs. ECDSA fixes the curve too.
KEY_TYPES: Mapping[str, tuple[str, str | None]] = {
    "RS256": ("RSA", None),
    "RS384": ("RSA", None),
    "RS512": ("RSA", None),
    "PS256": ("RSA", None),
    "PS384": ("RSA", None),
    "PS512": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
    "Ed25519": ("OKP", "Ed25519"),  # RFC 9864, 2.2: the same algorithm, named in full
}
SAME_ALGORITHM = {"EdDSA", "Ed25519"}  # with keys of the one curve above
# RFC 9864 names by its curve what RFC 8037 called EdDSA, and joserfc warns of the old name at every use.
IMPLEMENTED_BY: Mapping[str, str] = {"EdDSA": "Ed25519"}
_MOST_KEYS = 64  # providers publish two to ten; a larger set costs an import each for nothing
_MATERIAL = ("kty", "crv", "n", "e", "x", "y")
LEAST_RSA_BITS = 2048  # RFC 7518, 3.3


@frozen
class Key:
    """
    A public key for signatures.

    Attributes:
        kid: its name, or None.
        kty: ``RSA``, ``EC`` or ``OKP``.
        crv: the curve of an EC or OKP key, or None.
        alg: the only algorithm it is for, or None for any that fits.
        encoded: the key itself, in the one form that it has (RFC 5280, 4.1.2.7): the same key is known by it.
        material: the key as joserfc imported it.
    """

    kid: str | None
    kty: str
    crv: str | None
    alg: str | None
    encoded: bytes = field(repr=False)
    material: Any = field(repr=False, eq=False)

    def fits(self, alg: str) -> bool:
        """Tell whether a signature with this algorithm can be this key's (RFC 8725, 3.1)."""
        kind = KEY_TYPES.get(alg)
        return kind in ((self.kty, None), (self.kty, self.crv)) and (
            self.alg in (None, alg) or {self.alg, alg} == SAME_ALGORITHM
        )


@frozen
class KeySet:
    """The provider's keys for signatures."""

    keys: tuple[Key, ...]

    def candidates(self, kid: str | None, alg: str) -> tuple[Key, ...]:
        """
        Return the keys that may have made a signature (OIDC Core, 10.1).

        Args:
            kid: as in the token's header; None leaves all keys that fit the algorithm.
            alg: as in the token's header, after it was found among the allowed ones.

        Returns:
            Each key once, under however many names it was published. Nothing when the key is not here, which is a
            reason to fetch the set again.
        """
        fitting = (key for key in self.keys if (kid is None or key.kid == kid) and key.fits(alg))
        return tuple({key.encoded: key for key in fitting}.values())


def parse_key_set(response: HttpResponse) -> KeySet:
    """
    Judge the answer of the ``jwks_uri`` and import the keys that are for signatures.

    Keys of unknown kinds, for encryption, or too weak are passed over (RFC 7517, 5).

    Raises:
        KeysInvalid: when it is no key set, or none of its keys can be used.
    """
    if response.status != 200:
        raise KeysInvalid(f"The provider's keys were answered with HTTP status {response.status}.")
    document = parse_json_object(response.body)
    entries: object = None if document is None else document.get("keys")
    if not is_sequence(entries):
        raise KeysInvalid("The provider's key set has no list of keys.")
    if len(entries) > _MOST_KEYS:
        raise KeysInvalid(f"The provider's key set holds more than {_MOST_KEYS} keys.")
    keys = tuple(key for entry in entries if (key := _import(entry)) is not None)
    if not keys:
        raise KeysInvalid("The provider's key set holds no key that can verify a signature.")
    return KeySet(keys)


def _import(entry: Any) -> Key | None:
    from joserfc.errors import JoseError
    from joserfc.jwk import import_key

    if not is_mapping(entry) or entry.get("kty") not in ("RSA", "EC", "OKP"):
        return None
    members: Mapping[str, Any] = entry
    operations: object = members.get("key_ops", ["verify"])
    if members.get("use", "sig") != "sig" or not is_sequence(operations):
        return None
    if "verify" not in operations or "d" in members:
        return None  # a private key has no business in a public set
    kid, alg, crv = members.get("kid"), members.get("alg"), members.get("crv")
    if not all(value is None or isinstance(value, str) for value in (kid, alg, crv)):
        return None
    try:
        if members["kty"] == "RSA" and _bits(members.get("n")) < LEAST_RSA_BITS:
            return None
        # What describes the key is checked above and in fits(); joserfc would refuse some that is in order.
        material: Any = import_key({name: members[name] for name in _MATERIAL if name in members})
        encoded = material.as_der(private=False)  # joserfc imports when first asked
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return Key(kid, members["kty"], crv, alg, encoded, material)


def _bits(modulus: object) -> int:
    return int.from_bytes(from_base64url(str(modulus)), "big").bit_length()
