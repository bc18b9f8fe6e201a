"""A clock that a test moves."""

__all__ = ["MovingClock"]


class MovingClock:
    """Stands still at a moment in 2027 until it is told to move on."""

    def __init__(self, now: int = 1_800_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        """Return Unix seconds."""
        return self.now

    def advance(self, seconds: int) -> None:
        """Let this much time pass."""
        self.now += seconds
