"""
A real PostgreSQL of one's own, for benchmarks and tests: a cluster on a free port of loopback, gone at the end.

The programs are those of the machine, such as Debian's ``postgresql``. PostgreSQL refuses to run as root; where we do,
its processes are ``nobody``'s.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import attrs

__all__ = ["PASSWORD", "MissingPostgres", "PostgresCluster", "running_cluster"]

USER = "postgres"
PASSWORD = "canary-database-password"
TIMEOUT_SECONDS = 60
PACKAGED = "/usr/lib/postgresql"


class MissingPostgres(Exception):
    """The machine has no PostgreSQL; the message says how to get it."""


@attrs.define
class PostgresCluster:
    """
    A cluster that can crash and be started again.

    Attributes:
        programs: the folder of ``postgres``, ``initdb`` and ``pg_ctl``.
        folder: of the cluster, with the data in ``data``.
        port: on 127.0.0.1.
    """

    programs: Path
    folder: Path
    port: int

    def url(self, driver: str = "psycopg", database: str = "postgres") -> str:
        """Return the URL of a database for SQLAlchemy."""
        address = f"{USER}:{PASSWORD}@127.0.0.1:{self.port}"
        return f"postgresql+{driver}://{address}/{database}"

    def initialise(self) -> None:
        """Make the cluster: users prove themselves by password, and nothing is synced to the disk."""
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        _own(self.folder, secret)
        self._run(
            *("initdb", "--pgdata", str(self._data), "--username", USER, "--pwfile", str(secret)),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
        )

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = (
            f"-p {self.port} -h 127.0.0.1 -k '' -F -c max_connections=200 -c shared_buffers=32MB"
        )
        self._run(
            *("pg_ctl", "start", "--wait", "--silent", "--timeout", str(TIMEOUT_SECONDS)),
            *("--pgdata", str(self._data), "--log", str(self.folder / "log"), "-o", settings),
        )

    def stop(self) -> None:
        """Stop it in an orderly way, cutting every connection."""
        self._stop("fast")

    def crash(self) -> None:
        """Abort every process of it: connections break off, nothing is tidied up, the next start recovers."""
        self._stop("immediate")

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _stop(self, mode: str) -> None:
        self._run("pg_ctl", "stop", "--wait", "--silent", "--mode", mode, "-D", str(self._data))

    def _run(self, program: str, *arguments: str) -> None:
        as_nobody = ["runuser", "-u", "nobody", "--"] if os.geteuid() == 0 else []
        output = self.folder / f"{program}.out"
        with output.open("w+b") as printed:
            # A file and no pipe: the server inherits it, and would keep a pipe open.
            ended = subprocess.run(
                [*as_nobody, str(self.programs / program), *arguments],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                timeout=2 * TIMEOUT_SECONDS,
                check=False,
            )
        if ended.returncode != 0:
            log = self.folder / "log"
            said = output.read_text() + (log.read_text() if log.exists() else "")
            raise RuntimeError(f"{program} failed: {said}")


@contextmanager
def running_cluster() -> Generator[PostgresCluster]:
    """
    Make and start a cluster; stop it and remove its files at the end.

    Raises:
        MissingPostgres: when the machine has none.
    """
    programs = _find_programs()
    with tempfile.TemporaryDirectory(prefix="userlink-pg-", ignore_cleanup_errors=True) as folder:
        cluster = PostgresCluster(programs, Path(folder), _free_port())
        cluster.initialise()
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()


def _find_programs() -> Path:
    """Return the folder of the newest PostgreSQL of the machine."""
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).resolve().parent
    packaged = [path.parent for path in Path(PACKAGED).glob("*/bin/initdb")]
    if not packaged:
        raise MissingPostgres("PostgreSQL is not installed: apt-get install postgresql")
    return max(packaged, key=lambda folder: float(folder.parent.name))


def _own(*paths: Path) -> None:
    """Give paths to the user as whom PostgreSQL will run."""
    for path in paths:
        path.chmod(0o700)
        if os.geteuid() == 0:
            shutil.chown(path, user="nobody")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
