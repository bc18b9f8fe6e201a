"""Exchanging a refresh token for a linked connection's own access token (Auth0's token vault)."""

# mypy: disable-error-code="import-untyped"
# mypy: disallow-subclassing-any=False
# pyright: basic
# Authlib has no type information: its classes are `Any` to mypy, and partly unknown to pyright.

from typing import Any

from authlib.oauth2.rfc6749.grants import BaseGrant, TokenEndpointMixin

from ..accounts import Identity
from ..errors import Refusal
from ..state import TenantState
from ..tokens import ConnectionToken, RefreshToken, new_secret
from .grants import AUTH_METHODS

__all__ = ["ConnectionTokenGrant"]

SUBJECT_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:refresh_token"
REQUESTED_TOKEN_TYPE = "http://auth0.com/oauth/token-type/federated-connection-access-token"


class ConnectionTokenGrant(BaseGrant, TokenEndpointMixin):
    """The token exchange of RFC 8693 in the form that Auth0 gave it for connections."""

    GRANT_TYPE = (
        "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token"
    )
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    request: Any
    server: Any

    @property
    def _state(self) -> TenantState:
        state: TenantState = self.server.state
        return state

    def validate_token_request(self) -> None:
        """Check the client, the token types and the refresh token."""
        client: Any = self.authenticate_token_endpoint_client()
        form = self.request.form
        for name, expected in (
            ("subject_token_type", SUBJECT_TOKEN_TYPE),
            ("requested_token_type", REQUESTED_TOKEN_TYPE),
        ):
            if form.get(name) != expected:
                raise Refusal("invalid_request", f"The {name} must be {expected}.")
        for name in ("subject_token", "connection"):
            if not form.get(name):
                raise Refusal("invalid_request", f"The {name} is missing.")
        self.request.client = client
        self.request.refresh_token = self._state.tokens.find_refresh_token(
            form["subject_token"], client.client_id
        )

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        """Issue a token for the connection; the refresh token is not used up."""
        identity = self._identity(self.request.refresh_token)
        lifetime_seconds = self._state.lifetimes.access_token_seconds
        token = ConnectionToken(
            value=new_secret("ct_"),
            connection=identity.connection,
            user_id=identity.user_id,
            scope=identity.scope,
            expires_at=self._state.clock.now() + lifetime_seconds,
        )
        self._state.tokens.save_connection_token(token)
        answer = {
            "access_token": token.value,
            "issued_token_type": REQUESTED_TOKEN_TYPE,
            "token_type": "Bearer",
            "expires_in": lifetime_seconds,
            "scope": token.scope,
        }
        return 200, answer, self.TOKEN_RESPONSE_HEADER

    def _identity(self, refresh_token: RefreshToken) -> Identity:
        username, connection = refresh_token.authorization.username, self.request.form["connection"]
        if self._state.config.connection(connection) is None:
            raise Refusal("invalid_request", "The connection is not known to this tenant.")
        identity = self._state.directory.identity(username, connection)
        wanted = self.request.form.get("login_hint")
        if identity is None or wanted not in (None, identity.user_id, identity.nickname):
            raise Refusal("invalid_grant", "The user has no such identity at that connection.")
        return identity
