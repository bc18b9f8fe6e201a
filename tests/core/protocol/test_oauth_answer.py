"""Answers of the provider: JSON objects that say so, and error codes in the characters that one may have."""

import json
from typing import Any

import pytest
from hypothesis import given

from strategies import raw_json_values
from userlink.protocol.oauth_answer import answered_members, error_code_of
from userlink.protocol.values import HttpResponse


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-8"])
def test_a_json_object_is_read(content_type: str) -> None:
    """RFC 6749, 5.1: parameters and letter case of the type do not matter."""
    response = HttpResponse(200, {"content-type": content_type}, b'{"a": 1}')

    assert {"a": 1} == answered_members(response)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, b'{"a": 1}'),
        ({"content-type": "text/html"}, b'{"a": 1}'),
        ({"content-type": "application/json"}, b"[]"),
        ({"content-type": "application/json"}, b"<html>"),
        ({"content-type": "application/json"}, b""),
    ],
)
def test_nothing_else_is(headers: dict[str, str], body: bytes) -> None:
    """Neither what only looks like JSON nor what only claims to be."""
    assert answered_members(HttpResponse(200, headers, body)) is None


def test_an_error_code_is_found() -> None:
    """RFC 6749, 5.2."""
    assert "invalid_client" == error_code_of({"error": "invalid_client"})


@pytest.mark.parametrize(
    "members", [None, {}, {"error": 5}, {"error": ""}, {"error": 'a"b'}, {"error": "a" * 101}]
)
def test_what_is_no_error_code_is_none(members: dict[str, Any] | None) -> None:
    """Characters outside of the specification's never reach a message."""
    assert error_code_of(members) is None


@given(raw_json_values)
def test_any_json_gives_a_code_or_none(value: Any) -> None:
    """And nothing is raised."""
    body = json.dumps({"error": value}).encode("utf-8", "surrogatepass")
    code = error_code_of(
        answered_members(HttpResponse(400, {"content-type": "application/json"}, body))
    )

    assert code is None or code == value
