"""Node.js is found where it is, and what is missing is named, or fails where all is required."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.missing import REQUIRE_ALL, skip_or_fail
from support.node import HOW_TO_GET, WHEEL_MODULE, find_node, install_packages, require_node

NOWHERE = ""


TESTS = Path(__file__).parent.parent
INSTALL = """
import sys
from pathlib import Path
from support.node import install_packages, require_node
print(install_packages(require_node(), Path(sys.argv[1]), Path(sys.argv[2])))
"""


def start_install(manifests: Path, cache: Path) -> subprocess.Popen[str]:
    """Install in a process of its own, as another worker of pytest does."""
    return subprocess.Popen(
        [sys.executable, "-c", INSTALL, str(manifests), str(cache)],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_missing_piece_skips_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's machine may do without."""
    monkeypatch.delenv(REQUIRE_ALL, raising=False)

    with pytest.raises(pytest.skip.Exception, match="a piece is missing"):
        skip_or_fail("a piece is missing")


def test_a_missing_piece_fails_where_all_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    """Continuous integration skips nothing unseen."""
    monkeypatch.setenv(REQUIRE_ALL, "1")

    with pytest.raises(pytest.fail.Exception, match="a piece is missing"):
        skip_or_fail("a piece is missing")


def test_no_node_anywhere_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason has the command."""
    monkeypatch.delenv(REQUIRE_ALL, raising=False)
    monkeypatch.setenv("PATH", NOWHERE)
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, WHEEL_MODULE, raising=False)

    assert find_node() is None
    with pytest.raises(pytest.skip.Exception, match=HOW_TO_GET):
        require_node()


@pytest.mark.node
@pytest.mark.skipif(sys.platform == "win32", reason="the package is laid out otherwise there")
def test_the_node_of_a_python_package_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine without Node.js uses the one that pip installed, with its npm."""
    machine = require_node()
    package = tmp_path / "package_with_node"
    (package / "bin").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "bin" / "node").symlink_to(machine.executable)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    node = find_node(path=NOWHERE, wheel_module=package.name)

    assert node is not None
    assert machine.version == node.version
    assert package / "bin" / "node" == node.executable
    assert str(package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js") == node.npm[-1]


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for an old Node.js")
def test_an_old_node_is_not_taken(tmp_path: Path) -> None:
    """Node.js 18 lacks what the provider needs."""
    for name in ("node", "npm"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho v18.20.0\n")
        program.chmod(0o755)

    assert str(tmp_path / "node") == shutil.which("node", path=str(tmp_path))
    assert find_node(path=str(tmp_path), wheel_module="no_such_module") is None


@pytest.mark.node
def test_two_processes_install_once(tmp_path: Path) -> None:
    """Whoever comes second waits for the first, and uses what it made; nothing else is left."""
    require_node()
    manifests = tmp_path / "manifests"
    manifests.mkdir()
    (manifests / "package.json").write_text('{"name": "nothing", "private": true}')
    (manifests / ".npmrc").write_text("package-lock=false\n")
    cache = tmp_path / "cache"
    with start_install(manifests, cache) as first, start_install(manifests, cache) as second:
        printed = {process.communicate(timeout=120)[0].strip() for process in (first, second)}

    [installed] = map(Path, printed)
    assert {installed, cache / f"{installed.name}.lock"} == set(cache.iterdir())


@pytest.mark.node
def test_a_failed_install_names_what_npm_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its packages the provider is a missing piece; no half of it stays behind."""
    monkeypatch.delenv(REQUIRE_ALL, raising=False)
    node = require_node()
    manifests = tmp_path / "manifests"
    manifests.mkdir()
    (manifests / "package.json").write_text('{"dependencies": {"x": "file:./nowhere.tgz"}}')
    (manifests / ".npmrc").write_text("package-lock=false\n")
    cache = tmp_path / "cache"

    with pytest.raises(pytest.skip.Exception, match="npm could not install"):
        install_packages(node, manifests, cache)
    assert [".lock"] == [path.suffix for path in cache.iterdir()]
