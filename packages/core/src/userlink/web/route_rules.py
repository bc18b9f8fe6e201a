"""What the ready-made routes decide: an adapter only asks, calls the client, and answers."""

from collections.abc import Mapping, Sequence
from typing import Any, Self
from urllib.parse import urlsplit

from attrs import frozen

from userlink.errors import ConfigurationError, UserlinkError
from userlink.protocol.options import LinkOptions, LoginOptions, LogoutOptions, UnlinkOptions
from userlink.protocol.post_logout import check_post_logout_target
from userlink.protocol.request_origin import application_origins, check_request_origin
from userlink.protocol.results import CallbackResult, ReauthenticationResult
from userlink.protocol.return_to import safe_return_to
from userlink.protocol.settings import ClientSettings

from .error_codes import with_error_code
from .route_options import BaseRouteOptions

__all__ = ["LONGEST_RETURN_TO", "RouteRules", "log_level"]

# Characters that whoever writes a link may put into a transaction; the cookies of all of them share one header.
LONGEST_RETURN_TO = 512
_LOG_LEVELS = {
    "application": "ERROR",
    "browser": "INFO",
    "provider": "WARNING",
    "store": "WARNING",
}


@frozen
class RouteRules:
    """
    The judgements of one client's routes.

    Attributes:
        options: paths, limits and hooks.
        redirect_uri: of the client; its origin is the application's own.
        may_post: origins whose pages may start what changes something.
        may_return: origins to which ``return_to`` may lead.
    """

    options: BaseRouteOptions[Any, Any]
    redirect_uri: str
    may_post: frozenset[str]
    may_return: frozenset[str]

    @classmethod
    def of(cls, settings: ClientSettings, options: BaseRouteOptions[Any, Any]) -> Self:
        """
        Return the rules for a client.

        Args:
            settings: of the client.
            options: of its routes.

        Raises:
            ConfigurationError: when the client has no ``redirect_uri``, or may not lead users to
                ``post_logout_redirect_uri``.
        """
        redirect_uri = settings.authorization_params.get("redirect_uri")
        if not isinstance(redirect_uri, str):
            raise ConfigurationError(
                "The client has no redirect_uri, to which the provider could send users back.",
                hint='Build it with authorization_params={"redirect_uri": "https://…/auth/callback"}.',
            )
        check_post_logout_target(settings, options.post_logout_redirect_uri)
        return cls(
            options,
            redirect_uri,
            application_origins(redirect_uri, options.trusted_origins),
            application_origins(redirect_uri, options.allowed_return_to_origins),
        )

    def warning(self) -> str | None:
        """Return what to warn of where users would come back to an address that nobody may serve."""
        callback = self.options.path("callback")
        path = urlsplit(self.redirect_uri).path
        if callback is None or path.endswith(callback):
            return None
        return (
            f"redirect_uri leads to {path}, and the callback is served at {callback}: only a proxy that rewrites paths"
            " can bring users there."
        )

    def check_origin(self, origin: Sequence[str], sec_fetch_site: Sequence[str]) -> None:
        """
        Check that a request which changes something comes from a page of the application.

        Args:
            origin: every value of the ``Origin`` header.
            sec_fetch_site: every value of the ``Sec-Fetch-Site`` header.

        Raises:
            RequestOriginRefused: when it does not.
        """
        check_request_origin(
            origin=origin, sec_fetch_site=sec_fetch_site, allowed_origins=self.may_post
        )

    def return_to(self, given: Mapping[str, Any] | None) -> str:
        """Return where to send the user: what the parameters, or the stored app_state, ask for, or the default."""
        return safe_return_to(
            None if given is None else given.get("return_to"),
            allowed_origins=self.may_return,
            default=self.options.default_return_to,
        )

    def next_url(self, result: CallbackResult) -> str | None:
        """Return where a completed flow goes on before it has reached what was asked for; None when it has."""
        return result.redirect_to if isinstance(result, ReauthenticationResult) else None

    def failure_url(self, error: UserlinkError) -> str:
        """Return where to send the user after a failure, with its code."""
        target = self.options.error_path or self.return_to(error.app_state)
        return with_error_code(target, error.code)

    def login(self, given: Mapping[str, str]) -> LoginOptions:
        """Return the options of a login that was asked for with these parameters."""
        return LoginOptions(
            app_state=self._app_state(given), authorization_params=self._forwarded(given)
        )

    def link(self, connection: str, given: Mapping[str, str]) -> LinkOptions:
        """Return the options of a link that was asked for with these parameters."""
        return LinkOptions(
            connection=connection,
            connection_scope=self.options.connection_scope(connection),
            app_state=self._app_state(given),
            authorization_params=self._forwarded(given),
        )

    def unlink(self, connection: str, given: Mapping[str, str]) -> UnlinkOptions:
        """Return the options of an unlink that was asked for with these parameters."""
        return UnlinkOptions(
            connection=connection,
            app_state=self._app_state(given),
            authorization_params=self._forwarded(given),
        )

    def logout(self, given: Mapping[str, str]) -> LogoutOptions:
        """Return the options of a logout that was asked for with these parameters."""
        target = self.options.post_logout_redirect_uri
        return LogoutOptions(
            return_to=target, app_state=None if target is None else self._app_state(given)
        )

    def is_return_from_logout(self, given: Mapping[str, str]) -> bool:
        """Tell whether a visit to ``logged_out`` has a state to check; some providers' logouts know none."""
        return "state" in given

    def _app_state(self, given: Mapping[str, str]) -> dict[str, str]:
        is_short = len(given.get("return_to", "")) <= LONGEST_RETURN_TO
        return {"return_to": self.return_to(given if is_short else None)}

    def _forwarded(self, given: Mapping[str, str]) -> dict[str, str]:
        names = self.options.forwarded_parameters
        return {name: given[name] for name in names if name in given}


def log_level(error: UserlinkError) -> str:
    """Return how loudly to log a failure of a route, as ``logging`` names it."""
    return _LOG_LEVELS[error.fault]
