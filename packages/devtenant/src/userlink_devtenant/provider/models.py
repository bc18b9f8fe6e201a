"""The tenant's clients and tokens, in the form in which Authlib asks about them."""

# mypy: disable-error-code="import-untyped"
# mypy: disallow-subclassing-any=False
# pyright: basic
# Authlib has no type information: its classes are `Any` to mypy, and partly unknown to pyright.

from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin, OAuth2Payload, OAuth2Request
from werkzeug.datastructures import MultiDict

from ..config import Client
from ..tokens import AccessToken, Authorization

__all__ = ["BearerToken", "OAuthClient", "ParameterRequest"]


class OAuthClient(ClientMixin):
    """A client, as Authlib sees it; authentication is judged in ``client_authentication.py``."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.client_id = client.client_id
        self.client_metadata: dict[str, Any] = {}

    def get_client_id(self) -> str:
        """Return the client_id."""
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """Return no default: a request always has to say its redirect_uri."""
        return

    def get_allowed_scope(self, scope: str | None) -> str:
        """Allow what was asked for."""
        return scope or ""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Compare strings, nothing else (RFC 9700, section 2.1)."""
        return redirect_uri in self.client.redirect_uris

    def check_response_type(self, response_type: str) -> bool:
        """Allow the code flow only."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Allow every grant that is registered at the server."""
        return bool(grant_type)


class _ParameterPayload(OAuth2Payload):
    def __init__(self, parameters: MultiDict[str, str]) -> None:
        self._parameters = parameters

    @property
    def data(self) -> MultiDict[str, str]:
        return self._parameters

    @property
    def datalist(self) -> dict[str, list[str]]:
        return dict(self._parameters.lists())


class ParameterRequest(OAuth2Request):
    """A request made of parameters that were checked, wherever they came from."""

    def __init__(self, parameters: MultiDict[str, str], authorization: str | None = None) -> None:
        # Authlib refuses plain http here, which is all this tenant speaks; it reads the address
        # for nothing else.
        super().__init__("POST", "https://devtenant.invalid/")
        self.user: Any = None
        self.parameters = parameters
        self.authorization = authorization
        self.payload: Any = _ParameterPayload(parameters)

    @property
    def form(self) -> MultiDict[str, str]:
        """The parameters."""
        return self.parameters

    @property
    def args(self) -> MultiDict[str, str]:
        """The parameters."""
        return self.parameters


class BearerToken:
    """An access token, as Authlib's resource protector asks about it."""

    def __init__(self, token: AccessToken, client: OAuthClient) -> None:
        self._token = token
        self._client = client
        self.scope = token.scope

    def get_client(self) -> OAuthClient:
        """Return whom it was issued to."""
        return self._client

    def get_user(self) -> Authorization:
        """Return what it was issued for."""
        return self._token.authorization

    def get_scope(self) -> str:
        """Return its scope."""
        return self._token.scope

    def is_expired(self) -> bool:
        """Answer no: the store hands out none that has expired."""
        return False

    def is_revoked(self) -> bool:
        """Answer no: the store hands out none that was revoked."""
        return False
