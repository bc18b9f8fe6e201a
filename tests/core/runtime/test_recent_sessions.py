"""The newest write of each session that a process has sealed into cookies."""

import pytest
from attrs import evolve

from support.flow_world import a_session
from support.threads import at_once
from userlink.protocol.session import Session
from userlink.runtime.recent_sessions import RecentSessions

NOW = 1_800_000_000


def of_version(version: int) -> Session:
    """Return a session of a version."""
    return evolve(a_session(), version=version)


def write(recent: RecentSessions, version: int, key: str = "a", now: int = NOW) -> bool:
    """Write a version."""
    return recent.replace(key, of_version(version), now, lambda: None)


def test_what_was_written_last_is_newer_than_what_a_cookie_held() -> None:
    """And a cookie that another process has written since is newer than that."""
    recent = RecentSessions()
    write(recent, 3)

    assert [3, 3, 4] == [
        recent.newest("a", of_version(version), NOW).version for version in (2, 3, 4)
    ]
    assert 2 == recent.newest("b", of_version(2), NOW).version


def test_of_two_that_write_over_a_version_the_second_is_told() -> None:
    """Compare-and-set: nothing is written then."""
    recent, written = RecentSessions(), [0]

    assert write(recent, 3)
    assert not recent.replace("a", of_version(3), NOW, lambda: written.append(3))

    assert [0] == written
    assert write(recent, 4)


def test_what_could_not_be_written_is_not_remembered() -> None:
    """A session that does not fit into cookies."""
    recent = RecentSessions()
    write(recent, 3)

    def fail() -> None:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        recent.replace("a", of_version(4), NOW, fail)

    assert 3 == recent.newest("a", of_version(2), NOW).version
    assert write(recent, 4)


def test_it_is_remembered_for_a_minute() -> None:
    """By then every answer has arrived."""
    recent = RecentSessions()
    write(recent, 3)

    assert 3 == recent.newest("a", of_version(2), NOW + 59).version
    assert 2 == recent.newest("a", of_version(2), NOW + 60).version
    assert write(recent, 3, now=NOW + 60)


def test_a_session_that_has_ended_is_forgotten() -> None:
    """And one that is not there is no failure."""
    recent = RecentSessions()
    write(recent, 3)

    recent.forget("a")
    recent.forget("a")

    assert 2 == recent.newest("a", of_version(2), NOW).version


def test_the_oldest_are_forgotten_where_there_are_too_many() -> None:
    """A write makes a session young again."""
    recent = RecentSessions(most=3)
    for key in ("a", "b", "c"):
        write(recent, 3, key)
    write(recent, 4, "a")

    write(recent, 3, "d")

    kept = [key for key in "abcd" if recent.newest(key, of_version(0), NOW).version]
    assert ["a", "c", "d"] == kept


def test_expired_ones_make_room_by_and_by() -> None:
    """At most two at a write, which costs the same whoever comes."""
    recent = RecentSessions()
    for number in range(9):
        write(recent, 3, str(number))

    for number in range(5):
        write(recent, 3, f"later {number}", NOW + 60)

    assert 5 == len(recent._entries)


def test_of_many_threads_one_writes() -> None:
    """Over one version; the others have written nothing."""
    recent, wrote = RecentSessions(), list[int]()

    def act(number: int) -> bool:
        return recent.replace("a", of_version(3), NOW, lambda: wrote.append(number))

    answers = at_once(act, 16)

    assert 1 == answers.count(True)
    assert [answers.index(True)] == wrote
