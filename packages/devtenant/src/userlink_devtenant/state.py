"""Everything a running tenant holds, in one place; each part guards itself with its own lock."""

import threading

from attrs import evolve

from .accounts import Directory
from .client_assertions import AssertionLog
from .clock import Clock
from .config import Client, Lifetimes, PushedAuthorization, TenantConfig
from .errors import TenantNotRunning
from .keys import SigningKeys
from .pushed import PushedRequestStore
from .request_log import RequestLog
from .sessions import InteractionStore, SessionStore
from .tokens import TokenStore

__all__ = ["TenantState"]


class TenantState:
    """What the tenant knows and remembers."""

    def __init__(self, config: TenantConfig) -> None:
        self.config = config
        self.clock = Clock()
        self.keys = SigningKeys()
        self.directory = Directory(config)
        self.tokens = TokenStore(self.clock)
        self.sessions = SessionStore(self.clock)
        self.interactions = InteractionStore()
        self.assertions = AssertionLog(self.clock)
        self.pushed = PushedRequestStore(self.clock)
        self.requests = RequestLog()
        self._lock = threading.Lock()
        self._issuer: str | None = None
        self._lifetimes = config.lifetimes
        self._pushed_authorization: PushedAuthorization = config.pushed_authorization
        self._clients = self._configured_clients()

    def reset(self) -> None:
        """Go back to the configuration; keys and address stay."""
        self.clock.reset()
        self.directory.reset()
        self.tokens.reset()
        self.sessions.reset()
        self.interactions.reset()
        self.assertions.reset()
        self.pushed.reset()
        self.requests.reset()
        with self._lock:
            self._lifetimes = self.config.lifetimes
            self._pushed_authorization = self.config.pushed_authorization
            self._clients = self._configured_clients()

    @property
    def issuer(self) -> str:
        """The issuer; it ends with a slash, as Auth0's does."""
        if self._issuer is None:
            raise TenantNotRunning
        return self._issuer

    @issuer.setter
    def issuer(self, issuer: str | None) -> None:
        self._issuer = issuer

    @property
    def pushed_authorization(self) -> PushedAuthorization:
        """Whether requests may, must or cannot be pushed at the moment."""
        return self._pushed_authorization

    def set_pushed_authorization(self, choice: PushedAuthorization) -> None:
        """Change that."""
        self._pushed_authorization = choice

    @property
    def lifetimes(self) -> Lifetimes:
        """How long things live at the moment."""
        return self._lifetimes

    def set_lifetimes(self, **seconds: int) -> None:
        """Change some lifetimes."""
        with self._lock:
            self._lifetimes = evolve(self._lifetimes, **seconds)

    def client(self, client_id: str | None) -> Client | None:
        """Find a client."""
        with self._lock:
            return self._clients.get(client_id or "")

    def clients(self) -> list[Client]:
        """Return all clients."""
        with self._lock:
            return list(self._clients.values())

    def add_client(self, client: Client) -> None:
        """Register a client, or replace the one with the same client_id."""
        with self._lock:
            self._clients[client.client_id] = client

    def _configured_clients(self) -> dict[str, Client]:
        return {client.client_id: client for client in self.config.clients}
