"""``pytest --userlink-app``: the cases against an application that runs already, in a process of their own."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import evolve

from support.hostile_targets import starlette_target
from support.weak_application import weak_application
from userlink.testing.hostile import Application, ApplicationFactory, Credentials

CLIENT = ("hostile-test-client", "hostile-test-client-secret-0123456789")


def two_free_ports() -> int:
    """Return a port that is free and whose successor is."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


@contextmanager
def running(factory: ApplicationFactory) -> Iterator[tuple[Application, int]]:
    """Run an application before its provider is there."""
    port = two_free_ports()
    credentials = Credentials(
        f"http://127.0.0.1:{port}", *CLIENT, rival_issuer=f"http://127.0.0.1:{port + 1}"
    )
    with factory(credentials) as application:
        yield application, port


def attack(
    application: Application, port: int, folder: Path, *options: str
) -> subprocess.CompletedProcess[str]:
    """Run pytest against an application."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    return subprocess.run(
        [
            *(*command, f"--userlink-app={application.url}/"),
            *(f"--userlink-issuer-port={port}", *options),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )


def test_an_application_that_withstands(tmp_path: Path) -> None:
    """Its own tests are left alone; those that need a restart are skipped with a reason."""
    (tmp_path / "test_own.py").write_text("def test_own(): assert False\n", encoding="utf-8")
    with running(starlette_target) as (application, port):
        ended = attack(application, port, tmp_path, "--userlink-error-parameter=error", "-rs")

    assert 0 == ended.returncode, ended.stdout
    assert "passed" in ended.stdout
    assert "failed" not in ended.stdout
    assert f"issuer http://127.0.0.1:{port}, client_id {CLIENT[0]}," in ended.stdout


def test_a_weak_application_is_reported(tmp_path: Path) -> None:
    """The report is the case's, without a traceback; -k chooses among the cases."""
    with running(weak_application("alg none")) as (application, port):
        ended = attack(application, port, tmp_path, "-k", "sig-none")

    assert 1 == ended.returncode
    assert "userlink::tokens::oidcc-client-test-idtoken-sig-none" in ended.stdout
    assert "  for a user: Whoever can reach the callback signs in" in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr


def test_an_application_with_other_routes_is_reached(tmp_path: Path) -> None:
    """A route that is not there is told, as no finding of a case."""
    with running(weak_application()) as (application, port):
        moved = evolve(application, me="/elsewhere")
        options = [f"--userlink-me={moved.me}", "-k", "sig-none"]
        ended = attack(application, port, tmp_path, *options)

    assert "the page /elsewhere names nobody, and not auth0|victim" in ended.stdout


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    """The tester chooses another."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = attack(Application("http://127.0.0.1:9"), port, tmp_path)

    assert "pass --userlink-issuer-port" in ended.stdout + ended.stderr
    assert 0 != ended.returncode


def test_loading_the_plugin_does_not_import_the_kit() -> None:
    """It is loaded in every pytest run of the environment, so it has to be cheap."""
    program = "import sys, userlink.testing.hostile.plugin; print(*sorted(sys.modules))"
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(ended.stdout.split())

    assert "userlink.testing.hostile.plugin" in loaded
    assert {"httpx", "joserfc", "userlink.testing.hostile.provider"}.isdisjoint(loaded)
