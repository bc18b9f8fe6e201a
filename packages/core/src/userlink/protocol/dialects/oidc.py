"""The plain OpenID Provider: everything the specifications have, which is no linking."""

from typing import NoReturn

from userlink.errors import ConnectionTokensNotSupported, LinkingNotSupported

from ..client_auth import AuthMethod
from ..metadata import ProviderMetadata
from ..options import ConnectionTokenOptions, LinkOptions, UnlinkOptions
from ..urls import add_query

__all__ = ["OidcDialect", "end_session_url"]


class OidcDialect:
    """The dialect of a provider that follows OpenID Connect and no more."""

    @property
    def preferred_auth_method(self) -> AuthMethod:
        """The default of OIDC Core, 9."""
        return "client_secret_basic"

    @property
    def link_scopes(self) -> tuple[str, ...]:
        """There are none: the specifications know no linking."""
        self._refuse()

    @property
    def unlink_scopes(self) -> tuple[str, ...]:
        """There are none: the specifications know no unlinking."""
        self._refuse()

    def link_params(self, options: LinkOptions) -> dict[str, str]:
        """Refuse: the specifications know no linking."""
        self._refuse()

    def unlink_params(self, options: UnlinkOptions) -> dict[str, str]:
        """Refuse: the specifications know no unlinking."""
        self._refuse()

    def connection_token_params(self, options: ConnectionTokenOptions) -> dict[str, str]:
        """Refuse: the specifications know no tokens of linked accounts."""
        raise ConnectionTokensNotSupported(
            "A plain OpenID Provider has no way to hand out tokens of linked accounts."
        )

    def refuses_connection(self, error: str) -> bool:
        """Tell it by the code of RFC 6749, 5.2."""
        return error == "invalid_grant"

    def logout_url(
        self,
        issuer: str,
        metadata: ProviderMetadata | None,
        client_id: str,
        id_token_hint: str | None,
        return_to: str | None,
        state: str | None = None,
    ) -> str | None:
        """Return the RP-initiated logout URL, or None where the provider offers none."""
        return end_session_url(metadata, client_id, id_token_hint, return_to, state)

    def _refuse(self) -> NoReturn:
        raise LinkingNotSupported("A plain OpenID Provider has no way to link accounts.")


def end_session_url(
    metadata: ProviderMetadata | None,
    client_id: str,
    id_token_hint: str | None,
    return_to: str | None,
    state: str | None = None,
) -> str | None:
    """Build the logout request of OIDC RP-Initiated Logout 1.0, 2; None where the provider offers none."""
    if metadata is None or metadata.end_session_endpoint is None:
        return None
    parameters = {
        "id_token_hint": id_token_hint,
        "client_id": client_id,
        "post_logout_redirect_uri": return_to,
        "state": state,
    }
    return add_query(
        metadata.end_session_endpoint,
        [(name, value) for name, value in parameters.items() if value is not None],
    )
