"""Logging out here and at the provider: OIDC RP-Initiated Logout 1.0."""

from contextlib import suppress

from userlink.errors import ProviderError, StoreError, TransactionKindMismatch, UserlinkError

from ..callback import parse_logout_return
from ..effects import (
    DeleteSession,
    Discover,
    Emit,
    Entropy,
    Flow,
    LoadSession,
    Now,
    SaveTransaction,
)
from ..events import Event
from ..metadata import ProviderMetadata
from ..options import LogoutOptions
from ..pkce import base64url
from ..post_logout import check_post_logout_target
from ..results import LogoutResult
from ..session import Session
from ..settings import ClientSettings
from ..transaction import Transaction, TransactionKind, TransactionStatus
from ..values import Secret
from .revocation import revoke_tokens
from .steps import emit_outcome, take

__all__ = ["complete_logout", "logout"]

_STATE_BYTES = 16  # 128 bits, as of every other state


def logout(settings: ClientSettings, options: LogoutOptions) -> Flow[str]:
    """
    End the session here, and return the URL at which the provider ends its own.

    The session here ends even when the provider cannot be reached. Its tokens are revoked there after that, where the
    provider has an endpoint for it (RFC 7009); a failure hinders nothing. Where the provider has no logout, the URL is
    ``return_to``, or the root of this site.

    Where the provider is to send the browser back, a ``state`` goes along, which ``complete_logout()`` checks.

    Raises:
        InvalidOption: when ``return_to`` leads elsewhere than the configuration allows; nothing has happened then.
        StoreError: when the session could not be read or removed; the browser's cookie is deleted all the same.
    """
    check_post_logout_target(settings, options.return_to)
    session = yield from _end_session()
    if session is not None:
        now = yield from Now()
        event = Event("logout.completed", now, session.issuer, session.subject)
        yield from Emit(event)
    # Signing out here must not depend on the provider: neither on its answer nor on how long that takes.
    metadata: ProviderMetadata | None = None
    with suppress(ProviderError):
        metadata = yield from Discover()
    if session is not None and metadata is not None:
        yield from revoke_tokens(settings, metadata, session)
    state = yield from _remembered_state(settings, metadata, options)
    issuer = settings.issuer.accepted[0] if metadata is None else metadata.issuer
    url = settings.dialect.logout_url(
        issuer,
        metadata,
        settings.client_id,
        None if session is None else session.id_token.reveal(),
        options.return_to,
        None if state is None else state.reveal(),
    )
    return url or options.return_to or "/"


def complete_logout(url: str) -> Flow[LogoutResult]:
    """
    Tell what was given at the start of the logout from which a browser comes back (OIDC RP-Initiated Logout 1.0, 3).

    Raises:
        InvalidCallback: when there is no usable ``state``.
        TransactionNotFound: when no logout of this browser sent it.
        TransactionAlreadyUsed: when it came back before.
        TransactionExpired: when it was sent too long ago.
        TransactionKindMismatch: when it belongs to a login, link or unlink.
    """
    transaction = yield from take(parse_logout_return(url))
    if transaction.kind is not TransactionKind.LOGOUT:
        error = TransactionKindMismatch(
            f"The URL answers a {transaction.kind}, and a logout was to be completed.",
            app_state=transaction.app_state,
        )
        failed = transaction.advance(TransactionStatus.FAILED)
        yield from emit_outcome(failed, error_code=error.code)
        raise error
    return LogoutResult(app_state=transaction.app_state)


def _remembered_state(
    settings: ClientSettings, metadata: ProviderMetadata | None, options: LogoutOptions
) -> Flow[Secret | None]:
    if metadata is None or metadata.end_session_endpoint is None or options.return_to is None:
        return None  # nothing comes back, or nothing that would hold a state
    now = yield from Now()
    transaction = Transaction(
        kind=TransactionKind.LOGOUT,
        state=base64url((yield from Entropy(_STATE_BYTES))),
        nonce="",
        code_verifier="",
        redirect_uri=options.return_to,
        issuer=metadata.issuer,
        expires_at=now + settings.transaction_seconds,
        app_state=options.app_state or {},
    )
    with suppress(StoreError):  # the session has ended, and the provider's must end too
        yield from SaveTransaction(transaction)
        return transaction.state
    return None


def _end_session() -> Flow[Session | None]:
    try:
        session = yield from LoadSession()
    except UserlinkError:
        yield from DeleteSession(None)  # the next user of this browser must not be this one
        raise
    yield from DeleteSession(session)
    return session
