"""One handler for each effect, for the blocking driver. The twins of those in ``handlers.py``, by the same names."""

import logging
from collections.abc import Callable, Sequence

from userlink.errors import UserlinkError
from userlink.plugins.hookspecs import BlockingTransport
from userlink.protocol.effects import (
    CreateSession,
    DeleteSession,
    Discover,
    Emit,
    EndSessions,
    Entropy,
    FindRenewal,
    ForgetRenewal,
    GetKeys,
    KeepRenewal,
    LoadSession,
    LogoutTokenWasUsed,
    MarkLogoutTokenUsed,
    Now,
    Pause,
    RequireEndableSessions,
    SaveTransaction,
    Send,
    TakeTransaction,
    TouchSession,
    UpdateSession,
)
from userlink.protocol.events import Event
from userlink.protocol.keys import KeySet
from userlink.protocol.metadata import ProviderMetadata
from userlink.protocol.renewal import Renewal
from userlink.protocol.session import Session
from userlink.protocol.transaction import Transaction
from userlink.protocol.values import HttpResponse
from userlink.stores.bridges import finish

from .blocking_cache import BlockingCached
from .call import Call
from .clock import Clock
from .entropy import EntropySource
from .http_policy import HttpPolicy, send_blocking
from .kept_renewals import KeptRenewals
from .pausing import pause_blocking
from .sessions import SessionKeeper
from .transactions import TransactionKeeper

__all__ = ["BlockingHandlers"]

_logger = logging.getLogger("userlink")


class BlockingHandlers:
    """
    Performs effects for the blocking driver, in the calling thread.

    Args:
        clock: tells the time.
        entropy: gives unpredictable bytes.
        transport: returns the client's transport, making it when it is first asked for.
        policy: limits of requests.
        metadata: the provider's, cached.
        keys: makes the cache for a ``jwks_uri``.
        sessions: where sessions are; over a direct store, so that nothing suspends.
        transactions: where transactions are, likewise.
        renewals: those that are not saved yet.
        listeners: told of events.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        entropy: EntropySource,
        transport: Callable[[], BlockingTransport],
        policy: HttpPolicy,
        metadata: BlockingCached[ProviderMetadata],
        keys: Callable[[str], BlockingCached[KeySet]],
        sessions: SessionKeeper,
        transactions: TransactionKeeper,
        renewals: KeptRenewals,
        listeners: Sequence[Callable[[Event], object]],
    ) -> None:
        self._clock = clock
        self._entropy = entropy
        self._transport = transport
        self._policy = policy
        self._metadata = metadata
        self._make_keys = keys
        self._keys: dict[str, BlockingCached[KeySet]] = {}
        self._sessions = sessions
        self._transactions = transactions
        self._renewals = renewals
        self._listeners = listeners

    def now(self, effect: Now, call: Call) -> int:
        """Read the clock."""
        return self._clock()

    def entropy(self, effect: Entropy, call: Call) -> bytes:
        """Draw from the system's source."""
        return self._entropy(effect.size)

    def send(self, effect: Send, call: Call) -> HttpResponse:
        """Send under the HTTP policy."""
        policy = self._policy.within(effect.timeout_seconds, shielded=effect.shielded)
        return send_blocking(self._transport(), policy, effect.request)

    def discover(self, effect: Discover, call: Call) -> ProviderMetadata:
        """Ask the cache of metadata."""
        return self._metadata.get()

    def get_keys(self, effect: GetKeys, call: Call) -> KeySet:
        """Ask the cache of keys."""
        cached = self._keys.get(effect.jwks_uri)
        if cached is None:  # of two threads that make one, the first one's stays
            cached = self._keys.setdefault(effect.jwks_uri, self._make_keys(effect.jwks_uri))
        return cached.get_newer() if effect.refetch else cached.get()

    def pause(self, effect: Pause, call: Call) -> None:
        """Let others get on."""
        pause_blocking(effect.milliseconds)

    def load_session(self, effect: LoadSession, call: Call) -> Session | None:
        """Load from where sessions are."""
        return finish(self._sessions.load(call, self._clock()))

    def create_session(self, effect: CreateSession, call: Call) -> None:
        """Create where sessions are; what was started before must leave room for its cookies."""
        now = self._clock()
        finish(self._sessions.create(call, effect.session, effect.replaced, now))
        self._transactions.make_room(call, now)

    def update_session(self, effect: UpdateSession, call: Call) -> bool:
        """Update where sessions are."""
        return finish(self._sessions.update(call, effect.session, self._clock()))

    def touch_session(self, effect: TouchSession, call: Call) -> None:
        """Update if it can be done; reading a session must not fail because it could not be written."""
        if not call.exchange.writable:
            return
        try:
            finish(self._sessions.update(call, effect.session, self._clock()))
        except UserlinkError as error:
            _logger.warning("a session could not be rolled on: %s", error.code)

    def delete_session(self, effect: DeleteSession, call: Call) -> None:
        """Delete where sessions are."""
        finish(self._sessions.delete(call, effect.session, self._clock()))

    def keep_renewal(self, effect: KeepRenewal, call: Call) -> None:
        """Keep in this process; a cancellation that was held off comes from here on."""
        self._renewals.keep(effect.renewal, self._clock())
        pause_blocking(0)

    def find_renewal(self, effect: FindRenewal, call: Call) -> Renewal | None:
        """Look among those kept."""
        return self._renewals.find(effect.refresh_token)

    def forget_renewal(self, effect: ForgetRenewal, call: Call) -> None:
        """Forget in this process."""
        self._renewals.forget(effect.renewal)

    def require_endable_sessions(self, effect: RequireEndableSessions, call: Call) -> None:
        """Ask where sessions are."""
        self._sessions.endings()

    def logout_token_was_used(self, effect: LogoutTokenWasUsed, call: Call) -> bool:
        """Look where sessions are."""
        return finish(self._sessions.endings().was_used(call, effect.token))

    def end_sessions(self, effect: EndSessions, call: Call) -> None:
        """End them where sessions are."""
        finish(self._sessions.endings().end_all(call, effect.token))

    def mark_logout_token_used(self, effect: MarkLogoutTokenUsed, call: Call) -> bool:
        """Remember it where sessions are."""
        return finish(self._sessions.endings().mark_used(call, effect.token))

    def save_transaction(self, effect: SaveTransaction, call: Call) -> None:
        """Keep where transactions are."""
        finish(self._transactions.save(call, effect.transaction, self._clock()))

    def take_transaction(self, effect: TakeTransaction, call: Call) -> Transaction:
        """Take from where transactions are."""
        return finish(self._transactions.take(call, effect.state, self._clock()))

    def emit(self, effect: Emit, call: Call) -> None:
        """Tell every listener; what one raises is logged and hinders nobody."""
        for listener in self._listeners:
            try:
                listener(effect.event)
            except Exception:
                _logger.exception("a listener failed at the event %s", effect.event.name)
