"""What linking and unlinking have in common: both start from a session, come back to it, and only update it."""

from collections.abc import Mapping
from contextlib import suppress

from userlink.errors import (
    LinkedUserMismatch,
    RefreshTokenMissing,
    SessionChanged,
    SessionIdTokenExpired,
    SessionRequired,
    TokenRequestRefused,
)

from ..callback import Callback
from ..connection_tokens import without_connection
from ..effects import Discover, Flow, Now
from ..metadata import ProviderMetadata
from ..renewal import RenewalRequest
from ..session import Session
from ..settings import ClientSettings
from ..transaction import Transaction, TransactionKind
from .renewal import RENEWAL_LEEWAY_SECONDS, renewed
from .steps import (
    begin,
    redeem,
    require_session,
    update_session,
)

__all__ = ["finish_for_session", "start_for_session"]


def start_for_session(
    settings: ClientSettings,
    kind: TransactionKind,
    params: Mapping[str, str | tuple[str, ...]],
    own: Mapping[str, str],
    connection: str,
    app_state: Mapping[str, object] | None,
) -> Flow[str]:
    """
    Start a link or an unlink from the session of this browser, bound to it.

    Raises:
        SessionRequired: when nobody is signed in, or only at a provider that was configured before.
        SessionIdTokenExpired: when the ID token is past its time and cannot be renewed.
    """
    session = yield from require_session()
    metadata = yield from Discover()
    if session.issuer != metadata.issuer:  # its tokens are none of this provider's business
        raise SessionRequired("The user is signed in at another provider than the one configured.")
    session = yield from _with_usable_id_token(settings, metadata, session)
    return (
        yield from begin(
            settings,
            metadata,
            kind,
            params,
            app_state,
            own=own,
            id_token_hint=session.id_token,
            connection=connection,
            binding=session.binding,
        )
    )


def finish_for_session(
    settings: ClientSettings, callback: Callback, transaction: Transaction
) -> Flow[Session]:
    """
    Redeem the code of a link or an unlink, and bring what it changed into the session that started it.

    Raises:
        SessionRequired: when nobody is signed in any more.
        SessionChanged: when another session is here than the one that started.
        LinkedUserMismatch: when the provider answered for another user.
    """
    session = yield from require_session()
    bound = session.binding
    if transaction.binding is None or not transaction.binding.holds_for(
        bound.session, bound.subject
    ):
        raise SessionChanged(
            f"Another session is in this browser than the one that started the {transaction.kind}."
        )
    grant = yield from redeem(settings, callback, transaction)
    # The pair is the key of a user (OIDC Core, 5.7).
    if (grant.claims["iss"], grant.claims["sub"]) != (session.issuer, session.subject):
        raise LinkedUserMismatch(
            f"The provider completed the {transaction.kind} for another user than the one signed in."
        )
    return (
        yield from update_session(
            settings,
            session,
            lambda current: without_connection(
                current.with_grant(
                    grant.id_token, grant.claims, grant.token_set, grant.refresh_token
                ),
                transaction.connection,
            ),
        )
    )


def _with_usable_id_token(
    settings: ClientSettings, metadata: ProviderMetadata, session: Session
) -> Flow[Session]:
    now = yield from Now()
    if _suffices(session, now + RENEWAL_LEEWAY_SECONDS):
        return session
    if session.refresh_token is not None:
        # A refusal is no reason to stop the user while the ID token at hand is good.
        with suppress(TokenRequestRefused):
            session, _ = yield from renewed(settings, metadata, session, _suffices, _asks)
    if session.id_token_expires_at <= now:
        raise SessionIdTokenExpired("The session's ID token has expired and could not be renewed.")
    return session


def _suffices(session: Session, moment: int) -> bool:
    return session.id_token_expires_at > moment


def _asks(session: Session) -> RenewalRequest:
    if session.refresh_token is None:
        raise RefreshTokenMissing("No refresh token is there to renew the ID token with.")
    return RenewalRequest.usual(session.refresh_token)
