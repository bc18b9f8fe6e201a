"""A real PostgreSQL for the tests: a cluster of their own, the same as the benchmarks', or a skip that says why."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager

from benchmarks.postgres_cluster import (
    PASSWORD,
    MissingPostgres,
    PostgresCluster,
    running_cluster,
)

from .missing import skip_or_fail

__all__ = ["PASSWORD", "PostgresCluster", "running_postgresql"]


@contextmanager
def running_postgresql() -> Generator[PostgresCluster]:
    """
    Make and start a cluster; stop it and remove its files at the end.

    Raises:
        pytest.skip.Exception: when the machine has no PostgreSQL.
    """
    with ExitStack() as stack:
        try:
            cluster = stack.enter_context(running_cluster())
        except MissingPostgres as missing:
            skip_or_fail(str(missing))
        yield cluster
