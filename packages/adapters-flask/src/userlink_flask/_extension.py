"""Setting up an application in one call, when it is made or later."""

from flask import Flask

from userlink import ConfigurationError, SyncServerClient

from ._context import Application, set_up
from ._options import RouteOptions
from ._routes import userlink_blueprint

__all__ = ["Userlink"]


class Userlink:
    """
    The extension: routes, cookies and helpers for one application or several.

    ``Userlink(app, client)`` sets an application up at once; ``Userlink()`` waits for ``init_app()``, as application
    factories want it. Nothing of an application is kept here, and no client is closed: one that serves an application
    lives as long as its process, and one that does not, such as a test's, is closed by who made it.

    Args:
        app: an application to set up.
        client: whose flows the routes run, and whom the helpers ask.
        options: paths, limits and hooks of the routes.

    Raises:
        ConfigurationError: likewise as by ``init_app()``.
    """

    def __init__(
        self,
        app: Flask | None = None,
        client: SyncServerClient | None = None,
        options: RouteOptions | None = None,
    ) -> None:
        self._client = client
        self._options = options
        if app is not None:
            self.init_app(app)

    def init_app(
        self,
        app: Flask,
        client: SyncServerClient | None = None,
        options: RouteOptions | None = None,
    ) -> None:
        """
        Give an application the routes, the cookies and the helpers.

        Call it once for each application, before any ``after_request()`` function that itself asks userlink: Flask
        calls those in reverse order.

        Args:
            app: the application.
            client: in the place of the one that the extension was made with.
            options: likewise.

        Raises:
            ConfigurationError: when there is no client, when it has no ``redirect_uri``, or when the application was
                set up before.
        """
        client = self._client if client is None else client
        options = self._options if options is None else options
        if client is None:
            raise ConfigurationError(
                "There is no client to set the application up with.",
                hint="Call init_app(app, client), or make the extension with a client.",
            )
        application = Application(client, RouteOptions() if options is None else options)
        blueprint = userlink_blueprint(client, application.options)
        set_up(app, application)
        app.register_blueprint(blueprint)
