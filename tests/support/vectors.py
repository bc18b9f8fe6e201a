"""Examples of the specifications, kept as JSON in ``tests/vectors``."""

import json
from pathlib import Path
from typing import Any

__all__ = ["load"]

_FOLDER = Path(__file__).parents[1] / "vectors"


def load(name: str) -> dict[str, Any]:
    """Read the vectors of a specification, such as ``load("rfc7636")``."""
    vectors: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return vectors
