"""Revoking the tokens of a session that has just ended: as far as the provider plays along, and never a hindrance."""

from userlink.errors import UserlinkError

from ..effects import Emit, Flow, Now, Send
from ..events import Event
from ..metadata import ProviderMetadata
from ..revocation import TokenKind, check_revoked, revocable_tokens, revocation_request
from ..session import Session
from ..settings import ClientSettings
from ..values import Secret

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
            yield from _revoke(settings, metadata, endpoint, kind, token)
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


def _revoke(
    settings: ClientSettings,
    metadata: ProviderMetadata,
    endpoint: str,
    kind: TokenKind,
    token: Secret,
) -> Flow[None]:
    request = revocation_request(settings, metadata, endpoint, kind, token)
    check_revoked((yield from Send(request, _TIMEOUT_SECONDS)))
