"""
Replacing connections that died while nobody used them, before a request finds out.

SQLAlchemy's ``pool_pre_ping`` asks each time, which for stores of one statement doubles what is sent. A connection that
has just been used is alive; one that has lain idle for as long as the quickest restart of a server is asked first.
"""

from functools import partial
from time import monotonic  # noqa: TID251 - how long a connection lies idle decides nothing but whether it is asked

from sqlalchemy import Dialect, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

__all__ = ["ask_idle_connections"]

IDLE_SECONDS = 0.1
_IDLE_SINCE = "userlink_idle_since"


def ask_idle_connections(engine: Engine) -> None:
    """Have an engine's pool ask a connection that lay idle whether it is alive, and replace it when it is not."""
    event.listen(engine, "checkin", _note)
    event.listen(engine, "checkout", partial(_ask, engine.dialect))


def _note(connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
    entry.info[_IDLE_SINCE] = monotonic()


def _ask(
    dialect: Dialect, connection: DBAPIConnection, entry: ConnectionPoolEntry, proxy: object
) -> None:
    idle_since: float | None = entry.info.pop(_IDLE_SINCE, None)
    if idle_since is None or monotonic() - idle_since < IDLE_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        # The others are likely to be dead, too; the pool gets a new one for this caller.
        raise InvalidatePoolError from error
