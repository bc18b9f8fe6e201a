"""What linking and unlinking have in common: both start from a session, come back to it, and only update it."""

from collections.abc import Mapping

from userlink.errors import (
    LinkedUserMismatch,
    SessionChanged,
    SessionIdTokenExpired,
    SessionRequired,
    TokenRequestRefused,
)

from ..callback import Callback
from ..connection_tokens import without_connection
from ..effects import Discover, Flow, Now
from ..metadata import ProviderMetadata
from ..session import Session
from ..settings import ClientSettings
from ..token_sets import RefreshToken
from ..tokens import parse_token_response, refresh_parameters
from ..transaction import Transaction, TransactionKind
from .client_authentication import send_authenticated
from .steps import (
    begin,
    current_session,
    redeem,
    require_session,
    token_set,
    update_session,
    validated_claims,
)

__all__ = ["finish_for_session", "start_for_session"]

_HINT_LEEWAY_SECONDS = 30  # the hint must still be good when it reaches the provider


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
    if session.id_token_expires_at > now + _HINT_LEEWAY_SECONDS:
        return session
    if session.refresh_token is not None:
        session = yield from _renewed(settings, metadata, session, session.refresh_token)
    if session.id_token_expires_at <= now:
        raise SessionIdTokenExpired("The session's ID token has expired and could not be renewed.")
    return session


def _renewed(
    settings: ClientSettings,
    metadata: ProviderMetadata,
    session: Session,
    refresh_token: RefreshToken,
) -> Flow[Session]:
    # RFC 6749, 6 and OIDC Core, 12: a new ID token is optional in the answer.
    response = yield from send_authenticated(
        settings, metadata, metadata.token_endpoint, refresh_parameters(refresh_token.token)
    )
    try:
        tokens = parse_token_response(response)
    except TokenRequestRefused:
        # Another request may have spent a rotating refresh token meanwhile, and saved what it brought. The caller
        # judges whether the ID token at hand does.
        reloaded = yield from current_session()
        return session if reloaded is None or reloaded.binding != session.binding else reloaded
    claims = None
    if tokens.id_token is not None:
        claims = yield from validated_claims(
            settings, metadata, tokens.id_token, tokens.access_token, None
        )
        if claims["sub"] != session.subject:  # OIDC Core, 12.2
            raise LinkedUserMismatch("The provider renewed the ID token for another user.")
    now = yield from Now()
    # What a refresh token brings is filed under what it came with itself, whichever flow that was.
    renewed = token_set(
        tokens, refresh_token.audience, refresh_token.scope, now, refresh_token.granted_by
    )
    rotated = refresh_token.rotated(tokens.refresh_token)

    def change(current: Session) -> Session:
        if tokens.id_token is not None and claims is not None:
            current = current.with_id_token(tokens.id_token, claims)
        return current.with_refresh_token(rotated).with_token_set(renewed)

    return (yield from update_session(settings, session, change))
