"""
The cookies that tie transactions to the browser that started them: one each, named after its ``state``.

A cookie holds a sealed entry: the transaction itself where there is no server-side store, else a ticket that says that
this browser started it. Once used, the entry becomes a tombstone. Ticket and tombstone remember ``app_state``, so that
a reload or a double click can be sent on. At most eight entries live in a browser, and at most six kB of them.
"""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from userlink.errors import InvalidOption

from . import cookies
from .cookies import CookieNames
from .protocols import Exchange
from .sealing import Sealer

__all__ = ["Entry", "EntryKind", "TransactionCookies"]

_MOST_ENTRIES = 8
_MOST_BYTES = 6_000  # leaves 2 KiB for a session in a header of 8 KiB, which servers commonly take
_MOST_EXAMINED = 16  # entries opened or deleted in one call: a request may bring thousands
_NAME = re.compile(r"([A-Za-z0-9_-]{22})(?:\.[0-7])?")  # a handle, and the number of a part
_TIME_DIGITS = 12
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
        expires_at: Unix seconds after which the transaction is void.
        content: the transaction's record, or for a ticket and a used one the ``app_state`` as JSON.
    """

    kind: EntryKind
    expires_at: int
    content: bytes = field(repr=False)

    @classmethod
    def remembering(cls, kind: EntryKind, expires_at: int, app_state: Mapping[str, Any]) -> "Entry":
        """Return a ticket or a tombstone."""
        content = _ENCODE(app_state).encode("utf-8", "surrogatepass")  # as json.loads() decodes
        return cls(kind, expires_at, content)

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
        Keep an entry, and let the oldest go where there are too many.

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
        if needed > _MOST_BYTES:
            raise InvalidOption(
                f"The transaction would take {needed} bytes of cookies; at most {_MOST_BYTES} are sensible.",
                hint="Put less into app_state: keep what is large elsewhere, and give a key to it.",
            )
        self._make_room(exchange, handle, needed, now)
        cookies.write(exchange, name, sealed, max(1, entry.expires_at - now), self._names.secure)

    def get(self, exchange: Exchange, handle: str) -> Entry | None:
        """Return the entry of a handle, or None when this browser has none that can be opened."""
        return self._open(exchange.cookies, handle)

    def mark_used(
        self,
        exchange: Exchange,
        handle: str,
        expires_at: int,
        app_state: Mapping[str, Any],
        now: int,
    ) -> None:
        """Turn an entry into a tombstone that remembers ``app_state`` until the transaction would have expired."""
        name = self._names.transaction + handle
        entry = Entry.remembering(EntryKind.USED, expires_at, app_state)
        sealed = self._sealer.seal(_packed(entry), handle)
        cookies.write(exchange, name, sealed, max(1, expires_at - now), self._names.secure)

    def _make_room(self, exchange: Exchange, handle: str, needed: int, now: int) -> None:
        # Nearly always there is nothing to look at, and nothing is opened.
        held = exchange.cookies
        sizes = {other: self._size(held, other) for other in self._handles(held, handle)}
        kept: list[tuple[bool, int, str]] = []
        for other in sizes:
            entry = self._open(held, other)
            if entry is None or entry.expires_at <= now:
                self._erase(exchange, other)
            else:
                kept.append((entry.kind is not EntryKind.USED, entry.expires_at, other))
        kept.sort(reverse=True)  # tombstones last, and the oldest of each kind last
        size = needed + sum(sizes[other] for *_, other in kept)
        while kept and (len(kept) >= _MOST_ENTRIES or size > _MOST_BYTES):
            *_, oldest = kept.pop()
            size -= sizes[oldest]
            self._erase(exchange, oldest)

    def _handles(self, held: Mapping[str, str], but: str) -> list[str]:
        # Anybody can make a request with any names; only what could be a handle is opened or deleted.
        prefix = self._names.transaction
        found: dict[str, None] = {}  # in the order of the header: browsers send the oldest first
        for name in held:
            if name.startswith(prefix) and (ours := _NAME.fullmatch(name, len(prefix))):
                if ours[1] != but:
                    found[ours[1]] = None
                if len(found) == _MOST_EXAMINED:
                    break
        return list(found)

    def _open(self, held: Mapping[str, str], handle: str) -> Entry | None:
        sealed = cookies.read(held, self._names.transaction + handle)
        return None if sealed is None else _unpacked(self._sealer.open(sealed, handle))

    def _size(self, held: Mapping[str, str], handle: str) -> int:
        return cookies.size_of(held, self._names.transaction + handle)

    def _erase(self, exchange: Exchange, handle: str) -> None:
        cookies.erase(exchange, self._names.transaction + handle, self._names.secure)


def _packed(entry: Entry) -> bytes:
    return f"{entry.kind}{entry.expires_at:0{_TIME_DIGITS}d}".encode() + entry.content


def _unpacked(payload: bytes | None) -> Entry | None:
    if payload is None:
        return None
    start = payload[: _TIME_DIGITS + 1].decode("ascii", "replace")
    try:
        return Entry(EntryKind(start[:1]), int(start[1:]), payload[_TIME_DIGITS + 1 :])
    except ValueError:
        return None  # sealed by us, in the form of another release
