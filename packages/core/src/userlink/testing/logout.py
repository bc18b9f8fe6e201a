"""
How a provider in memory signs out: at its logout endpoint, and on the back channel.

OIDC RP-Initiated Logout 1.0, 2 and 3; OIDC Back-Channel Logout 1.0, 2.4.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from userlink.protocol.urls import add_query

from .authorization import RequestRefused
from .registration import Registration

__all__ = ["judge_logout", "logout_claims"]

_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LIFETIME_SECONDS = 120  # section 4 asks for no more


def judge_logout(
    url: str,
    endpoint: object,
    registration: Registration,
    is_own_id_token: Callable[[str], bool],
) -> str | None:
    """
    Judge a logout request, and return where the browser is sent next; None when it stays.

    Args:
        url: what the browser opens.
        endpoint: the ``end_session_endpoint``.
        registration: of the client.
        is_own_id_token: tells whether a string is an ID token of this provider and client.

    Raises:
        RequestRefused: when the request is wrong; the user sees an error page.
    """
    if url.partition("?")[0] != endpoint:
        raise RequestRefused("this is not the end_session_endpoint")
    parameters = dict(parse_qsl(urlsplit(url).query))
    hint = parameters.get("id_token_hint")
    if hint is not None and not is_own_id_token(hint):
        raise RequestRefused("the id_token_hint is not an ID token of this provider")
    if parameters.get("client_id", registration.client_id) != registration.client_id:
        raise RequestRefused("the client_id is unknown")
    back = parameters.get("post_logout_redirect_uri")
    if back is not None and back not in registration.post_logout_redirect_uris:
        raise RequestRefused("the post_logout_redirect_uri is not registered")
    state = parameters.get("state")
    if back is None or state is None:
        return back
    return add_query(back, [("state", state)])


def logout_claims(
    issuer: str, client_id: str, now: int, jti: str, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """
    Return the claims of a logout token.

    Args:
        issuer: the provider's name.
        client_id: of the client.
        now: Unix seconds.
        jti: the token's name.
        changes: claims to add or replace, or to leave out where the value is None.
    """
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": client_id,
        "iat": now,
        "exp": now + _LIFETIME_SECONDS,
        "jti": jti,
        "events": {_EVENT: {}},
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}
