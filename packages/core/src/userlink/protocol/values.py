"""Values that every room speaks in: secrets, HTTP messages, JSON."""

import hmac
from collections.abc import Mapping, Sequence
from typing import NoReturn, Self, SupportsIndex, TypeAlias

from attrs import field, frozen

__all__ = [
    "HttpRequest",
    "HttpResponse",
    "JsonObject",
    "JsonValue",
    "Private",
    "Secret",
    "as_secret",
]

JsonValue: TypeAlias = (
    "str | int | float | bool | None | Sequence[JsonValue] | Mapping[str, JsonValue]"
)
JsonObject: TypeAlias = Mapping[str, JsonValue]


class Secret:
    """
    A string that must not be printed: its ``repr``, ``str`` and ``format`` are a placeholder.

    ``Secret("s3cr3t").reveal()`` gives the string back, at the one place where it goes out on the wire. Nothing else
    does: it can be joined to no string, written as no JSON, and not be pickled. A copy of it is the secret itself.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the string itself."""
        return self._value

    def matches(self, other: str) -> bool:
        """Tell whether ``other`` is the same string, in time that does not depend on where they differ."""
        # Half of a surrogate pair, as JSON may hold, must compare unequal and not fail.
        return hmac.compare_digest(
            self._value.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass")
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.matches(other._value)

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret(…)"

    def __format__(self, specification: str) -> str:
        # Whatever a log's format asks for, the placeholder is what it lays out.
        return format(repr(self), specification)

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: object) -> "Secret":
        return self

    def __reduce__(self) -> NoReturn:
        # Pickles lie in caches and queues, where nobody expects what must not be printed.
        raise TypeError("a Secret cannot be pickled: reveal() it where the string itself is to go")


def as_secret(value: str | Secret) -> Secret:
    """Return a string as a secret, and a secret as it is: what attributes are converted by."""
    return value if isinstance(value, Secret) else Secret(value)


class Private:
    """
    A frozen value that holds secrets as they go over the wire: it cannot be pickled, and a copy is the value itself.

    Its attributes say which of them do not show.
    """

    __slots__ = ()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds secrets and is not pickled.")


@frozen
class HttpRequest(Private):
    """
    A request to the provider, as plain values.

    Attributes:
        method: ``GET`` or ``POST``.
        url: absolute; https, or http to a loopback host.
        headers: names in lower case.
        body: form-encoded bytes of a POST; empty for a GET.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    body: bytes = field(default=b"", repr=False)


@frozen
class HttpResponse(Private):
    """
    The provider's answer, as plain values. A redirect is an answer too: nothing follows it.

    Attributes:
        status: the HTTP status code.
        headers: names in lower case.
        body: at most as many bytes as the HTTP policy allows.
    """

    status: int
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    body: bytes = field(default=b"", repr=False)
