"""The typed front of the Authlib server: what the tenant's own endpoints call."""

# mypy: disable-error-code="import-untyped"
# mypy: disallow-subclassing-any=False
# pyright: basic
# Authlib has no type information: its classes are `Any` to mypy, and partly unknown to pyright.

from collections.abc import Mapping
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc9207 import IssuerParameter
from flask import Response
from werkzeug.datastructures import MultiDict

from ..client_authentication import authenticate_client
from ..errors import Refusal
from ..issuing import mint_tokens
from ..state import TenantState
from ..tokens import Authorization
from .connection_tokens import ConnectionTokenGrant
from .endpoints import Revocation, StoredTokenValidator, UserInfo
from .grants import CodeGrant, RefreshGrant, StrictCodeChallenge
from .id_token import IdTokens
from .models import OAuthClient, ParameterRequest

__all__ = ["GRANT_TYPES", "Provider"]

GRANT_TYPES: tuple[str, ...] = (
    str(CodeGrant.GRANT_TYPE),
    str(RefreshGrant.GRANT_TYPE),
    str(ConnectionTokenGrant.GRANT_TYPE),
)


class _Server(AuthorizationServer):
    """Authlib's server over the tenant's state."""

    def __init__(self, state: TenantState) -> None:
        super().__init__()
        self.state = state
        mint: Any = self._mint
        self.register_token_generator("default", mint)

    def query_client(self, client_id: str) -> OAuthClient | None:
        client = self.state.client(client_id)
        return None if client is None else OAuthClient(client)

    def authenticate_client(
        self, request: ParameterRequest, methods: list[str], endpoint: str = "token"
    ) -> OAuthClient:
        client, method = authenticate_client(self.state, request.authorization, request.parameters)
        request.auth_method = method
        return OAuthClient(client)

    def create_oauth2_request(self, request: ParameterRequest) -> ParameterRequest:
        return request

    def save_token(self, token: dict[str, Any], request: ParameterRequest) -> None:
        """Do nothing: minting kept the tokens already."""

    def handle_error_response(self, request: Any, error: OAuth2Error) -> Any:
        """Turn Authlib's errors into the tenant's one kind, which is logged and rendered once."""
        raise _refusal(error) from error

    def _mint(self, *, user: Authorization, scope: str, **_: Any) -> dict[str, Any]:
        return mint_tokens(self.state, user, scope, user.audience)


class _Issuer(IssuerParameter):
    """Adds ``iss`` to authorization responses (RFC 9207)."""

    def __init__(self, server: _Server) -> None:
        super().__call__(server)
        self._state = server.state

    def get_issuer(self) -> str:
        return self._state.issuer


class Provider:
    """Codes and tokens by Authlib."""

    def __init__(self, state: TenantState) -> None:
        self._server = server = _Server(state)
        server.register_extension(_Issuer)
        server.register_grant(CodeGrant, [IdTokens(state), StrictCodeChallenge()])
        server.register_grant(RefreshGrant, [IdTokens(state)])
        server.register_grant(ConnectionTokenGrant)
        server.register_endpoint(Revocation)
        protector = ResourceProtector()
        protector.register_token_validator(StoredTokenValidator(state))
        server.register_endpoint(UserInfo(resource_protector=protector))

    def check_authorization_request(self, parameters: Mapping[str, str]) -> None:
        """
        Check what RFC 6749 and RFC 7636 ask of an authorization request.

        Raises:
            Refusal: what is wrong with it.
        """
        try:
            self._grant(ParameterRequest(MultiDict(parameters))).validate_authorization_request()
        except OAuth2Error as error:
            raise _refusal(error) from error

    def code_location(self, parameters: Mapping[str, str], granted: Authorization) -> str:
        """
        Issue a code.

        Returns:
            the address to send the browser to, with ``code``, ``state`` and ``iss``.
        """
        request = ParameterRequest(MultiDict(parameters))
        response: Any = self._server.create_authorization_response(
            request, grant_user=granted, grant=self._grant(request)
        )
        return str(response.location)

    def token_response(self, form: MultiDict[str, str], authorization: str | None) -> Response:
        """Answer a token request."""
        grant_type = form.get("grant_type")
        if grant_type not in GRANT_TYPES:
            raise Refusal(
                "unsupported_grant_type",
                f"The grant_type is missing or none of: {', '.join(GRANT_TYPES)}.",
            )
        response: Any = self._server.create_token_response(ParameterRequest(form, authorization))
        return _flask(response)

    def revocation_response(self, form: MultiDict[str, str], authorization: str | None) -> Response:
        """Answer a revocation request."""
        response: Any = self._server.create_endpoint_response(
            Revocation.ENDPOINT_NAME, ParameterRequest(form, authorization)
        )
        return _flask(response)

    def userinfo_response(self) -> Response:
        """Answer a UserInfo request, which Authlib reads from Flask's current request."""
        response: Any = self._server.create_endpoint_response(UserInfo.ENDPOINT_NAME)
        return _flask(response)

    def _grant(self, request: ParameterRequest) -> Any:
        return self._server.get_authorization_grant(request)


def _flask(response: Any) -> Response:
    """Name the type of what Authlib's Flask integration has made."""
    if not isinstance(response, Response):
        raise TypeError("Authlib answered with no Flask response.")
    return response


def _refusal(error: OAuth2Error) -> Refusal:
    description = error.get_error_description() or str(error.error)
    headers = tuple((k, v) for k, v in error.get_headers() if k == "WWW-Authenticate")
    return Refusal(str(error.error), description, status=error.status_code, headers=headers)
