"""The SQL stores are stores to a type checker, too; never run."""

from typing import assert_type

from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import create_async_engine

from userlink import (
    BlockingStateStore,
    BlockingTransactionStore,
    ServerClient,
    StateStore,
    SyncServerClient,
    TransactionStore,
)
from userlink_sqlalchemy import (
    BlockingSqlStateStore,
    BlockingSqlTransactionStore,
    SqlStateStore,
    SqlTransactionStore,
)

engine = create_engine("sqlite:///a.db")
async_engine = create_async_engine("postgresql+asyncpg://localhost/a")

state_store: StateStore = SqlStateStore(async_engine)
transaction_store: TransactionStore = SqlTransactionStore(engine)
blocking_state_store: BlockingStateStore = BlockingSqlStateStore(engine)
blocking_transaction_store: BlockingTransactionStore = BlockingSqlTransactionStore("sqlite:///a.db")

ServerClient(
    state_store=SqlStateStore(engine), transaction_store=BlockingSqlTransactionStore(engine)
)
SyncServerClient(
    state_store=BlockingSqlStateStore(engine), transaction_store=BlockingSqlTransactionStore(engine)
)
# Nobody awaits in plain threads.
SyncServerClient(state_store=SqlStateStore(engine))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
BlockingSqlStateStore(async_engine)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


async def purges() -> None:
    """Purging tells how many."""
    assert_type(await SqlStateStore(engine).purge_expired(batch_size=10), int)
    assert_type(BlockingSqlStateStore(engine).purge_expired(grace_seconds=0), int)
