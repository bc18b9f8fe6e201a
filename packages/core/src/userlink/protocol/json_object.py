"""
Reading JSON that comes from outside: an object, or nothing.

Python's reader takes more than JSON: ``NaN``, numbers beyond what a float holds, a name twice. All of these are refused
here: they would pass checks that compare, could not be written again, or mean one thing here and another elsewhere.
"""

import json
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, NoReturn, TypeGuard

__all__ = ["has_form", "is_mapping", "is_sequence", "parse_json_object"]


def parse_json_object(data: bytes | str) -> Mapping[str, Any] | None:
    """Return the members of a JSON object; None when the text is anything else, however deeply nested."""
    try:
        text = (
            data
            if isinstance(data, str)
            else data.decode(json.detect_encoding(data), "surrogatepass")
        )
        document: object = _DECODE(text)
    except (ValueError, RecursionError):
        return None
    return document if is_mapping(document) else None


def is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    """Tell whether a value is a mapping; its keys and values are still to be checked."""
    return isinstance(value, Mapping)


def is_sequence(value: object) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    """Tell whether a value is a list or a tuple; its items are still to be checked."""
    return isinstance(value, list | tuple)


def has_form(value: object, form: tuple[type | tuple[type, ...], ...]) -> TypeGuard[Sequence[Any]]:
    """Tell whether a value is a list with as many items as the form has, each of the type in its place."""
    return is_sequence(value) and len(value) == len(form) and all(map(isinstance, value, form))


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON (RFC 8259, 6)")


def _finite(number: str) -> float:
    value = float(number)
    if not isfinite(value):
        raise ValueError("a number is too large (RFC 8259, 6)")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name is there twice (RFC 7519, 4; RFC 8259, 4)")
    return members


# json.loads() would make a decoder at each call, which takes longer than reading a token's claims.
_DECODE = json.JSONDecoder(
    parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_unique
).decode
