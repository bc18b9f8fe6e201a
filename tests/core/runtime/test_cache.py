"""What the provider publishes is fetched once for many, kept for a while, and not demanded anew too often."""

from collections.abc import Awaitable, Callable

import anyio
import pytest
from anyio.lowlevel import checkpoint

from support.moving_clock import MovingClock
from userlink.errors import MetadataInvalid, ProviderUnreachable
from userlink.runtime.cache import Cached

pytestmark = pytest.mark.anyio

TASKS = 20


class Source:
    """
    Something to fetch: counts, waits at a gate when there is one, and fails when told to.

    Attributes:
        fetches: how often it was begun.
        gate: holds every fetch until it is opened; None lets all through.
        failure: what is raised instead of a value.
    """

    def __init__(self) -> None:
        self.fetches = 0
        self.gate: anyio.Event | None = None
        self.failure: Exception | None = None

    async def __call__(self) -> str:
        """Return a value that says which fetch it came from."""
        self.fetches += 1
        number = self.fetches
        await checkpoint()
        if self.gate is not None:
            await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        return f"value {number}"


async def outcomes(
    ask: Callable[[], Awaitable[str]], source: Source, tasks: int = TASKS
) -> list[str | Exception]:
    """Ask in many tasks at once, open the gate when all have asked, and return what each got."""
    answers: list[str | Exception] = []

    async def one() -> None:
        try:
            answers.append(await ask())
        except MetadataInvalid as error:
            answers.append(error)

    async with anyio.create_task_group() as group:
        for _ in range(tasks):
            group.start_soon(one)
        await anyio.wait_all_tasks_blocked()
        if source.gate is not None:
            source.gate.set()
    return answers


async def test_twenty_tasks_at_once_cost_one_fetch() -> None:
    """One task fetches while the others wait, and all get what it got."""
    source = Source()
    source.gate = anyio.Event()
    cached = Cached(source, MovingClock())

    answers = await outcomes(cached.get, source)

    assert ["value 1"] * TASKS == answers
    assert 1 == source.fetches


async def test_those_who_waited_share_a_failure() -> None:
    """A provider that is down is asked once, not once by each of them."""
    source = Source()
    source.gate = anyio.Event()
    source.failure = MetadataInvalid("The discovery document is not a JSON object.")
    cached = Cached(source, MovingClock())

    answers = await outcomes(cached.get, source)

    assert [str(source.failure)] * TASKS == [str(answer) for answer in answers]
    assert 1 == source.fetches


async def test_a_shared_failure_is_not_one_object() -> None:
    """Flows write ``app_state`` on an error: what one user gave must not reach another."""
    source = Source()
    source.gate = anyio.Event()
    source.failure = MetadataInvalid("The discovery document is not a JSON object.")
    cached = Cached(source, MovingClock())

    answers = await outcomes(cached.get, source)

    assert TASKS == len({id(answer) for answer in answers})
    assert all(isinstance(answer, MetadataInvalid) for answer in answers)


async def test_who_comes_after_a_failure_asks_again() -> None:
    """A failure is shared by those who waited for it, and kept for nobody else."""
    source = Source()
    source.failure = ProviderUnreachable("The provider did not answer.")
    cached = Cached(source, MovingClock())
    with pytest.raises(ProviderUnreachable):
        await cached.get()

    source.failure = None

    assert "value 2" == await cached.get()


async def test_a_failure_keeps_nothing_of_the_request_that_met_it() -> None:
    """Its traceback would hold that request, cookies and all, until the next fetch."""
    source = Source()
    source.failure = ProviderUnreachable("The provider did not answer.")
    cached = Cached(source, MovingClock())

    with pytest.raises(ProviderUnreachable):
        await cached.get()

    assert cached._failure is not None
    assert cached._failure.__traceback__ is None


async def test_a_value_is_good_for_its_lifetime() -> None:
    """Within it nothing is fetched; at its end, once."""
    source, clock = Source(), MovingClock()
    cached = Cached(source, clock, lifetime_seconds=600)

    assert "value 1" == await cached.get()
    clock.advance(599)
    assert "value 1" == await cached.get()
    clock.advance(1)
    assert "value 2" == await cached.get()
    assert 2 == source.fetches


async def test_the_lifetime_begins_when_the_answer_is_there() -> None:
    """A slow answer is as good for as long as a quick one."""
    source, clock = Source(), MovingClock()
    cached = Cached(source, clock, lifetime_seconds=600)

    async def slow() -> str:
        clock.advance(500)
        return await source()

    cached._fetch = slow
    await cached.get()
    clock.advance(599)

    assert "value 1" == await cached.get()


async def test_a_newer_value_is_fetched_when_it_is_demanded() -> None:
    """A key that is not in the set is reason enough (OIDC Core, 10.1.1), right after a fetch too."""
    source = Source()
    cached = Cached(source, MovingClock())
    await cached.get()

    assert "value 2" == await cached.get_newer()
    assert "value 2" == await cached.get()


async def test_a_newer_value_without_any_is_just_fetched() -> None:
    """The first demand may come before the first question."""
    source = Source()

    assert "value 1" == await Cached(source, MovingClock()).get_newer()


async def test_a_hundred_demands_cost_two_fetches() -> None:
    """Whoever makes up key ids cannot have the provider flooded: one fetch, and one more a minute."""
    source = Source()
    cached = Cached(source, MovingClock())
    await cached.get()

    answers = [await cached.get_newer() for _ in range(100)]

    assert ["value 2"] * 100 == answers
    assert 2 == source.fetches


async def test_a_hundred_demands_at_once_cost_two_fetches() -> None:
    """When keys have just been changed, everybody waits for the new ones: nobody is refused by the old."""
    source = Source()
    cached = Cached(source, MovingClock())
    await cached.get()
    source.gate = anyio.Event()

    answers = await outcomes(cached.get_newer, source, 100)

    assert ["value 2"] * 100 == answers
    assert 2 == source.fetches


async def test_tasks_that_demand_again_and_again_cost_two_fetches() -> None:
    """Whenever they come: while one fetches, while those that waited leave, and afterwards."""
    source = Source()
    cached = Cached(source, MovingClock())
    await cached.get()
    source.gate = anyio.Event()

    async def demand() -> str:
        answers = [await cached.get_newer() for _ in range(3)]
        assert ["value 2"] * 3 == answers
        return answers[-1]

    assert ["value 2"] * TASKS == await outcomes(demand, source)
    assert 2 == source.fetches


async def test_after_the_cool_down_a_demand_is_heeded_again() -> None:
    """Not before it is over."""
    source, clock = Source(), MovingClock()
    cached = Cached(source, clock, cool_down_seconds=60)
    await cached.get_newer()

    clock.advance(59)
    assert "value 1" == await cached.get_newer()
    clock.advance(1)
    assert "value 2" == await cached.get_newer()


async def test_a_failed_demand_cools_down_too() -> None:
    """While the provider is down, what is at hand is used: it is asked once a minute."""
    source = Source()
    cached = Cached(source, MovingClock())
    await cached.get()
    source.failure = MetadataInvalid("The provider's keys are gone.")
    with pytest.raises(MetadataInvalid):
        await cached.get_newer()

    assert ["value 1"] * 100 == [await cached.get_newer() for _ in range(100)]
    assert 2 == source.fetches


async def test_when_the_fetching_task_is_cancelled_another_fetches() -> None:
    """A user who goes away does not leave the others waiting."""
    source = Source()
    source.gate = anyio.Event()
    cached = Cached(source, MovingClock())
    answers: list[str] = []
    scope = anyio.CancelScope()

    async def goes_away() -> None:
        with scope:
            answers.append(await cached.get())

    async def stays() -> None:
        answers.append(await cached.get())

    async with anyio.create_task_group() as group:
        group.start_soon(goes_away)
        await anyio.wait_all_tasks_blocked()
        for _ in range(3):
            group.start_soon(stays)
        await anyio.wait_all_tasks_blocked()
        assert 1 == source.fetches
        scope.cancel()
        await anyio.wait_all_tasks_blocked()
        assert 2 == source.fetches
        source.gate.set()

    assert ["value 2"] * 3 == answers


async def test_a_demand_that_was_cancelled_does_not_cool_down() -> None:
    """Nothing came of it, so the next demand is heeded."""
    source = Source()
    cached = Cached(source, MovingClock())
    await cached.get()
    source.gate = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(cached.get_newer)
        await anyio.wait_all_tasks_blocked()
        group.cancel_scope.cancel()
    source.gate.set()

    assert "value 3" == await cached.get_newer()
