"""
Where started transactions are: sealed in the browser's cookies, or in a server-side store with a ticket in the cookie.

Either way the cookie proves that this browser started the transaction, and taking it makes every later delivery of the
same callback a repeat: always where there is a store, within one process where there are only cookies.
"""

from collections.abc import Mapping
from typing import Any, NoReturn, Protocol

from userlink.errors import (
    StoreError,
    TransactionAlreadyUsed,
    TransactionExpired,
    TransactionNotFound,
    UserlinkError,
)
from userlink.protocol.pkce import digest
from userlink.protocol.transaction import Transaction
from userlink.protocol.values import Secret
from userlink.stores.protocols import TransactionRecord, TransactionStore
from userlink.stores.sealing import Sealer
from userlink.stores.spent_ids import SpentIds
from userlink.stores.transaction_cookies import Entry, EntryKind, TransactionCookies

from .call import Call

__all__ = ["CookieTransactions", "StoredTransactions", "TransactionKeeper"]

_HANDLE_CHARACTERS = 22  # 128 bits of the digest: names only


class TransactionKeeper(Protocol):
    """Keeps and takes the transactions of the browser that a call serves."""

    async def save(self, call: Call, transaction: Transaction, now: int) -> None:
        """Keep a started transaction."""
        ...

    async def take(self, call: Call, state: Secret, now: int) -> Transaction:
        """Remove and return it, once; see the effect ``TakeTransaction`` for what is raised."""
        ...

    def make_room(self, call: Call, now: int) -> None:
        """Keep the browser's requests small enough for servers, now that a session has begun."""
        ...


class CookieTransactions:
    """
    Transactions sealed in cookies; a memory of those used makes each count once in this process.

    Args:
        entries: the browser's cookies.
        used: shared by all calls of a client.
    """

    def __init__(self, entries: TransactionCookies, used: SpentIds) -> None:
        self._entries = entries
        self._used = used

    async def save(self, call: Call, transaction: Transaction, now: int) -> None:
        """Put the transaction into a cookie."""
        content = transaction.to_record()
        entry = Entry(EntryKind.LIVE, transaction.kind, transaction.expires_at, content)
        self._entries.put(call.exchange, _handle(transaction.state), entry, now)

    async def take(self, call: Call, state: Secret, now: int) -> Transaction:
        """Open the cookie and mark the transaction used, here and in the browser, before anything is awaited."""
        handle = _handle(state)
        entry = _entry_of_this_browser(self._entries, call, handle)
        if entry.kind is not EntryKind.LIVE:
            _not_found()
        transaction = _read(entry.content, state)
        if not self._used.add(handle, entry.expires_at, now):
            raise _already_used(transaction.app_state)
        self._entries.mark_used(call.exchange, handle, entry, transaction.app_state, now)
        return transaction

    def make_room(self, call: Call, now: int) -> None:
        """Let cookies go that do not fit beside those of the session."""
        self._entries.make_room(call.exchange, now)


class StoredTransactions:
    """
    Transactions in a server-side store.

    Args:
        entries: the browser's cookies, for the tickets.
        sealer: for the records.
        store: where they are.
    """

    def __init__(
        self, entries: TransactionCookies, sealer: Sealer, store: TransactionStore
    ) -> None:
        self._entries = entries
        self._sealer = sealer
        self._store = store

    async def save(self, call: Call, transaction: Transaction, now: int) -> None:
        """Put the record into the store, then a ticket into a cookie."""
        handle = _handle(transaction.state)
        sealed = self._sealer.seal(transaction.to_record(), handle).encode("ascii")
        record = TransactionRecord(sealed, transaction.expires_at)
        try:
            await self._store.set(handle, record, call.store_options)
        except UserlinkError:
            raise
        except Exception as error:
            raise _failed("keep a transaction", error) from error
        ticket = Entry.remembering(
            EntryKind.TICKET, transaction.kind, transaction.expires_at, transaction.app_state
        )
        self._entries.put(call.exchange, handle, ticket, now)

    async def take(self, call: Call, state: Secret, now: int) -> Transaction:
        """Check the ticket, then take the record: the store lets exactly one caller have it."""
        handle = _handle(state)
        entry = _entry_of_this_browser(self._entries, call, handle)
        if entry.kind is not EntryKind.TICKET:
            _not_found()
        try:
            record = await self._store.take(handle, call.store_options)
        except UserlinkError:
            raise
        except Exception as error:
            raise _failed("take a transaction", error) from error
        if record is None:
            if entry.expires_at <= now:  # the store may have purged it
                raise TransactionExpired(
                    "The transaction was started too long ago.", app_state=entry.app_state
                )
            raise _already_used(entry.app_state)
        payload = self._sealer.open(record.sealed.decode("ascii", "replace"), handle)
        if payload is None:
            _not_found()
        transaction = _read(payload, state)
        self._entries.mark_used(call.exchange, handle, entry, transaction.app_state, now)
        return transaction

    def make_room(self, call: Call, now: int) -> None:
        """Let tickets go that do not fit beside the cookies of the session."""
        self._entries.make_room(call.exchange, now)


def _handle(state: Secret) -> str:
    return digest(state.reveal())[:_HANDLE_CHARACTERS]


def _entry_of_this_browser(entries: TransactionCookies, call: Call, handle: str) -> Entry:
    entry = entries.get(call.exchange, handle)
    if entry is None:
        _not_found()
    if entry.kind is EntryKind.USED:
        raise _already_used(entry.app_state)
    return entry


def _read(record: bytes, state: Secret) -> Transaction:
    try:
        return Transaction.from_record(record, state)
    except ValueError:
        _not_found()  # sealed by us, in the form of another release


def _not_found() -> NoReturn:
    raise TransactionNotFound(
        "This browser has not started the transaction, or no longer knows it."
    )


def _already_used(app_state: Mapping[str, Any]) -> TransactionAlreadyUsed:
    return TransactionAlreadyUsed("This callback was delivered before.", app_state=app_state)


def _failed(what: str, error: Exception) -> StoreError:
    return StoreError(f"The transaction store could not {what} ({type(error).__name__}).")
