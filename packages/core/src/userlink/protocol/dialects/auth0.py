"""Auth0: linking during the authorization request, asked for by scopes and ``requested_connection``."""

from ..client_auth import AuthMethod
from ..metadata import ProviderMetadata
from ..options import ConnectionTokenOptions, LinkOptions, UnlinkOptions
from ..urls import add_query
from .oidc import end_session_url

__all__ = ["Auth0Dialect"]

_EXCHANGE = "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token"
_CONNECTION_TOKEN = "http://auth0.com/oauth/token-type/federated-connection-access-token"


class Auth0Dialect:
    """The dialect of Auth0, and of providers that understand the same parameters."""

    @property
    def preferred_auth_method(self) -> AuthMethod:
        """What Auth0's applications are set to by default."""
        return "client_secret_post"

    @property
    def link_scopes(self) -> tuple[str, ...]:
        """``offline_access`` brings a refresh token to a session whose login brought none."""
        return ("openid", "link_account", "offline_access")

    @property
    def unlink_scopes(self) -> tuple[str, ...]:
        """What asks the tenant to unlink."""
        return ("openid", "unlink_account")

    def link_params(self, options: LinkOptions) -> dict[str, str]:
        """Name the connection, and what to ask of it when anything is."""
        params = {"requested_connection": options.connection}
        if options.requested_connection_scope is not None:
            params["requested_connection_scope"] = options.requested_connection_scope
        return params

    def unlink_params(self, options: UnlinkOptions) -> dict[str, str]:
        """Name the connection."""
        return {"requested_connection": options.connection}

    def connection_token_params(self, options: ConnectionTokenOptions) -> dict[str, str]:
        """Ask Auth0's Token Vault, by its form of a token exchange (RFC 8693, 2.1)."""
        params = {
            "grant_type": _EXCHANGE,
            "subject_token_type": "urn:ietf:params:oauth:token-type:refresh_token",
            "requested_token_type": _CONNECTION_TOKEN,
            "connection": options.connection,
        }
        if options.login_hint is not None:
            params["login_hint"] = options.login_hint
        return params

    def refuses_connection(self, error: str) -> bool:
        """Tell it by the codes of the specification, and those that the Token Vault adds."""
        known = ("invalid_grant", "access_denied", "user_not_found")
        return error in known or error.startswith("federated_connection_")

    def logout_url(
        self,
        issuer: str,
        metadata: ProviderMetadata | None,
        client_id: str,
        id_token_hint: str | None,
        return_to: str | None,
        state: str | None = None,
    ) -> str | None:
        """Return the RP-initiated logout URL; tenants without that endpoint have ``/v2/logout``."""
        url = end_session_url(metadata, client_id, id_token_hint, return_to, state)
        if url is not None:
            return url
        parameters = [("client_id", client_id)]
        if return_to is not None:
            parameters.append(("returnTo", return_to))
        return add_query(f"{issuer.rstrip('/')}/v2/logout", parameters)
