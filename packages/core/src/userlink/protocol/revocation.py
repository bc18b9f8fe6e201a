"""Revoking the tokens of a session that has ended (RFC 7009): which, by which form, and what the answer says."""

from typing import Literal, TypeAlias

from userlink.errors import TokenRequestRefused

from .client_auth import FormParameters
from .json_object import parse_json_object
from .session import Session
from .values import HttpResponse, Secret

__all__ = ["TokenKind", "check_revoked", "revocable_tokens", "revocation_parameters"]

TokenKind: TypeAlias = Literal["refresh_token", "access_token"]


def revocable_tokens(session: Session, now: int) -> list[tuple[TokenKind, Secret]]:
    """
    Return the tokens of a session to revoke, the refresh token first.

    With the refresh token go the access tokens of its grant (RFC 7009, 2.1). What remains are access tokens of other
    grants, or all of them where there is no refresh token; those that have expired need no revoking. Tokens of linked
    accounts are not the provider's own, and not for it to revoke.

    Args:
        session: as it was when it ended.
        now: Unix seconds.
    """
    refresh_token = session.refresh_token
    tokens: list[tuple[TokenKind, Secret]] = []
    if refresh_token is not None:
        tokens.append(("refresh_token", refresh_token.token))
    for held in session.token_sets:
        if refresh_token is not None and held.granted_by is refresh_token.granted_by:
            continue
        if held.expires_at is None or held.expires_at > now:
            tokens.append(("access_token", held.access_token))
    return tokens


def revocation_parameters(kind: TokenKind, token: Secret) -> FormParameters:
    """Return what revokes a token (RFC 7009, 2.1)."""
    return {"token": token, "token_type_hint": kind}


def check_revoked(response: HttpResponse) -> None:
    """
    Judge the revocation endpoint's answer: 200 also for a token that was void before (RFC 7009, 2.2).

    Raises:
        TokenRequestRefused: when it is anything else.
    """
    if response.status == 200:
        return
    members = parse_json_object(response.body) or {}
    error = members.get("error")
    raise TokenRequestRefused(
        f"The revocation endpoint refused the request (HTTP status {response.status}).",
        error=error if isinstance(error, str) else "server_error",
        status=response.status,
    )
