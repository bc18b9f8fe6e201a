"""Effects answer where they are yielded, and pair with handlers of their own kind."""

from collections.abc import Generator
from typing import Any

import pytest

from userlink.protocol.effects import (
    CreateSession,
    Effect,
    Entropy,
    Flow,
    GetKeys,
    Now,
    TakeTransaction,
)


def ask() -> Flow[str]:
    """Ask for the time and for bytes, and say what was answered."""
    now = yield from Now()
    random = yield from Entropy(2)
    return f"{now} {random.hex()}"


def step(flow: Generator[Effect[Any], Any, object], answer: object) -> object:
    """Hand an answer in, and return the next effect or what the flow returned."""
    try:
        return flow.send(answer)
    except StopIteration as stop:
        return stop.value


def test_an_effect_is_yielded_and_its_answer_returned() -> None:
    """``yield from effect`` hands the effect out and evaluates to what comes back."""
    flow = ask()

    assert Now() == step(flow, None)
    assert Entropy(2) == step(flow, 7)
    assert "7 0a0b" == step(flow, b"\x0a\x0b")


def test_the_failure_of_an_effect_is_raised_where_it_was_yielded() -> None:
    """A flow may catch it there, and nothing has happened after it."""
    flow = ask()
    next(flow)

    with pytest.raises(OSError, match="no clock"):
        flow.throw(OSError("no clock"))
    assert list(flow) == []


def test_an_effect_pairs_with_a_blocking_handler() -> None:
    """``by`` makes the entry of a driver's table; the checkers compare the handler with the answer."""

    def perform(effect: Now, call: object) -> int:
        return 7

    assert (Now, perform) == Now.by(perform)


def test_an_effect_pairs_with_an_async_handler() -> None:
    """``by_async`` is its twin."""

    async def perform(effect: Now, call: object) -> int:
        return 7

    assert (Now, perform) == Now.by_async(perform)


def test_effects_compare_by_what_they_ask_for() -> None:
    """A script says which effect it expects."""
    assert GetKeys("https://t.example/jwks") == GetKeys("https://t.example/jwks", refetch=False)
    assert GetKeys("https://t.example/jwks") != GetKeys("https://t.example/jwks", refetch=True)
    assert TakeTransaction("one") != TakeTransaction("two")
    assert CreateSession.__slots__  # no attribute can be added by accident
