"""The points where providers differ, each provider a file."""

from typing import Protocol

from userlink.errors import ConfigurationError

from ..client_auth import AuthMethod
from ..metadata import ProviderMetadata
from ..options import ConnectionTokenOptions, LinkOptions, UnlinkOptions

__all__ = ["Dialect", "dialect_named"]


class Dialect(Protocol):
    """
    How one kind of provider is spoken to where the specifications leave it open.

    Attributes:
        preferred_auth_method: how the client authenticates when the provider supports it and nothing is configured.
    """

    @property
    def preferred_auth_method(self) -> AuthMethod:
        """How the client authenticates when the provider supports it and nothing is configured."""
        ...

    @property
    def link_scopes(self) -> tuple[str, ...]:
        """The scopes that a link cannot do without. Raises ``LinkingNotSupported``."""
        ...

    @property
    def unlink_scopes(self) -> tuple[str, ...]:
        """The scopes that an unlink cannot do without. Raises ``LinkingNotSupported``."""
        ...

    def link_params(self, options: LinkOptions) -> dict[str, str]:
        """Return what a link adds to the authorization request, ``id_token_hint`` aside."""
        ...

    def unlink_params(self, options: UnlinkOptions) -> dict[str, str]:
        """Return what an unlink adds to the authorization request, ``id_token_hint`` aside."""
        ...

    def connection_token_params(self, options: ConnectionTokenOptions) -> dict[str, str]:
        """
        Return what exchanges a refresh token for a linked account's token, ``subject_token`` aside.

        Raises ``ConnectionTokensNotSupported``.
        """
        ...

    def refuses_connection(self, error: str) -> bool:
        """Tell whether an error code of that exchange is about the user or the connection, and not the client."""
        ...

    def logout_url(
        self,
        issuer: str,
        metadata: ProviderMetadata | None,
        client_id: str,
        id_token_hint: str | None,
        return_to: str | None,
        state: str | None = None,
    ) -> str | None:
        """
        Return where to send the browser so that the provider ends its own session too, or None.

        ``state`` is given only where there is a ``return_to`` and an ``end_session_endpoint``.
        """
        ...


def dialect_named(dialect: str | Dialect) -> Dialect:
    """
    Return the dialect of this name, or the dialect itself.

    Raises:
        ConfigurationError: when no dialect has this name, or what is given is neither.
    """
    if not isinstance(dialect, str):
        if isinstance(dialect, type) or not callable(getattr(dialect, "link_params", None)):
            raise ConfigurationError(
                "The argument dialect is neither a dialect's name nor a Dialect.",
                hint="Choose 'auth0' or 'oidc', or pass an instance of your own class.",
            )
        return dialect
    if dialect == "auth0":
        from .auth0 import Auth0Dialect

        return Auth0Dialect()
    if dialect == "oidc":
        from .oidc import OidcDialect

        return OidcDialect()
    raise ConfigurationError(
        f"There is no dialect {dialect!r}.", hint="Choose 'auth0' or 'oidc', or pass a Dialect."
    )
