"""Linking: the signed-in user connects a second identity to the account they have."""

from ..authorize import merged_params
from ..callback import Callback
from ..effects import Flow
from ..options import LinkOptions
from ..params import check_authorization_params
from ..results import LinkResult
from ..settings import ClientSettings
from ..transaction import Transaction, TransactionKind
from .identities import Plan, finish_for_session, start_for_session

__all__ = ["finish_link", "plan_link", "start_link"]


def start_link(settings: ClientSettings, options: LinkOptions) -> Flow[str]:
    """Start a link and return the URL that the browser is sent to."""
    return (yield from start_for_session(settings, plan_link(settings, options)))


def plan_link(settings: ClientSettings, options: LinkOptions) -> Plan:
    """
    Check a link as it was asked for, and settle what the request will say.

    Raises:
        ConfigurationError: when an option or a parameter is wrong.
    """
    call = check_authorization_params(options.authorization_params or {})
    params = merged_params(settings, call, settings.dialect.link_scopes)
    of_session = options.freshness.and_(settings.link_freshness)
    return Plan(
        kind=TransactionKind.LINK,
        params=params,
        own=settings.dialect.link_params(options),
        options=options,
        freshness=of_session.and_by(params),
        of_session=of_session,
    )


def finish_link(
    settings: ClientSettings, callback: Callback, transaction: Transaction
) -> Flow[LinkResult]:
    """Bring the link's ID token and user claims into the session that started it."""
    session = yield from finish_for_session(settings, callback, transaction)
    return LinkResult(
        app_state=transaction.app_state,
        connection=transaction.connection or "",
        user=session.user,
    )
