"""
Flows against a script: what each effect must be, and what it is answered with. No mock, no event loop.

``replay()`` runs one flow from start to end. A ``Stepper`` holds one flow still between two effects, so that a test can
step several of them in any order it likes.
"""

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeAlias, TypeVar

from userlink.protocol.effects import Effect, Flow

__all__ = ["Expectation", "ScriptMismatch", "Stepper", "replay"]

T = TypeVar("T")

Expectation: TypeAlias = Effect[Any] | type[Effect[Any]] | Callable[[Any], bool]


class ScriptMismatch(AssertionError):
    """The flow asked for something else than the script says, or the two are not of one length."""


def replay(flow: Flow[T], script: Iterable[tuple[Expectation, object]]) -> T:
    """
    Run a flow against a script, from its first effect to its end.

    Args:
        flow: a flow that has not started.
        script: pairs of what the next effect must be and how it is answered. The expectation is an effect to be
            equal to, a class of effects, or a predicate; an answer that is an exception is raised in the flow.

    Returns:
        What the flow returns.

    Raises:
        ScriptMismatch: when an effect is not the expected one, or either ends before the other.
        Exception: what the flow raises, provided that the script had come to its end.
    """
    stepper = Stepper(flow)
    for number, (expected, answer) in enumerate(script, start=1):
        if stepper.effect is None:
            raise ScriptMismatch(
                f"The flow ended before step {number}: {expected!r}."
            ) from stepper.error
        if not _meets(stepper.effect, expected):
            raise ScriptMismatch(f"Step {number} is {stepper.effect!r}, not {expected!r}.")
        stepper.answer(answer)
    if stepper.effect is not None:
        raise ScriptMismatch(f"The script has ended, and the flow wants {stepper.effect!r}.")
    return stepper.result()


class Stepper(Generic[T]):
    """
    A flow that stands still at each effect until it is answered.

    Args:
        flow: a flow that has not started; it runs up to its first effect.

    Attributes:
        effect: what the flow waits for; None once it has ended.
        error: what the flow raised, or None.
    """

    def __init__(self, flow: Flow[T]) -> None:
        self._flow = flow
        self._results: list[T] = []
        self.effect: Effect[Any] | None = None
        self.error: Exception | None = None
        self._go(lambda: next(flow))

    @property
    def is_done(self) -> bool:
        """Whether the flow has returned or raised."""
        return self.effect is None

    def answer(self, answer: object) -> None:
        """
        Answer the effect at hand, and let the flow run up to the next one.

        Args:
            answer: what ``yield from`` evaluates to; an exception is raised there instead.

        Raises:
            ScriptMismatch: when the flow has ended and waits for nothing.
        """
        if self.effect is None:
            raise ScriptMismatch("The flow has ended, and waits for no answer.")
        if isinstance(answer, Exception):
            error = answer
            self._go(lambda: self._flow.throw(error))
        else:
            self._go(lambda: self._flow.send(answer))

    def step(self, perform: Callable[[Effect[Any]], object]) -> None:
        """
        Perform the effect at hand, and let the flow run up to the next one.

        Args:
            perform: returns the answer; what it raises is raised in the flow.
        """
        if self.effect is None:
            raise ScriptMismatch("The flow has ended, and waits for no answer.")
        try:
            answer = perform(self.effect)
        except Exception as error:  # noqa: BLE001  # every failure is the flow's to handle
            answer = error
        self.answer(answer)

    def run(self, perform: Callable[[Effect[Any]], object]) -> T:
        """Perform every effect that is left, and return what the flow returns or raise what it raises."""
        while not self.is_done:
            self.step(perform)
        return self.result()

    def result(self) -> T:
        """
        Return what the flow returned, or raise what it raised.

        Raises:
            ScriptMismatch: when it still waits for an answer.
        """
        if self.error is not None:
            raise self.error
        if not self._results:
            raise ScriptMismatch(f"The flow has not ended; it wants {self.effect!r}.")
        return self._results[0]

    def _go(self, resume: Callable[[], Effect[Any]]) -> None:
        self.effect = None
        try:
            self.effect = resume()
        except StopIteration as stop:
            self._results.append(stop.value)
        except Exception as error:  # noqa: BLE001  # kept until result() is asked for
            self.error = error


def _meets(effect: Effect[Any], expected: Expectation) -> bool:
    if isinstance(expected, type):
        return isinstance(effect, expected)
    return effect == expected if isinstance(expected, Effect) else expected(effect)
