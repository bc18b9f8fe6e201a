"""The session that everything is measured on: some 3 kB, as a login with an API's audience leaves it."""

import os
import time
from typing import Any

from benchmarks.provider import Provider
from userlink import Secret, TokenSet
from userlink.protocol.session import Session
from userlink.protocol.token_sets import RefreshToken

__all__ = ["AUDIENCE", "LINKED_IDENTITIES", "USER", "access_token", "bare_session", "our_session"]

AUDIENCE = "https://api.example.com/"
_SCOPE = "openid profile email offline_access read:reports"
USER: dict[str, Any] = {
    "sub": "auth0|6653f1c29b0e8a71d4c5aa02",
    "name": "Ada Example",
    "given_name": "Ada",
    "family_name": "Example",
    "nickname": "ada",
    "email": "ada@example.com",
    "email_verified": True,
    "picture": "https://images.example.com/avatars/6653f1c29b0e8a71d4c5aa02.png",
    "updated_at": "2026-05-28T09:14:07.512Z",
    "identities": [{"connection": "Username-Password-Authentication", "provider": "auth0"}],
}
LINKED_IDENTITIES = [
    *USER["identities"],
    {"connection": "github", "provider": "github", "user_id": "5834121"},
]


def access_token() -> str:
    """Return a token as long as a short JWT of an API."""
    return os.urandom(500).hex()


def our_session(provider: Provider) -> Session:
    """Return userlink's record of a fresh login."""
    now = int(time.time())
    token = access_token()
    return Session(
        id=Secret(os.urandom(16).hex()),
        issuer=provider.metadata["issuer"],
        subject=USER["sub"],
        user=USER,
        id_token=Secret(provider.id_token(USER, token, "n0nce", now)),
        id_token_expires_at=now + 36_000,
        created_at=now,
        idle_expires_at=now + 86_400,
        absolute_expires_at=now + 259_200,
        refresh_token=RefreshToken(Secret(os.urandom(24).hex()), AUDIENCE, _SCOPE),
        sid="q9Vt2Nx7Lc4Rz8Wm",
        token_sets=(TokenSet(AUDIENCE, Secret(token), _SCOPE, now + 86_400),),
    )


def bare_session(session: Session) -> dict[str, Any]:
    """Return the same values as a dict for JSON."""
    refresh_token = session.refresh_token
    return {
        "id": session.id.reveal(),
        "issuer": session.issuer,
        "subject": session.subject,
        "user": dict(session.user),
        "id_token": session.id_token.reveal(),
        "id_token_expires_at": session.id_token_expires_at,
        "created_at": session.created_at,
        "idle_expires_at": session.idle_expires_at,
        "absolute_expires_at": session.absolute_expires_at,
        "refresh_token": None if refresh_token is None else refresh_token.token.reveal(),
        "sid": session.sid,
        "token_sets": [
            {
                "audience": held.audience,
                "access_token": held.access_token.reveal(),
                "scope": held.scope,
                "expires_at": held.expires_at,
                "granted_by": str(held.granted_by),
            }
            for held in session.token_sets
        ],
    }
