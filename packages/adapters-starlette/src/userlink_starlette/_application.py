"""Where the helpers find what an application was set up with: in the scope of the request."""

from collections.abc import MutableMapping
from typing import Any

from attrs import frozen

from userlink import ConfigurationError, ServerClient

from ._options import RouteOptions

__all__ = ["Application", "application_of", "enter", "leave"]

_KEY = "userlink_starlette.application"


@frozen
class Application:
    """
    What an application was set up with.

    Attributes:
        client: the one that serves it.
        options: of its routes.
        root_path: where the application is, as the browser sees it.
    """

    client: ServerClient
    options: RouteOptions
    root_path: str

    @property
    def login_url(self) -> str | None:
        """The path of the login route as the browser sees it; None when there is none."""
        path = self.options.path("login")
        return None if path is None else f"{self.root_path}{path}"


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
