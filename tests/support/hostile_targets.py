"""Small applications on Starlette and on Flask, to be attacked over HTTP: the ready-made routes, for two providers."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from flask import Flask
from starlette.applications import Starlette

import userlink_flask
import userlink_starlette
from support.serving import listen, serving
from support.wsgi_serving import waitress_serving
from userlink import BlockingMemoryStateStore, MemoryStateStore, ServerClient, SyncServerClient
from userlink.testing.hostile import Application, Credentials

__all__ = ["flask_target", "starlette_target"]

SECRET = "a secret of the tests, of 32 bytes or more"
RIVAL = "/rival"


def arguments(credentials: Credentials, issuer: str, callback: str) -> dict[str, Any]:
    """Return what a client of these providers is built with."""
    return {
        "domain": issuer,
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "secret": SECRET,
        "authorization_params": {"redirect_uri": callback},
        "timeout_seconds": 1.5,
        "userinfo": True,
    }


def described(origin: str, *, with_store: bool) -> Application:
    """Return the routes of either application."""
    return Application(
        origin,
        error_parameter="userlink_error",
        rival_login=f"{RIVAL}/login",
        backchannel_logout="/auth/backchannel-logout" if with_store else None,
    )


@contextmanager
def starlette_target(
    credentials: Credentials, *, with_store: bool = False
) -> Iterator[Application]:
    """Serve the application on Starlette with uvicorn; sessions are in sealed cookies, or in a store."""
    listener, origin = listen()
    store = MemoryStateStore() if with_store else None
    app = Starlette()
    usual = arguments(credentials, credentials.issuer, f"{origin}/auth/callback")
    rivals = arguments(credentials, credentials.rival_issuer, f"{origin}{RIVAL}/callback")
    rival = ServerClient(**rivals, cookie_prefix="rival")
    userlink_starlette.add_userlink(app, ServerClient(**usual, state_store=store))
    options = userlink_starlette.RouteOptions(prefix=RIVAL)
    app.router.routes.extend(userlink_starlette.userlink_routes(rival, options))
    app.router.lifespan_context = userlink_starlette.closing_client(
        rival, app.router.lifespan_context
    )
    with serving(app, listener):
        yield described(origin, with_store=with_store)


@contextmanager
def flask_target(credentials: Credentials, *, with_store: bool = False) -> Iterator[Application]:
    """Serve the application on Flask with waitress; sessions are in sealed cookies, or in a store."""
    app = Flask("target")
    store = BlockingMemoryStateStore() if with_store else None
    with ExitStack() as stack:
        origin = stack.enter_context(waitress_serving(app))
        usual = arguments(credentials, credentials.issuer, f"{origin}/auth/callback")
        rivals = arguments(credentials, credentials.rival_issuer, f"{origin}{RIVAL}/callback")
        client = stack.enter_context(SyncServerClient(**usual, state_store=store))
        rival = stack.enter_context(SyncServerClient(**rivals, cookie_prefix="rival"))
        userlink_flask.Userlink(app, client)
        options = userlink_flask.RouteOptions(prefix=RIVAL)
        app.register_blueprint(userlink_flask.userlink_blueprint(rival, options, "rival"))
        yield described(origin, with_store=with_store)
