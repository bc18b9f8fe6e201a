"""How a failed flow is told to the page that the user is sent to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from userlink.web.error_codes import has_error_code, with_error_code, without_error_code


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/", "/?userlink_error=x"),
        ("/a?b=1&c=%20", "/a?b=1&c=%20&userlink_error=x"),
        ("/a#part", "/a?userlink_error=x#part"),
        ("/a?b#part?no", "/a?b&userlink_error=x#part?no"),
        ("/a?userlink_error=old&b=1", "/a?b=1&userlink_error=x"),
        ("/a?userlink_erro%72=old", "/a?userlink_error=x"),
        ("https://app.example", "https://app.example?userlink_error=x"),
    ],
)
def test_an_error_code_is_added_once_before_the_fragment(url: str, expected: str) -> None:
    """The rest of the address stays as it is written; an earlier code gives way."""
    assert expected == with_error_code(url, "x")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/a", "/a"),
        ("/a?userlink_error=x", "/a"),
        ("/a?userlink_error", "/a"),
        ("/a?b=1&userlink_error=x&c#d", "/a?b=1&c#d"),
        ("/a?my_userlink_error=x", "/a?my_userlink_error=x"),
    ],
)
def test_an_error_code_is_taken_away(url: str, expected: str) -> None:
    """So that a page is not told of an old failure after a new success."""
    assert expected == without_error_code(url)


@given(st.text("ab/?#&=%_", max_size=12).map("/".__add__))
def test_adding_and_taking_away_come_back_to_the_same(url: str) -> None:
    """An address without a code is what it was, up to empty parts of its query."""
    clean = without_error_code(url)

    assert clean == without_error_code(with_error_code(url, "x"))
    assert 1 == with_error_code(with_error_code(url, "y"), "x").count("userlink_error=")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", False),
        ("userlink_error=x", True),
        ("a=b&userlink_error", True),
        ("userlink_erro%72=x", True),
        ("my_userlink_error=x&a=userlink_error", False),
    ],
)
def test_a_code_in_a_query_is_found(query: str, expected: bool) -> None:
    """However its name is written."""
    assert expected is has_error_code(query)
