"""What a provider in memory publishes about itself (OIDC Discovery 1.0, 3), and where its endpoints are."""

from collections.abc import Mapping

from userlink.protocol.values import HttpRequest

from .pushed import PushedAuthorization
from .traffic import Endpoint

__all__ = ["authorization_endpoint", "discovery_document", "endpoint_of", "pushed_endpoint"]

_DISCOVERY = "/.well-known/openid-configuration"
_JWKS = "/.well-known/jwks.json"
_PAR = "/oauth/par"
_TOKEN = "/oauth/token"
_USERINFO = "/userinfo"
_PLACES: Mapping[tuple[str, str], Endpoint] = {
    ("GET", _DISCOVERY): "discovery",
    ("GET", _JWKS): "jwks",
    ("POST", _PAR): "par",
    ("POST", _TOKEN): "token",
    ("GET", _USERINFO): "userinfo",
}


def authorization_endpoint(issuer: str) -> str:
    """Return the URL of the authorization endpoint."""
    return f"{issuer.rstrip('/')}/authorize"


def pushed_endpoint(issuer: str) -> str:
    """Return the URL that authorization requests are pushed to."""
    return issuer.rstrip("/") + _PAR


def discovery_document(
    issuer: str,
    algorithm: str,
    changes: Mapping[str, object],
    pushed_authorization: PushedAuthorization = "off",
) -> dict[str, object]:
    """
    Return the discovery document.

    Args:
        issuer: the provider's.
        algorithm: what ID tokens are signed with.
        changes: members to add, to replace, or to leave out where the value is None.
        pushed_authorization: whether requests may be pushed, or must.
    """
    base = issuer.rstrip("/")
    document: dict[str, object] = {
        "issuer": issuer,
        "authorization_endpoint": authorization_endpoint(issuer),
        "token_endpoint": base + _TOKEN,
        "userinfo_endpoint": base + _USERINFO,
        "jwks_uri": base + _JWKS,
        "end_session_endpoint": f"{base}/oidc/logout",
        "pushed_authorization_request_endpoint": (
            None if pushed_authorization == "off" else pushed_endpoint(issuer)
        ),
        "require_pushed_authorization_requests": pushed_authorization == "required" or None,
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [algorithm],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": [
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
            "none",
        ],
        "authorization_response_iss_parameter_supported": True,
        **changes,
    }
    return {name: value for name, value in document.items() if value is not None}


def endpoint_of(issuer: str, request: HttpRequest) -> Endpoint | None:
    """Return the endpoint that a request is for, or None."""
    base = issuer.rstrip("/")
    if not request.url.startswith(base):
        return None
    return _PLACES.get((request.method, request.url.removeprefix(base)))
