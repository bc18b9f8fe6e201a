"""The tables, made in each way that is offered, are the same tables."""

import sqlite3

import pytest
from sqlalchemy import create_engine, inspect, text

from userlink_sqlalchemy import metadata, schema_sql

COLUMNS = {
    "userlink_sessions": [
        ("identifier", False),
        ("version", False),
        ("expires_at", False),
        ("issuer", False),
        ("subject", False),
        ("sid", True),
        ("sealed", False),
    ],
    "userlink_transactions": [("identifier", False), ("expires_at", False), ("sealed", False)],
}
INDEXES = {
    "userlink_sessions": [["expires_at"], ["issuer", "sid"], ["issuer", "subject"]],
    "userlink_transactions": [["expires_at"]],
}


def described(url: str) -> tuple[object, object]:
    """Return columns and indexes of the tables, as the database knows them."""
    engine = create_engine(url)
    looked = inspect(engine)
    columns = {
        name: [(column["name"], column["nullable"]) for column in looked.get_columns(name)]
        for name in COLUMNS
    }
    indexes = {
        name: sorted(index["column_names"] for index in looked.get_indexes(name))
        for name in INDEXES
    }
    engine.dispose()
    return columns, indexes


def test_the_sql_makes_the_tables_in_sqlite(sqlite_url: str) -> None:
    """It runs as it is printed."""
    connection = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    connection.executescript(schema_sql("sqlite"))
    connection.close()

    assert (COLUMNS, INDEXES) == described(sqlite_url)


def test_the_sql_makes_the_tables_in_postgresql(empty_database: str) -> None:
    """It runs as it is printed."""
    engine = create_engine(empty_database)
    with engine.begin() as connection:
        for statement in schema_sql("postgresql").split(";\n"):
            if statement.strip():
                connection.execute(text(statement))
    engine.dispose()

    assert (COLUMNS, INDEXES) == described(empty_database)


def test_the_metadata_can_be_used_by_sqlalchemy_itself(sqlite_url: str) -> None:
    """``metadata.create_all()``, for an application that makes its own tables so."""
    engine = create_engine(sqlite_url)
    metadata.create_all(engine)
    engine.dispose()

    assert (COLUMNS, INDEXES) == described(sqlite_url)


def test_there_is_no_sql_for_another_dialect() -> None:
    """Rather none than SQL that nobody has run."""
    with pytest.raises(KeyError, match="mysql"):
        schema_sql("mysql")
