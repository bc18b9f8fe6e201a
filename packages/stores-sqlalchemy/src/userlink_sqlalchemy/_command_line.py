"""The command line: print the tables' SQL, and purge what has expired, as a job that runs every hour."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence

from sqlalchemy.exc import SQLAlchemyError

from userlink import UserlinkError

from ._async_store import SqlStateStore, SqlTransactionStore
from ._schema import schema_sql

__all__ = ["main"]

URL_VARIABLE = "USERLINK_DATABASE_URL"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit status: 1 when the database refuses, 2 when the command makes no sense."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command == "schema":
        sys.stdout.write(schema_sql(options.dialect))
        return 0
    url = options.url or os.environ.get(URL_VARIABLE)
    if not url:
        parser.error(f"purge needs --url, or the environment variable {URL_VARIABLE}")
    return _purge(url, options.batch_size, options.grace_seconds)


def _purge(url: str, batch_size: int, grace_seconds: int) -> int:
    try:
        sessions, transactions = asyncio.run(_purged(url, batch_size, grace_seconds))
    except UserlinkError as error:
        sys.stderr.write(f"userlink_sqlalchemy: {error}\n")
        return 1
    except (SQLAlchemyError, OSError) as error:
        # What a driver says may quote the URL.
        name = type(error).__name__
        sys.stderr.write(f"userlink_sqlalchemy: the database cannot be purged ({name}).\n")
        return 1
    sys.stdout.write(f"Purged {sessions} sessions and {transactions} transactions.\n")
    return 0


async def _purged(url: str, batch_size: int, grace_seconds: int) -> tuple[int, int]:
    counts: list[int] = []
    for store in (SqlStateStore(url), SqlTransactionStore(url)):
        try:
            counts.append(
                await store.purge_expired(batch_size=batch_size, grace_seconds=grace_seconds)
            )
        finally:
            await store.aclose()
    return counts[0], counts[1]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m userlink_sqlalchemy",
        description="The tables of userlink: their SQL, and purging what has expired.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    schema = commands.add_parser("schema", help="print the SQL that makes the tables")
    schema.add_argument("--dialect", choices=("postgresql", "sqlite"), required=True)
    purge = commands.add_parser("purge", help="remove expired sessions and transactions")
    purge.add_argument(
        "--url",
        help=f"of the database; by default ${URL_VARIABLE}, which no list of processes shows",
    )
    purge.add_argument(
        "--batch-size", type=_positive, default=1000, help="rows per statement (default: 1000)"
    )
    purge.add_argument(
        "--grace-seconds",
        type=int,
        default=300,
        help="how long records stay after they expired (default: 300)",
    )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number
