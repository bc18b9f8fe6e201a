"""Revocation (RFC 7009) and UserInfo (OIDC Core, section 5.3), on Authlib's endpoint classes."""

# mypy: disable-error-code="import-untyped"
# mypy: disallow-subclassing-any=False
# pyright: basic
# Authlib has no type information: its classes are `Any` to mypy, and partly unknown to pyright.

from typing import Any

from authlib.oauth2.rfc6750 import BearerTokenValidator
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oidc.core import UserInfoEndpoint

from ..errors import Refusal
from ..issuing import user_claims
from ..state import TenantState
from ..tokens import AccessToken, Authorization, RefreshToken
from .grants import AUTH_METHODS
from .models import BearerToken, OAuthClient, ParameterRequest

__all__ = ["Revocation", "StoredTokenValidator", "UserInfo"]


class _Revocable:
    """A token, as the revocation endpoint asks about it."""

    def __init__(self, token: AccessToken | RefreshToken) -> None:
        self.token = token

    def check_client(self, client: OAuthClient) -> bool:
        """Tell whether it is this client's."""
        return self.token.authorization.client_id == client.client_id


class Revocation(RevocationEndpoint):
    """Ends an access token, or a refresh token with all that came from it."""

    CLIENT_AUTH_METHODS = AUTH_METHODS
    server: Any

    def check_params(self, request: ParameterRequest, client: OAuthClient) -> None:
        """Ask for a token; the hint is only a hint, so any is taken (RFC 7009, section 2.1)."""
        if not request.form.get("token"):
            raise Refusal("invalid_request", "The token is missing.")

    def query_token(self, token_string: str, token_type_hint: str | None) -> _Revocable | None:
        """Find a token of either kind."""
        token = self.server.state.tokens.find_any(token_string)
        return None if token is None else _Revocable(token)

    def revoke_token(self, token: _Revocable, request: ParameterRequest) -> None:
        """Revoke it."""
        self.server.state.tokens.revoke(token.token)


class UserInfo(UserInfoEndpoint):
    """Says about the user what the access token's scope allows."""

    server: Any

    def create_endpoint_request(self, request: Any) -> Any:
        """Return nothing: the resource protector reads the header itself."""
        return request

    def generate_user_info(self, user: Authorization, scope: str) -> dict[str, Any]:
        """Return the claims."""
        return user_claims(self.server.state, user, scope)


class StoredTokenValidator(BearerTokenValidator):
    """Looks bearer tokens up in the store."""

    def __init__(self, state: TenantState) -> None:
        super().__init__(realm="devtenant")
        self._state = state

    def authenticate_token(self, token_string: str) -> BearerToken | None:
        """Find a token that still counts."""
        token = self._state.tokens.find_access_token(token_string)
        client = self._state.client(token.authorization.client_id) if token else None
        return BearerToken(token, OAuthClient(client)) if token and client else None
