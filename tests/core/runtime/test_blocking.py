"""The blocking driver: performs effects in order, raises failures where they were asked for, leaves nothing open."""

from collections.abc import Callable, Mapping
from threading import get_ident
from typing import Any

import pytest

from support.clients import Browser
from userlink.plugins.exchange import PlainCookies
from userlink.protocol.effects import Effect, Entropy, Flow, Now
from userlink.runtime.blocking import run
from userlink.runtime.call import Call

CALL = Call(PlainCookies(Browser()), {})


def now(effect: Now, call: Call) -> int:
    """Answer with a fixed time."""
    assert call is CALL
    return 1_800_000_000


def entropy(effect: Entropy, call: Call) -> bytes:
    """Answer with zeros, or fail."""
    if effect.size < 0:
        raise ValueError("no such size")
    return bytes(effect.size)


def interrupted(effect: Now, call: Call) -> int:
    """Be interrupted while waiting."""
    raise KeyboardInterrupt


TABLE: Mapping[type[Effect[Any]], Callable[[Any, Any], Any]] = dict(
    (Now.by(now), Entropy.by(entropy))
)


def test_effects_are_performed_in_order_and_the_result_returned() -> None:
    """Each answer arrives at the line that asked."""

    def flow() -> Flow[tuple[int, bytes]]:
        moment = yield from Now()
        return moment, (yield from Entropy(3))

    assert (1_800_000_000, b"\x00\x00\x00") == run(flow(), TABLE, CALL)


def test_a_flow_without_effects_returns_at_once() -> None:
    """Nothing needs to be asked."""

    def flow(questions: int) -> Flow[str]:
        for _ in range(questions):
            yield from Now()
        return "done"

    assert "done" == run(flow(0), TABLE, CALL)


def test_effects_are_performed_in_the_calling_thread() -> None:
    """A framework's request is found by the thread that serves it."""
    seen: list[int] = []

    def notes_thread(effect: Now, call: Call) -> int:
        seen.append(get_ident())
        return 0

    run(iter(Now()), dict([Now.by(notes_thread)]), CALL)

    assert [get_ident()] == seen


def test_a_failure_is_raised_where_the_effect_was_asked_for() -> None:
    """The flow can turn it into something better, and go on."""

    def flow() -> Flow[int]:
        try:
            yield from Entropy(-1)
        except ValueError:
            return (yield from Now())
        raise AssertionError("the failure was swallowed")

    assert 1_800_000_000 == run(flow(), TABLE, CALL)


def test_a_failure_that_the_flow_lets_go_is_raised_with_the_line_that_asked() -> None:
    """The traceback shows the flow and the handler, so that both can be found."""

    def asking_flow() -> Flow[bytes]:
        return (yield from Entropy(-1))

    with pytest.raises(ValueError, match="no such size") as caught:
        run(asking_flow(), TABLE, CALL)

    assert {"asking_flow", "entropy"} <= {entry.name for entry in caught.traceback}


def test_an_error_of_the_flow_itself_is_raised() -> None:
    """The driver adds nothing and hides nothing."""

    def flow() -> Flow[int]:
        yield from Now()
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        run(flow(), TABLE, CALL)


def test_an_effect_that_nobody_performs_fails_in_the_flow() -> None:
    """A table that lacks an effect is a mistake of ours, and does not hang."""

    def flow() -> Flow[int]:
        return (yield from Now())

    with pytest.raises(KeyError):
        run(flow(), {}, CALL)


def test_an_interrupt_closes_the_flow() -> None:
    """``finally`` runs, ``except Exception`` does not, and nothing more is performed."""
    seen: list[str] = []

    def flow() -> Flow[int]:
        try:
            return (yield from Now())
        except Exception:
            seen.append("except")
            raise
        finally:
            seen.append("finally")

    with pytest.raises(KeyboardInterrupt):
        run(flow(), dict([Now.by(interrupted)]), CALL)

    assert ["finally"] == seen
