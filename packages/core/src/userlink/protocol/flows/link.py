"""Linking: the signed-in user connects a second identity to the account they have."""

from ..authorize import merged_params
from ..callback import Callback
from ..effects import Flow
from ..options import LinkOptions
from ..params import check_authorization_params
from ..results import LinkResult
from ..settings import ClientSettings
from ..transaction import Transaction, TransactionKind
from .identities import finish_for_session, start_for_session

__all__ = ["finish_link", "start_link"]


def start_link(settings: ClientSettings, options: LinkOptions) -> Flow[str]:
    """Start a link and return the URL that the browser is sent to."""
    call = check_authorization_params(options.authorization_params or {})
    return (
        yield from start_for_session(
            settings,
            TransactionKind.LINK,
            merged_params(settings, call, settings.dialect.link_scopes, ""),
            settings.dialect.link_params(options),
            options.connection,
            options.app_state,
        )
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
