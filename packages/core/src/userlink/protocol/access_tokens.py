"""
Which access token answers a wish: one that is held, or what to ask for (RFC 6749, 6).

Access tokens are filed under the audience that they were asked for. What a link or unlink brought was granted for that,
often with more power over the account and less over the application's own interfaces: it is given out only to who asks
for its audience by name, and never where the login has, or could have, a token.
"""

from attrs import frozen

from .options import AccessTokenOptions
from .params import Params
from .renewal import RenewalRequest
from .session import Session
from .token_sets import RefreshToken, TokenSet
from .transaction import TransactionKind

__all__ = ["Wish", "login_audience"]


@frozen
class Wish:
    """
    An access token that the application would like to have.

    Attributes:
        audience: what it is for.
        scopes: what it must allow, in the order asked for.
    """

    audience: str | None
    scopes: tuple[str, ...]

    @classmethod
    def of(cls, options: AccessTokenOptions, session: Session, params: Params) -> "Wish":
        """Read what a caller asked for; without an audience, it is the login's."""
        audience = options.audience
        if audience is None:
            audience = login_audience(session, params)
        return cls(audience, options.scopes)

    def held_in(self, session: Session, params: Params) -> TokenSet | None:
        """Return what a session holds for the audience and may give out, or None."""
        held = session.token_set_for(self.audience)
        if held is None or held.granted_by is TransactionKind.LOGIN:
            return held
        return None if self.audience == login_audience(session, params) else held

    def is_met_by(self, held: TokenSet) -> bool:
        """Tell whether a token allows all that is asked for."""
        return held.scopes.issuperset(self.scopes)

    def request(self, session: Session, params: Params) -> RenewalRequest | None:
        """
        Return what to send the session's refresh token for; None when it has none that may bring this.

        What the login was granted is asked for by sending the refresh token alone. Anything else is named, together
        with what is held for that audience, so that callers with different wishes do not undo each other's.
        """
        refresh_token = session.refresh_token
        if refresh_token is None or not self._may_come_of(refresh_token, session, params):
            return None
        own = self.audience == refresh_token.audience
        granted = refresh_token.scope.split() if own else self._granted_before(session)
        if own and set(self.scopes) <= set(granted):
            return RenewalRequest.usual(refresh_token)
        scope = " ".join(dict.fromkeys((*granted, *self.scopes)))
        named = {"audience": "" if own else self.audience, "scope": scope}
        parameters = {name: value for name, value in named.items() if value}
        return RenewalRequest(refresh_token, self.audience, scope, parameters)

    def _may_come_of(self, refresh_token: RefreshToken, session: Session, params: Params) -> bool:
        if refresh_token.granted_by is TransactionKind.LOGIN:
            return True
        # A link's, where the login brought none: good for what it came with, and for nothing else.
        return self.audience == refresh_token.audience != login_audience(session, params)

    def _granted_before(self, session: Session) -> list[str]:
        held = session.token_set_for(self.audience)
        if held is None or held.granted_by is not TransactionKind.LOGIN:
            return []
        return held.scope.split()


def login_audience(session: Session, params: Params) -> str | None:
    """
    Return the audience that the login asked for.

    Args:
        session: of the login.
        params: the client's authorization parameters, for a session whose tokens do not tell.
    """
    refresh_token = session.refresh_token
    if refresh_token is not None and refresh_token.granted_by is TransactionKind.LOGIN:
        return refresh_token.audience
    # Without a refresh token of its own, a login's access token is the only one of its kind.
    for held in session.token_sets:
        if held.granted_by is TransactionKind.LOGIN:
            return held.audience
    configured = params.get("audience")
    return None if configured is None else str(configured)
