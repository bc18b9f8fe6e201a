"""A machine without PostgreSQL skips the tests that need it and says how to get it; CI fails there."""

from pathlib import Path

import pytest

from benchmarks import postgres_cluster
from support import postgresql
from support.missing import REQUIRE_ALL


@pytest.fixture(autouse=True)
def _no_postgresql(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgres_cluster, "PACKAGED", str(tmp_path))


def start() -> None:
    """Start a cluster."""
    with postgresql.running_postgresql():
        pass


def test_tests_are_skipped_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason is a command."""
    monkeypatch.delenv(REQUIRE_ALL, raising=False)

    with pytest.raises(pytest.skip.Exception, match="apt-get install postgresql"):
        start()


def test_tests_fail_where_everything_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    """``USERLINK_REQUIRE_ALL=1``, as CI has it."""
    monkeypatch.setenv(REQUIRE_ALL, "1")

    with pytest.raises(pytest.fail.Exception, match="apt-get install postgresql"):
        start()
