"""What userlink finds under the entry point: stores for the URLs of databases."""

from userlink import (
    BlockingStateStore,
    BlockingTransactionStore,
    StateStore,
    TransactionStore,
    hookimpl,
)

__all__: list[str] = []

# Also those on which the stores do not work: their error says why, where "no plugin knows" would not.
_SCHEMES = {"mariadb", "mssql", "mysql", "oracle", "postgres", "postgresql", "sqlite"}


@hookimpl
def userlink_state_store(location: str, blocking: bool) -> StateStore | BlockingStateStore | None:
    """Return the store for a URL of a database, such as ``postgresql+psycopg://user@host/database``."""
    if not _is_database(location):
        return None
    from ._async_store import SqlStateStore
    from ._blocking_store import BlockingSqlStateStore

    return BlockingSqlStateStore(location) if blocking else SqlStateStore(location)


@hookimpl
def userlink_transaction_store(
    location: str, blocking: bool
) -> TransactionStore | BlockingTransactionStore | None:
    """Return the store for a URL of a database, such as ``sqlite:///sessions.db``."""
    if not _is_database(location):
        return None
    from ._async_store import SqlTransactionStore
    from ._blocking_store import BlockingSqlTransactionStore

    return BlockingSqlTransactionStore(location) if blocking else SqlTransactionStore(location)


def _is_database(location: str) -> bool:
    scheme, separator, _ = location.partition("://")
    return bool(separator) and scheme.partition("+")[0] in _SCHEMES
