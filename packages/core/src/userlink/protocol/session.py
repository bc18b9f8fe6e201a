"""
The session: who is signed in, with which tokens, until when.

A link or an unlink *updates* the session of the user and never replaces it: id, ``sid``, creation time and the tokens
of other audiences stay. Only a login makes a new one. Expiry is judged by what stands in the sealed record, never by a
cookie's Max-Age alone.
"""

import json
from collections.abc import Mapping
from typing import Any

from attrs import evolve, field, frozen

from .freshness import NOTHING_KNOWN, Authentication
from .json_object import has_form
from .pkce import digest
from .renewal_lease import RenewalLease
from .token_sets import ConnectionTokenSet, RefreshToken, TokenSet
from .transaction import SessionBinding, TransactionKind
from .values import Secret

__all__ = ["Session", "user_claims"]

_OPTIONAL_STRING = (str, type(None))
_OPTIONAL_LIST = (list, type(None))
# What a record holds, in the order of to_record().
_RECORD = (
    str, str, str, dict, str, int, int, int, int, _OPTIONAL_LIST, _OPTIONAL_STRING, list, list,
    _OPTIONAL_LIST,
    (int, type(None)), _OPTIONAL_STRING,
)  # fmt: skip
_ENCODE = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
_DECODE = json.JSONDecoder().decode

# Claims about the token, not about the user (OIDC Core 2 and 3.1.3.6, RFC 7519 4.1).
_TOKEN_CLAIMS = frozenset(
    "iss aud exp iat nbf jti nonce azp at_hash c_hash s_hash auth_time acr amr sid".split()
)


def user_claims(claims: Mapping[str, Any]) -> dict[str, Any]:
    """Return the claims of a validated ID token that describe the user."""
    return {name: value for name, value in claims.items() if name not in _TOKEN_CLAIMS}


@frozen
class Session:
    """
    A signed-in user's session.

    Attributes:
        id: the random name that only this browser knows.
        issuer: who vouches for the user.
        subject: the user's ``sub`` at that issuer.
        user: claims about the user.
        id_token: the newest ID token.
        id_token_expires_at: its ``exp``, in Unix seconds.
        created_at: Unix seconds of the login.
        idle_expires_at: Unix seconds after which it is void unless it is used before.
        absolute_expires_at: Unix seconds after which it is void in any case.
        refresh_token: the login's, as renewals rotate it; a link's only where the login brought none; or None.
        sid: the provider's name for its own session, or None (OIDC Back-Channel Logout, 2.1).
        token_sets: access tokens, one an audience.
        connection_token_sets: access tokens of linked accounts.
        renewal_lease: who is renewing the tokens just now, or None.
        authentication: when and how the user last authenticated at the provider, as far as an ID token said.
        version: counts the writes; a write over another version is refused.
    """

    id: Secret
    issuer: str
    subject: str
    user: Mapping[str, Any] = field(repr=False)
    id_token: Secret
    id_token_expires_at: int
    created_at: int
    idle_expires_at: int
    absolute_expires_at: int
    refresh_token: RefreshToken | None = None
    sid: str | None = None
    token_sets: tuple[TokenSet, ...] = field(default=(), repr=False)
    connection_token_sets: tuple[ConnectionTokenSet, ...] = field(default=(), repr=False)
    renewal_lease: RenewalLease | None = None
    authentication: Authentication = NOTHING_KNOWN
    version: int = 0

    @property
    def expires_at(self) -> int:
        """Unix seconds after which the session is void if nothing happens."""
        return min(self.idle_expires_at, self.absolute_expires_at)

    @property
    def binding(self) -> SessionBinding:
        """What a transaction that is started from this session remembers of it."""
        return SessionBinding(digest(self.id.reveal()), self.subject)

    def touched(self, now: int, idle_seconds: int) -> "Session":
        """Return the session with its idle time starting anew at ``now`` (Unix seconds)."""
        return evolve(self, idle_expires_at=now + idle_seconds)

    def with_id_token(self, id_token: Secret, claims: Mapping[str, Any]) -> "Session":
        """
        Return the session with a renewed ID token of the same user, whose claims come in over the old ones.

        A renewal is no authentication (OIDC Core, 12.2): what is known of that stays, whatever the token says.
        """
        return evolve(
            self,
            id_token=id_token,
            id_token_expires_at=int(claims["exp"]),
            user={**self.user, **user_claims(claims)},
        )

    def with_grant(
        self,
        id_token: Secret,
        claims: Mapping[str, Any],
        token_set: TokenSet,
        refresh_token: RefreshToken | None,
    ) -> "Session":
        """
        Return the session with what a link or an unlink brought: all of it in one step.

        The login's refresh token stays: another was granted for linking, and would renew the application's access
        tokens with less than the login was granted, or for another audience. It is better than none.
        """
        return evolve(
            self,
            id_token=id_token,
            id_token_expires_at=int(claims["exp"]),
            user={**self.user, **user_claims(claims)},
            token_sets=self._token_sets_with(token_set),
            refresh_token=self.refresh_token or refresh_token,
            authentication=self._authentication_with(claims),
        )

    def _authentication_with(self, claims: Mapping[str, Any]) -> Authentication:
        # Time and class are of one authentication: they come and go together. A token that does not say when its user
        # authenticated says nothing newer than what is known.
        return self.authentication if "auth_time" not in claims else Authentication.of(claims)

    def with_refresh_token(self, refresh_token: RefreshToken | None) -> "Session":
        """Return the session with a rotated refresh token; None means that the old one stays (RFC 6749, 6)."""
        return self if refresh_token is None else evolve(self, refresh_token=refresh_token)

    def with_token_set(self, token_set: TokenSet) -> "Session":
        """
        Return the session with a token set filed under its audience.

        A token set of a link or unlink gives way when the login holds one for that audience.
        """
        filed = self._token_sets_with(token_set)
        return self if filed is self.token_sets else evolve(self, token_sets=filed)

    def token_set_for(self, audience: str | None) -> TokenSet | None:
        """Return what is filed under an audience, whoever brought it."""
        return next((held for held in self.token_sets if held.audience == audience), None)

    def _token_sets_with(self, token_set: TokenSet) -> tuple[TokenSet, ...]:
        others = tuple(held for held in self.token_sets if held.audience != token_set.audience)
        replaced = self.token_set_for(token_set.audience)
        if (
            replaced is not None
            and replaced.granted_by is TransactionKind.LOGIN
            and token_set.granted_by is not TransactionKind.LOGIN
        ):
            return self.token_sets
        return (*others, token_set)

    def to_record(self) -> bytes:
        """Serialise all but the version, which is kept beside the record."""
        values = (
            self.id.reveal(),
            self.issuer,
            self.subject,
            self.user,
            self.id_token.reveal(),
            self.id_token_expires_at,
            self.created_at,
            self.idle_expires_at,
            self.absolute_expires_at,
            None if self.refresh_token is None else self.refresh_token.to_values(),
            self.sid,
            [held.to_values() for held in self.token_sets],
            [held.to_values() for held in self.connection_token_sets],
            None if self.renewal_lease is None else self.renewal_lease.to_values(),
            self.authentication.time,
            self.authentication.acr,
        )
        return _ENCODE(values).encode("utf-8", "surrogatepass")  # as json.loads() decodes

    @classmethod
    def from_record(cls, record: bytes, version: int = 0) -> "Session":
        """
        Read what ``to_record()`` wrote.

        Raises:
            ValueError: when the bytes are anything else.
        """
        try:
            values: object = _DECODE(record.decode("utf-8", "surrogatepass"))
            if not has_form(values, _RECORD):
                raise ValueError("not a session record")
            (
                session_id,
                issuer,
                subject,
                user,
                id_token,
                id_token_expires_at,
                created_at,
                idle_expires_at,
                absolute_expires_at,
                refresh_token,
                sid,
                token_sets,
                connection_token_sets,
                renewal_lease,
                authentication_time,
                acr,
            ) = values
            return cls(
                id=Secret(session_id),
                issuer=issuer,
                subject=subject,
                user=user,
                id_token=Secret(id_token),
                id_token_expires_at=id_token_expires_at,
                created_at=created_at,
                idle_expires_at=idle_expires_at,
                absolute_expires_at=absolute_expires_at,
                refresh_token=(
                    None if refresh_token is None else RefreshToken.from_values(refresh_token)
                ),
                sid=sid,
                token_sets=tuple(map(TokenSet.from_values, token_sets)),
                connection_token_sets=tuple(
                    map(ConnectionTokenSet.from_values, connection_token_sets)
                ),
                renewal_lease=(
                    None if renewal_lease is None else RenewalLease.from_values(renewal_lease)
                ),
                authentication=Authentication(authentication_time, acr),
                version=version,
            )
        except RecursionError as error:
            raise ValueError("not a session record") from error
