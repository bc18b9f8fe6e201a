"""Imports are relative within a room and name another room in full."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

CORE = Path(__file__).parents[2] / "packages" / "core" / "src" / "userlink"
ROOMS = ("doctor", "plugins", "protocol", "runtime", "stores", "web")
MODULES = sorted(path for room in ROOMS for path in CORE.joinpath(room).rglob("*.py"))


def imports_that_leave(source: str, depth: int) -> Iterator[str]:
    """Yield the relative imports of a module that climb out of its room, ``depth`` folders up."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level > depth:
            yield f"line {node.lineno}: from {'.' * node.level}{node.module or ''}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(CORE)))
def test_a_relative_import_stays_within_its_room(path: Path) -> None:
    """``from ..errors`` inside protocol/ is written ``from userlink.errors``."""
    depth = len(path.relative_to(CORE).parts) - 1

    assert [] == list(imports_that_leave(path.read_text(encoding="utf-8"), depth))


def test_an_import_that_leaves_is_found() -> None:
    """In protocol/flows/, two dots still name protocol/; three leave the room."""
    source = "from ..params import merge\nfrom ...errors import UserlinkError\n"

    assert ["line 2: from ...errors"] == list(imports_that_leave(source, 2))
