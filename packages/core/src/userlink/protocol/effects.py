"""
What a flow may want done, in the words of the domain.

A flow is a generator: it yields effects and is handed their answers; a driver performs them. ``yield from effect``
evaluates to the effect's answer, and a type checker knows its type::

    transaction = yield from TakeTransaction(state)

The failure of an effect is raised at that very line.
"""

from collections.abc import Awaitable, Callable, Generator, Mapping
from typing import Any, Generic, Self, TypeAlias, TypeVar

from attrs import field, frozen

from .events import Event
from .keys import KeySet
from .logout_token import LogoutToken
from .metadata import ProviderMetadata
from .renewal import Renewal
from .session import Session
from .transaction import Transaction
from .values import HttpRequest, HttpResponse, Secret, as_secret

__all__ = [
    "CreateSession",
    "DeleteSession",
    "Discover",
    "Effect",
    "Emit",
    "EndSessions",
    "Entropy",
    "FindRenewal",
    "Flow",
    "ForgetRenewal",
    "GetKeys",
    "KeepRenewal",
    "LoadSession",
    "LogoutTokenWasUsed",
    "MarkLogoutTokenUsed",
    "Now",
    "Pause",
    "RequireEndableSessions",
    "SaveTransaction",
    "Send",
    "TakeTransaction",
    "TouchSession",
    "UpdateSession",
]

T = TypeVar("T")
C = TypeVar("C")


class Effect(Generic[T]):
    """Something a flow wants done; ``yield from effect`` evaluates to its answer, a T."""

    __slots__ = ()

    def __iter__(self) -> "Flow[T]":
        """Yield the effect itself and return what the driver hands back."""
        answer: T = yield self
        return answer

    @classmethod
    def by(cls, perform: Callable[[Self, C], T]) -> "Entry":
        """Pair the effect with a blocking handler of ``(effect, call)``, checked against its answer's type."""
        return cls, perform

    @classmethod
    def by_async(cls, perform: Callable[[Self, C], Awaitable[T]]) -> "Entry":
        """Pair the effect with an async handler of ``(effect, call)``, checked against its answer's type."""
        return cls, perform


# The only three places where an answer's type cannot be said: a flow yields effects of many types.
Flow: TypeAlias = Generator[Effect[Any], Any, T]
Entry: TypeAlias = tuple[type[Effect[Any]], Callable[[Any, Any], Any]]
Table: TypeAlias = Mapping[type[Effect[Any]], Callable[[Any, Any], Any]]


@frozen
class Now(Effect[int]):
    """Ask what time it is, in Unix seconds."""


@frozen
class Entropy(Effect[bytes]):
    """Ask for this many unpredictable bytes."""

    size: int


@frozen
class Send(Effect[HttpResponse]):
    """
    Send a request to the provider. Raises ``ProviderUnreachable``; any answer at all is an answer.

    ``timeout_seconds`` is for what must not wait as long as the client's own time-out, which it never exceeds.
    ``shielded`` says that it is seen through once begun, though whoever asked may have gone: there is no second answer.
    """

    request: HttpRequest
    timeout_seconds: float | None = None
    shielded: bool = False


@frozen
class Pause(Effect[None]):
    """Let this much time pass, for others to get on."""

    milliseconds: int


@frozen
class Discover(Effect[ProviderMetadata]):
    """Ask for the provider's metadata, cached or fetched. Raises ``ProviderError``."""


@frozen
class GetKeys(Effect[KeySet]):
    """
    Ask for the provider's keys, cached or fetched. Raises ``ProviderError``.

    ``refetch`` says that the cached ones do not do; it is heeded once per cool-down.
    """

    jwks_uri: str
    refetch: bool = False


@frozen
class LoadSession(Effect["Session | None"]):
    """Ask for the session of this browser, or None. Expiry is for the flow to judge."""


@frozen
class CreateSession(Effect[None]):
    """Begin a session under a fresh id and end the one it replaces, if any."""

    session: Session
    replaced: Session | None = None


@frozen
class UpdateSession(Effect[bool]):
    """Save over the version that was loaded. The answer is False when another write came first."""

    session: Session


@frozen
class TouchSession(Effect[None]):
    """Save a new idle expiry if that can be done here and now; if it cannot, the old one stays."""

    session: Session


@frozen
class DeleteSession(Effect[None]):
    """End the session in the store and in this browser."""

    session: Session | None


@frozen
class KeepRenewal(Effect[None]):
    """Keep what a renewal brought in this process until it is saved. Never fails."""

    renewal: Renewal


@frozen
class FindRenewal(Effect["Renewal | None"]):
    """Ask for what came in answer to this refresh token and is not saved yet, or None."""

    refresh_token: Secret


@frozen
class ForgetRenewal(Effect[None]):
    """Forget a renewal that is saved, or of no use."""

    renewal: Renewal


@frozen
class RequireEndableSessions(Effect[None]):
    """Make sure that sessions can be ended without their browser. Raises ``BackchannelLogoutNotSupported``."""


@frozen
class LogoutTokenWasUsed(Effect[bool]):
    """Ask whether a logout token was used before, by whichever process."""

    token: LogoutToken


@frozen
class EndSessions(Effect[None]):
    """End every session that a logout token names, wherever it was opened."""

    token: LogoutToken


@frozen
class MarkLogoutTokenUsed(Effect[bool]):
    """Remember that a logout token was used. The answer is False when somebody else was first."""

    token: LogoutToken


@frozen
class SaveTransaction(Effect[None]):
    """Keep a started transaction, tied to this browser."""

    transaction: Transaction


@frozen
class TakeTransaction(Effect[Transaction]):
    """
    Remove and return the transaction of this state, atomically, if this browser started it.

    Raises ``TransactionNotFound``, or ``TransactionAlreadyUsed`` with the ``app_state`` where it is still known.
    Expiry is for the flow to judge.
    """

    state: Secret = field(converter=as_secret)


@frozen
class Emit(Effect[None]):
    """Tell the listeners what happened. Never fails."""

    event: Event
