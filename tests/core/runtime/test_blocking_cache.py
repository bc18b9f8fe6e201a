"""What the provider publishes is fetched by one thread for many, kept for a while, and not demanded anew too often."""

from collections.abc import Callable
from threading import Lock, Semaphore, Thread

import pytest

from support.moving_clock import MovingClock
from support.threads import THREADS, at_once
from userlink.errors import MetadataInvalid, ProviderUnreachable
from userlink.runtime.blocking_cache import BlockingCached

PATIENCE_SECONDS = 60


class Doorway:
    """A lock that can tell when so many have come to it; all but one of them are waiting then."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._comers = Semaphore(0)

    def __enter__(self) -> None:
        self._comers.release()
        self._lock.acquire()

    def __exit__(self, *raised: object) -> None:
        self._lock.release()

    def wait_for(self, comers: int) -> None:
        """Wait until so many more have come."""
        for _ in range(comers):
            assert self._comers.acquire(timeout=PATIENCE_SECONDS)


class Source:
    """
    Something to fetch: counts, waits for others when told to, and fails when told to.

    Attributes:
        fetches: how often it was begun.
        before: what the next fetch does first.
        failure: what is raised instead of a value.
    """

    def __init__(self) -> None:
        self.fetches = 0
        self.before: Callable[[], None] | None = None
        self.failure: BaseException | None = None

    def __call__(self) -> str:
        """Return a value that says which fetch it came from."""
        self.fetches += 1
        number = self.fetches
        before, self.before = self.before, None
        if before is not None:
            before()
        if self.failure is not None:
            raise self.failure
        return f"value {number}"


def shared(source: Source, threads: int = THREADS) -> tuple[BlockingCached[str], Doorway]:
    """Return a cache whose next fetch lasts until so many threads are there."""
    cached, doorway = BlockingCached(source, MovingClock()), Doorway()
    cached._lock = doorway  # type: ignore[assignment]  # a lock that counts
    source.before = lambda: doorway.wait_for(threads)
    return cached, doorway


def outcomes(ask: Callable[[], str], threads: int = THREADS) -> list[str | Exception]:
    """Ask in many threads at once, and return what each got."""

    def one(_: int) -> str | Exception:
        try:
            return ask()
        except MetadataInvalid as error:
            return error

    return at_once(one, threads)


def test_32_threads_at_once_cost_one_fetch() -> None:
    """One thread fetches while the others wait, and all get what it got."""
    source = Source()
    cached, _ = shared(source)

    answers = outcomes(cached.get)

    assert ["value 1"] * THREADS == answers
    assert 1 == source.fetches


def test_those_who_waited_share_a_failure() -> None:
    """A provider that is down is asked once, not once by each of them."""
    source = Source()
    source.failure = MetadataInvalid("The discovery document is not a JSON object.")
    cached, _ = shared(source)

    answers = outcomes(cached.get)

    assert [str(source.failure)] * THREADS == [str(answer) for answer in answers]
    assert 1 == source.fetches


def test_a_shared_failure_is_not_one_object() -> None:
    """Flows write ``app_state`` on an error: what one user gave must not reach another."""
    source = Source()
    source.failure = MetadataInvalid("The discovery document is not a JSON object.")
    cached, _ = shared(source)

    answers = outcomes(cached.get)

    assert THREADS == len({id(answer) for answer in answers})
    assert all(isinstance(answer, MetadataInvalid) for answer in answers)


def test_who_comes_after_a_failure_asks_again() -> None:
    """A failure is shared by those who waited for it, and kept for nobody else."""
    source = Source()
    source.failure = ProviderUnreachable("The provider did not answer.")
    cached = BlockingCached(source, MovingClock())
    with pytest.raises(ProviderUnreachable):
        cached.get()

    source.failure = None

    assert "value 2" == cached.get()


def test_a_failure_keeps_nothing_of_the_request_that_met_it() -> None:
    """Its traceback would hold that request, cookies and all, until the next fetch."""
    source = Source()
    source.failure = ProviderUnreachable("The provider did not answer.")
    cached = BlockingCached(source, MovingClock())

    with pytest.raises(ProviderUnreachable):
        cached.get()

    assert cached._failure is not None
    assert cached._failure.__traceback__ is None


def test_a_value_is_good_for_its_lifetime() -> None:
    """Within it nothing is fetched; at its end, once."""
    source, clock = Source(), MovingClock()
    cached = BlockingCached(source, clock, lifetime_seconds=600)

    assert "value 1" == cached.get()
    clock.advance(599)
    assert "value 1" == cached.get()
    clock.advance(1)
    assert "value 2" == cached.get()
    assert 2 == source.fetches


def test_the_lifetime_begins_when_the_answer_is_there() -> None:
    """A slow answer is as good for as long as a quick one."""
    source, clock = Source(), MovingClock()
    cached = BlockingCached(source, clock, lifetime_seconds=600)
    source.before = lambda: clock.advance(500)

    cached.get()
    clock.advance(599)

    assert "value 1" == cached.get()


def test_an_old_value_is_fetched_anew_once_by_all_threads() -> None:
    """When its lifetime ends in the middle of traffic."""
    source, clock = Source(), MovingClock()
    cached = BlockingCached(source, clock, lifetime_seconds=600)
    cached.get()
    clock.advance(600)

    assert ["value 2"] * THREADS == outcomes(cached.get)
    assert 2 == source.fetches


def test_a_newer_value_is_fetched_when_it_is_demanded() -> None:
    """A key that is not in the set is reason enough (OIDC Core, 10.1.1), right after a fetch too."""
    source = Source()
    cached = BlockingCached(source, MovingClock())
    cached.get()

    assert "value 2" == cached.get_newer()
    assert "value 2" == cached.get()


def test_a_newer_value_without_any_is_just_fetched() -> None:
    """The first demand may come before the first question."""
    source = Source()

    assert "value 1" == BlockingCached(source, MovingClock()).get_newer()


def test_a_hundred_demands_cost_two_fetches() -> None:
    """Whoever makes up key ids cannot have the provider flooded: one fetch, and one more a minute."""
    source = Source()
    cached = BlockingCached(source, MovingClock())
    cached.get()

    answers = [cached.get_newer() for _ in range(100)]

    assert ["value 2"] * 100 == answers
    assert 2 == source.fetches


def test_a_hundred_demands_at_once_cost_two_fetches() -> None:
    """When keys have just been changed, everybody waits for the new ones: nobody is refused by the old."""
    source = Source()
    cached, doorway = shared(source, 1)
    cached.get()
    source.before = lambda: doorway.wait_for(100)

    answers = outcomes(cached.get_newer, 100)

    assert ["value 2"] * 100 == answers
    assert 2 == source.fetches


def test_threads_that_demand_again_and_again_cost_two_fetches() -> None:
    """Whenever they come: while one fetches, while those that waited leave, and afterwards."""
    source = Source()
    cached = BlockingCached(source, MovingClock())
    cached.get()

    answers = at_once(lambda _: [cached.get_newer() for _ in range(20)])

    assert [["value 2"] * 20] * THREADS == answers
    assert 2 == source.fetches


def test_after_the_cool_down_a_demand_is_heeded_again() -> None:
    """Not before it is over."""
    source, clock = Source(), MovingClock()
    cached = BlockingCached(source, clock, cool_down_seconds=60)
    cached.get_newer()

    clock.advance(59)
    assert "value 1" == cached.get_newer()
    clock.advance(1)
    assert "value 2" == cached.get_newer()


def test_a_demand_that_joined_a_fetch_cools_down_too() -> None:
    """It was given something newer than what it had looked at."""
    source = Source()
    cached, _ = shared(source, 2)
    first = Thread(target=cached.get)
    first.start()

    assert "value 1" == cached.get_newer()
    first.join()

    assert "value 1" == cached.get_newer()


def test_a_failed_demand_cools_down_too() -> None:
    """While the provider is down, what is at hand is used: it is asked once a minute."""
    source = Source()
    cached = BlockingCached(source, MovingClock())
    cached.get()
    source.failure = MetadataInvalid("The provider's keys are gone.")
    with pytest.raises(MetadataInvalid):
        cached.get_newer()

    assert ["value 1"] * 100 == [cached.get_newer() for _ in range(100)]
    assert 2 == source.fetches


def test_a_fetch_that_was_interrupted_is_no_answer() -> None:
    """It leaves no lock behind and cools nothing down: the next thread fetches."""
    source = Source()
    cached = BlockingCached(source, MovingClock())
    cached.get()
    source.failure = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        cached.get_newer()

    source.failure = None

    assert "value 3" == cached.get_newer()
