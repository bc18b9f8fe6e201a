"""What a client was built with, on the way to its engine."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from attrs import field, frozen

from userlink.plugins.manager import Plugins
from userlink.protocol.settings import ClientSettings

from .clock import Clock
from .entropy import EntropySource
from .http_policy import HttpPolicy

__all__ = ["EngineParts"]

StateStoreT = TypeVar("StateStoreT")
TransactionStoreT = TypeVar("TransactionStoreT")
TransportT = TypeVar("TransportT")


@frozen(kw_only=True)
class EngineParts(Generic[StateStoreT, TransactionStoreT, TransportT]):
    """
    What a client was built with.

    Attributes:
        settings: the configuration.
        secrets: from which keys are derived.
        plugins: of the client.
        state_store: a store, a location that a plugin knows, or None for sealed cookies.
        transaction_store: likewise.
        transport: a transport, or None for that of the plugins.
        policy: limits of requests.
        clock: tells the time.
        entropy: gives unpredictable bytes.
    """

    settings: ClientSettings
    secrets: Sequence[bytes] = field(repr=False)
    plugins: Plugins
    state_store: StateStoreT | str | None = field(repr=False)
    transaction_store: TransactionStoreT | str | None = field(repr=False)
    transport: TransportT | None
    policy: HttpPolicy
    clock: Clock
    entropy: EntropySource
