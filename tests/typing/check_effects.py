"""
What type checkers know of flows and effects: checked by mypy and pyright, never run.

Each ignore below marks a misuse that must be refused; both checkers report an ignore that is not
needed, so a misuse that slips through fails here.
"""

from typing import assert_type

from userlink.protocol.effects import (
    Entropy,
    Flow,
    LoadSession,
    Now,
    SaveTransaction,
    Send,
    TakeTransaction,
    UpdateSession,
)
from userlink.protocol.keys import KeySet
from userlink.protocol.session import Session
from userlink.protocol.transaction import Transaction
from userlink.protocol.values import HttpRequest, HttpResponse
from userlink.runtime.asynchronous import run_async
from userlink.runtime.cache import Cached
from userlink.runtime.call import Call


def answers_have_their_types(
    transaction: Transaction, session: Session, request: HttpRequest
) -> Flow[str]:
    """``yield from`` evaluates to the answer of the very effect."""
    assert_type((yield from Now()), int)
    assert_type((yield from Entropy(16)), bytes)
    assert_type((yield from Send(request)), HttpResponse)
    assert_type((yield from LoadSession()), Session | None)
    assert_type((yield from UpdateSession(session)), bool)
    assert_type((yield from TakeTransaction("state")), Transaction)
    yield from SaveTransaction(transaction)
    return "done"


async def a_flow_has_the_type_of_its_result(
    flow: Flow[str], call: Call, keys: Cached[KeySet]
) -> None:
    """Through the driver, and through the cache."""
    assert_type(await run_async(flow, {}, call), str)
    assert_type(await keys.get(), KeySet)


async def now(effect: Now, call: Call) -> int:
    """Perform ``Now``."""
    return 0


def blocking_now(effect: Now, call: Call) -> int:
    """Perform ``Now`` without waiting."""
    return 0


async def wrong_answer(effect: Now, call: Call) -> str:
    """Answer with another type."""
    return ""


async def wrong_effect(effect: Entropy, call: Call) -> int:
    """Take another effect."""
    return 0


def handlers_are_compared_with_their_effects() -> None:
    """An entry of a driver's table fits its effect in argument, answer and colour."""
    Now.by_async(now)
    Now.by(blocking_now)
    Now.by_async(wrong_answer)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Now.by_async(wrong_effect)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Now.by_async(blocking_now)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Now.by(now)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_forgotten_yield_from_is_refused() -> Flow[str]:
    """An effect is not its answer."""
    moment = Now()
    yield from Now()
    return str(moment + 1)  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
