"""The databases that the stores are tested on, each as applications give it to a store."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from support.postgresql import PostgresCluster, running_postgresql
from userlink_sqlalchemy import metadata


@pytest.fixture(scope="session")
def postgresql_cluster() -> Iterator[PostgresCluster]:
    """Run one PostgreSQL for all tests."""
    with running_postgresql() as cluster:
        yield cluster


@pytest.fixture
def postgresql(postgresql_cluster: PostgresCluster) -> Iterator[PostgresCluster]:
    """Return the cluster, with empty tables."""
    engine = create_engine(postgresql_cluster.url())
    metadata.drop_all(engine)
    metadata.create_all(engine)
    yield postgresql_cluster
    engine.dispose()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Return the URL of a file that is not there yet."""
    return f"sqlite:///{tmp_path / 'sessions.db'}"
