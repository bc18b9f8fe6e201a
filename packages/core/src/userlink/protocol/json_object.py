"""Reading JSON that comes from outside: an object, or nothing."""

import json
from collections.abc import Mapping
from typing import Any, TypeGuard

__all__ = ["is_mapping", "is_sequence", "parse_json_object"]


def parse_json_object(data: bytes | str) -> Mapping[str, Any] | None:
    """Return the members of a JSON object; None when the text is anything else, however deeply nested."""
    try:
        document: object = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return document if is_mapping(document) else None


def is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    """Tell whether a value is a mapping; its keys and values are still to be checked."""
    return isinstance(value, Mapping)


def is_sequence(value: object) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    """Tell whether a value is a list or a tuple; its items are still to be checked."""
    return isinstance(value, list | tuple)
