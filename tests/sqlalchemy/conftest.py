"""The databases that the stores are tested on, each as applications give it to a store."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from support.postgresql import PostgresCluster, running_postgresql
from userlink_sqlalchemy import metadata


@pytest.fixture(scope="session")
def postgresql_cluster() -> Iterator[PostgresCluster]:
    """Run one PostgreSQL for all tests."""
    with running_postgresql() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def _tables(postgresql_cluster: PostgresCluster) -> Iterator[Engine]:
    engine = create_engine(postgresql_cluster.url(), pool_pre_ping=True)
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def postgresql(postgresql_cluster: PostgresCluster, _tables: Engine) -> PostgresCluster:
    """Return the cluster, with empty tables."""
    with _tables.begin() as connection:
        for table in metadata.tables.values():
            connection.execute(table.delete())
    return postgresql_cluster


@pytest.fixture
def empty_database(postgresql_cluster: PostgresCluster) -> Iterator[str]:
    """Return the URL of a database without tables."""
    engine = create_engine(postgresql_cluster.url(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE empty"))
    yield postgresql_cluster.url(database="empty")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE empty WITH (FORCE)"))
    engine.dispose()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Return the URL of a file that is not there yet."""
    return f"sqlite:///{tmp_path / 'sessions.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of each database in turn, for a driver that blocks."""
    if request.param == "sqlite":
        url: str = request.getfixturevalue("sqlite_url")
        return url
    cluster: PostgresCluster = request.getfixturevalue("postgresql")
    return cluster.url()
