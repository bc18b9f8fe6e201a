"""Logging out here and at the provider: OIDC RP-Initiated Logout 1.0."""

from contextlib import suppress

from userlink.errors import ProviderError, UserlinkError

from ..effects import DeleteSession, Discover, Emit, Flow, LoadSession, Now
from ..events import Event
from ..metadata import ProviderMetadata
from ..options import LogoutOptions
from ..session import Session
from ..settings import ClientSettings
from .revocation import revoke_tokens

__all__ = ["logout"]


def logout(settings: ClientSettings, options: LogoutOptions) -> Flow[str]:
    """
    End the session here, and return the URL at which the provider ends its own.

    The session here ends even when the provider cannot be reached. Its tokens are revoked there after that, where the
    provider has an endpoint for it (RFC 7009); a failure hinders nothing. Where the provider has no logout, the URL is
    ``return_to``, or the root of this site.

    Raises:
        StoreError: when the session could not be read or removed; the browser's cookie is deleted all the same.
    """
    session = yield from _end_session()
    if session is not None:
        now = yield from Now()
        event = Event("logout.completed", now, session.issuer, session.subject)
        yield from Emit(event)
    # Signing out here must not depend on the provider: neither on its answer nor on how long that takes.
    metadata: ProviderMetadata | None = None
    with suppress(ProviderError):
        metadata = yield from Discover()
    if session is not None and metadata is not None:
        yield from revoke_tokens(settings, metadata, session)
    issuer = settings.issuer.accepted[0] if metadata is None else metadata.issuer
    url = settings.dialect.logout_url(
        issuer,
        metadata,
        settings.client_id,
        None if session is None else session.id_token.reveal(),
        options.return_to,
    )
    return url or options.return_to or "/"


def _end_session() -> Flow[Session | None]:
    try:
        session = yield from LoadSession()
    except UserlinkError:
        yield from DeleteSession(None)  # the next user of this browser must not be this one
        raise
    yield from DeleteSession(session)
    return session
