"""Every case, in the order of the families."""

from .case import Case
from .families import (
    bindings,
    bombs,
    callbacks,
    claims,
    cookies,
    hints,
    keys,
    linking,
    logout,
    logout_tokens,
    publications,
    signatures,
    starts,
    stolen_callbacks,
    token_answers,
    userinfo,
)

__all__ = ["ALL_CASES"]

ALL_CASES: tuple[Case, ...] = (
    *signatures.CASES,
    *claims.CASES,
    *bindings.CASES,
    *bombs.CASES,
    *keys.CASES,
    *publications.CASES,
    *token_answers.CASES,
    *userinfo.CASES,
    *callbacks.CASES,
    *stolen_callbacks.CASES,
    *linking.CASES,
    *hints.CASES,
    *starts.CASES,
    *cookies.CASES,
    *logout.CASES,
    *logout_tokens.CASES,
)
