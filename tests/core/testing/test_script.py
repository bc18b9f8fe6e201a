"""Scripts for flows: what they accept, what they refuse, and flows stepped by hand."""

import pytest

from userlink.errors import StoreError
from userlink.protocol.effects import DeleteSession, Effect, Entropy, Flow, Now
from userlink.testing.script import Expectation, ScriptMismatch, Stepper, replay


def two_questions() -> Flow[tuple[int, bytes]]:
    """Ask for the time, then for bytes."""
    now = yield from Now()
    random = yield from Entropy(2)
    return now, random


def with_a_fallback() -> Flow[str]:
    """Turn a store's failure into an answer."""
    try:
        yield from DeleteSession(None)
    except StoreError:
        return "failed"
    return "deleted"


def test_a_script_answers_each_effect_and_returns_what_the_flow_returns() -> None:
    """Expectations are an equal effect, a class, or a predicate."""
    assert (7, b"ab") == replay(
        two_questions(), [(Now, 7), (lambda effect: effect.size == 2, b"ab")]
    )
    assert (7, b"ab") == replay(two_questions(), [(Now(), 7), (Entropy(2), b"ab")])


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        (Entropy(3), r"Step 2 is Entropy\(size=2\), not Entropy\(size=3\)"),
        (Now, r"Step 2 is Entropy\(size=2\), not <class"),
        (lambda effect: effect.size > 2, "Step 2 is"),
    ],
)
def test_another_effect_than_the_expected_one_is_a_mismatch(
    expected: Expectation, said: str
) -> None:
    """Each form of expectation can fail, and the message names the step."""
    with pytest.raises(ScriptMismatch, match=said):
        replay(two_questions(), [(Now, 7), (expected, b"")])


def test_a_script_that_ends_before_the_flow_is_a_mismatch() -> None:
    """What the flow still wants is named."""
    with pytest.raises(ScriptMismatch, match=r"wants Entropy\(size=2\)"):
        replay(two_questions(), [(Now, 7)])


def test_a_script_that_is_longer_than_the_flow_is_a_mismatch() -> None:
    """Exhaustion is asserted in both directions."""
    with pytest.raises(ScriptMismatch, match="ended before step 3"):
        replay(two_questions(), [(Now, 7), (Entropy, b"ab"), (Now, 8)])


def test_a_flow_that_raised_early_shows_its_error_as_the_cause() -> None:
    """Whoever reads the mismatch sees why the flow ended."""
    failure = StoreError("The store is down.")

    with pytest.raises(ScriptMismatch) as caught:
        replay(two_questions(), [(Now, failure), (Entropy, b"ab")])

    assert failure is caught.value.__cause__


def test_an_exception_as_an_answer_is_raised_in_the_flow() -> None:
    """The flow may handle it; one that it does not handle comes out."""
    assert "failed" == replay(with_a_fallback(), [(DeleteSession, StoreError("down"))])
    assert "deleted" == replay(with_a_fallback(), [(DeleteSession, None)])
    with pytest.raises(OSError, match="gone"):
        replay(with_a_fallback(), [(DeleteSession, OSError("gone"))])


def test_flows_are_stepped_in_any_interleaving() -> None:
    """Each stands still at its effect until it is answered, whatever the others do."""
    first, second = Stepper(two_questions()), Stepper(two_questions())

    first.answer(1)
    second.answer(2)
    second.answer(b"s")
    assert (second.is_done, first.is_done) == (True, False)
    assert first.effect == Entropy(2)
    first.answer(b"f")

    assert (1, b"f") == first.result()
    assert (2, b"s") == second.result()


def test_a_stepper_performs_effects_and_hands_failures_to_the_flow() -> None:
    """A performer stands for the driver: it returns an answer or raises."""

    def perform(effect: Effect[object]) -> object:
        raise StoreError(f"cannot do {effect}")

    assert "failed" == Stepper(with_a_fallback()).run(perform)


def test_a_flow_that_waits_has_no_result_and_one_that_ended_takes_no_answer() -> None:
    """Misuse of a stepper is named."""
    waiting = Stepper(with_a_fallback())
    with pytest.raises(ScriptMismatch, match="has not ended"):
        waiting.result()

    waiting.answer(None)

    with pytest.raises(ScriptMismatch, match="has ended"):
        waiting.answer(None)
    with pytest.raises(ScriptMismatch, match="has ended"):
        waiting.step(lambda effect: effect)
