"""JSON from outside is an object or nothing."""

import json
from collections import OrderedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import json_objects, raw_json_values
from userlink.protocol.json_object import has_form, is_mapping, is_sequence, parse_json_object


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


@pytest.mark.parametrize(
    "value",
    ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1" * 5000],
    ids=lambda text: text[:9],
)
def test_numbers_beyond_json_are_refused(value: str) -> None:
    """NaN passes every comparison, infinity never expires, and neither can be written again (RFC 8259, 6)."""
    assert parse_json_object(f'{{"exp": {value}}}') is None


def test_ordinary_numbers_are_read() -> None:
    """Fractions and exponents stay what they are."""
    assert {"a": 1.5, "b": -2e10, "c": 12} == parse_json_object('{"a": 1.5, "b": -2e10, "c": 12}')


@pytest.mark.parametrize("text", ['{"sub": "a", "sub": "b"}', '{"x": [{"y": 1, "\\u0079": 1}]}'])
def test_a_name_given_twice_is_refused(text: str) -> None:
    """Two readers would believe two different things (RFC 7519, 4; RFC 8725, 2.4)."""
    assert parse_json_object(text) is None


def test_bytes_are_read_like_text() -> None:
    """Half a character pair too, which a text may have as an escape: one reading for both, as ``json.loads()`` does."""
    assert {"a": "\ud800"} == parse_json_object('{"a": "\\ud800"}')
    assert {"a": "\ud800"} == parse_json_object(b'{"a": "\xed\xa0\x80"}')


@given(st.binary())
def test_no_bytes_raise(data: bytes) -> None:
    """Whatever a provider sends, the answer is an object or None."""
    result = parse_json_object(data)

    assert result is None or is_mapping(result)


@given(st.dictionaries(st.text(), raw_json_values))
def test_what_was_read_can_be_written(document: dict[str, object]) -> None:
    """No claim can keep a session from being saved."""
    result = parse_json_object(json.dumps(document))

    assert result is None or json.dumps(result, allow_nan=False)


@given(json_objects)
def test_every_json_object_is_read_as_it_is(document: dict[str, object]) -> None:
    """Nothing that is JSON is lost by the strictness."""
    assert document == parse_json_object(json.dumps(document).encode())


def test_the_guards_tell_kinds_apart() -> None:
    """Strings are neither mappings nor sequences here."""
    mapping: OrderedDict[str, int] = OrderedDict()
    sequences: tuple[object, ...] = ([], ())

    assert is_mapping(mapping)
    assert all(map(is_sequence, sequences))
    assert not is_mapping("")
    assert not is_sequence("")


def test_a_form_is_a_list_with_each_item_of_its_type() -> None:
    """Neither a longer, nor a shorter, nor another list, nor anything that is none."""
    form = (str, (int, type(None)))

    assert has_form(["a", 1], form)
    assert has_form(["a", None], form)
    others: list[object] = [["a"], ["a", 1, 2], [1, "a"], {"a": 1, "b": 2}, "ab", None]
    assert not any(has_form(other, form) for other in others)
