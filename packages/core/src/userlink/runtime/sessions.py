"""
Where the session of a browser is: sealed in its cookies, or in a server-side store under an id that the cookie holds.

Both keep the same record sealed by the same keys, and compare versions when one is written. They differ in how far
that reaches: a store compares for all processes and can end a session from elsewhere; with cookies, each process knows
of its own writes and ends alone.
"""

from collections.abc import Collection
from typing import Protocol

from attrs import evolve

from userlink.errors import BackchannelLogoutNotSupported, StoreError, UserlinkError
from userlink.protocol.pkce import digest
from userlink.protocol.session import Session
from userlink.stores import cookies
from userlink.stores.cookies import CookieNames
from userlink.stores.protocols import StateRecord, StateStore
from userlink.stores.sealing import Sealer
from userlink.stores.spent_ids import SpentIds

from .call import Call
from .endings import Endings
from .recent_sessions import RecentSessions

__all__ = ["CookieSessions", "SessionKeeper", "StoredSessions"]

_LONGEST_ID = 128  # characters; ours have 43


class SessionKeeper(Protocol):
    """Loads and saves the session of the browser that a call serves."""

    @property
    def writes_cookies(self) -> bool:
        """Whether an update must be able to set cookies."""
        ...

    async def load(self, call: Call, now: int) -> Session | None:
        """Return the session; None when there is none or it cannot be opened."""
        ...

    async def create(
        self, call: Call, session: Session, replaced: Session | None, now: int
    ) -> None:
        """Begin a session, and end the one it replaces."""
        ...

    async def update(self, call: Call, session: Session, now: int) -> bool:
        """Save over the version that was loaded; False when another write came first."""
        ...

    async def delete(self, call: Call, session: Session | None, now: int) -> None:
        """End the session, and take it from the browser."""
        ...

    def endings(self) -> Endings:
        """Return how sessions are ended without their browser; raises ``BackchannelLogoutNotSupported``."""
        ...


class CookieSessions:
    """
    Sessions sealed in cookies: no server needed, no end from elsewhere, compare-and-set within this process alone.

    What was written in the last minute is remembered, so that requests of one browser at the same time do not undo what
    the others write, in whatever order their answers arrive. Who brings an older version is given the newest: it has
    shown the session's id in a cookie that opened, and the memory knows sessions by that.

    A session that has ended stays ended in this process, whoever kept its cookie: a copy is refused, and a link that
    was on its way during the logout cannot bring the session back.

    Args:
        names: of the cookies.
        sealer: for sessions.
        issuers: of the client; the session of another is none.
        ended: shared by all calls of a client.
    """

    def __init__(
        self, names: CookieNames, sealer: Sealer, issuers: Collection[str], ended: SpentIds
    ) -> None:
        self._names = names
        self._sealer = sealer
        self._issuers = issuers
        self._ended = ended
        self._recent = RecentSessions()

    @property
    def writes_cookies(self) -> bool:
        """Always."""
        return True

    async def load(self, call: Call, now: int) -> Session | None:
        """
        Open the cookie. A tampered, truncated or foreign one is no session.

        One that is older than what this process wrote is brought up to date in the browser, where that can be done.
        """
        sealed = cookies.read(call.exchange.cookies, self._names.session)
        if sealed is None:
            return None
        record = self._sealer.open(sealed, self._names.session)
        session = None if record is None else _read_numbered(record, self._issuers)
        if session is None:
            return None
        key = _key(session)
        if key in self._ended:
            return None
        newest = self._recent.newest(key, session, now)
        if newest is not session and call.exchange.writable:
            self._write(call, newest, now)
        return newest

    async def create(
        self, call: Call, session: Session, replaced: Session | None, now: int
    ) -> None:
        """Overwrite whatever the cookie held; only when that is done, end the session that it held."""
        self._write(call, _written(session), now)
        if replaced is not None:
            self._end(replaced, now)

    async def update(self, call: Call, session: Session, now: int) -> bool:
        """Overwrite the cookie, unless the session ended meanwhile or this process has written a later version."""
        key, written = _key(session), _written(session)
        if key in self._ended:
            return False
        return self._recent.replace(key, written, now, lambda: self._write(call, written, now))

    async def delete(self, call: Call, session: Session | None, now: int) -> None:
        """Delete the cookie and its parts, and remember that the session has ended."""
        if session is not None:
            self._end(session, now)
        cookies.erase(call.exchange, self._names.session, self._names.secure)

    def endings(self) -> Endings:
        """Refuse: only its browser has the cookie, and to say that it is void here would leave it good elsewhere."""
        raise BackchannelLogoutNotSupported(
            "The sessions of this client are sealed in cookies, and cannot be ended from the back channel."
        )

    def _end(self, session: Session, now: int) -> None:
        self._ended.add(_key(session), session.absolute_expires_at, now)
        self._recent.forget(_key(session))

    def _write(self, call: Call, session: Session, now: int) -> None:
        record = b"%d%b" % (session.version, session.to_record())
        sealed = self._sealer.seal(record, self._names.session)
        max_age = max(1, session.expires_at - now)
        cookies.write(call.exchange, self._names.session, sealed, max_age, self._names.secure)


class StoredSessions:
    """
    Sessions in a server-side store. The browser holds the id, the store only its digest.

    Args:
        names: of the cookies.
        sealer: for sessions.
        issuers: of the client; the session of another is none.
        store: where the records are.
    """

    def __init__(
        self, names: CookieNames, sealer: Sealer, issuers: Collection[str], store: StateStore
    ) -> None:
        self._names = names
        self._sealer = sealer
        self._issuers = issuers
        self._store = store
        self._endings = Endings(store)

    @property
    def writes_cookies(self) -> bool:
        """No: the cookie holds the id, which stays."""
        return False

    async def load(self, call: Call, now: int) -> Session | None:
        """Look up the cookie's id and open the record sealed for it."""
        identifier = self._identifier(call)
        if identifier is None:
            return None
        try:
            held = await self._store.get(identifier, call.store_options)
        except UserlinkError:
            raise
        except Exception as error:
            raise _failed("read a session", error) from error
        if held is None:
            return None
        record = self._sealer.open(held.sealed.decode("ascii", "replace"), identifier)
        return None if record is None else _read(record, held.version, self._issuers)

    async def create(
        self, call: Call, session: Session, replaced: Session | None, now: int
    ) -> None:
        """Insert the new session, remove the old one, and only then hand the new id to the browser."""
        if not await self._set(call, session, None):
            raise StoreError("The store already holds a session of this fresh id.")
        if replaced is not None:
            await self._remove(call, digest(replaced.id.reveal()))
        self._hand_out(call, session, now)

    async def update(self, call: Call, session: Session, now: int) -> bool:
        """Write over the version that was loaded. The cookie stays: a slow answer must not put an old id back."""
        return await self._set(call, session, session.version)

    async def delete(self, call: Call, session: Session | None, now: int) -> None:
        """Remove the cookie, whatever the store can do, and then the record."""
        identifier = self._identifier(call)
        cookies.erase(call.exchange, self._names.session, self._names.secure)
        if identifier is not None:
            await self._remove(call, identifier)

    def endings(self) -> Endings:
        """Return how sessions of the store are ended, those of other processes included."""
        return self._endings

    def _identifier(self, call: Call) -> str | None:
        session_id = call.exchange.cookies.get(self._names.session)
        if not session_id or len(session_id) > _LONGEST_ID or not session_id.isascii():
            return None
        return digest(session_id)

    def _hand_out(self, call: Call, session: Session, now: int) -> None:
        # Once, for the longest life it may have; the record says when it has ended unused.
        max_age = max(1, session.absolute_expires_at - now)
        name, secure = self._names.session, self._names.secure
        cookies.write(call.exchange, name, session.id.reveal(), max_age, secure)

    async def _set(self, call: Call, session: Session, expected_version: int | None) -> bool:
        identifier = digest(session.id.reveal())
        record = StateRecord(
            sealed=self._sealer.seal(session.to_record(), identifier).encode("ascii"),
            version=1 if expected_version is None else expected_version + 1,
            expires_at=session.expires_at,
            issuer=session.issuer,
            subject=session.subject,
            sid=session.sid,
        )
        try:
            return await self._store.set(identifier, record, expected_version, call.store_options)
        except UserlinkError:
            raise
        except Exception as error:
            raise _failed("write a session", error) from error

    async def _remove(self, call: Call, identifier: str) -> None:
        try:
            await self._store.delete(identifier, call.store_options)
        except UserlinkError:
            raise
        except Exception as error:
            raise _failed("delete a session", error) from error


def _key(session: Session) -> str:
    return digest(session.id.reveal())


def _written(session: Session) -> Session:
    return evolve(session, version=session.version + 1)


def _read_numbered(record: bytes, issuers: Collection[str]) -> Session | None:
    # A cookie has its version before the record, which is a JSON array.
    version, bracket, _ = record.partition(b"[")
    if not bracket or not version.isdigit():
        return None  # sealed by us, in the form of another release
    return _read(record[len(version) :], int(version), issuers)


def _read(record: bytes, version: int, issuers: Collection[str]) -> Session | None:
    try:
        session = Session.from_record(record, version)
    except ValueError:
        return None  # sealed by us, in the form of another release
    return session if session.issuer in issuers else None  # or for a client that had another domain


def _failed(what: str, error: Exception) -> StoreError:
    # What a driver says may quote statements and values; the class and the cause say enough.
    return StoreError(f"The state store could not {what} ({type(error).__name__}).")
