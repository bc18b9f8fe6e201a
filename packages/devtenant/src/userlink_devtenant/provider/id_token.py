"""ID tokens: Authlib encodes them, this says what is in them."""

# mypy: disable-error-code="import-untyped"
# mypy: disallow-subclassing-any=False
# pyright: basic
# Authlib has no type information: its classes are `Any` to mypy, and partly unknown to pyright.

from typing import Any

from authlib.oidc.core import OpenIDCode
from joserfc.jwk import KeySet

from ..issuing import id_token_claims, user_claims
from ..keys import ALGORITHM
from ..state import TenantState
from ..tokens import Authorization, AuthorizationCode
from .models import OAuthClient

__all__ = ["IdTokens"]


class IdTokens(OpenIDCode):
    """Adds an ID token to every token answer whose scope holds ``openid``."""

    def __init__(self, state: TenantState) -> None:
        super().__init__(require_nonce=False)
        self._state = state

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        """Leave it to the client to use a nonce once: it is the client's own guard."""
        return False

    def get_client_algorithm(self, client: OAuthClient) -> str:
        """Sign with RS256."""
        return ALGORITHM

    def get_encode_header(self, client: OAuthClient) -> dict[str, Any]:
        """Name the current key, which joserfc then picks from the key set."""
        return {"alg": ALGORITHM, "kid": self._state.keys.current.kid}

    def resolve_client_private_key(self, client: OAuthClient) -> KeySet:
        """Return all keys."""
        return self._state.keys.key_set

    def get_client_claims(self, client: OAuthClient) -> dict[str, Any]:
        """Return issuer, audience and times."""
        return id_token_claims(self._state, client.client_id)

    def get_authorization_code_claims(
        self, authorization_code: AuthorizationCode
    ) -> dict[str, Any]:
        """Return the nonce; a refreshed ID token has none (OIDC Core, section 12.2)."""
        nonce = authorization_code.authorization.nonce
        return {"nonce": nonce} if nonce else {}

    def generate_user_info(self, user: Authorization, scope: str) -> dict[str, Any]:
        """Return what is said about the user and the session."""
        claims = user_claims(self._state, user, scope)
        about_sign_in: dict[str, Any] = {"sid": user.sid, "auth_time": user.auth_time}
        if user.acr is not None:
            about_sign_in |= {"acr": user.acr, "amr": ["mfa"]}
        return claims | about_sign_in
