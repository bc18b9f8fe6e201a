"""Parameters of a request that starts something."""

from collections.abc import Iterator

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from userlink_starlette._parameters import form_parameters, query_parameters

FORM = "application/x-www-form-urlencoded"


def request(query: str = "", body: bytes | list[bytes] = b"", content_type: str = FORM) -> Request:
    """Make a request whose body arrives in these pieces."""
    pieces = body if isinstance(body, list) else [body]
    messages: Iterator[Message] = iter(
        {"type": "http.request", "body": piece, "more_body": number < len(pieces)}
        for number, piece in enumerate(pieces, start=1)
    )

    async def receive() -> Message:
        return next(messages)

    headers = [(b"content-type", content_type.encode())] if content_type else []
    scope = {"type": "http", "query_string": query.encode("latin-1"), "headers": headers}
    return Request(scope, receive)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {}),
        ("return_to=%2Fprofile&ui_locales=de", {"return_to": "/profile", "ui_locales": "de"}),
        ("a=", {"a": ""}),
        ("a=1&a=2&b=3", {"b": "3"}),
        ("a=1&a=1", {}),
        ("a=%ff", {}),
        ("a=\xff", {}),
        ("&".join(f"p{number}=1" for number in range(65)), {}),
    ],
)
def test_query_parameters_are_single_and_well_formed(query: str, expected: dict[str, str]) -> None:
    """What is doubled is not given; what is no UTF-8, or far too much, is nothing."""
    assert expected == query_parameters(request(query))


@pytest.mark.anyio
@pytest.mark.parametrize("content_type", [FORM, f"{FORM}; charset=utf-8", FORM.upper()])
async def test_a_posted_form_stands_over_the_query(content_type: str) -> None:
    """Where both name a parameter, the form counts; what it lacks comes from the query."""
    given = request("return_to=/query&b=2", [b"return_to=%2Ff", b"orm&c=3"], content_type)

    assert {"return_to": "/form", "b": "2", "c": "3"} == await form_parameters(given)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "content_type", ["", "application/json", "multipart/form-data; boundary=x"]
)
async def test_other_bodies_are_not_read(content_type: str) -> None:
    """Only the query counts then."""
    given = request("a=1", b"a=2", content_type)

    assert {"a": "1"} == await form_parameters(given)


@pytest.mark.anyio
async def test_a_form_that_is_too_large_is_refused() -> None:
    """413 before all of it is read (RFC 9110, 15.5.14)."""
    with pytest.raises(HTTPException) as refusal:
        await form_parameters(request("", [b"a=" + b"1" * 10_000, b"1" * 10_000, b"never read"]))

    assert 413 == refusal.value.status_code
