"""The provider's metadata (OIDC Discovery 1.0; RFC 8414) and keys."""

from typing import Any

from flask import Flask, Response, jsonify

from .client_assertions import ASSERTION_ALGORITHMS
from .config import PushedAuthorization
from .keys import ALGORITHM
from .provider.server import GRANT_TYPES
from .sessions import MULTI_FACTOR
from .state import TenantState

__all__ = ["DiscoveryEndpoints", "metadata"]

CLAIMS = (
    *("iss", "sub", "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce", "sid", "at_hash"),
    *("name", "nickname", "picture", "email", "email_verified", "identities"),
)
SCOPES = ("openid", "profile", "email", "offline_access", "link_account", "unlink_account")
AUTH_METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt", "none")


def metadata(issuer: str, pushed_authorization: PushedAuthorization = "offered") -> dict[str, Any]:
    """Describe the tenant; the issuer ends with a slash, so paths are simply appended."""
    return {
        **_pushing(issuer, pushed_authorization),
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}authorize",
        "token_endpoint": f"{issuer}oauth/token",
        "userinfo_endpoint": f"{issuer}userinfo",
        "jwks_uri": f"{issuer}.well-known/jwks.json",
        "revocation_endpoint": f"{issuer}oauth/revoke",
        "end_session_endpoint": f"{issuer}oidc/logout",
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANT_TYPES),
        "subject_types_supported": ["public"],
        "scopes_supported": list(SCOPES),
        "claims_supported": list(CLAIMS),
        "code_challenge_methods_supported": ["S256"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
        "revocation_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "acr_values_supported": [MULTI_FACTOR],
        "revocation_endpoint_auth_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
    }


def _pushing(issuer: str, choice: PushedAuthorization) -> dict[str, Any]:
    if choice == "off":
        return {}
    return {
        "pushed_authorization_request_endpoint": f"{issuer}oauth/par",
        "require_pushed_authorization_requests": choice == "required",
    }


class DiscoveryEndpoints:
    """``/.well-known/…``."""

    def __init__(self, state: TenantState) -> None:
        self._state = state

    def register(self, app: Flask) -> None:
        """Add the routes."""
        app.add_url_rule("/.well-known/openid-configuration", view_func=self.configuration)
        app.add_url_rule("/.well-known/jwks.json", view_func=self.keys)

    def configuration(self) -> Response:
        """Answer with the metadata."""
        return jsonify(metadata(self._state.issuer, self._state.pushed_authorization))

    def keys(self) -> Response:
        """Answer with the public keys."""
        return jsonify(self._state.keys.public())
