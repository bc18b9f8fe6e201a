"""The example applications, served to be attacked: the demo of each framework, and a second provider beside its own."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import userlink_flask
import userlink_starlette
from support.serving import listen, serving
from support.wsgi_serving import waitress_serving
from userlink import BlockingMemoryStateStore, MemoryStateStore, ServerClient, SyncServerClient
from userlink.testing.hostile import Application, Credentials
from userlink_devtenant import TenantConfig

__all__ = ["LINK_POLICY", "flask_target", "starlette_target"]

DEMO = Path(__file__).parents[2] / "examples" / "demo"
RIVAL = "/rival"
# Slow answers are given up sooner than users would like, and the userinfo endpoint is attacked too.
OPTIONS = {"timeout_seconds": 1.5, "userinfo": True}
# How fresh an authentication must be to link. The provider's logins say nothing of their class: each link begins anew.
LINK_POLICY: dict[str, Any] = {
    "link_max_age_seconds": 300,
    "link_acr_values": ["urn:example:gold"],
}


@contextmanager
def starlette_target(
    credentials: Credentials, *, with_store: bool = False, **options: object
) -> Iterator[Application]:
    """Serve the demo on Starlette with uvicorn; sessions are in sealed cookies, or in a store."""
    demo = demo_module("on_starlette")
    listener, origin = listen()
    store = MemoryStateStore() if with_store else None
    app = demo.build_application(site(credentials, origin, state_store=store, **options))
    rival = ServerClient(**rival_arguments(credentials, origin))
    routes = userlink_starlette.userlink_routes(
        rival, userlink_starlette.RouteOptions(prefix=RIVAL)
    )
    app.router.routes.extend(routes)
    app.router.lifespan_context = userlink_starlette.closing_client(
        rival, app.router.lifespan_context
    )
    with serving(app, listener):
        yield described(origin, with_store=with_store)


@contextmanager
def flask_target(
    credentials: Credentials, *, with_store: bool = False, **options: object
) -> Iterator[Application]:
    """Serve the demo on Flask with waitress; sessions are in sealed cookies, or in a store."""
    demo = demo_module("on_flask")
    listener, origin = listen()
    store = BlockingMemoryStateStore() if with_store else None
    app = demo.build_application(site(credentials, origin, state_store=store, **options))
    with (
        app.extensions["userlink"].client,  # WSGI has no end of an application, a test has
        SyncServerClient(**rival_arguments(credentials, origin)) as rival,
        waitress_serving(app, listener),
    ):
        routes = userlink_flask.RouteOptions(prefix=RIVAL)
        app.register_blueprint(userlink_flask.userlink_blueprint(rival, routes, "rival"))
        yield described(origin, with_store=with_store)


def site(credentials: Credentials, origin: str, **options: object) -> Any:
    """Return the demo's site at the hostile provider, in the place of the development tenant."""
    return demo_module("pages").Site(
        domain=credentials.issuer,
        client_id=credentials.client_id,
        client_secret=credentials.client_secret,
        app_url=origin,
        tenant=TenantConfig.default(),
        github_api_url=f"{credentials.issuer}/github/user",
        client_options={**OPTIONS, **options},
    )


def rival_arguments(credentials: Credentials, origin: str) -> dict[str, Any]:
    """Return what the client of the second provider is built with."""
    return {
        "domain": credentials.rival_issuer,
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "secret": "a secret of the tests, of 32 bytes or more",
        "authorization_params": {"redirect_uri": f"{origin}{RIVAL}/callback"},
        "cookie_prefix": "rival",
        **OPTIONS,
    }


def described(origin: str, *, with_store: bool) -> Application:
    """Return the routes of either application; the demo's pages tell errors by their code."""
    return Application(
        origin,
        error_parameter="error",
        rival_login=f"{RIVAL}/login",
        backchannel_logout="/auth/backchannel-logout" if with_store else None,
    )


def demo_module(name: str) -> ModuleType:
    """Import a module of the demo, whose folder is on the path when it runs."""
    if str(DEMO) not in sys.path:
        sys.path.append(str(DEMO))
    return import_module(name)
