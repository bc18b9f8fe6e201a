"""What a case can end with, besides nothing to report."""

__all__ = ["BrokenSetup", "NotApplicable", "Weakness"]


class Weakness(AssertionError):
    """The application did what it must not do, or refused what it must accept; the text says what happened."""


class BrokenSetup(Exception):
    """The honest part before the attack does not work: the application or the kit is configured wrongly."""


class NotApplicable(Exception):
    """The case cannot be played against this application; the text says what it would need."""
