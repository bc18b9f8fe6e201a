"""Events in the standard library's log."""

import logging

import pytest

from userlink import LoggingPlugin
from userlink.plugins.manager import Plugins
from userlink.protocol.events import Event

COMPLETED = Event("link.completed", 1, "https://tenant.example.com/", "auth0|alice", "github")
DENIED = Event("link.denied", 1, None, None, None, "authorization_denied")


def tell(event: Event, plugin: LoggingPlugin) -> None:
    """Tell all listeners of a client that has this plugin."""
    for listener in Plugins([plugin], installed=False).listeners():
        listener(event)


@pytest.mark.parametrize(
    ("event", "level", "line"),
    [
        (
            COMPLETED,
            logging.INFO,
            (
                "link.completed issuer='https://tenant.example.com/' subject='auth0|alice'"
                " connection='github' error_code=None"
            ),
        ),
        (
            DENIED,
            logging.WARNING,
            (
                "link.denied issuer=None subject=None connection=None"
                " error_code='authorization_denied'"
            ),
        ),
    ],
    ids=["completed", "denied"],
)
def test_an_event_is_a_line(
    caplog: pytest.LogCaptureFixture, event: Event, level: int, line: str
) -> None:
    """What was completed at INFO, all else at WARNING, with everything that the event holds."""
    caplog.set_level(logging.INFO)

    tell(event, LoggingPlugin())

    assert [("userlink.events", level, line)] == caplog.record_tuples


def test_the_logger_can_be_named(caplog: pytest.LogCaptureFixture) -> None:
    """So that audit lines go where audit lines go."""
    caplog.set_level(logging.INFO)

    tell(COMPLETED, LoggingPlugin("audit"))

    assert ["audit"] == [record.name for record in caplog.records]


def test_no_event_can_forge_a_line(caplog: pytest.LogCaptureFixture) -> None:
    """A connection may come from a URL, line breaks and all (CWE-117)."""
    caplog.set_level(logging.INFO)

    tell(Event("link.failed", 1, connection="x\nlink.completed subject='admin'"), LoggingPlugin())

    assert 1 == len(caplog.messages[0].splitlines())
