"""Logging in: OIDC Core, 3.1. The only flow that makes a session."""

from ..authorize import merged_params
from ..callback import Callback
from ..effects import CreateSession, Discover, Entropy, Flow, LoadSession, Now
from ..freshness import Authentication
from ..options import LoginOptions
from ..params import check_authorization_params
from ..pkce import base64url
from ..results import LoginResult
from ..session import Session, user_claims
from ..settings import ClientSettings
from ..transaction import Transaction, TransactionKind
from ..values import Secret
from .steps import Grant, begin, redeem

__all__ = ["finish_login", "new_session_id", "start_login"]

_DEFAULT_SCOPE = "openid profile email offline_access"
_SESSION_ID_BYTES = 32


def start_login(settings: ClientSettings, options: LoginOptions) -> Flow[str]:
    """Start a login and return the URL that the browser is sent to."""
    params = merged_params(
        settings,
        check_authorization_params(options.authorization_params or {}),
        ("openid",),
        _DEFAULT_SCOPE,
    )
    freshness = options.freshness.and_by(params)
    metadata = yield from Discover()
    return (
        yield from begin(
            settings,
            metadata,
            TransactionKind.LOGIN,
            params,
            options.app_state,
            freshness=freshness,
        )
    )


def finish_login(
    settings: ClientSettings, callback: Callback, transaction: Transaction
) -> Flow[LoginResult]:
    """Redeem the code and begin a session under a fresh id; the one before it, if any, ends."""
    grant = yield from redeem(settings, callback, transaction)
    replaced = yield from LoadSession()
    session_id = yield from new_session_id()
    now = yield from Now()
    session = _new_session(settings, grant, session_id, now)
    yield from CreateSession(session, replaced)
    return LoginResult(app_state=transaction.app_state, user=session.user)


def new_session_id() -> Flow[Secret]:
    """Return the name of a session, which nobody guesses."""
    return Secret(base64url((yield from Entropy(_SESSION_ID_BYTES))))


def _new_session(settings: ClientSettings, grant: Grant, session_id: Secret, now: int) -> Session:
    sid = grant.claims.get("sid")
    return Session(
        id=session_id,
        issuer=grant.claims["iss"],
        subject=grant.claims["sub"],
        user=user_claims(grant.claims),
        id_token=grant.id_token,
        id_token_expires_at=int(grant.claims["exp"]),
        created_at=now,
        idle_expires_at=now + settings.session_idle_seconds,
        absolute_expires_at=now + settings.session_absolute_seconds,
        refresh_token=grant.refresh_token,
        sid=sid if isinstance(sid, str) else None,
        token_sets=(grant.token_set,),
        authentication=Authentication.of(grant.claims),
    )
