"""The contracts on imports and the bans on clock and randomness fire when they are broken."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONFIGURATION = ROOT / "pyproject.toml"
# Installed beside the Python that runs the tests, on the path or not.
TOOLS = Path(sys.executable).parent

# The smallest trees on which all contracts hold.
KEPT = {
    "userlink/__init__.py": "",
    "userlink/errors.py": "",
    "userlink/lazy_names.py": "",
    "userlink/protocol/__init__.py": "import userlink.errors",
    "userlink/stores/__init__.py": "import userlink.protocol",
    "userlink/plugins/__init__.py": "import userlink.stores",
    "userlink/runtime/__init__.py": "import httpx\nimport userlink.plugins",
    "userlink/base_client.py": "import userlink.runtime",
    "userlink/client.py": "import userlink.base_client",
    "userlink/sync_client.py": "import userlink.base_client",
    "userlink/doctor/__init__.py": "import userlink.client\nimport userlink.sync_client",
    "userlink/__main__.py": "import userlink.doctor",
    "userlink_starlette/__init__.py": "import starlette\nimport userlink.client",
    "userlink/web/__init__.py": "import userlink.plugins",
    "userlink_flask/__init__.py": "import flask\nimport userlink.sync_client",
    "userlink_sqlalchemy/__init__.py": "import sqlalchemy\nimport userlink.client",
    "userlink_devtenant/__init__.py": "import flask",
}


def lint_imports(folder: Path, changed: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Write the tree with some files changed, and check it against the project's contracts."""
    for name, source in {**KEPT, **changed}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    command = [str(TOOLS / "lint-imports"), "--no-cache", "--config", str(CONFIGURATION)]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def banned(path: str, source: str) -> subprocess.CompletedProcess[str]:
    """Let ruff look at a source as if it were at that place."""
    command = [str(TOOLS / "ruff"), "check", "--no-cache", "--select", "TID251"]
    return subprocess.run(
        [*command, "--stdin-filename", str(ROOT / path), "-"],
        input=source,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_smallest_tree_keeps_all_contracts(tmp_path: Path) -> None:
    """The tests below change one thing each, and that thing alone breaks them."""
    answer = lint_imports(tmp_path, {})

    assert 0 == answer.returncode, answer.stdout


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        ("userlink/stores/__init__.py", "import userlink.plugins", "stores -> userlink.plugins"),
        ("userlink/errors.py", "import userlink.protocol", "errors -> userlink.protocol"),
        ("userlink/protocol/clock.py", "import time", "protocol.clock -> time"),
        ("userlink/protocol/fetch.py", "import httpx", "protocol.fetch -> httpx"),
        ("userlink/stray.py", "", "userlink.stray"),
        ("userlink/client.py", "import userlink.doctor", "userlink.client -> userlink.doctor"),
        ("userlink/web/log.py", "import logging", "web.log -> logging"),
        ("userlink/web/log.py", "import userlink.runtime", "web.log -> userlink.runtime"),
        ("userlink/web/flask.py", "import werkzeug", "web.flask -> werkzeug"),
        ("userlink_flask/__init__.py", "import userlink_starlette", "flask -> userlink_starlette"),
        ("userlink/client.py", "import starlette", "client -> starlette"),
        ("userlink/stores/__init__.py", "import sqlalchemy", "stores -> sqlalchemy"),
        ("userlink_devtenant/__init__.py", "import userlink_sqlalchemy", "userlink_sqlalchemy"),
        ("userlink/sync_client.py", "import userlink.client", "sync_client -> userlink.client"),
        ("userlink/base_client.py", "import userlink.client", "base_client -> userlink.client"),
        ("userlink_devtenant/__init__.py", "import userlink", "userlink_devtenant -> userlink"),
    ],
)
def test_a_forbidden_import_is_named(tmp_path: Path, name: str, source: str, expected: str) -> None:
    """Upward imports, I/O in the pure room, a room nobody planned, a framework in the core."""
    answer = lint_imports(tmp_path, {name: source})

    assert 1 == answer.returncode
    assert expected in answer.stdout


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import datetime\n\nnow = datetime.now()\n",
        "import time\n\nnow = time.time()\n",
        "from time import monotonic\n",
        "import secrets\n",
        "import os\n\nnoise = os.urandom(32)\n",
        "from uuid import uuid4\n",
    ],
)
def test_clock_and_randomness_are_banned_outside_their_two_modules(source: str) -> None:
    """The same lines are refused in a store, and in protocol/, and in an adapter."""
    places = ["core/src/userlink/stores/x.py", "core/src/userlink/protocol/x.py"]
    adapter = "adapters-starlette/src/userlink_starlette/_x.py"

    for place in [*places, adapter]:
        answer = banned(f"packages/{place}", source)

        assert 1 == answer.returncode
        assert "TID251" in answer.stdout


def test_the_two_modules_may_read_the_world() -> None:
    """runtime/clock.py and runtime/entropy.py are where time and randomness come from."""
    runtime = "packages/core/src/userlink/runtime"

    assert 0 == banned(f"{runtime}/clock.py", "import time\n\nnow = time.time()\n").returncode
    assert 0 == banned(f"{runtime}/entropy.py", "import secrets\n").returncode
