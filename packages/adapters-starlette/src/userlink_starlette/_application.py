"""Where the helpers find what an application was set up with: in the scope of the request."""

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import quote, unquote

from attrs import frozen

from userlink import ConfigurationError, ServerClient
from userlink.protocol.request_origin import application_origins
from userlink.protocol.return_to import safe_return_to

from ._options import RouteOptions

__all__ = ["Application", "application_of", "enter", "leave"]

_KEY = "userlink_starlette.application"
# What stands unencoded in a path (RFC 3986, 3.3).
_KEPT_IN_PATH = "/:@!$&'()*+,;=-._~"


@frozen
class Application:
    """
    What an application was set up with.

    Attributes:
        client: the one that serves it.
        options: of its routes.
        root_path: where the application is, as the browser sees it, but decoded (ASGI, HTTP connection scope).
    """

    client: ServerClient
    options: RouteOptions
    root_path: str

    @property
    def login_url(self) -> str | None:
        """
        The path of the login route as the browser sees it; None when there is none.

        Nor is there one where the path would lead elsewhere: below a mount whose path has a parameter, the visitor
        chooses a part of it.
        """
        path = self.options.path("login")
        if path is None:
            return None
        return safe_return_to(quote(f"{self.root_path}{path}", _KEPT_IN_PATH), default="") or None

    @property
    def trusted_origins(self) -> frozenset[str]:
        """The application's own origin, and those whose pages may act for its users."""
        redirect_uri = self.client.settings.authorization_params.get("redirect_uri")
        return application_origins(
            redirect_uri if isinstance(redirect_uri, str) else None, self.options.trusted_origins
        )

    def below_root(self, path: str) -> str:
        """Put the root path before an encoded path, unless it stands there already."""
        root = self.root_path
        if not root or unquote(path).startswith(f"{root}/"):
            return path
        return f"{quote(root, _KEPT_IN_PATH)}{path}"


def enter(scope: MutableMapping[str, Any], client: ServerClient, options: RouteOptions) -> object:
    """Make a client known to the helpers, and return what was known before."""
    before: object = scope.get(_KEY)
    scope[_KEY] = Application(client, options, str(scope.get("root_path", "")).rstrip("/"))
    return before


def leave(scope: MutableMapping[str, Any], before: object) -> None:
    """Make known again what was known before."""
    scope[_KEY] = before


def application_of(scope: MutableMapping[str, Any]) -> Application:
    """
    Return what the application that serves a request was set up with.

    Raises:
        ConfigurationError: when there is nothing.
    """
    application: object = scope.get(_KEY)
    if not isinstance(application, Application):
        raise ConfigurationError(
            "This application was not set up with a client of userlink.",
            hint="Call add_userlink(app, client), or add UserlinkMiddleware with a client.",
        )
    return application
