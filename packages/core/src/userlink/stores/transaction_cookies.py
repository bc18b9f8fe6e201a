"""
The cookies that tie transactions to the browser that started them: one each, named after its ``state``.

A cookie holds a sealed entry: the transaction itself where there is no server-side store, else a ticket that says that
this browser started it. Once used, the entry becomes a tombstone. Ticket and tombstone remember ``app_state``, so that
a reload or a double click can be sent on. At most eight entries live in a browser, and as many bytes as its requests
can carry beside the session. Where there are too many, used ones go first, then logins, which any page can have a
browser start, and logouts, which have happened; links and unlinks go last.
"""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from userlink.errors import InvalidOption
from userlink.protocol.transaction import TransactionKind

from . import cookies
from .cookies import CookieNames
from .protocols import Exchange
from .sealing import Sealer

__all__ = ["Entry", "EntryKind", "TransactionCookies"]

_MOST_ENTRIES = 8
# Servers commonly take a header of 8 KiB, and the application has cookies too.
_MOST_BYTES = 7_500  # of entries and session together
_MOST_BYTES_OF_ENTRIES = 6_000  # leaves some for a session that is still to begin
_MOST_EXAMINED = 16  # entries opened or deleted in one call: a request may bring thousands
_NAME = re.compile(r"([A-Za-z0-9_-]{22})(?:\.[0-7])?")  # a handle, and the number of a part
_LETTERS = {
    TransactionKind.LOGIN: "i",
    TransactionKind.LINK: "l",
    TransactionKind.UNLINK: "u",
    TransactionKind.REAUTHENTICATION: "r",
    TransactionKind.LOGOUT: "o",
}
_LEAST_WORTH = (TransactionKind.LOGIN, TransactionKind.LOGOUT)
_KINDS = {letter: kind for kind, letter in _LETTERS.items()}
_TIME_DIGITS = 12
_START = 2 + _TIME_DIGITS  # characters before the content
_ENCODE = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


class EntryKind(StrEnum):
    """What an entry is: the letter it begins with."""

    LIVE = "L"
    TICKET = "T"
    USED = "U"


@frozen
class Entry:
    """
    What a transaction's cookie holds.

    Attributes:
        kind: what it is.
        transaction_kind: what the transaction is for.
        expires_at: Unix seconds after which the transaction is void.
        content: the transaction's record, or for a ticket and a used one the ``app_state`` as JSON.
    """

    kind: EntryKind
    transaction_kind: TransactionKind
    expires_at: int
    content: bytes = field(repr=False)

    @classmethod
    def remembering(
        cls,
        kind: EntryKind,
        transaction_kind: TransactionKind,
        expires_at: int,
        app_state: Mapping[str, Any],
    ) -> "Entry":
        """Return a ticket or a tombstone."""
        content = _ENCODE(app_state).encode("utf-8", "surrogatepass")  # as json.loads() decodes
        return cls(kind, transaction_kind, expires_at, content)

    @property
    def app_state(self) -> dict[str, Any]:
        """The ``app_state`` that a ticket or a tombstone remembers."""
        app_state: dict[str, Any] = json.loads(self.content)
        return app_state


class TransactionCookies:
    """
    Keeps entries in a browser's cookies.

    Args:
        names: the client's.
        sealer: for entries.
    """

    __slots__ = ("_names", "_sealer")

    def __init__(self, names: CookieNames, sealer: Sealer) -> None:
        self._names = names
        self._sealer = sealer

    def put(self, exchange: Exchange, handle: str, entry: Entry, now: int) -> None:
        """
        Keep an entry, and let others go where there are too many.

        Args:
            exchange: the browser's.
            handle: the digest of the ``state``.
            entry: what to keep.
            now: Unix seconds.

        Raises:
            InvalidOption: when the entry is so large that servers would refuse the browser's requests.
        """
        name = self._names.transaction + handle
        sealed = self._sealer.seal(_packed(entry), handle)
        needed = len(sealed) + 2 * (len(name) + 5)  # two cookies will always do
        if needed > _MOST_BYTES_OF_ENTRIES:
            raise InvalidOption(
                f"The transaction would take {needed} bytes of cookies;"
                f" at most {_MOST_BYTES_OF_ENTRIES} are sensible.",
                hint="Put less into app_state: keep what is large elsewhere, and give a key to it.",
            )
        held = exchange.cookies
        others = self._sizes(held, but=handle)
        if others:  # nearly always there are none, and nothing is measured or opened
            self._evict(exchange, others, _MOST_ENTRIES - 1, self._room(held) - needed, now)
        cookies.write(exchange, name, sealed, max(1, entry.expires_at - now), self._names.secure)

    def get(self, exchange: Exchange, handle: str) -> Entry | None:
        """Return the entry of a handle, or None when this browser has none that can be opened."""
        return self._open(exchange.cookies, handle)

    def mark_used(
        self,
        exchange: Exchange,
        handle: str,
        entry: Entry,
        app_state: Mapping[str, Any],
        now: int,
    ) -> None:
        """Turn an entry into a tombstone that remembers ``app_state`` until the transaction would have expired."""
        name, expires_at = self._names.transaction + handle, entry.expires_at
        used = Entry.remembering(EntryKind.USED, entry.transaction_kind, expires_at, app_state)
        sealed = self._sealer.seal(_packed(used), handle)
        cookies.write(exchange, name, sealed, max(1, expires_at - now), self._names.secure)

    def make_room(self, exchange: Exchange, now: int) -> None:
        """Let go of what requests cannot carry beside a session that has just begun."""
        held = exchange.cookies
        sizes, room = self._sizes(held), self._room(held)
        if sum(sizes.values()) > room:
            self._evict(exchange, sizes, _MOST_ENTRIES, room, now)

    def _evict(
        self,
        exchange: Exchange,
        sizes: Mapping[str, int],
        most_entries: int,
        most_bytes: int,
        now: int,
    ) -> None:
        held = exchange.cookies
        kept: list[tuple[int, int, str]] = []
        for handle in reversed([*sizes]):  # the newest first, among those of the same second too
            entry = self._open(held, handle)
            if entry is None or entry.expires_at <= now:
                self._erase(exchange, handle)
            else:
                kept.append((_worth(entry), entry.expires_at, handle))
        kept.sort(
            key=lambda each: each[:2], reverse=True
        )  # last what is worth least, of that the oldest
        size = sum(sizes[handle] for *_, handle in kept)
        while kept and (len(kept) > most_entries or size > most_bytes):
            *_, handle = kept.pop()
            size -= sizes[handle]
            self._erase(exchange, handle)

    def _room(self, held: Mapping[str, str]) -> int:
        beside_session = _MOST_BYTES - cookies.size_of(held, self._names.session)
        return min(_MOST_BYTES_OF_ENTRIES, beside_session)

    def _sizes(self, held: Mapping[str, str], but: str = "") -> dict[str, int]:
        # Anybody can make a request with any names; only what could be a handle is opened or deleted.
        prefix = self._names.transaction
        sizes: dict[str, int] = {}  # in the order of the header: browsers send the oldest first
        for name in held:
            if name.startswith(prefix) and (ours := _NAME.fullmatch(name, len(prefix))):
                handle = ours[1]
                if handle != but and handle not in sizes:
                    sizes[handle] = cookies.size_of(held, prefix + handle)
                    if len(sizes) == _MOST_EXAMINED:
                        break
        return sizes

    def _open(self, held: Mapping[str, str], handle: str) -> Entry | None:
        sealed = cookies.read(held, self._names.transaction + handle)
        return None if sealed is None else _unpacked(self._sealer.open(sealed, handle))

    def _erase(self, exchange: Exchange, handle: str) -> None:
        cookies.erase(exchange, self._names.transaction + handle, self._names.secure)


def _worth(entry: Entry) -> int:
    # A tombstone is a courtesy; a login is soon started again, and any page can start one in somebody's browser. A
    # logout has happened already.
    if entry.kind is EntryKind.USED:
        return 0
    return 1 if entry.transaction_kind in _LEAST_WORTH else 2


def _packed(entry: Entry) -> bytes:
    start = f"{entry.kind}{_LETTERS[entry.transaction_kind]}{entry.expires_at:0{_TIME_DIGITS}d}"
    return start.encode("ascii") + entry.content


def _unpacked(payload: bytes | None) -> Entry | None:
    if payload is None:
        return None
    start = payload[:_START].decode("ascii", "replace")
    try:
        kind, transaction_kind = EntryKind(start[:1]), _KINDS[start[1:2]]
        return Entry(kind, transaction_kind, int(start[2:]), payload[_START:])
    except (KeyError, ValueError):
        return None  # sealed by us, in the form of another release
