"""Parameters of a request that starts something."""

import io

import pytest
from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.test import EnvironBuilder

from userlink_flask._parameters import form_parameters, query_parameters

FORM = "application/x-www-form-urlencoded"


def request(query: str = "", body: bytes = b"", content_type: str = FORM) -> Request:
    """Make a request, outside of any application."""
    builder = EnvironBuilder(
        method="POST", input_stream=io.BytesIO(body), content_length=len(body), query_string=query
    )
    environ = builder.get_environ()
    environ["CONTENT_TYPE"] = content_type
    return Request(environ)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {}),
        ("return_to=%2Fprofile&ui_locales=de", {"return_to": "/profile", "ui_locales": "de"}),
        ("a=1&a=2&b=3", {"b": "3"}),
        ("a=%ff", {}),
    ],
)
def test_query_parameters_are_single_and_well_formed(query: str, expected: dict[str, str]) -> None:
    """As the shared rules have it."""
    assert expected == query_parameters(request(query))


@pytest.mark.parametrize("content_type", [FORM, f"{FORM}; charset=utf-8", FORM.upper()])
def test_a_posted_form_stands_over_the_query(content_type: str) -> None:
    """Where both name a parameter, the form counts; what it lacks comes from the query."""
    given = request("return_to=/query&b=2", b"return_to=%2Fform&c=3&d=1&d=2", content_type)

    assert {"return_to": "/form", "b": "2", "c": "3"} == form_parameters(given)


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "multipart/form-data; boundary=x"]
)
def test_other_bodies_are_not_read(content_type: str) -> None:
    """Only the query counts then."""
    assert {"a": "1"} == form_parameters(request("a=1", b"a=2", content_type))


def test_a_form_that_is_too_large_is_refused() -> None:
    """413 before it is read (RFC 9110, 15.5.14)."""
    with pytest.raises(RequestEntityTooLarge):
        form_parameters(request("", b"a=" + b"1" * 20_000))


def test_of_a_form_whose_length_nobody_says_no_more_is_read() -> None:
    """A server that decodes chunks tells where they end, and not how much is to come."""
    given = request("", b"b=2&a=" + b"1" * 20_000)
    del given.environ["CONTENT_LENGTH"]
    parameters = form_parameters(Request({**given.environ, "wsgi.input_terminated": True}))

    assert "2" == parameters["b"]
    assert 16_384 == len(f"b=2&a={parameters['a']}")


def test_the_applications_own_limit_may_be_stricter() -> None:
    """It is not lifted."""
    given = request("", b"a=" + b"1" * 2_000)
    given.max_content_length = 1_000

    with pytest.raises(RequestEntityTooLarge):
        form_parameters(given)
