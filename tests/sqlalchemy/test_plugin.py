"""Stores chosen by URL: what an application writes, found by the entry point."""

from typing import Any

import pytest

from support.postgresql import PostgresCluster
from support.sql_clients import SEALING_SECRET, sign_in, sql_client
from userlink import ConfigurationError, SyncServerClient
from userlink.testing import InMemoryProvider
from userlink_sqlalchemy import (
    BlockingSqlStateStore,
    BlockingSqlTransactionStore,
    SqlStateStore,
    SqlTransactionStore,
)
from userlink_sqlalchemy._plugin import userlink_state_store, userlink_transaction_store


@pytest.mark.anyio
@pytest.mark.parametrize("driver", ["psycopg", "asyncpg", "sqlite"])
async def test_a_client_is_given_the_url_alone(
    driver: str, postgresql: PostgresCluster, sqlite_url: str, anyio_backend: str
) -> None:
    """``state_store="postgresql+asyncpg://…"``: the session is on the server, and the cookie is its id."""
    if (driver, anyio_backend) == ("asyncpg", "trio"):
        return
    url = sqlite_url if driver == "sqlite" else postgresql.url(driver)
    provider, cookies = InMemoryProvider(), dict[str, str]()
    client = sql_client(provider, url)

    await sign_in(client, provider, cookies)

    assert 43 == len(cookies["__Host-userlink_session"])
    assert await client.get_user({"cookies": cookies}) is not None
    await client.logout(None, {"cookies": cookies})
    assert await client.get_user({"cookies": cookies}) is None
    await client.aclose()


@pytest.mark.parametrize("blocking", [True, False])
def test_stores_fit_the_client_that_asks(sqlite_url: str, blocking: bool) -> None:
    """Blocking ones for ``SyncServerClient``."""
    expected = (
        (BlockingSqlStateStore, BlockingSqlTransactionStore)
        if blocking
        else (SqlStateStore, SqlTransactionStore)
    )

    state_store = userlink_state_store(sqlite_url, blocking)
    transaction_store = userlink_transaction_store(sqlite_url, blocking)

    assert expected == (type(state_store), type(transaction_store))


@pytest.mark.parametrize("location", ["memory:", "file:sessions", "redis://host", "sqlite", ""])
def test_other_locations_are_left_to_other_plugins(location: str) -> None:
    """The hook takes the first answer."""
    assert userlink_state_store(location, blocking=False) is None
    assert userlink_transaction_store(location, blocking=False) is None


def arguments(**changes: Any) -> dict[str, Any]:
    """Return the arguments of a client."""
    return {
        "domain": "tenant.example",
        "client_id": "client",
        "client_secret": "secret",
        "secret": SEALING_SECRET,
        "authorization_params": {"redirect_uri": "https://app.example/auth/callback"},
        **changes,
    }


def test_a_blocking_client_is_told_which_driver_it_needs() -> None:
    """When it is built."""
    with pytest.raises(ConfigurationError, match=r"postgresql\+psycopg"):
        SyncServerClient(**arguments(state_store="postgresql+asyncpg://db.example/app"))


def test_a_database_that_lacks_what_is_needed_is_refused_by_name() -> None:
    """And not by "no plugin knows"."""
    with pytest.raises(ConfigurationError, match="do not work on mysql"):
        SyncServerClient(**arguments(transaction_store="mysql+pymysql://db.example/app"))
