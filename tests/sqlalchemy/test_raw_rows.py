"""What lies in tables and files: sealed bytes and the columns of the indexes. No token, no claim, no e-mail address."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import create_engine, text

from support.postgresql import PostgresCluster
from support.sql_clients import sql_client
from userlink import ServerClient
from userlink.testing import Identity, InMemoryProvider
from userlink_sqlalchemy import SqlStateStore, SqlTransactionStore, metadata

pytestmark = pytest.mark.anyio

FILES = ("sessions.db", "sessions.db-wal", "sessions.db-shm")
EMAIL = "canary-alice@example.com"


async def journey(client: ServerClient, provider: InMemoryProvider) -> set[str]:
    """Sign in, link, start another link, and return every secret that was in play."""
    cookies: dict[str, str] = {}
    options = {"cookies": cookies}
    account = provider.accounts["alice"]
    account.claims.update(email=EMAIL, name="Canary Alice", phone_number="+1 555 canary")
    secrets = {EMAIL, "Canary Alice", "+1 555 canary", "canary-note", "canary-github-id"}
    identity = Identity("github", "canary-github-id")
    for start, complete in (
        (client.start_interactive_login, client.complete_interactive_login),
        (client.start_link_user, client.complete_link_user),
    ):
        asked: Any = {"app_state": {"note": "canary-note"}}
        if start == client.start_link_user:
            asked["connection"] = "github"
        url = await start(asked, options)
        callback = provider.authorize(url, identity=identity)
        secrets |= parameters(url, "state", "nonce", "code_challenge", "id_token_hint")
        secrets |= parameters(callback, "code")
        await complete(callback, options)
    session = await client.get_session(options)
    assert session is not None
    assert session.refresh_token is not None
    secrets |= {session.id_token, session.refresh_token}
    secrets |= {tokens.access_token.reveal() for tokens in session.token_sets}
    secrets |= {logged.form["code_verifier"] for logged in provider.requests_to("token")}
    # The transaction of this one stays in its table.
    url = await client.start_link_user(
        {"connection": "google", "app_state": {"note": "canary-note"}}, options
    )
    return secrets | parameters(url, "state", "nonce") | set(cookies.values())


def parameters(url: str, *names: str) -> set[str]:
    """Return values out of a URL's query."""
    return {value for name, value in parse_qsl(urlsplit(url).query) if name in names}


def forms_of(secret: str) -> list[bytes]:
    """Return a secret as a careless store could have written it."""
    plain = secret.encode()
    return [
        plain,
        b64encode(plain).rstrip(b"="),
        urlsafe_b64encode(plain).rstrip(b"="),
        plain.hex().encode(),
    ]


def found_in(content: bytes, secrets: set[str]) -> list[str]:
    """Return those secrets that a content holds."""
    return [secret for secret in secrets if any(form in content for form in forms_of(secret))]


def content_of(files: Iterable[Path]) -> bytes:
    """Return what is in files, one after the other."""
    return b"".join(file.read_bytes() for file in files)


def all_rows(url: str) -> bytes:
    """Return everything that the tables hold, one after the other."""
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = [
            row for table in metadata.sorted_tables for row in connection.execute(table.select())
        ]
    engine.dispose()
    assert 2 == len(rows)
    return b"\n".join(
        value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row
    )


async def test_a_file_of_sqlite_holds_no_secret(sqlite_url: str, tmp_path: Path) -> None:
    """The file, its write-ahead log and its index, while they are in use."""
    provider = InMemoryProvider()
    sessions, transactions = SqlStateStore(sqlite_url), SqlTransactionStore(sqlite_url)
    client = sql_client(provider, None, state_store=sessions, transaction_store=transactions)

    secrets = await journey(client, provider)

    content = content_of(tmp_path / name for name in FILES)
    assert b"auth0|alice" in content  # what is looked for is where it is looked for
    assert [] == found_in(content, secrets)
    assert [] == found_in(all_rows(sqlite_url), secrets)
    assert len(secrets) > 15
    await sessions.aclose()
    await transactions.aclose()


async def test_tables_and_files_of_postgresql_hold_no_secret(postgresql: PostgresCluster) -> None:
    """Tables, write-ahead log and the server's own log."""
    provider = InMemoryProvider()
    sessions, transactions = SqlStateStore(postgresql.url()), SqlTransactionStore(postgresql.url())
    client = sql_client(provider, None, state_store=sessions, transaction_store=transactions)

    secrets = await journey(client, provider)

    engine = create_engine(postgresql.url(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CHECKPOINT"))
    engine.dispose()
    holding_the_subject = 0
    for file in postgresql.folder.rglob("*"):
        if file.is_file() and file.name != "password":
            content = file.read_bytes()
            holding_the_subject += b"auth0|alice" in content
            assert [] == found_in(content, secrets), file
    assert holding_the_subject >= 2  # the table and the write-ahead log
    assert [] == found_in(all_rows(postgresql.url()), secrets)
    await sessions.aclose()
    await transactions.aclose()


@pytest.mark.parametrize("form", range(4))
def test_a_secret_is_found_in_each_form(form: int) -> None:
    """The search, on which the tests above stand, finds what is there."""
    content = b"\x00" + forms_of(EMAIL)[form] + b"\xff"

    assert [EMAIL] == found_in(content, {EMAIL, "another"})
