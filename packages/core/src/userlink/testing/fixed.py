"""Time that moves when it is told to, and randomness that can be foretold. For tests only."""

import hashlib

__all__ = ["FixedClock", "FixedEntropy"]


class FixedClock:
    """
    A clock that stands still until it is moved: ``ServerClient(clock=FixedClock())``.

    Args:
        now: the time it shows, in Unix seconds.

    Attributes:
        now: the time it shows; may be set.
    """

    def __init__(self, now: int = 1_700_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        """Return the time in Unix seconds."""
        return self.now

    def advance(self, seconds: int) -> None:
        """Move on by this many seconds."""
        self.now += seconds


class FixedEntropy:
    """
    Bytes that are the same in every run: ``ServerClient(entropy=FixedEntropy())``.

    Two sources of one seed give the same bytes, so sealing keys must not be shared between them outside of tests.

    Args:
        seed: chooses the bytes.
        repeats: whether every demand is answered with the same bytes; otherwise no two demands are.
    """

    def __init__(self, seed: str = "", *, repeats: bool = False) -> None:
        self._seed = seed.encode()
        self._repeats = repeats
        self._demands = 0

    def __call__(self, size: int) -> bytes:
        """Return this many bytes."""
        if not self._repeats:
            self._demands += 1
        return hashlib.shake_256(b"%d:%b" % (self._demands, self._seed)).digest(size)
