"""Unlinking: the signed-in user disconnects an identity from their account."""

from ..authorize import merged_params
from ..callback import Callback
from ..effects import Flow
from ..options import UnlinkOptions
from ..params import check_authorization_params
from ..results import UnlinkResult
from ..settings import ClientSettings
from ..transaction import Transaction, TransactionKind
from .identities import Plan, finish_for_session, start_for_session

__all__ = ["finish_unlink", "plan_unlink", "start_unlink"]


def start_unlink(settings: ClientSettings, options: UnlinkOptions) -> Flow[str]:
    """Start an unlink and return the URL that the browser is sent to."""
    return (yield from start_for_session(settings, plan_unlink(settings, options)))


def plan_unlink(settings: ClientSettings, options: UnlinkOptions) -> Plan:
    """
    Check an unlink as it was asked for, and settle what the request will say.

    Raises:
        ConfigurationError: when an option or a parameter is wrong.
    """
    call = check_authorization_params(options.authorization_params or {})
    params = merged_params(settings, call, settings.dialect.unlink_scopes)
    of_session = options.freshness.and_(settings.link_freshness)
    return Plan(
        kind=TransactionKind.UNLINK,
        params=params,
        own=settings.dialect.unlink_params(options),
        options=options,
        freshness=of_session.and_by(params),
        of_session=of_session,
    )


def finish_unlink(
    settings: ClientSettings, callback: Callback, transaction: Transaction
) -> Flow[UnlinkResult]:
    """Bring the unlink's ID token and user claims into the session that started it."""
    session = yield from finish_for_session(settings, callback, transaction)
    return UnlinkResult(
        app_state=transaction.app_state,
        connection=transaction.connection or "",
        user=session.user,
    )
