"""
Reauthenticating: the signed-in user proves anew who they are (OIDC Core, 3.1.2.1; RFC 9470).

The session goes on, under a fresh id: whoever had got hold of the old one has no part in what the user proved. A link
or unlink that was waiting for it begins before the session is written, so that a failure leaves all as it was.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypeAlias

from attrs import evolve

from userlink.errors import UserlinkError

from ..authorize import merged_params
from ..callback import Callback
from ..effects import CreateSession, Discover, Flow, Now, UpdateSession
from ..freshness import Freshness
from ..options import LinkOptions, UnlinkOptions
from ..params import check_authorization_params
from ..reauthentication import ReauthenticationOptions, options_to_go_on
from ..results import ReauthenticationResult
from ..session import Session
from ..settings import ClientSettings
from ..transaction import Transaction, TransactionKind
from ..values import Secret
from .identities import (
    HINT_LEEWAY_SECONDS,
    Plan,
    begin_for,
    bound_session,
    redeem_for,
    require_freshness,
    session_here,
)
from .link import plan_link
from .login import new_session_id
from .renewal import settled
from .steps import Grant, begin, update_session
from .unlink import plan_unlink

__all__ = ["finish_reauthentication", "start_reauthentication"]

Step: TypeAlias = LinkOptions | UnlinkOptions

_DEFAULT_SCOPE = "openid profile email"


def start_reauthentication(settings: ClientSettings, options: ReauthenticationOptions) -> Flow[str]:
    """Start a reauthentication and return the URL that the browser is sent to."""
    call = check_authorization_params(options.authorization_params or {})
    params = merged_params(settings, call, ("openid",), _DEFAULT_SCOPE)
    step = options.next_step
    asked = options.freshness.and_by(params)
    if step is not None:
        asked = asked.and_(_plan(settings, step).freshness)
    metadata, session = yield from session_here()
    now = yield from Now()
    is_current = session.id_token_expires_at > now + HINT_LEEWAY_SECONDS
    return (
        yield from begin(
            settings,
            metadata,
            TransactionKind.REAUTHENTICATION,
            params,
            options.app_state or (None if step is None else step.app_state),
            own={"prompt": "login"},
            # Without it too, the answer has to be about the same user.
            id_token_hint=session.id_token if is_current else None,
            binding=session.binding,
            freshness=asked.and_(Freshness(since=now)),
            then=None if step is None else options_to_go_on(_kept(step, options)),
        )
    )


def finish_reauthentication(
    settings: ClientSettings, callback: Callback, transaction: Transaction
) -> Flow[ReauthenticationResult]:
    """Bring what the user proved into the session, and begin what was waiting for it."""
    step = ReauthenticationOptions.read(transaction.then).next_step
    plan = None if step is None else _plan(settings, _with_app_state(step, transaction.app_state))
    session = yield from bound_session(transaction)
    grant = yield from redeem_for(settings, session, callback, transaction)
    session_id = yield from new_session_id()
    redirect_to = None
    if plan is not None:
        redirect_to = yield from _begin_next(settings, plan, _proved(session, grant, session_id))
    # A refresh token that is on its way to the provider may be spent there: what comes for it must be handed over.
    session = yield from settled(settings, session)
    session = yield from _handed_over(settings, session, grant, session_id)
    return ReauthenticationResult(
        app_state=transaction.app_state, user=session.user, redirect_to=redirect_to
    )


def _plan(settings: ClientSettings, step: Step) -> Plan:
    if isinstance(step, LinkOptions):
        return plan_link(settings, step)
    return plan_unlink(settings, step)


def _kept(step: Step, options: ReauthenticationOptions) -> Step:
    # Transactions travel in cookies: what two of them would hold alike is written once.
    return step if options.app_state else _with_app_state(step, None)


def _with_app_state(step: Step, app_state: Mapping[str, Any] | None) -> Step:
    return step if step.app_state and app_state else evolve(step, app_state=app_state)


def _begin_next(settings: ClientSettings, plan: Plan, session: Session) -> Flow[str]:
    metadata = yield from Discover()
    yield from require_freshness(settings, plan, session)
    return (yield from begin_for(settings, metadata, session, plan))


def _proved(session: Session, grant: Grant, session_id: Secret) -> Session:
    sid = grant.claims.get("sid")
    proved = session.with_grant(grant.id_token, grant.claims, grant.token_set, grant.refresh_token)
    # The provider may have begun a session of its own anew, and would end ours by that name.
    return evolve(
        proved, id=session_id, sid=sid if isinstance(sid, str) else session.sid, version=0
    )


def _handed_over(
    settings: ClientSettings, session: Session, grant: Grant, session_id: Secret
) -> Flow[Session]:
    # The old session expires by compare-and-set, so that no write which another request makes meanwhile gets lost.
    ended = yield from update_session(settings, session, lambda current: current, idle_seconds=0)
    now = yield from Now()
    live = ended.touched(now, settings.session_idle_seconds)
    begun = _proved(live, grant, session_id)
    try:
        yield from CreateSession(begun, ended)
    except UserlinkError:
        with suppress(UserlinkError):  # the first failure is the one to tell
            yield from UpdateSession(live)
        raise
    return begun
