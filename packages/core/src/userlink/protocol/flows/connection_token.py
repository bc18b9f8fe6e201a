"""The access token of a linked account at its own provider: from the session, or by an exchange."""

from userlink.errors import (
    RefreshTokenMissing,
    SessionChanged,
    SessionRequired,
    TokenRequestRefused,
)

from ..connection_tokens import (
    connection_token_set,
    held_connection_token,
    refused_connection,
    with_connection_token,
)
from ..effects import Discover, Flow, Now, UpdateSession
from ..metadata import ProviderMetadata
from ..options import ConnectionTokenOptions
from ..results import AccessToken
from ..session import Session
from ..settings import ClientSettings
from ..token_sets import ConnectionTokenSet
from ..tokens import TokenResponse, parse_token_response
from ..values import Secret
from .client_authentication import send_authenticated
from .renewal import settled
from .steps import current_session, require_session

__all__ = ["get_connection_token"]

_MOST_WRITES = 8  # attempts to save a token in a session that other requests keep changing


def get_connection_token(
    settings: ClientSettings, options: ConnectionTokenOptions
) -> Flow[AccessToken]:
    """
    Return the token that the session holds for a connection, else exchange the refresh token for one and keep it.

    Raises:
        ConnectionTokensNotSupported: when the dialect knows no such exchange.
        SessionRequired: when nobody is signed in, or only at a provider that was configured before.
        RefreshTokenMissing: when the session has nothing to exchange.
        GrantRefused: when the provider gives out no token for this user and connection.
        SessionChanged: when the session ended meanwhile.
    """
    parameters = settings.dialect.connection_token_params(options)
    session = yield from require_session()
    now = yield from Now()
    held = held_connection_token(session, options, now)
    if held is not None:
        return _result(held)
    metadata = yield from Discover()
    if session.issuer != metadata.issuer:  # its tokens are none of this provider's business
        raise SessionRequired("The user is signed in at another provider than the one configured.")
    session = yield from settled(settings, session)
    session, tokens = yield from _exchanged(settings, metadata, session, options, parameters)
    now = yield from Now()
    token = connection_token_set(options, tokens, now)
    return _result((yield from _kept(settings, session, options, token)))


def _kept(
    settings: ClientSettings,
    session: Session,
    options: ConnectionTokenOptions,
    token: ConnectionTokenSet,
) -> Flow[ConnectionTokenSet]:
    """
    Save a token by compare-and-set; of many requests that bring one, the first does, and the others take over its.

    What other requests keep in the way is no failure: the token is good, and the next call exchanges anew.
    """
    current = session
    for _ in range(_MOST_WRITES):
        now = yield from Now()
        changed = with_connection_token(current, token, now)
        if (yield from UpdateSession(changed.touched(now, settings.session_idle_seconds))):
            return token
        reloaded = yield from current_session()
        if reloaded is None or reloaded.binding != session.binding:
            raise SessionChanged("The session ended while the token was being exchanged.")
        # A new ID token may be that of a link or an unlink, and what was exchanged before it is not to be kept then.
        if reloaded.id_token != session.id_token:
            return token
        held = held_connection_token(reloaded, options, now)
        if held is not None:
            return held
        current = reloaded
    return token


def _exchanged(
    settings: ClientSettings,
    metadata: ProviderMetadata,
    session: Session,
    options: ConnectionTokenOptions,
    parameters: dict[str, str],
) -> Flow[tuple[Session, TokenResponse]]:
    try:
        return session, (yield from _exchange(settings, metadata, session, parameters))
    except TokenRequestRefused as refusal:
        refused = refused_connection(settings.dialect, refusal, options.connection)
    # Another request may have renewed the tokens meanwhile, and with them a refresh token that rotates.
    reloaded = yield from current_session()
    if (
        reloaded is None
        or reloaded.binding != session.binding
        or reloaded.refresh_token == session.refresh_token
    ):
        raise refused
    try:
        return reloaded, (yield from _exchange(settings, metadata, reloaded, parameters))
    except TokenRequestRefused as refusal:
        raise refused_connection(settings.dialect, refusal, options.connection) from None


def _exchange(
    settings: ClientSettings,
    metadata: ProviderMetadata,
    session: Session,
    parameters: dict[str, str],
) -> Flow[TokenResponse]:
    if session.refresh_token is None:
        raise RefreshTokenMissing("The session holds no refresh token to exchange.")
    form: dict[str, str | Secret] = {**parameters, "subject_token": session.refresh_token.token}
    response = yield from send_authenticated(settings, metadata, metadata.token_endpoint, form)
    return parse_token_response(response)


def _result(held: ConnectionTokenSet) -> AccessToken:
    return AccessToken(held.access_token.reveal(), held.scope, held.expires_at)
