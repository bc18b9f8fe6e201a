"""Both sides with sessions and transactions in one database: userlink's SQL stores, and a bare driver."""

import os
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from benchmarks.bare.client import SESSION_COOKIE, digest
from benchmarks.bare.sealing import seal
from benchmarks.bare.sql_client import BareSqlClient, session_row
from benchmarks.bare.sql_driver import connected
from benchmarks.bare.sql_statements import BareStatements
from benchmarks.databases import Databases
from benchmarks.journeys import CLIENT_SECRET, DEFAULTS, LINK_OPTIONS, BothSides
from benchmarks.provider import CLIENT_ID, DOMAIN, BlockingProvider, Provider
from benchmarks.sample import bare_session, our_session
from benchmarks.web import Request, Response
from userlink import StateRecord, SyncServerClient
from userlink.stores.cookies import CookieNames
from userlink.stores.keyring import derive_keys
from userlink.stores.sealing import Sealer
from userlink_sqlalchemy import BlockingSqlStateStore, BlockingSqlTransactionStore

__all__ = ["SqlJourneys"]


class SqlJourneys(BothSides):
    """
    Both sides over one database, in one thread: neither waits for another thread or an event loop.

    Args:
        databases: that close what is opened here.
        url: of an empty database.

    Attributes:
        url: of the database, whose tables are there now.
        client: userlink's.
        sessions: its state store.
        transactions: its transaction store.
        statements: the bare side's.
    """

    def __init__(self, databases: Databases, url: str) -> None:
        self.url = url
        self.provider = Provider()
        self.sessions = BlockingSqlStateStore(url)
        self.transactions = BlockingSqlTransactionStore(url)
        self.sessions.create_all()
        driver = connected(url)
        for close in (self.sessions.close, self.transactions.close, driver.close):
            databases.closing.callback(close)
        self.statements = BareStatements(driver)
        secret = os.urandom(32)
        self.client = self._our_client(secret)
        self.bare = self._bare_client()
        session = our_session(self.provider)
        identifier = digest(session.id.reveal())
        keys = derive_keys(
            [secret], "session", self.client.settings.issuer.discovery_url, CLIENT_ID
        )
        sealed = Sealer(keys, os.urandom).seal(session.to_record(), identifier).encode()
        about = (session.issuer, session.subject, session.sid)
        record = StateRecord(sealed, 1, session.expires_at, *about)
        assert self.sessions.set(identifier, record, None, {})
        names = CookieNames.of("userlink", secure=True)
        self.our_cookies = {names.session: session.id.reveal()}
        # The same session; only the id differs, as both are in one table.
        self.bare_cookies = self._insert({**bare_session(session), "id": os.urandom(16).hex()})

    def _our_client(self, secret: bytes) -> SyncServerClient:
        return SyncServerClient(
            domain=DOMAIN,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            secret=secret,
            authorization_params=DEFAULTS,
            transport=BlockingProvider(self.provider),
            state_store=self.sessions,
            transaction_store=self.transactions,
            token_endpoint_auth_method="client_secret_post",
            installed_plugins=False,
        )

    def _bare_client(self) -> BareSqlClient:
        return BareSqlClient(
            sessions=AESGCM(AESGCM.generate_key(256)),
            transactions=AESGCM(AESGCM.generate_key(256)),
            metadata=self.provider.metadata,
            keys=self.provider.keys,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            defaults=DEFAULTS,
            post=self.provider.post,
            used=set(),
            ended=set(),
            statements=self.statements,
        )

    def _insert(self, session: dict[str, Any]) -> dict[str, str]:
        identifier = digest(session["id"])
        sealed = seal(self.bare.sessions, session, identifier).encode()
        assert self.statements.insert(identifier, session_row(session, 1, sealed))
        return {SESSION_COOKIE: session["id"]}

    async def our_user(self, request: Request) -> Mapping[str, Any] | None:
        """Read with userlink who is signed in."""
        return self.client.get_user({"request": request, "response": Response()})

    async def our_start(self, response: Response) -> str:
        """Start a link with userlink."""
        store_options = {"request": Request(self.our_cookies), "response": response}
        return self.client.start_link_user(LINK_OPTIONS, store_options)

    async def our_complete(
        self, request: Request, response: Response, url: str
    ) -> Mapping[str, Any]:
        """Complete a link with userlink."""
        store_options = {"request": request, "response": response}
        return self.client.complete_link_user(url, store_options)
