"""A protection, and what was found out about it."""

from enum import Enum

from attrs import frozen

__all__ = ["Finding", "Protection", "Severity", "State"]


class State(Enum):
    """Whether a protection works for this configuration at this provider."""

    ON = "on"
    OFF = "off"
    IMPOSSIBLE = "impossible"


class Severity(Enum):
    """What is to be made of it; only the first makes a configuration unfit to go live."""

    UNSAFE = "unsafe"
    ADVICE = "advice"
    FINE = "fine"


@frozen
class Finding:
    """
    What was found out about one protection.

    Attributes:
        protection: its name, which stays the same from release to release.
        state: whether it works here.
        severity: what is to be made of it.
        seen: what says so.
        change: what to do about it, or None when there is nothing to do.
        section: where the protection is specified.
    """

    protection: str
    state: State
    severity: Severity
    seen: str
    change: str | None
    section: str


@frozen
class Protection:
    """
    Something that stands in an attacker's way.

    Attributes:
        name: as in ``Finding``.
        section: where it is specified.
    """

    name: str
    section: str

    def on(self, seen: str, advice: str | None = None) -> Finding:
        """Find it at work; with advice, there is something better."""
        return self._found(State.ON, seen, advice, is_unsafe=False)

    def off(self, seen: str, change: str, *, is_unsafe: bool = False) -> Finding:
        """Find it missing, where the configuration could have it."""
        return self._found(State.OFF, seen, change, is_unsafe=is_unsafe)

    def impossible(self, seen: str, change: str | None, *, is_unsafe: bool = False) -> Finding:
        """Find that this provider has no part in it, whatever the client is configured with."""
        return self._found(State.IMPOSSIBLE, seen, change, is_unsafe=is_unsafe)

    def _found(self, state: State, seen: str, change: str | None, *, is_unsafe: bool) -> Finding:
        severity = Severity.FINE if change is None else Severity.ADVICE
        if is_unsafe:
            severity = Severity.UNSAFE
        return Finding(self.name, state, severity, seen, change, self.section)
