"""Minting tokens, and the claims they carry."""

import secrets
from typing import Any

from .config import User
from .state import TenantState
from .tokens import AccessToken, Authorization, RefreshToken, new_secret

__all__ = ["id_token_claims", "mint_tokens", "user_claims"]


def mint_tokens(
    state: TenantState, granted: Authorization, scope: str, audience: str | None
) -> dict[str, Any]:
    """
    Issue an access token, and a refresh token where ``offline_access`` was granted.

    Args:
        state: the tenant.
        granted: what the user allowed; the refresh token stands for all of it.
        scope: the access token's part of that.
        audience: whom the access token is for.

    Returns:
        the token answer (RFC 6749, section 5.1), to which Authlib adds the ID token.
    """
    now, lifetimes = state.clock.now(), state.lifetimes
    access = AccessToken(
        value=_access_token(state, granted, scope, audience),
        authorization=granted,
        scope=scope,
        expires_at=now + lifetimes.access_token_seconds,
    )
    state.tokens.save(access)
    answer: dict[str, Any] = {
        "access_token": access.value,
        "token_type": "Bearer",
        "expires_in": lifetimes.access_token_seconds,
        "scope": scope,
    }
    if "offline_access" in granted.scope.split():
        answer["refresh_token"] = _refresh_token(state, granted)
    return answer


def id_token_claims(state: TenantState, client_id: str) -> dict[str, Any]:
    """Return the claims that every ID token for a client has (OIDC Core, section 2)."""
    now = state.clock.now()
    return {
        "iss": state.issuer,
        "aud": client_id,
        "iat": now,
        "exp": now + state.lifetimes.id_token_seconds,
    }


def user_claims(state: TenantState, granted: Authorization, scope: str) -> dict[str, Any]:
    """Return what is said about a user: profile and email by scope, identities always."""
    user = state.directory.user(granted.username)
    scopes = scope.split()
    identities = state.directory.identities(granted.username)
    claims: dict[str, Any] = {
        "sub": granted.subject,
        "identities": [identity.as_claim() for identity in identities],
    }
    if user and "profile" in scopes:
        claims |= _profile(user)
    if user and user.email and "email" in scopes:
        claims |= {"email": user.email, "email_verified": user.email_verified}
    return claims


def _profile(user: User) -> dict[str, Any]:
    claims = {
        "name": user.display_name,
        "nickname": user.nickname or user.username,
        "picture": user.picture,
    }
    return {name: value for name, value in claims.items() if value}


def _access_token(
    state: TenantState, granted: Authorization, scope: str, audience: str | None
) -> str:
    """Make an opaque token, or a JWT (RFC 9068) where an audience was asked for."""
    if audience is None:
        return new_secret("at_")
    now = state.clock.now()
    claims = {
        "iss": state.issuer,
        "sub": granted.subject,
        "aud": audience,
        "client_id": granted.client_id,
        "azp": granted.client_id,
        "iat": now,
        "exp": now + state.lifetimes.access_token_seconds,
        "jti": secrets.token_urlsafe(16),
        "scope": scope,
    }
    return state.keys.sign(claims, token_type="at+jwt")


def _refresh_token(state: TenantState, granted: Authorization) -> str:
    token = RefreshToken(
        value=new_secret("rt_"),
        authorization=granted,
        expires_at=state.clock.now() + state.lifetimes.refresh_token_seconds,
    )
    state.tokens.save(token)
    return token.value
