"""What linking and unlinking have in common: both start from a session, come back to it, and only update it."""

from collections.abc import Mapping
from contextlib import suppress

from attrs import frozen

from userlink.errors import (
    LinkedUserMismatch,
    ReauthenticationRequired,
    RefreshTokenMissing,
    SessionChanged,
    SessionIdTokenExpired,
    SessionRequired,
    TokenRequestRefused,
)

from ..callback import Callback
from ..connection_tokens import without_connection
from ..effects import Discover, Flow, Now
from ..freshness import Freshness
from ..metadata import ProviderMetadata
from ..options import LinkOptions, UnlinkOptions
from ..reauthentication import options_to_go_on
from ..renewal import RenewalRequest
from ..session import Session
from ..settings import ClientSettings
from ..transaction import Transaction, TransactionKind
from .renewal import renewed
from .steps import (
    Grant,
    begin,
    redeem,
    require_session,
    update_session,
)

__all__ = [
    "HINT_LEEWAY_SECONDS",
    "Plan",
    "begin_for",
    "bound_session",
    "finish_for_session",
    "redeem_for",
    "require_freshness",
    "session_here",
    "start_for_session",
]

HINT_LEEWAY_SECONDS = 30  # the hint must still be good when it reaches the provider


@frozen
class Plan:
    """
    A link or an unlink as it was asked for, checked before anything is done.

    Attributes:
        kind: which of the two it is.
        params: the merged authorization parameters.
        own: what the dialect adds to them.
        options: the caller's.
        freshness: what is asked of the authentication that the provider answers with, by all who may ask.
        of_session: what is asked of the one that the session remembers: by the options and the client's policy.
            Parameters are for the provider, which has the user authenticate anew where that is due.
    """

    kind: TransactionKind
    params: Mapping[str, str | tuple[str, ...]]
    own: Mapping[str, str]
    options: LinkOptions | UnlinkOptions
    freshness: Freshness
    of_session: Freshness


def start_for_session(settings: ClientSettings, plan: Plan) -> Flow[str]:
    """
    Start a link or an unlink from the session of this browser, bound to it.

    Raises:
        SessionRequired: when nobody is signed in, or only at a provider that was configured before.
        ReauthenticationRequired: when the user has not authenticated as recently, or as well, as is asked.
        SessionIdTokenExpired: when the ID token is past its time and cannot be renewed.
    """
    metadata, session = yield from session_here()
    yield from require_freshness(settings, plan, session)
    session = yield from _with_usable_id_token(settings, metadata, session)
    return (yield from begin_for(settings, metadata, session, plan))


def session_here() -> Flow[tuple[ProviderMetadata, Session]]:
    """
    Return the provider's metadata and the session of this browser, which is one of that provider.

    Raises:
        SessionRequired: when nobody is signed in, or only at a provider that was configured before.
    """
    session = yield from require_session()
    metadata = yield from Discover()
    if session.issuer != metadata.issuer:  # its tokens are none of this provider's business
        raise SessionRequired("The user is signed in at another provider than the one configured.")
    return metadata, session


def require_freshness(settings: ClientSettings, plan: Plan, session: Session) -> Flow[None]:
    """
    Check what the session knows of its user's authentication, before anybody is sent anywhere.

    Raises:
        ReauthenticationRequired: when it does not do, with the options to go on from there.
    """
    if not plan.of_session:
        return
    now = yield from Now()
    try:
        plan.of_session.check(session.authentication, now, settings.clock_skew_seconds)
    except ReauthenticationRequired as error:
        error.options = options_to_go_on(plan.options)
        error.app_state = plan.options.app_state
        raise


def begin_for(
    settings: ClientSettings, metadata: ProviderMetadata, session: Session, plan: Plan
) -> Flow[str]:
    """Begin a link or an unlink for a session that was checked, and return the URL."""
    return (
        yield from begin(
            settings,
            metadata,
            plan.kind,
            plan.params,
            plan.options.app_state,
            own=plan.own,
            id_token_hint=session.id_token,
            connection=plan.options.connection,
            binding=session.binding,
            freshness=plan.freshness,
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
    session = yield from bound_session(transaction)
    grant = yield from redeem_for(settings, session, callback, transaction)
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


def bound_session(transaction: Transaction) -> Flow[Session]:
    """
    Return the session of this browser, which is the one that started the transaction.

    Raises:
        SessionRequired: when nobody is signed in any more.
        SessionChanged: when another session is here.
    """
    session = yield from require_session()
    bound = session.binding
    if transaction.binding is None or not transaction.binding.holds_for(
        bound.session, bound.subject
    ):
        raise SessionChanged(
            f"Another session is in this browser than the one that started the {transaction.kind}."
        )
    return session


def redeem_for(
    settings: ClientSettings, session: Session, callback: Callback, transaction: Transaction
) -> Flow[Grant]:
    """
    Redeem a code, and check that the provider answered for the user of the session.

    Raises:
        LinkedUserMismatch: when it answered for another.
    """
    grant = yield from redeem(settings, callback, transaction)
    # The pair is the key of a user (OIDC Core, 5.7).
    if (grant.claims["iss"], grant.claims["sub"]) != (session.issuer, session.subject):
        raise LinkedUserMismatch(
            f"The provider completed the {transaction.kind} for another user than the one signed in."
        )
    return grant


def _with_usable_id_token(
    settings: ClientSettings, metadata: ProviderMetadata, session: Session
) -> Flow[Session]:
    now = yield from Now()
    if _suffices(session, now + HINT_LEEWAY_SECONDS):
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
