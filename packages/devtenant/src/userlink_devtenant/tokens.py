"""
Codes and tokens: what was issued to whom, and whether it still counts.

Everything that came from one sign-in of one user at one client hangs on one ``Authorization``;
revoking that ends all of it, tokens that are still being minted included.
"""

import secrets
import threading

from attrs import field, frozen

from .clock import Clock
from .errors import Refusal

__all__ = [
    "AccessToken",
    "Authorization",
    "AuthorizationCode",
    "ConnectionToken",
    "RefreshToken",
    "TokenStore",
    "new_secret",
]


def new_secret(prefix: str = "") -> str:
    """Return 256 random bits as text."""
    return prefix + secrets.token_urlsafe(32)


@frozen
class Authorization:
    """What a user allowed a client in one sign-in."""

    id: str
    client_id: str
    username: str
    subject: str
    sid: str
    auth_time: int
    scope: str
    audience: str | None = None
    nonce: str | None = field(default=None, repr=False)
    acr: str | None = None


@frozen
class AuthorizationCode:
    """A code and what it was bound to; Authlib's grant reads it by these names."""

    value: str = field(repr=False)
    authorization: Authorization
    redirect_uri: str
    code_challenge: str
    expires_at: int
    code_challenge_method: str = "S256"

    def get_redirect_uri(self) -> str:
        """Return the redirect_uri of the request that asked for the code."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """Return the scope that was granted."""
        return self.authorization.scope


@frozen
class AccessToken:
    """An access token."""

    value: str = field(repr=False)
    authorization: Authorization
    scope: str
    expires_at: int


@frozen
class RefreshToken:
    """A refresh token; its scope stays what was granted first (RFC 6749, section 6)."""

    value: str = field(repr=False)
    authorization: Authorization
    expires_at: int


@frozen
class ConnectionToken:
    """An access token for a connection's own API."""

    value: str = field(repr=False)
    connection: str
    user_id: str
    scope: str
    expires_at: int


class TokenStore:
    """All codes and tokens, in memory, under one lock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        with self._lock:
            self._codes: dict[str, AuthorizationCode] = {}
            self._used_codes: dict[str, AuthorizationCode] = {}
            self._access: dict[str, AccessToken] = {}
            self._refresh: dict[str, RefreshToken] = {}
            self._rotated: dict[str, RefreshToken] = {}
            self._connection: dict[str, ConnectionToken] = {}
            self._revoked: set[str] = set()
            self._participants: set[tuple[str, str, str]] = set()

    def save(self, record: AuthorizationCode | AccessToken | RefreshToken) -> None:
        """Remember what was issued."""
        with self._lock:
            if isinstance(record, AuthorizationCode):
                self._codes[record.value] = record
            elif isinstance(record, AccessToken):
                self._access[record.value] = record
            else:
                self._refresh[record.value] = record
            granted = record.authorization
            self._participants.add((granted.username, granted.client_id, granted.sid))

    def save_connection_token(self, token: ConnectionToken) -> None:
        """Remember a token of a connection."""
        with self._lock:
            self._connection[token.value] = token

    def take_code(self, value: str, client_id: str) -> AuthorizationCode:
        """
        Take a code out of the store: of any number of callers exactly one gets it.

        Raises:
            Refusal: ``invalid_grant``; a second use also revokes what the first one got
                (RFC 6749, section 4.1.2).
        """
        with self._lock:
            used = self._used_codes.get(value)
            if used is not None:
                self._revoked.add(used.authorization.id)
                raise _bad_grant("The code was used before; the tokens it gave are revoked.")
            code = self._codes.get(value)
            if code is None:
                raise _bad_grant("The code is not known.")
            if code.authorization.client_id != client_id:
                raise _bad_grant("The code was issued to another client.")
            self._used_codes[value] = self._codes.pop(value)
        if code.expires_at <= self._clock.now():
            raise _bad_grant("The code has expired.")
        return code

    def find_refresh_token(self, value: str, client_id: str) -> RefreshToken:
        """
        Return a refresh token that still counts.

        Raises:
            Refusal: ``invalid_grant``; the reuse of a rotated one also revokes its whole family
                (RFC 9700, section 4.14.2).
        """
        with self._lock:
            token = self._refresh.get(value) or self._rotated.get(value)
            if token is None or token.authorization.client_id != client_id:
                raise _bad_grant("The refresh token is not known, or is another client's.")
            self._refuse_reuse(token)
            if token.authorization.id in self._revoked:
                raise _bad_grant("The refresh token was revoked.")
        if token.expires_at <= self._clock.now():
            raise _bad_grant("The refresh token has expired.")
        return token

    def rotate(self, token: RefreshToken) -> None:
        """
        Use a refresh token up: of any number of callers exactly one succeeds.

        Raises:
            Refusal: ``invalid_grant``, when another request was faster.
        """
        with self._lock:
            self._refuse_reuse(token)
            self._rotated[token.value] = self._refresh.pop(token.value)

    def find_access_token(self, value: str) -> AccessToken | None:
        """Return an access token that still counts, or None."""
        with self._lock:
            token = self._access.get(value)
            if token is None or token.authorization.id in self._revoked:
                return None
        return token if token.expires_at > self._clock.now() else None

    def find_connection_token(self, value: str) -> ConnectionToken | None:
        """Return a connection's token that still counts, or None."""
        with self._lock:
            token = self._connection.get(value)
        return token if token and token.expires_at > self._clock.now() else None

    def find_any(self, value: str) -> AccessToken | RefreshToken | None:
        """Return an access or refresh token, whether or not it still counts."""
        with self._lock:
            return self._access.get(value) or self._refresh.get(value) or self._rotated.get(value)

    def revoke(self, token: AccessToken | RefreshToken) -> None:
        """Revoke an access token, or a refresh token with all that came from it (RFC 7009, 2.1)."""
        with self._lock:
            if isinstance(token, RefreshToken):
                self._revoked.add(token.authorization.id)
            else:
                self._access.pop(token.value, None)

    def participants(self, username: str) -> list[tuple[str, str]]:
        """Return the (client_id, sid) pairs that a user's sign-ins have led to."""
        with self._lock:
            return sorted((c, sid) for name, c, sid in self._participants if name == username)

    def forget_participants(self, username: str, sid: str) -> None:
        """Forget a session, whose end was announced."""
        with self._lock:
            gone = {p for p in self._participants if p[0] == username and p[2] == sid}
            self._participants -= gone

    def _refuse_reuse(self, token: RefreshToken) -> None:
        if token.value in self._rotated:
            self._revoked.add(token.authorization.id)
            raise _bad_grant(
                "The refresh token was used before; all tokens of its family are revoked."
            )


def _bad_grant(description: str) -> Refusal:
    return Refusal("invalid_grant", description)
