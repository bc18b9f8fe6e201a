"""Every case, in the order of the families."""

from .case import Case
from .families import signatures

__all__ = ["ALL_CASES"]

ALL_CASES: tuple[Case, ...] = (*signatures.CASES,)
