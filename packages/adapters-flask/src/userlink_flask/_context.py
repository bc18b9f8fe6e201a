"""Which request is at hand, and what its application was set up with."""

from collections.abc import Callable
from typing import cast

from attrs import frozen
from flask import Flask, Request, request
from werkzeug.local import LocalProxy

from userlink import ConfigurationError, SyncServerClient

from ._options import RouteOptions

__all__ = ["Application", "application_of", "as_request", "current_request", "set_up"]

_KEY = "userlink"
_UNWRAP = "_get_current_object"  # public and documented, in spite of its name


@frozen
class Application:
    """
    What an application was set up with.

    Attributes:
        client: the one that serves it.
        options: of its routes.
    """

    client: SyncServerClient
    options: RouteOptions


def set_up(app: Flask, application: Application) -> None:
    """
    Make known to the helpers what an application was set up with.

    Raises:
        ConfigurationError: when it was set up before.
    """
    if _KEY in app.extensions:
        raise ConfigurationError(
            "This application was set up with a client of userlink before.",
            hint="For the routes of a second client, register userlink_blueprint(client, options, name=…).",
        )
    app.extensions[_KEY] = application


def application_of(app: Flask) -> Application:
    """
    Return what an application was set up with.

    Raises:
        ConfigurationError: when there is nothing.
    """
    application: object = app.extensions.get(_KEY)
    if not isinstance(application, Application):
        raise ConfigurationError(
            "This application was not set up with a client of userlink.",
            hint="Call Userlink(app, client), or init_app(app, client).",
        )
    return application


def as_request(value: object) -> Request | None:
    """Return a request itself where it, or the proxy of the one at hand, is given; None for anything else."""
    if isinstance(value, LocalProxy):
        value = cast(Callable[[], object], getattr(cast(object, value), _UNWRAP))()
    return value if isinstance(value, Request) else None


def current_request() -> Request:
    """
    Return the request at hand itself.

    Raises:
        RuntimeError: outside of requests.
    """
    found = as_request(request)
    if found is None:
        raise RuntimeError("The request at hand is not one of Flask's.")
    return found
