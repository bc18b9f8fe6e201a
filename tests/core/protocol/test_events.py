"""Events say what happened, and hold nothing that a log may not."""

import pytest
from attrs import fields
from attrs.exceptions import FrozenInstanceError

from userlink.protocol.events import Event


def test_an_event_holds_no_token_and_no_claim_but_the_subject() -> None:
    """Audit logs and mails are read by many; a new field must be thought about here."""
    names = {field.name for field in fields(Event)}

    assert {"name", "occurred_at", "issuer", "subject", "connection", "error_code"} == names


def test_what_is_not_known_is_none() -> None:
    """An event may concern nobody: a link that was denied before anyone was known."""
    event = Event("link.denied", 1_800_000_000)

    assert (None, None, None, None) == (
        event.issuer,
        event.subject,
        event.connection,
        event.error_code,
    )


def test_a_listener_cannot_change_what_the_next_one_hears() -> None:
    """Events are frozen values, compared by what they say."""
    event = Event("login.completed", 1, subject="auth0|1")

    assert Event("login.completed", 1, subject="auth0|1") == event
    with pytest.raises(FrozenInstanceError):
        event.subject = "auth0|2"  # type: ignore[misc]  # what may not be done
