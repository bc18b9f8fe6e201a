"""
Renewing tokens, one request at a time for a session.

Whoever would send the refresh token first writes a lease into the session, by compare-and-set. Of many, one succeeds
and sends; the others pause, look again, and find what it brought, or that it failed, or that it is gone.

What comes is kept in this process from the moment it is here until it is saved. Where the provider rotates refresh
tokens, the answer is the only copy of what keeps the user signed in (RFC 9700, 4.14.2).
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from math import ceil
from typing import Any

from attrs import evolve

from userlink.errors import (
    GrantRefused,
    IdTokenInvalid,
    InsufficientScope,
    LinkedUserMismatch,
    ProviderUnreachable,
    SessionChanged,
    SessionConflict,
    SessionTooLarge,
    StoreError,
    TokenRequestRefused,
    UserlinkError,
)

from ..effects import (
    Discover,
    Entropy,
    FindRenewal,
    Flow,
    ForgetRenewal,
    KeepRenewal,
    Now,
    Pause,
    UpdateSession,
)
from ..metadata import ProviderMetadata
from ..pkce import base64url
from ..renewal import Renewal, RenewalRequest, check_renewed_claims
from ..renewal_lease import RenewalLease
from ..session import Session
from ..settings import ClientSettings
from ..tokens import parse_token_response, refresh_parameters
from .client_authentication import send_authenticated
from .revocation import revoke_tokens
from .steps import current_session, update_session, validated_claims

__all__ = ["RENEWAL_LEEWAY_SECONDS", "Renewed", "renewed", "settled"]

RENEWAL_LEEWAY_SECONDS = 30  # a token must still be good when it reaches whom it is for
_MARGIN_SECONDS = (
    5  # from a request's time-out to the end of the lease: to save, and for clocks that differ
)
_LEASE_ID_BYTES = 9
_MOST_TURNS = (
    100  # more requests than a browser has at once, each of which may want another audience
)
_FIRST_PAUSE, _LONGEST_PAUSE = 25, 200  # milliseconds; providers answer within some hundred
_PATIENCE = 1000  # milliseconds after which a lease may be that of a task that was cancelled
_SAVING_PAUSES = (100, 400, 1500)  # milliseconds; a database that fails over needs a few seconds

# The session, and what was sent for and came; None in its place when another request's renewal suffices.
Renewed = tuple[Session, Renewal | None]


def renewed(
    settings: ClientSettings,
    metadata: ProviderMetadata,
    session: Session,
    suffices: Callable[[Session, int], bool],
    asks: Callable[[Session], RenewalRequest],
) -> Flow[Renewed]:
    """
    Renew the tokens of a session, or wait for the request that is renewing them.

    Args:
        settings: the client's.
        metadata: the provider's.
        session: as it was loaded, which does not suffice.
        suffices: tells whether a session will do at this time (Unix seconds).
        asks: returns what to send the session's refresh token for; what it raises comes out.

    Returns:
        The session, with what came. A store that could not save it does not take the tokens from the caller: this
        process remembers, and saves them before the refresh token that was spent would be sent again.

    Raises:
        GrantRefused: when the provider no longer accepts the refresh token.
        ProviderError: when the provider fails, or refuses otherwise.
        LinkedUserMismatch: when it answers for another user.
        SessionChanged: when the session ended meanwhile.
        StoreError: when the lease cannot be written, so that nothing is sent, or what came does not fit into cookies.
        Whatever is raised, the session is as it was.
    """
    for _ in range(_MOST_TURNS):
        request, waited_for = asks(session), session.renewal_lease
        session, has_waited = yield from _after_others(settings, session, request)
        now = yield from Now()
        if has_waited and suffices(session, now):
            return session, None
        if _is_another(session.renewal_lease, waited_for):
            continue
        request = asks(session)
        kept = yield from FindRenewal(request.refresh_token.token)
        if kept is not None:
            session = yield from _finished(settings, metadata, session, kept)
        else:
            leased = yield from _leased(settings, session, now)
            sent = None
            if leased is not None:
                sent = yield from _sent(settings, metadata, leased, request)
            if sent is not None:
                return sent
            session = yield from _reloaded(session)
        if suffices(session, now + RENEWAL_LEEWAY_SECONDS):
            return session, None
    raise SessionConflict("Other requests kept renewing the session.")


def settled(settings: ClientSettings, session: Session) -> Flow[Session]:
    """
    Wait for the request that is renewing a session, and return the session after that.

    For whoever sends the refresh token for something else, or hands it on to another session: while it is on its way,
    nobody knows whether it is spent.

    Raises:
        SessionChanged: when the session ended meanwhile.
        SessionConflict: when others kept renewing it.
        ProviderError: when what another request has brought, and could not save, cannot be checked.
    """
    for _ in range(_MOST_TURNS):
        refresh_token, waited_for = session.refresh_token, session.renewal_lease
        if refresh_token is None or waited_for is None:
            return session
        try:
            request = RenewalRequest.usual(refresh_token)
            session, _ = yield from _after_others(settings, session, request)
        except (GrantRefused, ProviderUnreachable):  # for those who would renew
            return (yield from _reloaded(session))
        if _is_another(session.renewal_lease, waited_for):
            continue  # whoever took over may be sending the same refresh token
        kept = yield from FindRenewal(refresh_token.token)
        if kept is not None:
            metadata = yield from Discover()
            session = yield from _finished(settings, metadata, session, kept)
        return session
    raise SessionConflict("Other requests kept renewing the session.")


def _after_others(
    settings: ClientSettings, session: Session, request: RenewalRequest
) -> Flow[tuple[Session, bool]]:
    """Wait while another request renews; return the session after that, and whether there was any to wait for."""
    first, waited, pause = session.renewal_lease, 0, _FIRST_PAUSE
    while first is not None:
        lease = session.renewal_lease
        if lease is None or _is_another(lease, first):
            break
        now = yield from Now()
        if lease.failure is not None:
            _share_failure(lease, now, has_waited=waited > 0)
            break
        # By the time spent here too: the clock of the holder may be ahead, or in tests stand still.
        if lease.expires_at <= now or waited >= 1000 * _lease_seconds(settings):
            break
        if waited >= _PATIENCE:
            kept = yield from FindRenewal(request.refresh_token.token)
            if kept is not None:
                break
        yield from Pause(pause)
        waited, pause = waited + pause, min(2 * pause, _LONGEST_PAUSE)
        session = yield from _reloaded(session)
    return session, waited > 0


def _is_another(lease: RenewalLease | None, before: RenewalLease | None) -> bool:
    return lease is not None and before is not None and lease.id != before.id


def _share_failure(lease: RenewalLease, now: int, *, has_waited: bool) -> None:
    # Twenty requests that wait for a dead grant, or for a provider that does not answer, do not each try in turn.
    if lease.failure == GrantRefused.code and now < lease.expires_at:
        raise GrantRefused(
            "The provider has just refused the session's refresh token to another request.",
            error="invalid_grant",
            status=400,
        )
    if lease.failure == ProviderUnreachable.code and has_waited:
        raise ProviderUnreachable("The provider gave no answer to the request that was renewing.")


def _lease_seconds(settings: ClientSettings) -> int:
    return ceil(settings.timeout_seconds) + _MARGIN_SECONDS


def _reloaded(session: Session) -> Flow[Session]:
    reloaded = yield from current_session()
    if reloaded is None or reloaded.binding != session.binding:
        raise SessionChanged("The session ended while its tokens were being renewed.")
    return reloaded


def _leased(settings: ClientSettings, session: Session, now: int) -> Flow[Session | None]:
    """Write a lease; None when another write came first."""
    lease_id = base64url((yield from Entropy(_LEASE_ID_BYTES)))
    lease = RenewalLease(lease_id, now + _lease_seconds(settings))
    leased = evolve(session, renewal_lease=lease)
    if not (yield from UpdateSession(leased)):
        return None
    return evolve(leased, version=leased.version + 1)


def _sent(
    settings: ClientSettings, metadata: ProviderMetadata, session: Session, request: RenewalRequest
) -> Flow[Renewed | None]:
    """Send for tokens and bring them in; None when the refresh token was spent, and another has come meanwhile."""
    token = request.refresh_token.token
    form = refresh_parameters(token, request.parameters)
    try:
        response = yield from send_authenticated(
            settings, metadata, metadata.token_endpoint, form, shielded=True
        )
        tokens = parse_token_response(response)
    except UserlinkError as error:
        if isinstance(error, TokenRequestRefused) and error.error == "invalid_grant":
            # A lease that was over before its request was: the answer to that one may be saved by now.
            current = yield from _reloaded(session)
            if current.refresh_token != request.refresh_token:
                return None
        raised = _named(error, request)
        yield from _released(session, raised)
        if raised is error:
            raise
        raise raised from error
    now = yield from Now()
    renewal = Renewal(request, tokens, now, session.id_token, session.absolute_expires_at)
    yield from KeepRenewal(renewal)
    return (yield from _finished(settings, metadata, session, renewal)), renewal


def _named(error: UserlinkError, request: RenewalRequest) -> UserlinkError:
    if not isinstance(error, TokenRequestRefused):
        return error
    if error.error == "invalid_grant":
        return GrantRefused(str(error), error=error.error, status=error.status)
    if error.error == "invalid_scope" and "scope" in request.parameters:
        return InsufficientScope("The provider refused the scope that was asked for.")
    return error


def _finished(
    settings: ClientSettings, metadata: ProviderMetadata, session: Session, renewal: Renewal
) -> Flow[Session]:
    """Check what came and save it; when it cannot be saved, it stays kept."""
    try:
        claims = yield from _checked_claims(settings, metadata, session, renewal)
    except UserlinkError as error:
        if isinstance(error, IdTokenInvalid | LinkedUserMismatch):
            yield from ForgetRenewal(renewal)  # of the others, the next attempt may succeed
        yield from _released(session, error)
        raise
    try:
        session, is_saved = yield from _saved(settings, session, renewal, claims)
    except SessionChanged:
        yield from ForgetRenewal(renewal)
        if renewal.has_rotated:  # a logout has revoked the one before
            yield from revoke_tokens(settings, metadata, renewal.rotation_applied_to(session))
        raise
    except SessionTooLarge as error:
        yield from _without_access_token(settings, session, renewal)
        yield from _released(session, error)
        raise
    if renewal.has_rotated and not is_saved:
        return session
    yield from ForgetRenewal(renewal)
    return session


def _without_access_token(
    settings: ClientSettings, session: Session, renewal: Renewal
) -> Flow[None]:
    """Save the refresh token alone; were all of it kept, no other renewal of the session could succeed."""
    with suppress(StoreError):
        if renewal.has_rotated:
            yield from update_session(settings, session, renewal.rotation_applied_to)
        yield from ForgetRenewal(renewal)


def _checked_claims(
    settings: ClientSettings, metadata: ProviderMetadata, session: Session, renewal: Renewal
) -> Flow[Mapping[str, Any] | None]:
    tokens = renewal.tokens
    if tokens.id_token is None:  # optional: OIDC Core, 12.2
        return None
    claims = yield from validated_claims(
        settings, metadata, tokens.id_token, tokens.access_token, None, at=renewal.received_at
    )
    check_renewed_claims(session, claims)
    return claims


def _saved(
    settings: ClientSettings,
    session: Session,
    renewal: Renewal,
    claims: Mapping[str, Any] | None,
) -> Flow[tuple[Session, bool]]:
    def change(current: Session) -> Session:
        return renewal.applied_to(current, claims)

    for pause in (0, *_SAVING_PAUSES):
        if pause:
            yield from Pause(pause)
        try:
            return (yield from update_session(settings, session, change)), True
        except SessionTooLarge:
            raise
        except (StoreError, SessionConflict):
            continue
    return change(session), False


def _released(session: Session, error: UserlinkError) -> Flow[None]:
    """Give up the lease, and leave word for those who wait; if that cannot be written, it is over after its time."""
    lease = session.renewal_lease
    if lease is None:
        return
    now = yield from Now()
    is_shared = error.code in (GrantRefused.code, ProviderUnreachable.code)
    left = lease.failed(error.code, now) if is_shared else None
    with suppress(UserlinkError):
        # The idle time does not roll on: nothing else of the session changes.
        for _ in range(_MOST_TURNS):
            if (yield from UpdateSession(evolve(session, renewal_lease=left))):
                return
            session = yield from _reloaded(session)
            if session.renewal_lease is None or session.renewal_lease.id != lease.id:
                return
