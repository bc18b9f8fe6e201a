"""
What a store must do, and what it is handed: the contract of everything that keeps sessions and transactions.

A store keeps opaque sealed records under opaque identifiers. Ids, cookies, lifetimes and sealing are decided above it.
Each method is given the caller's ``store_options`` too, for stores that need the request. A method that cannot do its
work raises; userlink turns whatever it raises into ``StoreError``.
"""

from collections.abc import Mapping
from typing import Any, Protocol, TypeAlias

from attrs import field, frozen

from userlink.protocol.values import Private

__all__ = [
    "BlockingStateStore",
    "BlockingTransactionStore",
    "Cookie",
    "Exchange",
    "LogoutClaims",
    "StateRecord",
    "StateStore",
    "StoreOptions",
    "TransactionRecord",
    "TransactionStore",
]

StoreOptions: TypeAlias = Mapping[str, Any]


@frozen
class Cookie(Private):
    """
    A cookie to be set (RFC 6265, 4.1).

    Attributes:
        name: with its prefix.
        value: empty to delete the cookie.
        max_age: seconds; 0 deletes.
        secure: whether it is for https only.
    """

    name: str
    value: str = field(repr=False)
    max_age: int
    secure: bool

    def header(self) -> str:
        """Return the value of the ``Set-Cookie`` header: always HttpOnly, ``SameSite=Lax``, for the whole host."""
        secure = "; Secure" if self.secure else ""
        return f"{self.name}={self.value}; Max-Age={self.max_age}; Path=/; HttpOnly; SameSite=Lax{secure}"


class Exchange(Protocol):
    """The request being served and the response that will leave, as far as userlink needs them."""

    @property
    def cookies(self) -> Mapping[str, str]:
        """The request's cookies, those set during this very exchange laid over them, deleted ones left out."""
        ...

    @property
    def writable(self) -> bool:
        """Whether cookies can be set: nothing is started where they would be lost."""
        ...

    def set_cookie(self, cookie: Cookie) -> None:
        """Set a cookie on the response that will leave; a later one of the same name replaces it."""
        ...


@frozen
class StateRecord:
    """
    A session as a store keeps it.

    Attributes:
        sealed: opaque bytes, to be given back unchanged.
        version: 1 for a new record, one more at each write.
        expires_at: Unix seconds after which the record may be purged.
        issuer: of the user, to find sessions by a logout token.
        subject: of the user, likewise.
        sid: the provider's session, likewise; None when there is none.
    """

    sealed: bytes = field(repr=False)
    version: int
    expires_at: int
    issuer: str
    subject: str
    sid: str | None


@frozen
class LogoutClaims:
    """
    Which sessions a logout token ends (OIDC Back-Channel Logout, 2.6).

    Attributes:
        issuer: sessions of this issuer only.
        subject: all of this user's, unless ``sid`` narrows it; or None.
        sid: that one session of the provider's; or None.
    """

    issuer: str
    subject: str | None
    sid: str | None


class StateStore(Protocol):
    """Keeps sessions on the server."""

    async def get(self, identifier: str, store_options: StoreOptions) -> StateRecord | None:
        """Return the record, or None when there is none. An expired one may be returned."""
        ...

    async def set(
        self,
        identifier: str,
        record: StateRecord,
        expected_version: int | None,
        store_options: StoreOptions,
    ) -> bool:
        """
        Write atomically, by compare-and-set.

        Args:
            identifier: of the session.
            record: what to keep.
            expected_version: the version that must be there now; None when nothing may be there.
            store_options: the caller's.

        Returns:
            False, with nothing written, when something else is there.
        """
        ...

    async def delete(self, identifier: str, store_options: StoreOptions) -> None:
        """Remove the record; nothing happens when there is none."""
        ...

    async def delete_by_logout_token(
        self, claims: LogoutClaims, store_options: StoreOptions
    ) -> None:
        """Remove every record that the claims match: issuer and ``sid`` where there is one, else issuer and subject."""
        ...


@frozen
class TransactionRecord:
    """
    A transaction as a store keeps it.

    Attributes:
        sealed: opaque bytes, to be given back unchanged.
        expires_at: Unix seconds after which the record may be purged.
    """

    sealed: bytes = field(repr=False)
    expires_at: int


class TransactionStore(Protocol):
    """Keeps started transactions on the server."""

    async def set(
        self, identifier: str, record: TransactionRecord, store_options: StoreOptions
    ) -> None:
        """Keep the record."""
        ...

    async def take(self, identifier: str, store_options: StoreOptions) -> TransactionRecord | None:
        """
        Read and delete in one atomic step: of two callers racing for a record, exactly one is given it.

        An expired record may be returned.
        """
        ...


class BlockingStateStore(Protocol):
    """Keeps sessions on the server: the contract of ``StateStore``, by methods that block."""

    def get(self, identifier: str, store_options: StoreOptions) -> StateRecord | None:
        """Return the record, or None when there is none. An expired one may be returned."""
        ...

    def set(
        self,
        identifier: str,
        record: StateRecord,
        expected_version: int | None,
        store_options: StoreOptions,
    ) -> bool:
        """Write by compare-and-set; see ``StateStore.set()``."""
        ...

    def delete(self, identifier: str, store_options: StoreOptions) -> None:
        """Remove the record; nothing happens when there is none."""
        ...

    def delete_by_logout_token(self, claims: LogoutClaims, store_options: StoreOptions) -> None:
        """Remove every record that the claims match: issuer and ``sid`` where there is one, else issuer and subject."""
        ...


class BlockingTransactionStore(Protocol):
    """Keeps started transactions on the server: the contract of ``TransactionStore``, by methods that block."""

    def set(self, identifier: str, record: TransactionRecord, store_options: StoreOptions) -> None:
        """Keep the record."""
        ...

    def take(self, identifier: str, store_options: StoreOptions) -> TransactionRecord | None:
        """Read and delete in one atomic step; see ``TransactionStore.take()``."""
        ...
