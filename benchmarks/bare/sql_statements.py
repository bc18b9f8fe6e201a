"""The statements that the stores send, written out for a bare driver."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from .sql_driver import Driver

__all__ = ["BareStatements", "SessionRow"]

SessionRow: TypeAlias = tuple[int, int, str, str, str | None, bytes]

_GET = "SELECT version, expires_at, issuer, subject, sid, sealed FROM userlink_sessions WHERE identifier = ?"
_INSERT = (
    "INSERT INTO userlink_sessions (identifier, version, expires_at, issuer, subject, sid, sealed)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (identifier) DO NOTHING"
)
_UPDATE = (
    "UPDATE userlink_sessions SET version=?, expires_at=?, issuer=?, subject=?, sid=?, sealed=?"
    " WHERE identifier = ? AND version = ?"
)
_KEEP = (
    "INSERT INTO userlink_transactions (identifier, expires_at, sealed) VALUES (?, ?, ?)"
    " ON CONFLICT (identifier) DO UPDATE SET identifier = excluded.identifier,"
    " expires_at = excluded.expires_at, sealed = excluded.sealed"
)
_TAKE = "DELETE FROM userlink_transactions WHERE identifier = ? RETURNING sealed, expires_at"


class BareStatements:
    """
    What a hand-written application sends, in the words of the stores.

    Args:
        driver: that sends them.
    """

    def __init__(self, driver: Driver) -> None:
        self.execute = driver.execute
        self._get, self._insert, self._update, self._keep, self._take = (
            statement.replace("?", driver.placeholder)
            for statement in (_GET, _INSERT, _UPDATE, _KEEP, _TAKE)
        )

    def get(self, identifier: str) -> Sequence[Any] | None:
        """Read a session's row."""
        rows, _ = self.execute(self._get, identifier)
        return rows[0] if rows else None

    def insert(self, identifier: str, row: SessionRow) -> bool:
        """Write a session's first row."""
        return self.execute(self._insert, identifier, *row)[1] == 1

    def update(self, identifier: str, row: SessionRow, expected_version: int) -> bool:
        """Write over a version of a session."""
        return self.execute(self._update, *row, identifier, expected_version)[1] == 1

    def keep(self, identifier: str, expires_at: int, sealed: bytes) -> None:
        """Write a transaction's row."""
        self.execute(self._keep, identifier, expires_at, sealed)

    def take(self, identifier: str) -> Sequence[Any] | None:
        """Delete a transaction's row, and return what it held."""
        rows, _ = self.execute(self._take, identifier)
        return rows[0] if rows else None
