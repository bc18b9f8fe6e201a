"""The hand-written client with its sessions and transactions in a database: ids in cookies, sealed rows, tickets."""

import time
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from benchmarks.web import Request, Response

from .client import SESSION_COOKIE, TRANSACTION_COOKIE, BareClient, digest
from .sealing import read_cookie, seal, unseal
from .sql_statements import BareStatements, SessionRow

__all__ = ["BareSqlClient", "session_row"]


@frozen
class BareSqlClient(BareClient):
    """
    An application's own code, over one connection.

    Attributes:
        statements: that it sends.
    """

    statements: BareStatements

    def read_session(self, request: Request, now: int) -> dict[str, Any] | None:
        """Look up the id in the cookie, and open the row."""
        session_id = request.cookies.get(SESSION_COOKIE)
        if not session_id:
            return None
        identifier = digest(session_id)
        row = self.statements.get(identifier)
        if row is None:
            return None
        session: dict[str, Any] | None = unseal(self.sessions, row[5].decode(), identifier)
        if session is None:
            return None
        session["version"] = row[0]
        expires_at = min(session["idle_expires_at"], session["absolute_expires_at"])
        return session if now < expires_at else None

    def write_session(
        self, request: Request, response: Response, session: dict[str, Any], now: int
    ) -> None:
        """Write over the version that was read."""
        identifier, version = digest(session["id"]), session.pop("version")
        sealed = seal(self.sessions, session, identifier).encode()
        row = session_row(session, version + 1, sealed)
        if not self.statements.update(identifier, row, version):
            raise ValueError("another write came first")

    def keep_transaction(
        self, request: Request, response: Response, state: str, transaction: Mapping[str, Any]
    ) -> None:
        """Write the transaction's row, and put a ticket into the browser's cookie."""
        identifier, expires_at = digest(state)[:22], transaction["expires_at"]
        sealed = seal(self.transactions, transaction, identifier).encode()
        self.statements.keep(identifier, expires_at, sealed)
        ticket = {
            "kind": "ticket",
            "expires_at": expires_at,
            "app_state": transaction["app_state"],
        }
        super().keep_transaction(request, response, state, ticket)

    def take_transaction(self, request: Request, response: Response, state: str) -> dict[str, Any]:
        """Check the ticket, and take the row: of two callers one gets it."""
        identifier = digest(state)[:22]
        name = TRANSACTION_COOKIE + identifier
        ticket = unseal(self.transactions, read_cookie(request.cookies, name), name)
        if ticket is None or ticket["kind"] != "ticket":
            raise ValueError("no such transaction")
        row = self.statements.take(identifier)
        transaction: dict[str, Any] | None = None
        if row is not None:
            transaction = unseal(self.transactions, row[0].decode(), identifier)
        if transaction is None or transaction["kind"] != "link":
            raise ValueError("no such transaction")
        self.leave_tombstone(request, response, name, transaction, int(time.time()))
        return transaction


def session_row(session: Mapping[str, Any], version: int, sealed: bytes) -> SessionRow:
    """Return the columns of a session."""
    expires_at = min(session["idle_expires_at"], session["absolute_expires_at"])
    values = (session["issuer"], session["subject"], session["sid"])
    return version, expires_at, *values, sealed
