"""Every case, in the order of the families."""

from .case import Case
from .families import (
    callbacks,
    claims,
    keys,
    linking,
    publications,
    signatures,
    starts,
    token_answers,
)

__all__ = ["ALL_CASES"]

ALL_CASES: tuple[Case, ...] = (
    *signatures.CASES,
    *claims.CASES,
    *keys.CASES,
    *publications.CASES,
    *token_answers.CASES,
    *callbacks.CASES,
    *linking.CASES,
    *starts.CASES,
)
