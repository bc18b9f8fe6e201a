"""Every case, in the order of the families."""

from .case import Case
from .families import (
    bindings,
    bombs,
    callbacks,
    claims,
    cookies,
    freshness,
    hints,
    keys,
    linking,
    logout,
    logout_tokens,
    publications,
    pushed_requests,
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
    *pushed_requests.CASES,
    *token_answers.CASES,
    *userinfo.CASES,
    *callbacks.CASES,
    *stolen_callbacks.CASES,
    *linking.CASES,
    *hints.CASES,
    *starts.CASES,
    *cookies.CASES,
    *freshness.CASES,
    *logout.CASES,
    *logout_tokens.CASES,
)
