"""The statements of each method with nothing around them: sent by userlink's stores, and by the bare driver."""

from collections.abc import Sequence
from typing import Any, Protocol

from attrs import astuple, evolve, frozen

from benchmarks.bare.sql_statements import BareStatements, SessionRow
from userlink import StateRecord, TransactionRecord
from userlink_sqlalchemy import BlockingSqlStateStore, BlockingSqlTransactionStore

__all__ = ["BareSide", "OurSide", "Side"]


class Side(Protocol):
    """Sends what the methods of a client send, in their order."""

    def get_user(self) -> Sequence[Any]:
        """Read the session's row, and return it."""
        ...

    def start_link_user(self, handle: str) -> None:
        """Read the session's row; write a transaction's."""
        ...

    def complete_link_user(self, handle: str) -> Sequence[Any]:
        """Take the transaction's row, and return it; read the session's, and write over it by its version."""
        ...


@frozen
class OurSide:
    """
    Userlink's stores.

    Attributes:
        sessions: the one for sessions.
        transactions: the one for transactions.
        identifier: of a session that is there.
        transaction: what is kept for each.
    """

    sessions: BlockingSqlStateStore
    transactions: BlockingSqlTransactionStore
    identifier: str
    transaction: TransactionRecord

    def get_user(self) -> Sequence[Any]:
        """Read the session's row, and return it."""
        held = self._held()
        return held.version, held.expires_at, held.issuer, held.subject, held.sid, held.sealed

    def start_link_user(self, handle: str) -> None:
        """Read the session's row; write a transaction's."""
        self._held()
        self.transactions.set(handle, self.transaction, {})

    def complete_link_user(self, handle: str) -> Sequence[Any]:
        """Take the transaction's row, and return it; read the session's, and write over it by its version."""
        taken = self.transactions.take(handle, {})
        held = self._held()
        newer = evolve(held, version=held.version + 1)
        assert self.sessions.set(self.identifier, newer, held.version, {})
        assert taken is not None
        return astuple(taken)

    def _held(self) -> StateRecord:
        held = self.sessions.get(self.identifier, {})
        assert held is not None
        return held


@frozen
class BareSide:
    """
    The bare driver.

    Attributes:
        statements: that it sends.
        identifier: of a session that is there.
        transaction: what is kept for each.
    """

    statements: BareStatements
    identifier: str
    transaction: TransactionRecord

    def get_user(self) -> Sequence[Any]:
        """Read the session's row, and return it."""
        return self._held()

    def start_link_user(self, handle: str) -> None:
        """Read the session's row; write a transaction's."""
        self._held()
        self.statements.keep(handle, self.transaction.expires_at, self.transaction.sealed)

    def complete_link_user(self, handle: str) -> Sequence[Any]:
        """Take the transaction's row, and return it; read the session's, and write over it by its version."""
        taken = self.statements.take(handle)
        held = self._held()
        assert self.statements.update(self.identifier, (held[0] + 1, *held[1:]), held[0])
        assert taken is not None
        return taken

    def _held(self) -> SessionRow:
        row = self.statements.get(self.identifier)
        assert row is not None
        version, expires_at, issuer, subject, sid, sealed = row
        return version, expires_at, issuer, subject, sid, sealed
