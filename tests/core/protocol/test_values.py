"""Secrets do not print, and messages are plain values that hide what they carry."""

import copy
import json
import logging
import pickle
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from attrs.exceptions import FrozenInstanceError
from hypothesis import example, given

from strategies import any_text
from userlink.protocol.values import HttpRequest, HttpResponse, Private, Secret, as_secret
from userlink.stores.protocols import Cookie

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
@example("\ud800", "?")
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
    assert hash(Secret("one")) != hash(Secret("two"))


def test_an_empty_secret_is_false() -> None:
    """So that ``if secret`` asks whether there is any."""
    assert not Secret("")
    assert Secret("x")


def test_a_secret_is_copied_as_itself() -> None:
    """It never changes: a copy of what holds it needs no second one."""
    secret = Secret("one")

    assert secret is copy.copy(secret)
    assert secret is copy.deepcopy([secret])[0]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_cannot_be_pickled(protocol: int) -> None:
    """Nor can what holds it: caches and queues keep pickles, where nobody expects what must not be printed."""
    for value in (Secret(CANARY), {"held": [Secret(CANARY)]}):
        with pytest.raises(TypeError, match="a Secret cannot be pickled") as caught:
            pickle.dumps(value, protocol)
        assert CANARY not in str(caught.value)


@pytest.mark.parametrize("template", ["{}", "{!s}", "{!r}", "{!a}", "{:>40}", "{:.80}", "{0:^{1}}"])
def test_a_formatted_secret_is_a_placeholder(template: str) -> None:
    """Whatever the format asks for."""
    text = template.format(Secret(CANARY), 20)

    assert "Secret(" in text
    assert CANARY not in text
    assert f"{'Secret(…)':>40}" == f"{Secret(CANARY):>40}"


def test_a_log_record_of_a_secret_shows_nothing() -> None:
    """Neither its message nor the arguments that handlers are given."""
    args = (Secret(CANARY), {"token": Secret(CANARY)})
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "%s and %r", args, None)

    assert "Secret(" in record.getMessage()
    assert CANARY not in f"{record.getMessage()} {vars(record)}"


@pytest.mark.parametrize(
    "write", [json.dumps, "".join, bytes, vars, iter, lambda secrets: "" + secrets[0]]
)
def test_a_secret_is_written_nowhere_by_accident(write: Callable[[Any], object]) -> None:
    """It is no string, no bytes, no JSON and has no dictionary of attributes."""
    for value in ([Secret(CANARY)], Secret(CANARY)):
        with suppress(TypeError):
            assert CANARY not in repr(write(value))
    with pytest.raises(TypeError):
        write(Secret(CANARY))


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


@pytest.mark.parametrize(
    "value",
    [
        HttpRequest("POST", "https://tenant.example/token", body=CANARY.encode()),
        HttpResponse(200, {"x": CANARY}, CANARY.encode()),
        Cookie("userlink_session", CANARY, 60, secure=True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_goes_over_the_wire_neither_shows_nor_is_pickled(value: Private) -> None:
    """A queue, a cache and a crash report would keep the secrets; a copy is the value itself."""
    assert CANARY not in repr(value)
    assert CANARY not in f"{value}"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(value)
    assert value is copy.copy(value)
    assert value is copy.deepcopy(value)


def test_what_is_a_secret_already_stays_the_same() -> None:
    """Attributes are converted whichever way they are given."""
    secret = Secret(CANARY)

    assert secret is as_secret(secret)
    assert secret == as_secret(CANARY)
