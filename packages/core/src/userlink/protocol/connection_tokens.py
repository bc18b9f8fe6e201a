"""The tokens of linked accounts that a session holds: which one answers a wish, what comes in, and what goes."""

from attrs import evolve

from userlink.errors import GrantRefused, TokenRequestRefused

from .dialects import Dialect
from .options import ConnectionTokenOptions
from .session import Session
from .token_sets import ConnectionTokenSet
from .tokens import TokenResponse

__all__ = [
    "connection_token_set",
    "held_connection_token",
    "refused_connection",
    "with_connection_token",
    "without_connection",
]

_LEEWAY_SECONDS = 30  # it must still be good when it reaches the API it is for


def held_connection_token(
    session: Session, options: ConnectionTokenOptions, now: int
) -> ConnectionTokenSet | None:
    """Return the token that the session holds for just this wish, if it is good for a while after ``now``."""
    for held in session.connection_token_sets:
        if _key(held) == (options.connection, options.login_hint):
            return held if _is_good(held, now + _LEEWAY_SECONDS) else None
    return None


def connection_token_set(
    options: ConnectionTokenOptions, tokens: TokenResponse, now: int
) -> ConnectionTokenSet:
    """File what an exchange brought under what was asked for; its lifetime counts from ``now`` (Unix seconds)."""
    return ConnectionTokenSet(
        connection=options.connection,
        login_hint=options.login_hint,
        access_token=tokens.access_token,
        scope=tokens.scope or "",
        expires_at=None if tokens.expires_in is None else now + tokens.expires_in,
    )


def with_connection_token(session: Session, token: ConnectionTokenSet, now: int) -> Session:
    """Return the session with a token in place of its predecessor, and without those that have expired."""
    kept = (
        held
        for held in session.connection_token_sets
        if _key(held) != _key(token) and _is_good(held, now)
    )
    return evolve(session, connection_token_sets=(*kept, token))


def without_connection(session: Session, connection: str | None) -> Session:
    """
    Return the session without the tokens of a connection that was linked or unlinked.

    Once it is unlinked they are nothing that the session should hold, and once it is linked, again or anew, they may
    be those of another account or allow less than the user has just agreed to.
    """
    kept = (held for held in session.connection_token_sets if held.connection != connection)
    return evolve(session, connection_token_sets=tuple(kept))


def refused_connection(
    dialect: Dialect, error: TokenRequestRefused, connection: str
) -> TokenRequestRefused:
    """Return what a refusal means for the caller: ``GrantRefused`` where it is about the user or the connection."""
    if not dialect.refuses_connection(error.error):
        return error
    return GrantRefused(
        f"The provider gives out no token of the connection {connection!r} for this user: {error.error}.",
        error=error.error,
        status=error.status,
        hint="Let the user link the connection, or sign in again; the session here is as it was.",
    )


def _key(held: ConnectionTokenSet) -> tuple[str, str | None]:
    return held.connection, held.login_hint


def _is_good(held: ConnectionTokenSet, when: int) -> bool:
    return held.expires_at is None or held.expires_at > when
