"""The grants of the token endpoint, and the code grant's half at the authorization endpoint."""

# mypy: disable-error-code="import-untyped"
# mypy: disallow-subclassing-any=False
# pyright: basic
# Authlib has no type information: its classes are `Any` to mypy, and partly unknown to pyright.

import re
from typing import Any, ClassVar

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge

from ..errors import Refusal
from ..issuing import mint_tokens
from ..state import TenantState
from ..tokens import Authorization, AuthorizationCode, RefreshToken
from .models import OAuthClient, ParameterRequest

__all__ = ["CodeGrant", "RefreshGrant", "StrictCodeChallenge"]

AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]

# Scopes that say what a sign-in was for: a refresh may leave them out, never add them.
GRANTED_ONCE = {
    *("openid", "profile", "email", "offline_access"),
    *("link_account", "unlink_account"),
}

_S256_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


class CodeGrant(AuthorizationCodeGrant):
    """The authorization code grant (RFC 6749, section 4.1)."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    request: Any
    server: Any

    @property
    def _state(self) -> TenantState:
        state: TenantState = self.server.state
        return state

    def save_authorization_code(self, code: str, request: ParameterRequest) -> None:
        """Bind a new code to what was asked for."""
        record = AuthorizationCode(
            value=code,
            authorization=request.user,
            redirect_uri=request.parameters["redirect_uri"],
            code_challenge=request.parameters["code_challenge"],
            expires_at=self._state.clock.now() + self._state.lifetimes.code_seconds,
        )
        self._state.tokens.save(record)

    def query_authorization_code(self, code: str, client: OAuthClient) -> AuthorizationCode:
        """Take the code; what is missing is told before that, without using the code up."""
        for name in ("redirect_uri", "code_verifier"):
            if not self.request.form.get(name):
                raise Refusal("invalid_request", f"The {name} is missing.")
        taken = self._state.tokens.take_code(code, client.client_id)
        if self.request.form["redirect_uri"] != taken.redirect_uri:
            raise Refusal(
                "invalid_grant",
                "The redirect_uri is not identical to that of the authorization request.",
                details=(f"At the authorization endpoint it was: {taken.redirect_uri}",),
            )
        return taken

    def delete_authorization_code(self, authorization_code: AuthorizationCode) -> None:
        """Do nothing: taking the code was its end."""

    def authenticate_user(self, authorization_code: AuthorizationCode) -> Authorization:
        """Return what the code stands for."""
        return authorization_code.authorization


class StrictCodeChallenge(CodeChallenge):
    """PKCE (RFC 7636), required of everybody, S256 only."""

    SUPPORTED_CODE_CHALLENGE_METHOD: ClassVar[list[str]] = ["S256"]

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """Refuse a request without a well-formed S256 challenge."""
        challenge = grant.request.parameters.get("code_challenge")
        method = grant.request.parameters.get("code_challenge_method", "plain")
        if not challenge:
            raise Refusal("invalid_request", "PKCE is required: the code_challenge is missing.")
        if method != "S256":
            raise Refusal(
                "invalid_request",
                "PKCE needs code_challenge_method=S256; plain, which is also what leaving it out"
                " means, is refused.",
            )
        if not _S256_CHALLENGE.fullmatch(challenge):
            raise Refusal(
                "invalid_request", "The code_challenge is not a base64url SHA-256 (43 characters)."
            )

    def validate_code_verifier(self, grant: Any, result: Any) -> None:
        """Compare verifier and challenge, and say in our words what is wrong."""
        try:
            super().validate_code_verifier(grant, result)
        except OAuth2Error as error:
            raise Refusal(
                str(error.error), "The code_verifier does not belong to the code_challenge."
            ) from error


class RefreshGrant(RefreshTokenGrant):
    """Refreshing, with rotation, and for other audiences (Auth0's multi-resource tokens)."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    request: Any
    server: Any

    @property
    def _state(self) -> TenantState:
        state: TenantState = self.server.state
        return state

    def _validate_request_token(self, client: OAuthClient) -> RefreshToken:
        value = self.request.form.get("refresh_token")
        if not value:
            raise Refusal("invalid_request", "The refresh_token is missing.")
        return self._state.tokens.find_refresh_token(value, client.client_id)

    def _validate_token_scope(self, token: RefreshToken) -> None:
        granted = set(token.authorization.scope.split())
        wanted = set((self.request.payload.scope or "").split())
        audience = self.request.form.get("audience")
        new = wanted - granted
        if audience not in (None, token.authorization.audience):
            new &= GRANTED_ONCE
        if new:
            raise Refusal(
                "invalid_scope", f"The scope was not granted at sign-in: {' '.join(sorted(new))}."
            )

    def issue_token(self, user: Authorization, refresh_token: RefreshToken) -> dict[str, Any]:
        """Use the old refresh token up, then mint."""
        self._state.tokens.rotate(refresh_token)
        scope = self.request.payload.scope or user.scope
        audience = self.request.form.get("audience") or user.audience
        return mint_tokens(self._state, user, scope, audience)

    def authenticate_user(self, refresh_token: RefreshToken) -> Authorization:
        """Return what was granted."""
        return refresh_token.authorization

    def revoke_old_credential(self, refresh_token: RefreshToken) -> None:
        """Do nothing: rotating was its end."""
