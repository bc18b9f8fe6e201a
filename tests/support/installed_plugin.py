"""Plugins that are installed as users install them: a module, and metadata with an entry point beside it."""

from pathlib import Path

import pytest

__all__ = ["install_plugin"]


def install_plugin(
    monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, source: str, *, target: str = ""
) -> None:
    """
    Put a distribution on the path for the rest of the test.

    Args:
        monkeypatch: takes it away again.
        folder: to write to.
        name: of distribution, module and entry point; no two tests of a run may share it.
        source: of the module.
        target: what the entry point leads to, when it is not the module itself.
    """
    (folder / f"{name}.py").write_text(source, encoding="utf-8")
    metadata = folder / f"{name}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[userlink]\n{name} = {target or name}\n")
    monkeypatch.syspath_prepend(str(folder))
