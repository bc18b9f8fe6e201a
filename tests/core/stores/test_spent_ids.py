"""The memory of used transactions and ended sessions: exact among threads, and bounded."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from hypothesis import given
from hypothesis import strategies as st

from userlink.stores.spent_ids import SpentIds

NOW = 1_800_000_000


class Hesitant(dict[str, int]):
    """A dict that lets the other threads run after each look, so that races happen every time."""

    def __contains__(self, key: object) -> bool:
        """Look, and hesitate."""
        found = super().__contains__(key)
        time.sleep(0.001)
        return found


def test_a_handle_is_new_once() -> None:
    """The second delivery of a callback is told apart from the first."""
    used = SpentIds()

    assert used.add("a", NOW + 600, NOW)
    assert not used.add("a", NOW + 600, NOW)
    assert used.add("b", NOW + 600, NOW)


def test_a_handle_is_remembered_beyond_its_time_while_there_is_room() -> None:
    """Forgetting is for room only: a clock that was set back does no harm."""
    used = SpentIds()
    used.add("a", NOW + 600, NOW)

    assert not used.add("a", NOW + 600, NOW + 601)


def test_of_threads_racing_for_a_handle_exactly_one_is_first() -> None:
    """32 threads that bring the same callback at once: one goes on."""
    used = SpentIds()
    used._until = Hesitant()
    barrier = Barrier(32)

    def deliver(_: int) -> bool:
        barrier.wait()
        return used.add("a", NOW + 600, NOW)

    with ThreadPoolExecutor(32) as threads:
        answers = list(threads.map(deliver, range(32)))

    assert 1 == answers.count(True)


def test_the_expired_make_room_first() -> None:
    """No live handle is forgotten while there are dead ones to forget."""
    used = SpentIds(most=10)
    for number in range(9):
        used.add(f"dead-{number}", NOW, NOW - 600)
    used.add("live", NOW + 600, NOW - 1)

    for number in range(8):
        assert used.add(f"new-{number}", NOW + 600, NOW)

    assert not used.add("live", NOW + 600, NOW)
    assert used.add("dead-0", NOW + 600, NOW)


def test_the_oldest_goes_when_all_are_live() -> None:
    """Full of live handles, a tenth is forgotten, and never the newest."""
    used = SpentIds(most=10)
    for number in range(11):
        used.add(str(number), NOW + 600, NOW)

    assert not [number for number in range(1, 11) if used.add(str(number), NOW + 600, NOW)]
    assert used.add("0", NOW + 600, NOW)


@given(
    st.lists(
        st.tuples(st.integers(0, 300).map(str), st.integers(-600, 600)), min_size=1, max_size=300
    )
)
def test_the_memory_is_bounded(deliveries: list[tuple[str, int]]) -> None:
    """Whatever is delivered, it never holds more than it may, and always the one just added."""
    used = SpentIds(most=20)
    for handle, lifetime in deliveries:
        used.add(handle, NOW + lifetime, NOW)
        assert not used.add(handle, NOW + lifetime, NOW)
        assert len(used._until) <= 20
