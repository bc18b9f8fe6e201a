"""Setting up an application in one call."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from starlette.applications import Starlette

from userlink import ServerClient

from ._middleware import UserlinkMiddleware
from ._options import RouteOptions
from ._routes import userlink_routes

__all__ = ["add_userlink", "closing_client"]

Lifespan = Callable[[Any], AbstractAsyncContextManager[Any]]


def add_userlink(app: Starlette, client: ServerClient, options: RouteOptions | None = None) -> None:
    """
    Give an application the routes, the middleware and the helpers, and close the client when it shuts down.

    Call it once, while the application is being put together. Routes added before it are asked first. An
    application that is mounted below another does not learn of the shutdown: use ``closing_client()`` as the
    lifespan of the outer one.

    Args:
        app: a Starlette or FastAPI application.
        client: whose flows the routes run.
        options: paths, limits and hooks of the routes.

    Raises:
        ConfigurationError: when the client has no ``redirect_uri``.
    """
    options = RouteOptions() if options is None else options
    app.router.routes.extend(userlink_routes(client, options))
    app.add_middleware(UserlinkMiddleware, client=client, options=options)
    app.router.lifespan_context = closing_client(client, app.router.lifespan_context)


def closing_client(client: ServerClient, inner: Lifespan | None = None) -> Lifespan:
    """
    Return a lifespan for an application that closes the client at the end.

    Args:
        client: the one to close.
        inner: a lifespan that ends before the client is closed.
    """

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncGenerator[Any]:
        async with client:
            if inner is None:
                yield None
            else:
                async with inner(app) as state:
                    yield state

    return lifespan
