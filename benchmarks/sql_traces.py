"""What was sent to a database, so that both sides can be seen to send the same."""

import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event

from benchmarks.bare.sql_statements import BareStatements

__all__ = ["plain", "traced_driver", "traced_engine"]


@contextmanager
def traced_engine(url: str) -> Generator[tuple[Engine, list[str]]]:
    """Open an engine of its own, and collect what it sends. A listener slows an engine down even when it is gone."""
    sent: list[str] = []
    engine = create_engine(url)

    def note(connection: object, cursor: object, statement: str, *others: object) -> None:
        sent.append(plain(statement))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield engine, sent
    finally:
        engine.dispose()


@contextmanager
def traced_driver(statements: BareStatements) -> Generator[list[str]]:
    """Collect what the bare side sends meanwhile."""
    sent: list[str] = []
    execute = statements.execute

    def noting(statement: str, *parameters: object) -> tuple[Sequence[Sequence[Any]], int]:
        sent.append(plain(statement))
        return execute(statement, *parameters)

    statements.execute = noting
    try:
        yield sent
    finally:
        statements.execute = execute


def plain(statement: str) -> str:
    """
    Return a statement without what drivers and SQLAlchemy spell differently.

    That is qualifiers, casts, placeholders, white space, and the collation that the columns have anyhow.
    """
    text = re.sub(r"\buserlink_\w+\.", "", statement)
    text = re.sub(r"%\(\w+\)s|%s", "?", text)
    text = re.sub(r"::[A-Z]+|\s+COLLATE \"C\"", "", text)
    return re.sub(r"\s*=\s*", "=", re.sub(r"\s+", " ", text))
