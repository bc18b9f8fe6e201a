"""Who has which identities, now. Linking and unlinking are decided here, under one lock."""

import enum
import threading
from typing import Any

from attrs import frozen

from .config import PRIMARY_CONNECTION, Account, Connection, TenantConfig, User

__all__ = ["Directory", "Identity", "LinkOutcome", "UnlinkOutcome"]


@frozen
class Identity:
    """One of the accounts that make up a user, as the ``identities`` claim lists it."""

    connection: str
    provider: str
    user_id: str
    is_social: bool
    nickname: str = ""
    name: str = ""
    email: str = ""
    scope: str = ""

    def as_claim(self) -> dict[str, Any]:
        """Return the entry of the ``identities`` claim."""
        shown = {"nickname": self.nickname, "name": self.name, "email": self.email}
        return {
            "provider": self.provider,
            "user_id": self.user_id,
            "connection": self.connection,
            "isSocial": self.is_social,
            "profileData": {key: value for key, value in shown.items() if value},
        }


class LinkOutcome(enum.Enum):
    """What came of a wish to attach an identity."""

    LINKED = "linked"
    ALREADY_LINKED = "already linked"
    BELONGS_TO_ANOTHER = "belongs to another user"


class UnlinkOutcome(enum.Enum):
    """What came of a wish to detach an identity."""

    UNLINKED = "unlinked"
    NOT_LINKED = "not linked"
    LAST = "the last identity"
    PRIMARY = "the primary identity"


class Directory:
    """The users and their identities."""

    def __init__(self, config: TenantConfig) -> None:
        self._lock = threading.Lock()
        self._config = config
        self._users = {user.username: user for user in config.users}
        self._identities = self._initial()

    def reset(self) -> None:
        """Go back to the identities of the configuration."""
        with self._lock:
            self._identities = self._initial()

    def user(self, name: str) -> User | None:
        """Find a user by username, subject or e-mail address."""
        if name in self._users:
            return self._users[name]
        found = (u for u in self._users.values() if name and name in (u.subject, u.email))
        return next(found, None)

    def identities(self, username: str) -> tuple[Identity, ...]:
        """Return a user's identities, the primary one first."""
        with self._lock:
            return self._identities[username]

    def identity(self, username: str, connection: str) -> Identity | None:
        """Return the user's identity of a connection, if there is one."""
        return next((i for i in self.identities(username) if i.connection == connection), None)

    def link(
        self, username: str, connection: Connection, account: Account, scope: str = ""
    ) -> LinkOutcome:
        """
        Attach an account to a user.

        A user has one identity per connection, because an unlink names only the connection: a
        second one changes nothing.
        """
        with self._lock:
            own = self._identities[username]
            if any(i.connection == connection.name for i in own):
                return LinkOutcome.ALREADY_LINKED
            if self._owner(connection.name, account.user_id) is not None:
                return LinkOutcome.BELONGS_TO_ANOTHER
            self._identities[username] = (*own, _linked(connection, account, scope))
            return LinkOutcome.LINKED

    def unlink(self, username: str, connection: str) -> UnlinkOutcome:
        """Detach a connection's identity from a user."""
        with self._lock:
            outcome = self._unlink_outcome(username, connection)
            if outcome is UnlinkOutcome.UNLINKED:
                own = self._identities[username]
                self._identities[username] = tuple(i for i in own if i.connection != connection)
            return outcome

    def unlink_outcome(self, username: str, connection: str) -> UnlinkOutcome:
        """Say what an unlink would come to, without doing it."""
        with self._lock:
            return self._unlink_outcome(username, connection)

    def owner(self, connection: str, user_id: str) -> str | None:
        """Return the username an account is linked to, if any."""
        with self._lock:
            return self._owner(connection, user_id)

    def _unlink_outcome(self, username: str, connection: str) -> UnlinkOutcome:
        own = self._identities[username]
        if not any(i.connection == connection for i in own):
            return UnlinkOutcome.NOT_LINKED
        if len(own) == 1:
            return UnlinkOutcome.LAST
        if connection == PRIMARY_CONNECTION:
            return UnlinkOutcome.PRIMARY
        return UnlinkOutcome.UNLINKED

    def _owner(self, connection: str, user_id: str) -> str | None:
        for username, identities in self._identities.items():
            if any((i.connection, i.user_id) == (connection, user_id) for i in identities):
                return username
        return None

    def _initial(self) -> dict[str, tuple[Identity, ...]]:
        return {user.username: self._initial_of(user) for user in self._users.values()}

    def _initial_of(self, user: User) -> tuple[Identity, ...]:
        identities = [_primary(user)]
        for text in user.identities:
            name, _, user_id = text.partition("|")
            connection = self._config.connection(name)
            account = connection.account(user_id) if connection else None
            if connection and account:
                identities.append(_linked(connection, account, ""))
        return tuple(identities)


def _primary(user: User) -> Identity:
    return Identity(
        connection=PRIMARY_CONNECTION,
        provider="auth0",
        user_id=user.username,
        is_social=False,
        nickname=user.nickname or user.username,
        name=user.name,
        email=user.email,
    )


def _linked(connection: Connection, account: Account, scope: str) -> Identity:
    return Identity(
        connection=connection.name,
        provider=connection.provider or connection.name,
        user_id=account.user_id,
        is_social=connection.is_social,
        nickname=account.nickname,
        name=account.name,
        email=account.email,
        scope=scope or connection.default_scope,
    )
