"""
Ending sessions without their browser, as a logout token asks, and knowing which tokens have had their say.

Both are in the state store, so that all processes of an application agree. A token that was used leaves a record there
like a session's, under an identifier that no session can have.
"""

import json

from userlink.errors import StoreError, UserlinkError
from userlink.protocol.logout_token import LogoutToken
from userlink.protocol.pkce import digest
from userlink.stores.protocols import LogoutClaims, StateRecord, StateStore

from .call import Call

__all__ = ["Endings"]

# Identifiers of sessions are digests of what a cookie holds: none is as long as this with a digest behind it.
_PREFIX = "logout_token-"


class Endings:
    """
    The sessions of one state store, as logout tokens reach them.

    Args:
        store: where the records are.
    """

    def __init__(self, store: StateStore) -> None:
        self._store = store

    async def was_used(self, call: Call, token: LogoutToken) -> bool:
        """Tell whether the token has left its record."""
        try:
            return await self._store.get(_identifier(token), call.store_options) is not None
        except UserlinkError:
            raise
        except Exception as error:
            raise _failed("look for a logout token", error) from error

    async def end_all(self, call: Call, token: LogoutToken) -> None:
        """Remove the sessions that the token names (OIDC Back-Channel Logout, 2.7)."""
        claims = LogoutClaims(token.issuer, token.subject, token.sid)
        try:
            await self._store.delete_by_logout_token(claims, call.store_options)
        except UserlinkError:
            raise
        except Exception as error:
            raise _failed("end sessions", error) from error

    async def mark_used(self, call: Call, token: LogoutToken) -> bool:
        """Leave the token's record, unless it is there: of two callers, exactly one is told True."""
        # It belongs to no issuer and no user: no logout token finds it.
        record = StateRecord(
            sealed=b"used", version=1, expires_at=token.expires_at, issuer="", subject="", sid=None
        )
        try:
            return await self._store.set(_identifier(token), record, None, call.store_options)
        except UserlinkError:
            raise
        except Exception as error:
            raise _failed("remember a logout token", error) from error


def _identifier(token: LogoutToken) -> str:
    # One token may be for several clients, and their applications may share a store.
    return _PREFIX + digest(json.dumps([token.issuer, token.client_id, token.jti]))


def _failed(what: str, error: Exception) -> StoreError:
    # What a driver says may quote statements and values; the class and the cause say enough.
    return StoreError(f"The state store could not {what} ({type(error).__name__}).")
