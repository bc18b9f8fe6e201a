"""Revoking the tokens of a session that has just ended: as far as the provider plays along, and never a hindrance."""

from userlink.errors import UserlinkError

from ..effects import Emit, Flow, Now
from ..events import Event
from ..metadata import ProviderMetadata
from ..revocation import check_revoked, revocable_tokens, revocation_parameters
from ..session import Session
from ..settings import ClientSettings
from .client_authentication import send_authenticated

__all__ = ["revoke_tokens"]

_TIMEOUT_SECONDS = 2.0  # the user is waiting to be sent on, and is signed out already


def revoke_tokens(
    settings: ClientSettings, metadata: ProviderMetadata, session: Session
) -> Flow[None]:
    """
    Revoke what a session held, where the provider has a revocation endpoint (RFC 7009, 2).

    It ends at the first token that cannot be revoked, so that a provider which does not answer is waited for once.
    Nothing is raised; an event tells how it went.
    """
    endpoint = metadata.revocation_endpoint
    if endpoint is None or session.issuer != metadata.issuer:
        return
    now = yield from Now()
    tokens = revocable_tokens(session, now)
    if not tokens:
        return
    failure: UserlinkError | None = None
    try:
        for kind, token in tokens:
            form = revocation_parameters(kind, token)
            response = yield from send_authenticated(
                settings, metadata, endpoint, form, _TIMEOUT_SECONDS
            )
            check_revoked(response)
    except UserlinkError as error:
        failure = error
    yield from Emit(
        Event(
            name="revocation.completed" if failure is None else "revocation.failed",
            occurred_at=now,
            issuer=session.issuer,
            subject=session.subject,
            error_code=None if failure is None else failure.code,
        )
    )
