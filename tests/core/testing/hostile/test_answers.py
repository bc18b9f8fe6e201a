"""Answers and their changes."""

from userlink.protocol.values import HttpResponse
from userlink.testing.hostile.answers import (
    Answer,
    json_answer,
    json_members,
    redirect_to,
    with_members,
)


def test_members_are_changed_added_and_left_out() -> None:
    """None leaves a member out."""
    answer = with_members(json_answer({"a": 1, "b": 2}), a=3, b=None, c=4)

    assert {"a": 3, "c": 4} == json_members(answer)
    assert "application/json" == answer.headers["content-type"]


def test_a_redirect_names_its_target() -> None:
    """307 keeps the method (RFC 9110, 15.4.8)."""
    assert Answer(307, {"location": "http://x/"}) == redirect_to("http://x/", 307)


def test_an_honest_response_becomes_an_answer() -> None:
    """Nothing of it is changed."""
    assert Answer(201, {"a": "b"}, b"c") == Answer.of(HttpResponse(201, {"a": "b"}, b"c"))
