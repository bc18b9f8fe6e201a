"""Secrets do not print, and messages are plain values that hide what they carry."""

import copy
import pickle

import pytest
from attrs.exceptions import FrozenInstanceError
from hypothesis import given

from strategies import any_text
from userlink.protocol.values import HttpRequest, HttpResponse, Secret

CANARY = "canary-9f4c1b7e"


def test_a_secret_gives_its_string_back_at_one_place() -> None:
    """``reveal()`` is the only way to the string."""
    assert "s3cr3t" == Secret("s3cr3t").reveal()


@pytest.mark.parametrize(
    "printed",
    [
        repr(Secret(CANARY)),
        str(Secret(CANARY)),
        f"{Secret(CANARY)}",
        f"{Secret(CANARY)!r:>40}",
        "%s %r" % (Secret(CANARY), Secret(CANARY)),  # noqa: UP031  # loggers format in this way
        repr([Secret(CANARY)]),
        repr({"token": Secret(CANARY)}),
    ],
)
def test_a_secret_never_prints(printed: str) -> None:
    """Whatever way it is printed, a placeholder stands for it."""
    assert "Secret(…)" in printed
    assert CANARY not in printed


def test_a_secret_has_no_dict_that_a_debugger_would_print() -> None:
    """Pages that show local variables show the ``vars()`` of objects."""
    assert not hasattr(Secret(CANARY), "__dict__")


def test_a_secret_matches_its_own_string_only() -> None:
    """Comparing goes through ``hmac.compare_digest``."""
    assert Secret("one").matches("one")
    assert not Secret("one").matches("two")
    assert not Secret("one").matches("")


@given(any_text, any_text)
def test_matching_is_equality_for_every_string(one: str, other: str) -> None:
    """Also for letters beyond ASCII and for halves of surrogate pairs, which JSON may hold (RFC 8259, 8.2)."""
    assert (one == other) == Secret(one).matches(other)
    assert Secret(one).matches(one)


def test_secrets_compare_as_values() -> None:
    """Equal strings make equal secrets with equal hashes; a bare string is no secret."""
    assert Secret("one") == Secret("one")
    assert Secret("one") != Secret("two")
    assert Secret("one") != "one"
    assert hash(Secret("one")) == hash(Secret("one"))
    assert hash(Secret("one")) != hash("one")


def test_an_empty_secret_is_false() -> None:
    """So that ``if secret`` asks whether there is any."""
    assert not Secret("")
    assert Secret("x")


def test_a_secret_can_be_copied_and_pickled() -> None:
    """Sessions travel to worker processes."""
    assert Secret("one") == copy.deepcopy(Secret("one"))
    assert Secret("one") == pickle.loads(pickle.dumps(Secret("one")))  # noqa: S301  # our own bytes


def test_a_request_prints_neither_headers_nor_body() -> None:
    """Client secrets, codes and verifiers travel there."""
    request = HttpRequest(
        "POST", "https://t.example/token", {"authorization": CANARY}, CANARY.encode()
    )

    assert "HttpRequest(method='POST', url='https://t.example/token')" == repr(request)
    assert CANARY not in str(request)


def test_a_response_prints_neither_headers_nor_body() -> None:
    """Tokens travel there."""
    response = HttpResponse(200, {"set-cookie": CANARY}, CANARY.encode())

    assert "HttpResponse(status=200)" == repr(response)
    assert CANARY not in str(response)


def test_messages_are_frozen_and_empty_unless_filled() -> None:
    """They are values: a transport cannot change what a flow asked for."""
    request, response = HttpRequest("GET", "https://t.example/"), HttpResponse(204)

    assert ({}, b"", {}, b"") == (request.headers, request.body, response.headers, response.body)
    with pytest.raises(FrozenInstanceError):
        request.url = "https://evil.example/"  # type: ignore[misc]  # what may not be done
