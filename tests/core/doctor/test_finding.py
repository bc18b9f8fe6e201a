"""A finding says whether a protection works, how grave that is, and what to do."""

import pytest

from userlink.doctor.finding import Finding, Protection, Severity, State

DOOR = Protection("door", "RFC 1, 2")


@pytest.mark.parametrize(
    ("finding", "state", "severity"),
    [
        (DOOR.on("shut"), State.ON, Severity.FINE),
        (DOOR.on("shut", "Lock it."), State.ON, Severity.ADVICE),
        (DOOR.off("open", "Shut it."), State.OFF, Severity.ADVICE),
        (DOOR.off("open", "Shut it.", is_unsafe=True), State.OFF, Severity.UNSAFE),
        (DOOR.impossible("no door", None), State.IMPOSSIBLE, Severity.FINE),
        (DOOR.impossible("no door", "Build one."), State.IMPOSSIBLE, Severity.ADVICE),
        (DOOR.impossible("no wall", "Move.", is_unsafe=True), State.IMPOSSIBLE, Severity.UNSAFE),
    ],
)
def test_severity_follows_from_what_there_is_to_change(
    finding: Finding, state: State, severity: Severity
) -> None:
    """Nothing to change is fine, something is advice, and only what says so is unsafe."""
    assert (state, severity) == (finding.state, finding.severity)
    assert ("door", "RFC 1, 2") == (finding.protection, finding.section)
