"""Renewing the tokens of a session by its refresh token (RFC 6749, 6; OIDC Core, 12): what is asked, and what comes."""

from collections.abc import Mapping
from typing import Any

from attrs import evolve, field, frozen

from userlink.errors import IdTokenInvalid, LinkedUserMismatch

from .json_object import parse_json_object
from .pkce import from_base64url
from .session import Session
from .token_sets import RefreshToken, TokenSet
from .tokens import TokenResponse
from .transaction import TransactionKind
from .values import Secret

__all__ = ["Renewal", "RenewalRequest", "check_renewed_claims"]


@frozen
class RenewalRequest:
    """
    What a refresh token is sent for.

    Attributes:
        refresh_token: it.
        audience: what the access token is filed under.
        scope: what counts as granted when the answer does not say, separated by spaces.
        parameters: what is asked for beyond what the refresh token came with.
    """

    refresh_token: RefreshToken
    audience: str | None
    scope: str
    parameters: Mapping[str, str] = field(factory=dict[str, str])

    @classmethod
    def usual(cls, refresh_token: RefreshToken) -> "RenewalRequest":
        """Ask for what the refresh token came with."""
        return cls(refresh_token, refresh_token.audience, refresh_token.scope)

    @property
    def granted_by(self) -> TransactionKind:
        """Whose the access token is: that of the flow which brought the refresh token."""
        return self.refresh_token.granted_by


@frozen
class Renewal:
    """
    What came in answer to a refresh token.

    Attributes:
        request: what it was asked for by.
        tokens: the answer.
        received_at: Unix seconds.
        former_id_token: the session's, when the request was sent.
        session_expires_at: Unix seconds after which it is of no use.
    """

    request: RenewalRequest
    tokens: TokenResponse
    received_at: int
    former_id_token: Secret
    session_expires_at: int

    @property
    def spent(self) -> RefreshToken:
        """The refresh token that was sent."""
        return self.request.refresh_token

    @property
    def has_rotated(self) -> bool:
        """Whether the refresh token that was sent is worth nothing now: another came in its place."""
        return self.tokens.refresh_token not in (None, self.spent.token)

    @property
    def token_set(self) -> TokenSet:
        """The access token, filed under what was asked for."""
        tokens, request = self.tokens, self.request
        lifetime = tokens.expires_in
        return TokenSet(
            audience=request.audience,
            access_token=tokens.access_token,
            scope=request.scope if tokens.scope is None else tokens.scope,
            expires_at=None if lifetime is None else self.received_at + lifetime,
            granted_by=request.granted_by,
        )

    def applied_to(self, session: Session, claims: Mapping[str, Any] | None) -> Session:
        """
        Return a session with what came, beside what other requests have brought meanwhile.

        An ID token that a link or unlink has brought meanwhile stays: it knows of the change, this one may not.

        Args:
            session: the session, as it is now.
            claims: of the ID token that came, validated; None when none came.
        """
        session, id_token = self.rotation_applied_to(session), self.tokens.id_token
        if id_token is not None and claims is not None and session.id_token == self.former_id_token:
            session = session.with_id_token(id_token, claims)
        held, came = session.token_set_for(self.request.audience), self.token_set
        if (
            held is not None
            and held.granted_by is came.granted_by
            and held.is_good_at(self.received_at)
            and not held.scopes <= came.scopes
        ):
            return session  # asked for more, the provider has granted less than before
        return session.with_token_set(came)

    def rotation_applied_to(self, session: Session) -> Session:
        """
        Return a session with the refresh token that came, and without the lease on sending the one before it.

        A session that has moved on to another refresh token keeps its lease: that is on sending the other.
        """
        if session.refresh_token is None or session.refresh_token.token != self.spent.token:
            return session
        session = session.with_refresh_token(self.spent.rotated(self.tokens.refresh_token))
        return evolve(session, renewal_lease=None)


def check_renewed_claims(session: Session, claims: Mapping[str, Any]) -> None:
    """
    Check a renewed ID token, which is valid by itself, against the session (OIDC Core, 12.2).

    A nonce is not looked at: it would have to be that of the login, and guards no redirect here.

    Raises:
        LinkedUserMismatch: when it is for another user.
        IdTokenInvalid: when it says that the user signed in anew, which a renewal does not make them do.
    """
    if (claims["iss"], claims["sub"]) != (session.issuer, session.subject):
        raise LinkedUserMismatch("The provider renewed the tokens for another user.")
    signed_in_at, before = claims.get("auth_time"), _auth_time(session.id_token)
    # Not "differs": a link may have made the user sign in, later than the login that the refresh token is of.
    if signed_in_at is not None and before is not None and signed_in_at > before:
        raise IdTokenInvalid(
            "The renewed ID token's auth_time is later than that of the one before.",
            check="auth_time",
        )


def _auth_time(id_token: Secret) -> float | None:
    payload = id_token.reveal().partition(".")[2].partition(".")[0]
    claims = parse_json_object(from_base64url(payload))  # validated when it came in
    return None if claims is None else claims.get("auth_time")
