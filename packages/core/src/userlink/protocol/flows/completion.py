"""Completing whatever a callback answers: each kind of transaction by its own rules."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from userlink.errors import AuthorizationDenied, TransactionKindMismatch, UserlinkError

from ..callback import Callback, parse_callback
from ..effects import Flow
from ..results import (
    CallbackResult,
    LinkResult,
    LoginResult,
    ReauthenticationResult,
    UnlinkResult,
)
from ..settings import ClientSettings
from ..transaction import Transaction, TransactionKind, TransactionStatus
from .link import finish_link
from .login import finish_login
from .reauthentication import finish_reauthentication
from .steps import emit_outcome, take
from .unlink import finish_unlink

__all__ = [
    "complete_any",
    "complete_link",
    "complete_login",
    "complete_reauthentication",
    "complete_unlink",
]

R = TypeVar("R", bound=CallbackResult)

_FINISH: Mapping[
    TransactionKind, Callable[[ClientSettings, Callback, Transaction], Flow[CallbackResult]]
] = {
    TransactionKind.LOGIN: finish_login,
    TransactionKind.LINK: finish_link,
    TransactionKind.UNLINK: finish_unlink,
    TransactionKind.REAUTHENTICATION: finish_reauthentication,
}


def complete_login(settings: ClientSettings, url: str) -> Flow[LoginResult]:
    """Complete a login, and refuse every other kind."""
    return _complete(settings, url, TransactionKind.LOGIN, finish_login)


def complete_link(settings: ClientSettings, url: str) -> Flow[LinkResult]:
    """Complete a link, and refuse every other kind."""
    return _complete(settings, url, TransactionKind.LINK, finish_link)


def complete_unlink(settings: ClientSettings, url: str) -> Flow[UnlinkResult]:
    """Complete an unlink, and refuse every other kind."""
    return _complete(settings, url, TransactionKind.UNLINK, finish_unlink)


def complete_reauthentication(settings: ClientSettings, url: str) -> Flow[ReauthenticationResult]:
    """Complete a reauthentication, and refuse every other kind."""
    return _complete(settings, url, TransactionKind.REAUTHENTICATION, finish_reauthentication)


def complete_any(settings: ClientSettings, url: str) -> Flow[CallbackResult]:
    """Complete whichever kind it is, by the rules of that kind."""
    return _complete(settings, url, None, _finish_any)


def _finish_any(
    settings: ClientSettings, callback: Callback, transaction: Transaction
) -> Flow[CallbackResult]:
    finish = _FINISH.get(transaction.kind)
    if finish is None:
        raise TransactionKindMismatch(
            f"The callback answers a {transaction.kind}.",
            hint="Complete it with complete_logout().",
        )
    return finish(settings, callback, transaction)


def _complete(
    settings: ClientSettings,
    url: str,
    kind: TransactionKind | None,
    finish: Callable[[ClientSettings, Callback, Transaction], Flow[R]],
) -> Flow[R]:
    # The transaction is taken before anything else is looked at, and the session is written last: whatever fails in
    # between, the transaction is spent and the session is as it was. Errors carry app_state from here on.
    callback = parse_callback(url)
    del url  # it holds the code, and error reporters show what is in a frame
    transaction = yield from take(callback.state)
    try:
        if kind is not None and transaction.kind is not kind:
            raise TransactionKindMismatch(
                f"The callback answers a {transaction.kind}, and a {kind} was to be completed."
            )
        result = yield from finish(settings, callback, transaction)
    except UserlinkError as error:
        error.app_state = transaction.app_state
        denied = isinstance(error, AuthorizationDenied)
        status = TransactionStatus.DENIED if denied else TransactionStatus.FAILED
        yield from emit_outcome(transaction.advance(status), error_code=error.code)
        raise
    completed = transaction.advance(TransactionStatus.COMPLETED)
    yield from emit_outcome(completed, subject=result.user["sub"])
    return result
