"""What can be said of a secret without telling it: how long it is, and whether it looks made up."""

from itertools import pairwise

from attrs import frozen

__all__ = ["SecretTraits", "traits_of"]

_FEWEST_DIFFERENT = (
    12  # 32 random bytes have fewer once in 10^15 times, also when they are written in hexadecimal
)
_LONGEST_UNIT = (
    24  # what is typed twice to reach a length is shorter than the length that is asked for
)
# Base64 of 48 random bytes holds one of them by chance once in ten million times.
_WORDS = (b"change", b"secret", b"password", b"example", b"default", b"insecure", b"placeholder")


@frozen
class SecretTraits:
    """
    What can be said of a secret.

    Attributes:
        byte_count: how long it is.
        weakness: why it looks guessable, or None.
        is_repeated: whether an earlier secret is the same.
        is_client_secret: whether it is the client secret too, which the provider knows.
    """

    byte_count: int
    weakness: str | None
    is_repeated: bool = False
    is_client_secret: bool = False


def traits_of(secrets: tuple[bytes, ...], client_secret: bytes | None) -> tuple[SecretTraits, ...]:
    """Describe secrets; nothing in the answer tells what they are."""
    return tuple(
        SecretTraits(
            byte_count=len(secret),
            weakness=_weakness(secret),
            is_repeated=secret in secrets[:number],
            is_client_secret=secret == client_secret,
        )
        for number, secret in enumerate(secrets)
    )


def _weakness(secret: bytes) -> str | None:
    if _is_repetition(secret):
        return "repeats a few characters"
    if len(set(secret)) < _FEWEST_DIFFERENT:
        return "has few different characters"
    if _counts(secret):
        return "counts up or down"
    if any(word in secret.lower() for word in _WORDS):
        return "has a word in it that people write, and generators do not"
    return None


def _is_repetition(secret: bytes) -> bool:
    return any(secret[unit:] == secret[:-unit] for unit in range(1, _LONGEST_UNIT + 1))


def _counts(secret: bytes) -> bool:
    steps = [later - earlier for earlier, later in pairwise(secret)]
    return max(steps.count(1), steps.count(-1)) > len(steps) // 2
