"""The command, as it is typed."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

CONFIG = """
[[users]]
username = "ada"

[[clients]]
client_id = "app"
redirect_uris = ["http://localhost:5000/cb"]
"""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "userlink_devtenant", *arguments]


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command that ends by itself."""
    return subprocess.run(command(*arguments), capture_output=True, text=True, check=False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_what_it_is_serves_and_stops(number: signal.Signals, tmp_path: Path) -> None:
    """The banner comes first; Ctrl+C and SIGTERM end it well."""
    path = tmp_path / "tenant.toml"
    path.write_text(CONFIG, encoding="utf-8")
    process = subprocess.Popen(
        command("--port", "0", "--config", str(path)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = list(iter(process.stdout.readline, "Stop it with Ctrl+C.\n"))
    said = "".join(lines)
    issuer = re.findall(r"Issuer: +(http://127\.0\.0\.1:\d+/)", said)[0]
    query = "client_id=app&redirect_uri=http%3A%2F%2Flocalhost%3A5000%2Fcb&state=canary-state"
    refused = httpx.get(f"{issuer}authorize?{query}", trust_env=False)
    process.send_signal(number)
    _, log = process.communicate()

    assert "NOT FOR PRODUCTION" in said
    assert "ada" in said
    assert "app" in said
    assert 303 == refused.status_code
    assert "REFUSED GET /authorize: unsupported_response_type" in log
    assert "GET /authorize -> 303" in log
    assert "canary-state" not in log
    assert 0 == process.returncode


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--host", "192.0.2.1"), "--expose-insecure-tenant-to-the-network"),
        (("--config", "nowhere.toml"), "nowhere.toml cannot be read"),
        (("--port", "70000"), "70000"),
    ],
)
def test_what_it_cannot_do_is_said_in_one_line(arguments: tuple[str, ...], words: str) -> None:
    """No traceback, and a status for scripts."""
    ended = run(*arguments)

    assert 2 == ended.returncode
    assert ended.stderr.startswith("userlink-devtenant: ")
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr


def test_help_names_every_option() -> None:
    """And what the tenant is not for."""
    shown = run("--help").stdout

    assert "Not for production" in shown
    for option in ("--port", "--host", "--config", "--expose-insecure-tenant-to-the-network"):
        assert option in shown


def test_the_command_is_installed() -> None:
    """The console script stands beside the interpreter."""
    script = Path(sys.executable).with_name("userlink-devtenant")

    ended = subprocess.run([script, "--help"], capture_output=True, text=True, check=False)

    assert 0 == ended.returncode
