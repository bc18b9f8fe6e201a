"""Tokens of linked accounts at a provider in memory: the exchange of Auth0's Token Vault, a form of RFC 8693."""

from collections.abc import Mapping
from typing import Any

from .accounts import Account

__all__ = ["CONNECTION_TOKEN_GRANT", "connection_token"]

CONNECTION_TOKEN_GRANT = (
    "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token"
)
_TYPES = {
    "subject_token_type": "urn:ietf:params:oauth:token-type:refresh_token",
    "requested_token_type": "http://auth0.com/oauth/token-type/federated-connection-access-token",
}
_LIFETIME_SECONDS = 3600


def connection_token(
    form: Mapping[str, str], account: Account | None, token: str
) -> dict[str, Any] | str:
    """
    Answer an exchange, with the members of the answer or with an error code (RFC 6749, 5.2).

    Args:
        form: what was sent.
        account: whose refresh token the ``subject_token`` is; None when it is nobody's.
        token: a fresh one.
    """
    if not form.get("connection") or any(form.get(name) != _TYPES[name] for name in _TYPES):
        return "invalid_request"
    hint = form.get("login_hint")
    linked = [] if account is None else account.identities
    if not any(
        identity.connection == form["connection"] and hint in (None, identity.user_id)
        for identity in linked
    ):
        return "invalid_grant"
    return {
        "access_token": token,
        "issued_token_type": _TYPES["requested_token_type"],
        "token_type": "Bearer",
        "expires_in": _LIFETIME_SECONDS,
        "scope": "profile",
    }
