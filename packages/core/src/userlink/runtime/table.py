"""The dispatch tables: which handler performs which effect."""

from userlink.protocol.effects import (
    CreateSession,
    DeleteSession,
    Discover,
    Emit,
    EndSessions,
    Entropy,
    FindRenewal,
    ForgetRenewal,
    GetKeys,
    KeepRenewal,
    LoadSession,
    LogoutTokenWasUsed,
    MarkLogoutTokenUsed,
    Now,
    Pause,
    RequireEndableSessions,
    SaveTransaction,
    Send,
    Table,
    TakeTransaction,
    TouchSession,
    UpdateSession,
)

from .blocking_handlers import BlockingHandlers
from .handlers import AsyncHandlers

__all__ = ["async_table", "blocking_table"]


def async_table(handlers: AsyncHandlers) -> Table:
    """Return the table of the async driver; a type checker compares each handler with its effect."""
    return dict(
        (
            Now.by_async(handlers.now),
            Entropy.by_async(handlers.entropy),
            Send.by_async(handlers.send),
            Discover.by_async(handlers.discover),
            GetKeys.by_async(handlers.get_keys),
            Pause.by_async(handlers.pause),
            LoadSession.by_async(handlers.load_session),
            CreateSession.by_async(handlers.create_session),
            UpdateSession.by_async(handlers.update_session),
            TouchSession.by_async(handlers.touch_session),
            DeleteSession.by_async(handlers.delete_session),
            KeepRenewal.by_async(handlers.keep_renewal),
            FindRenewal.by_async(handlers.find_renewal),
            ForgetRenewal.by_async(handlers.forget_renewal),
            RequireEndableSessions.by_async(handlers.require_endable_sessions),
            LogoutTokenWasUsed.by_async(handlers.logout_token_was_used),
            EndSessions.by_async(handlers.end_sessions),
            MarkLogoutTokenUsed.by_async(handlers.mark_logout_token_used),
            SaveTransaction.by_async(handlers.save_transaction),
            TakeTransaction.by_async(handlers.take_transaction),
            Emit.by_async(handlers.emit),
        )
    )


def blocking_table(handlers: BlockingHandlers) -> Table:
    """Return the table of the blocking driver; a type checker compares each handler with its effect."""
    return dict(
        (
            Now.by(handlers.now),
            Entropy.by(handlers.entropy),
            Send.by(handlers.send),
            Discover.by(handlers.discover),
            GetKeys.by(handlers.get_keys),
            Pause.by(handlers.pause),
            LoadSession.by(handlers.load_session),
            CreateSession.by(handlers.create_session),
            UpdateSession.by(handlers.update_session),
            TouchSession.by(handlers.touch_session),
            DeleteSession.by(handlers.delete_session),
            KeepRenewal.by(handlers.keep_renewal),
            FindRenewal.by(handlers.find_renewal),
            ForgetRenewal.by(handlers.forget_renewal),
            RequireEndableSessions.by(handlers.require_endable_sessions),
            LogoutTokenWasUsed.by(handlers.logout_token_was_used),
            EndSessions.by(handlers.end_sessions),
            MarkLogoutTokenUsed.by(handlers.mark_logout_token_used),
            SaveTransaction.by(handlers.save_transaction),
            TakeTransaction.by(handlers.take_transaction),
            Emit.by(handlers.emit),
        )
    )
