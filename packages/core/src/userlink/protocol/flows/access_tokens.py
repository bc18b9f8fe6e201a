"""An access token for the application's own calls: the one that is held, or a renewed one."""

from userlink.errors import InsufficientScope, RefreshTokenMissing, SessionRequired

from ..access_tokens import Wish
from ..effects import Discover, Flow, Now
from ..options import AccessTokenOptions
from ..renewal import RenewalRequest
from ..results import AccessToken
from ..session import Session
from ..settings import ClientSettings
from ..token_sets import TokenSet
from .renewal import RENEWAL_LEEWAY_SECONDS, renewed
from .session import get_session

__all__ = ["get_access_token"]


def get_access_token(settings: ClientSettings, options: AccessTokenOptions) -> Flow[AccessToken]:
    """
    Return an access token of the signed-in user for an audience, renewed when it is about to expire.

    Raises:
        SessionRequired: when nobody is signed in, or only at a provider that was configured before.
        RefreshTokenMissing: when no token that is held will do, and there is nothing to renew it with.
        InsufficientScope: when the provider does not grant the scope that was asked for.
        GrantRefused: when the provider no longer accepts the refresh token.
    """
    session = yield from get_session(settings)
    if session is None:
        raise SessionRequired("Nobody is signed in in this browser.")
    params = settings.authorization_params
    wish = Wish.of(options, session, params)

    def held_at(current: Session, moment: int) -> TokenSet | None:
        held = wish.held_in(current, params)
        if held is None or not wish.is_met_by(held) or not held.is_good_at(moment):
            return None
        return held

    def asks(current: Session) -> RenewalRequest:
        request = wish.request(current, params)
        if request is None:
            raise RefreshTokenMissing(
                "No access token that is held will do, and no refresh token is there to renew it."
            )
        return request

    now = yield from Now()
    held = held_at(session, now + RENEWAL_LEEWAY_SECONDS)
    if held is not None:
        return _shown(held)
    _ = asks(session)  # or the provider is discovered for nothing
    metadata = yield from Discover()
    if session.issuer != metadata.issuer:  # its tokens are none of this provider's business
        raise SessionRequired("The user is signed in at another provider than the one configured.")
    session, renewal = yield from renewed(
        settings, metadata, session, lambda at_hand, moment: bool(held_at(at_hand, moment)), asks
    )
    # What has just come is given however short it lives, and though a wider one may stay in its place.
    token = wish.held_in(session, params) if renewal is None else renewal.token_set
    if token is None or not wish.is_met_by(token):
        raise InsufficientScope("The provider granted less than the scope that was asked for.")
    return _shown(token)


def _shown(token: TokenSet) -> AccessToken:
    return AccessToken(
        access_token=token.access_token.reveal(), scope=token.scope, expires_at=token.expires_at
    )
