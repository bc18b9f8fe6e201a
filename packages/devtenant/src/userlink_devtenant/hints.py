"""Judging an ``id_token_hint`` (OIDC Core, section 3.1.2.1; RP-Initiated Logout, section 2)."""

from collections.abc import Mapping
from typing import Any

from .errors import Refusal
from .state import TenantState

__all__ = ["check_id_token_hint"]


def check_id_token_hint(
    state: TenantState, hint: str, client_id: str | None, *, may_be_expired: bool = False
) -> Mapping[str, Any]:
    """
    Return the claims of an ID token that was given as a hint.

    Args:
        state: the tenant, whose keys and issuer count.
        hint: the token, which anybody may have sent.
        client_id: who must be its audience; None accepts any.
        may_be_expired: logout takes expired ones, as its specification recommends.

    Raises:
        Refusal: ``invalid_request``, saying what is wrong with the hint.
    """
    token = state.keys.verify(hint)
    if token is None:
        raise _bad("its signature is not one of this tenant's")
    if token.header.get("typ") != "JWT":
        raise _bad("it is not an ID token")
    claims = token.claims
    if claims.get("iss") != state.issuer:
        raise _bad("its issuer is not this tenant")
    if client_id is not None and claims.get("aud") != client_id:
        raise _bad("its audience is not the client that asks")
    if not isinstance(claims.get("sub"), str):
        raise _bad("it has no subject")
    expires_at = claims.get("exp")
    if not isinstance(expires_at, int):
        raise _bad("it has no expiry")
    if expires_at <= state.clock.now() and not may_be_expired:
        raise _bad("it has expired")
    return claims


def _bad(reason: str) -> Refusal:
    return Refusal("invalid_request", f"The id_token_hint is refused: {reason}.")
