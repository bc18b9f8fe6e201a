"""Unlinking: the signed-in user disconnects an identity from their account."""

from ..authorize import merged_params
from ..callback import Callback
from ..effects import Flow
from ..options import UnlinkOptions
from ..params import check_authorization_params
from ..results import UnlinkResult
from ..settings import ClientSettings
from ..transaction import Transaction, TransactionKind
from .identities import finish_for_session, start_for_session

__all__ = ["finish_unlink", "start_unlink"]


def start_unlink(settings: ClientSettings, options: UnlinkOptions) -> Flow[str]:
    """Start an unlink and return the URL that the browser is sent to."""
    call = check_authorization_params(options.authorization_params or {})
    return (
        yield from start_for_session(
            settings,
            TransactionKind.UNLINK,
            merged_params(settings, call, settings.dialect.unlink_scopes, ""),
            settings.dialect.unlink_params(options),
            options.connection,
            options.app_state,
        )
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
