"""Who is signed in, and how the session's idle time rolls on."""

from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from support.flow_world import NOW, SETTINGS, World, a_session
from userlink.protocol.effects import LoadSession, Now, TouchSession
from userlink.protocol.flows.session import get_session
from userlink.testing.script import Stepper, replay

IDLE = SETTINGS.session_idle_seconds
A_TWENTIETH = IDLE // 20


def test_nobody_is_signed_in_where_there_is_no_session() -> None:
    """The clock is not asked, and nothing is written."""
    assert replay(get_session(SETTINGS), [(LoadSession(), None)]) is None


def test_a_session_past_its_end_is_none_and_is_not_prolonged() -> None:
    """Idle or absolute: what stands in the record decides, not a cookie's Max-Age."""
    idle = a_session(idle_expires_at=NOW, absolute_expires_at=NOW + 99)
    absolute = a_session(idle_expires_at=NOW + 99, absolute_expires_at=NOW)

    assert replay(get_session(SETTINGS), [(LoadSession(), idle), (Now(), NOW)]) is None
    assert replay(get_session(SETTINGS), [(LoadSession(), absolute), (Now(), NOW)]) is None


@given(st.integers(0, IDLE - 1))
@example(A_TWENTIETH)
@example(A_TWENTIETH + 1)
def test_a_session_is_touched_only_when_a_twentieth_of_its_idle_time_has_passed(
    unused_seconds: int,
) -> None:
    """One write in 72 minutes of a day, not one at every request."""
    session = a_session(
        idle_expires_at=NOW + IDLE - unused_seconds, absolute_expires_at=NOW + 10 * IDLE
    )
    world = World({LoadSession: session})

    found = Stepper(get_session(SETTINGS)).run(world.perform)

    touched = evolve(session, idle_expires_at=NOW + IDLE)
    is_due = unused_seconds > A_TWENTIETH
    assert (touched if is_due else session) == found
    assert ([TouchSession(touched)] if is_due else []) == world.effects[2:]


def test_touching_moves_the_idle_end_and_never_the_absolute_one() -> None:
    """A session that is used every day still ends."""
    session = a_session(idle_expires_at=NOW + 1, absolute_expires_at=NOW + 100)

    found = Stepper(get_session(SETTINGS)).run(World({LoadSession: session}).perform)

    assert found is not None
    assert NOW + 100 == found.expires_at
