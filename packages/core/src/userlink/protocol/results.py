"""
What the public methods return: frozen values that also answer as read-only mappings.

``result.app_state``, ``result["app_state"]``, ``result.get("app_state")`` and the camelCase ``result.get("appState")``
are the same thing.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from attrs import field, fields, frozen

from .options import camel_case
from .session import Session
from .token_sets import TokenSet

__all__ = [
    "AccessToken",
    "CallbackResult",
    "LinkResult",
    "LoginResult",
    "LogoutResult",
    "ReauthenticationResult",
    "Result",
    "SessionData",
    "UnlinkResult",
]


@frozen(eq=False)
class Result(Mapping[str, Any]):
    """What all results share: answering as a read-only mapping of their attributes."""

    def __getitem__(self, key: str) -> Any:
        """Return the attribute of this name, in either spelling."""
        for name in self:
            if key in (name, camel_case(name)):
                return getattr(self, name)
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the attributes."""
        return (attribute.name for attribute in fields(type(self)))

    def __len__(self) -> int:
        """Count the attributes."""
        return len(fields(type(self)))


@frozen(eq=False)
class LoginResult(Result):
    """
    A completed login.

    Attributes:
        app_state: what was given at the start; empty when nothing was.
        user: claims about the user now signed in.
    """

    app_state: Mapping[str, Any]
    user: Mapping[str, Any] = field(repr=False)


@frozen(eq=False)
class LinkResult(Result):
    """
    A completed link.

    Attributes:
        app_state: what was given at the start; empty when nothing was.
        connection: the connection that was linked.
        user: claims about the user after the link.
    """

    app_state: Mapping[str, Any]
    connection: str
    user: Mapping[str, Any] = field(repr=False)


@frozen(eq=False)
class UnlinkResult(Result):
    """
    A completed unlink.

    Attributes:
        app_state: what was given at the start; empty when nothing was.
        connection: the connection that was unlinked.
        user: claims about the user after the unlink.
    """

    app_state: Mapping[str, Any]
    connection: str
    user: Mapping[str, Any] = field(repr=False)


@frozen(eq=False)
class LogoutResult(Result):
    """
    A return from the provider's logout.

    Attributes:
        app_state: what was given at the start; empty when nothing was.
    """

    app_state: Mapping[str, Any]


@frozen(eq=False)
class ReauthenticationResult(Result):
    """
    A completed reauthentication.

    Attributes:
        app_state: what was given at the start; empty when nothing was.
        user: claims about the user, who is the same as before.
        redirect_to: the URL to redirect the browser to, which goes on with the link or unlink that was waiting; None
            when nothing was.
    """

    app_state: Mapping[str, Any]
    user: Mapping[str, Any] = field(repr=False)
    redirect_to: str | None = field(repr=False)


CallbackResult: TypeAlias = LoginResult | LinkResult | UnlinkResult | ReauthenticationResult


@frozen(eq=False)
class SessionData(Result):
    """
    The session as the application sees it. Tokens do not show in its ``repr``.

    Attributes:
        user: claims about the user.
        issuer: who vouches for the user.
        subject: the user's ``sub`` at that issuer.
        id_token: the newest ID token.
        refresh_token: the login's, as renewals rotate it; a link's only where the login brought none; or None.
        token_sets: access tokens, one an audience.
        sid: the provider's name for its own session, or None.
        created_at: Unix seconds of the login.
        expires_at: Unix seconds after which the session is void if nothing happens.
        auth_time: Unix seconds at which the user last authenticated at the provider, or None when it did not say.
        acr: the class of that authentication, or None.
    """

    user: Mapping[str, Any] = field(repr=False)
    issuer: str
    subject: str
    id_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    token_sets: tuple[TokenSet, ...] = field(repr=False)
    sid: str | None
    created_at: int
    expires_at: int
    auth_time: int | None = None
    acr: str | None = None

    @classmethod
    def of(cls, session: Session) -> "SessionData":
        """Show a session record without what is internal to it."""
        return cls(
            user=session.user,
            issuer=session.issuer,
            subject=session.subject,
            id_token=session.id_token.reveal(),
            refresh_token=(
                None if session.refresh_token is None else session.refresh_token.token.reveal()
            ),
            token_sets=session.token_sets,
            sid=session.sid,
            created_at=session.created_at,
            expires_at=session.expires_at,
            auth_time=session.authentication.time,
            acr=session.authentication.acr,
        )


@frozen(eq=False)
class AccessToken(Result):
    """
    An access token, and what it is good for. The token does not show in the ``repr``.

    Attributes:
        access_token: what goes into ``Authorization: Bearer …`` (RFC 6750, 2.1).
        scope: what was granted, separated by spaces.
        expires_at: Unix seconds, or None when the provider did not say.
    """

    access_token: str = field(repr=False)
    scope: str
    expires_at: int | None
