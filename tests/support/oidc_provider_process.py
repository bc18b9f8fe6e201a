"""Run the certified provider of ``tests/journeys/oidc_provider/`` in a process of its own."""

import json
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import attrs

from .node import install_packages, require_node

SOURCES = Path(__file__).parent.parent / "journeys" / "oidc_provider"
START_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 10
POLL_SECONDS = 0.02


@attrs.frozen
class ReadyProvider:
    """What the provider tells about itself once it listens."""

    issuer: str
    pid: int
    client_id: str
    client_secret: str = attrs.field(repr=False)


@contextmanager
def running_provider(*, issuer_ends_with_slash: bool = False) -> Generator[ReadyProvider]:
    """
    Start a provider on a free port of loopback; stop it at the end.

    Args:
        issuer_ends_with_slash: Whether the issuer ends with a slash, as Auth0's does.

    Raises:
        pytest.skip.Exception: When Node.js or the packages cannot be had.
        RuntimeError: When the provider does not start; the message has what it printed.
    """
    node = require_node()
    packages = install_packages(node, SOURCES)
    with tempfile.TemporaryDirectory() as folder:
        ready_file, log = Path(folder) / "ready.json", Path(folder) / "log.txt"
        environment = node.environment(
            OIDC_PROVIDER_READY_FILE=str(ready_file),
            OIDC_PROVIDER_PACKAGES=str(packages),
            OIDC_PROVIDER_TRAILING_SLASH="1" if issuer_ends_with_slash else "0",
        )
        with (
            log.open("wb") as output,
            subprocess.Popen(
                [node.executable, SOURCES / "server.mjs"],
                env=environment,
                # It ends when its input does: when this process is killed, too.
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
            ) as process,
        ):
            try:
                yield _wait_until_ready(process, ready_file, log)
            finally:
                _stop(process)


def _wait_until_ready(
    process: subprocess.Popen[bytes], ready_file: Path, log: Path
) -> ReadyProvider:
    give_up_at = time.monotonic() + START_TIMEOUT_SECONDS
    while not ready_file.exists():
        if process.poll() is not None or time.monotonic() > give_up_at:
            raise RuntimeError(f"the provider did not start: {log.read_text()}")
        time.sleep(POLL_SECONDS)
    told = json.loads(ready_file.read_text())
    return ReadyProvider(told["issuer"], told["pid"], told["client_id"], told["client_secret"])


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
