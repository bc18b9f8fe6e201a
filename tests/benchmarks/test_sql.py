"""What is measured on databases runs, and both sides of each come to the same. No time is asserted."""

from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve

from benchmarks import cases, sql_cases
from benchmarks.bare.client import SESSION_COOKIE
from benchmarks.completing import complete_pair
from benchmarks.databases import Databases, Kind
from benchmarks.deletion import Sessions, deletion_pair
from benchmarks.deletion import planned as planned_deletion
from benchmarks.postgres_cluster import MissingPostgres
from benchmarks.purging import Purging
from benchmarks.purging import planned as planned_purge
from benchmarks.sql_journeys import SqlJourneys
from benchmarks.sql_rows import sid_of
from benchmarks.sql_traces import plain
from benchmarks.web import Request, Response
from support.missing import skip_or_fail

ROWS = 1_000


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio only, as the benchmarks do."""
    return "asyncio"


@pytest.fixture(scope="module")
def databases() -> Iterator[Databases]:
    """Make databases for all tests of this file."""
    with Databases() as databases:
        yield databases


@pytest.fixture
def journeys(databases: Databases, request: pytest.FixtureRequest) -> SqlJourneys:
    """Return both sides over an empty database of SQLite."""
    return SqlJourneys(databases, databases.url(Kind.SQLITE, request.node.name))


@pytest.mark.anyio
@pytest.mark.parametrize("kind", Kind)
async def test_both_sides_come_to_the_same(databases: Databases, kind: Kind) -> None:
    """Whatever is measured, users, parameters, statements and rows are the same first; then there are figures."""
    plan = [*sql_cases.planned(databases), *planned_deletion(databases, ROWS)]
    plan += planned_purge(databases, ROWS)
    mine = [planned for planned in plan if planned.name.endswith(f", {kind}")]
    try:
        measured = [figures for planned in mine for figures in await planned.run(1)]
    except MissingPostgres as missing:
        skip_or_fail(str(missing))

    names = [figures.name for figures in measured]
    assert 9 == len(mine) == len({planned.name for planned in mine})
    assert [planned.name for planned in mine] == names[:9]
    assert [f"get_user meanwhile, {kind}", f"get_user meanwhile, p95, {kind}"] == names[9:11]
    assert all(figures.ours and figures.bare for figures in measured)


@pytest.mark.anyio
@pytest.mark.parametrize("make", [cases.start_pair, complete_pair])
async def test_a_side_that_does_other_work_is_noticed(make: Any, journeys: SqlJourneys) -> None:
    """Another client_id shows in the URL and in the token request."""
    journeys.bare = evolve(journeys.bare, client_secret="another", client_id="another")

    with pytest.raises((AssertionError, ValueError)):
        await make(journeys).agree()


@pytest.mark.anyio
async def test_a_side_that_sends_another_statement_is_noticed(journeys: SqlJourneys) -> None:
    """A bare side that read less would be faster for nothing."""
    pair = sql_cases.reading_pair(journeys, "reading")
    await pair.agree()
    journeys.statements._get += " LIMIT 1"

    with pytest.raises(AssertionError):
        await pair.agree()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT userlink_sessions.version \nFROM userlink_sessions \nWHERE userlink_sessions.identifier = ?",
        "SELECT version FROM userlink_sessions WHERE identifier = %s",
        'SELECT version FROM userlink_sessions WHERE identifier=%(key)s::VARCHAR COLLATE "C"',
    ],
)
def test_spelling_makes_no_other_statement(statement: str) -> None:
    """SQLAlchemy qualifies columns, names parameters and casts them."""
    assert "SELECT version FROM userlink_sessions WHERE identifier=?" == plain(statement)


@pytest.mark.anyio
async def test_the_bare_side_completes_a_transaction_once(journeys: SqlJourneys) -> None:
    """The row is gone, whatever cookie comes again."""
    callback = await journeys.callback(journeys.bare_start, journeys.bare_cookies)
    journeys.provider.answer = callback.answer
    await journeys.bare.complete_link(callback.request, Response(), callback.url)

    with pytest.raises(ValueError, match="no such transaction"):
        await journeys.bare.complete_link(callback.request, Response(), callback.url)


@pytest.mark.anyio
async def test_the_bare_side_wants_the_ticket_of_the_browser(journeys: SqlJourneys) -> None:
    """A callback that another browser brings is refused, and the row stays."""
    callback = await journeys.callback(journeys.bare_start, journeys.bare_cookies)
    journeys.provider.answer = callback.answer
    other = Request(journeys.bare_cookies)

    with pytest.raises(ValueError, match="no such transaction"):
        await journeys.bare.complete_link(other, Response(), callback.url)
    await journeys.bare.complete_link(callback.request, Response(), callback.url)


def test_the_bare_side_overwrites_no_newer_version(journeys: SqlJourneys) -> None:
    """Compare-and-set, as userlink does it."""
    request = Request(journeys.bare_cookies)
    first, second = (journeys.bare.read_session(request, 0) for _ in range(2))
    assert first is not None
    assert second is not None
    journeys.bare.write_session(request, Response(), first, 0)

    with pytest.raises(ValueError, match="another write came first"):
        journeys.bare.write_session(request, Response(), second, 0)


@pytest.mark.parametrize("cookies", [{}, {SESSION_COOKIE: "another"}])
def test_the_bare_side_serves_no_session_that_is_not_there(
    cookies: dict[str, str], journeys: SqlJourneys
) -> None:
    """Neither without an id nor with one that has no row."""
    assert journeys.bare.read_session(Request(cookies), 0) is None


def test_the_bare_side_serves_no_session_that_has_expired(journeys: SqlJourneys) -> None:
    """The row may still be there."""
    request = Request(journeys.bare_cookies)
    session = journeys.bare.read_session(request, 0)
    assert session is not None

    assert journeys.bare.read_session(request, session["idle_expires_at"]) is None


@pytest.mark.anyio
async def test_a_table_that_is_smaller_than_it_says_is_noticed(databases: Databases) -> None:
    """A deletion that found nothing would be quick anywhere."""
    sessions = Sessions.filled(databases, Kind.SQLITE, 20)
    await deletion_pair("deletion", sessions, sessions).agree()
    sessions.delete(sid_of(3))

    assert 19 == sessions.count()
    with pytest.raises(AssertionError):
        await deletion_pair("deletion", sessions, sessions).agree()


def test_a_turn_leaves_as_many_sessions_as_before(databases: Databases) -> None:
    """However many turns there are, the table keeps its size."""
    sessions = Sessions.filled(databases, Kind.SQLITE, 21)

    assert sessions.turn() > 0
    assert 21 == sessions.count()


def test_a_purge_that_leaves_rows_is_noticed(databases: Databases) -> None:
    """It has to find as many as have expired."""
    purging = Purging(databases, databases.url(Kind.SQLITE, "purge"), 10)
    purging._fill()
    purging._expired = 11

    with pytest.raises(AssertionError):
        purging._purge()
