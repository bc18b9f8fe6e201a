"""What a case is: one attack or one misbehaviour, why it matters, and what must happen."""

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen

from .misbehaviour import HONEST, Misbehaviour

if TYPE_CHECKING:
    from .stage import Stage

__all__ = ["Case", "Expected", "Family", "Play", "accepted", "refusal", "refused"]

Play: TypeAlias = Callable[["Stage", "Case"], None]


class Family(StrEnum):
    """What is attacked with."""

    TOKENS = "tokens"
    RESPONSES = "responses"
    CALLBACKS = "callbacks"
    LINKING = "linking"
    FRESHNESS = "freshness"
    LOGOUT = "logout"


@frozen
class Expected:
    """
    What must happen.

    Attributes:
        is_accepted: whether the user must be let in; otherwise the flow is refused, nobody is signed in by it, and
            a session that was there is as it was.
        kinds: the codes of errors that a refusal may have; empty where any, or none, will do.
        may_be_5xx: whether 502, 503 or 504 may be answered: the provider has failed, and not the application.
    """

    is_accepted: bool
    kinds: tuple[str, ...] = ()
    may_be_5xx: bool = False

    def __str__(self) -> str:
        if self.is_accepted:
            return "accepted"
        return "refused" + "".join(f", `{kind}`" for kind in self.kinds)


def accepted() -> Expected:
    """Say that the application must go along."""
    return Expected(True)


def refused(*kinds: str, may_be_5xx: bool = False) -> Expected:
    """Say that the application must refuse, and by which errors."""
    return Expected(False, kinds, may_be_5xx)


@frozen(kw_only=True)
class Case:
    """
    One way to attack an application.

    Attributes:
        name: as the OpenID Foundation's tests of relying parties have it, where they do.
        family: what is attacked with.
        checks: what the case checks, in one sentence.
        section: of the specification that demands it.
        danger: what it would mean for a user if the application failed.
        expected: what must happen.
        play: does it, and raises ``Weakness`` when something else happens.
        misbehaviour: of the provider, put in force by ``play``.
        needs_cold_caches: whether the application must not have talked to the provider before.
    """

    name: str
    family: Family
    checks: str
    section: str
    danger: str
    expected: Expected
    play: Play
    misbehaviour: Misbehaviour = HONEST
    needs_cold_caches: bool = False

    def __str__(self) -> str:
        return self.name


def refusal(
    family: Family,
    name: str,
    checks: str,
    section: str,
    danger: str,
    play: Play,
    *kinds: str,
    misbehaviour: Misbehaviour = HONEST,
) -> Case:
    """Return a case in which the application must refuse, by an error of these kinds if any are given."""
    return Case(
        name=name,
        family=family,
        checks=checks,
        section=section,
        danger=danger,
        expected=refused(*kinds),
        play=play,
        misbehaviour=misbehaviour,
    )
