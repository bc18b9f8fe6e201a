"""
The tokens that a session holds beside the ID token, each with what it is good for.

``to_values()`` and ``from_values()`` are their part of a session's record; anything else there is a ValueError.
"""

from collections.abc import Sequence

from attrs import evolve, frozen

from .json_object import has_form
from .transaction import TransactionKind
from .values import Secret

__all__ = ["ConnectionTokenSet", "RefreshToken", "TokenSet"]

_OPTIONAL_STRING = (str, type(None))
_OPTIONAL_INT = (int, type(None))
# What a record holds of each, in the order of to_values().
_TOKEN_SET = (_OPTIONAL_STRING, str, str, _OPTIONAL_INT, str)
_REFRESH_TOKEN = (str, _OPTIONAL_STRING, str, str)
_CONNECTION_TOKEN_SET = (str, _OPTIONAL_STRING, str, str, _OPTIONAL_INT)

Values = Sequence[str | int | None]


@frozen
class TokenSet:
    """
    An access token and what it is good for.

    Attributes:
        audience: what it was asked for; None when no audience was named.
        access_token: the token.
        scope: what was granted, separated by spaces.
        expires_at: Unix seconds, or None when the provider did not say.
        granted_by: the kind of flow that brought it. A link's token never stands in for the login's.
    """

    audience: str | None
    access_token: Secret
    scope: str
    expires_at: int | None
    granted_by: TransactionKind = TransactionKind.LOGIN

    @property
    def scopes(self) -> frozenset[str]:
        """The scope as the set that it is (RFC 6749, 3.3)."""
        return frozenset(self.scope.split())

    def is_good_at(self, moment: int) -> bool:
        """Tell whether it has not expired at a moment (Unix seconds), as far as the provider said."""
        return self.expires_at is None or self.expires_at > moment

    def to_values(self) -> Values:
        """Return what a record holds of it."""
        token = self.access_token.reveal()
        return self.audience, token, self.scope, self.expires_at, self.granted_by

    @classmethod
    def from_values(cls, values: object) -> "TokenSet":
        """Read what ``to_values()`` returned."""
        if not has_form(values, _TOKEN_SET):
            raise ValueError("not a token set")
        audience, token, scope, expires_at, granted_by = values
        return cls(audience, Secret(token), scope, expires_at, TransactionKind(granted_by))


@frozen
class RefreshToken:
    """
    A refresh token, and what the access tokens are good for that it brings (RFC 6749, 6).

    Attributes:
        token: the token.
        audience: what was asked for when it came; None when no audience was named.
        scope: what was granted then, separated by spaces.
        granted_by: the kind of flow that brought it. What a link's brings is never taken for the login's.
    """

    token: Secret
    audience: str | None = None
    scope: str = ""
    granted_by: TransactionKind = TransactionKind.LOGIN

    def rotated(self, token: Secret | None) -> "RefreshToken | None":
        """Return what a renewal put in its place, good for the same (RFC 6749, 6); None when no token came."""
        return None if token is None else evolve(self, token=token)

    def to_values(self) -> Values:
        """Return what a record holds of it."""
        return self.token.reveal(), self.audience, self.scope, self.granted_by

    @classmethod
    def from_values(cls, values: object) -> "RefreshToken":
        """Read what ``to_values()`` returned."""
        if not has_form(values, _REFRESH_TOKEN):
            raise ValueError("not a refresh token")
        token, audience, scope, granted_by = values
        return cls(Secret(token), audience, scope, TransactionKind(granted_by))


@frozen
class ConnectionTokenSet:
    """
    The access token of a linked account at its own provider.

    Attributes:
        connection: the name of the connection, such as ``github``.
        login_hint: which of several accounts of that connection, or None.
        access_token: the token.
        scope: what was granted, separated by spaces.
        expires_at: Unix seconds, or None when the provider did not say.
    """

    connection: str
    login_hint: str | None
    access_token: Secret
    scope: str
    expires_at: int | None

    def to_values(self) -> Values:
        """Return what a record holds of it."""
        token = self.access_token.reveal()
        return self.connection, self.login_hint, token, self.scope, self.expires_at

    @classmethod
    def from_values(cls, values: object) -> "ConnectionTokenSet":
        """Read what ``to_values()`` returned."""
        if not has_form(values, _CONNECTION_TOKEN_SET):
            raise ValueError("not a connection token set")
        connection, login_hint, token, scope, expires_at = values
        return cls(connection, login_hint, Secret(token), scope, expires_at)
