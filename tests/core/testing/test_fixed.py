"""Fixed time and fixed randomness."""

from hypothesis import given
from hypothesis import strategies as st

from userlink.testing.fixed import FixedClock, FixedEntropy


def test_the_clock_stands_still_until_it_is_moved() -> None:
    """Twice the same answer, then a later one."""
    clock = FixedClock(100)

    assert (100, 100) == (clock(), clock())
    clock.advance(5)
    assert 105 == clock()
    clock.now = 50
    assert 50 == clock()


@given(st.lists(st.integers(16, 64), min_size=2, max_size=20))
def test_entropy_never_repeats_and_is_the_same_in_every_run(sizes: list[int]) -> None:
    """All demands of one source differ; a second source of the seed gives the same row."""
    drawn = list(map(FixedEntropy("seed"), sizes))

    assert sizes == [len(value) for value in drawn]
    assert len(sizes) == len({value[:16] for value in drawn})
    assert drawn == list(map(FixedEntropy("seed"), sizes))


def test_seeds_choose_the_bytes() -> None:
    """Two clients of one test need not make the same states."""
    assert FixedEntropy("a")(16) != FixedEntropy("b")(16)


def test_entropy_repeats_when_told_to() -> None:
    """For tests of what happens when randomness fails."""
    entropy = FixedEntropy(repeats=True)

    assert entropy(16) == entropy(16)
