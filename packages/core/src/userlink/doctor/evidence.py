"""What findings are made from: the configuration, what the provider publishes, and where things are kept."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from attrs import field, frozen

from userlink.protocol.json_object import is_sequence
from userlink.protocol.keys import KeySet
from userlink.protocol.metadata import ProviderMetadata
from userlink.protocol.settings import ClientSettings

from .secret_traits import SecretTraits

__all__ = ["Evidence", "Published", "StoreKind"]


class StoreKind(Enum):
    """Who remembers a session or a transaction."""

    COOKIES = "sealed cookies"
    MEMORY = "the memory of one process"
    SERVER = "a store on the server"


@frozen
class Published:
    """
    What the provider published when it was asked.

    Attributes:
        metadata: the discovery document, as flows read it.
        document: all its members.
        keys: the keys that can verify a signature, or None when there is none.
        key_entries: the key set as it was published.
        date: the provider's time in Unix seconds by its ``Date`` header, or None when it sent none.
        asked_at: this machine's time before the request.
        answered_at: and after it.
    """

    metadata: ProviderMetadata
    document: Mapping[str, Any] = field(repr=False)
    keys: KeySet | None
    key_entries: tuple[Mapping[str, Any], ...] = field(repr=False)
    date: int | None
    asked_at: int
    answered_at: int

    def listed(self, member: str) -> tuple[str, ...] | None:
        """Return a member of the document that is a list of strings; None when it is not there."""
        value: object = self.document.get(member)
        if not is_sequence(value):
            return None
        return tuple(item for item in value if isinstance(item, str))

    def promises(self, member: str) -> bool:
        """Tell whether a member of the document is true."""
        return self.document.get(member) is True


@frozen
class Evidence:
    """
    All that is known.

    Attributes:
        settings: the client's.
        published: the provider's side.
        secrets: what can be said of each sealing secret; empty when none was shown.
        sessions: where sessions are kept.
        transactions: where started transactions are kept.
    """

    settings: ClientSettings
    published: Published
    secrets: tuple[SecretTraits, ...]
    sessions: StoreKind
    transactions: StoreKind

    @property
    def redirect_uri(self) -> str | None:
        """The client's, or None when each call brings its own."""
        uri = self.settings.authorization_params.get("redirect_uri")
        return uri if isinstance(uri, str) else None
