"""JSON from outside is an object or nothing."""

from collections import OrderedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from userlink.protocol.json_object import is_mapping, is_sequence, parse_json_object


def test_an_object_is_read() -> None:
    """Members come back as they are (RFC 8259, 4)."""
    assert {"a": [1, None]} == parse_json_object(b'{"a": [1, null]}')


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"null", b'"{}"', b"{", b"\xff{}", b"<html>", b'{"a":' * 200_000],
    ids=["empty", "array", "null", "string", "cut", "not UTF-8", "HTML", "nested too deeply"],
)
def test_anything_else_is_nothing(text: bytes) -> None:
    """Malformed and endlessly nested documents are refused without an exception."""
    assert parse_json_object(text) is None


@given(st.binary())
def test_no_bytes_raise(data: bytes) -> None:
    """Whatever a provider sends, the answer is an object or None."""
    result = parse_json_object(data)

    assert result is None or is_mapping(result)


def test_the_guards_tell_kinds_apart() -> None:
    """Strings are neither mappings nor sequences here."""
    assert [True, False, False] == [is_mapping(value) for value in (OrderedDict(), [], "")]
    assert [True, True, False] == [is_sequence(value) for value in ([], (), "")]
