"""Every case, in the order of the families."""

from .case import Case
from .families import (
    callbacks,
    claims,
    keys,
    linking,
    logout,
    publications,
    signatures,
    starts,
    token_answers,
    userinfo,
)

__all__ = ["ALL_CASES"]

ALL_CASES: tuple[Case, ...] = (
    *signatures.CASES,
    *claims.CASES,
    *keys.CASES,
    *publications.CASES,
    *token_answers.CASES,
    *userinfo.CASES,
    *callbacks.CASES,
    *linking.CASES,
    *starts.CASES,
    *logout.CASES,
)
