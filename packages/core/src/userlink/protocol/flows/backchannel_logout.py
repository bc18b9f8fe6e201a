"""Ending sessions because the provider says so: OIDC Back-Channel Logout 1.0."""

from typing import NoReturn

from userlink.errors import LogoutTokenInvalid

from ..effects import (
    Discover,
    Emit,
    EndSessions,
    Flow,
    LogoutTokenWasUsed,
    MarkLogoutTokenUsed,
    Now,
    RequireEndableSessions,
)
from ..events import Event
from ..logout_token import LOGOUT_TOKEN, LogoutToken, check_logout_claims
from ..metadata import ProviderMetadata
from ..settings import ClientSettings
from ..signed_token import parse_signed_token
from ..values import Secret
from .steps import verified_claims

__all__ = ["backchannel_logout"]


def backchannel_logout(settings: ClientSettings, logout_token: Secret) -> Flow[None]:
    """
    End the sessions that a logout token names, once.

    Raises:
        BackchannelLogoutNotSupported: when sessions are where nothing but their browser reaches them.
        LogoutTokenInvalid: when any check fails, or the token was used before.
        ProviderError: when the provider's keys cannot be had.
        StoreError: when the store fails; the provider may send the same token again.
    """
    yield from RequireEndableSessions()
    metadata = yield from Discover()
    token = yield from _validated(settings, metadata, logout_token)
    if (yield from LogoutTokenWasUsed(token)):
        _refuse_reuse()
    # The sessions first, which can be ended twice without harm: where the store fails before the token is marked, the
    # provider's next attempt is not taken for a replay.
    yield from EndSessions(token)
    if not (yield from MarkLogoutTokenUsed(token)):
        _refuse_reuse()
    now = yield from Now()
    yield from Emit(Event("logout.backchannel", now, token.issuer, token.subject))


def _validated(
    settings: ClientSettings, metadata: ProviderMetadata, logout_token: Secret
) -> Flow[LogoutToken]:
    token = parse_signed_token(LOGOUT_TOKEN, logout_token, settings.algorithms)
    claims = yield from verified_claims(metadata, token)
    now = yield from Now()
    return check_logout_claims(
        claims, metadata.issuer, settings.client_id, now, settings.clock_skew_seconds
    )


def _refuse_reuse() -> NoReturn:
    raise LogoutTokenInvalid("This logout token was used before.", check="jti")
