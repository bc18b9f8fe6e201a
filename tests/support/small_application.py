"""
A small web application, once on Starlette and once on FastAPI: a front page, and a profile with a
button for each thing that a user can do there. Everything else is done by the ready-made routes.
"""

from collections.abc import Mapping
from html import escape
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from userlink import ServerClient
from userlink_starlette import RouteOptions, add_userlink, require_user, user_required

__all__ = ["PROFILE", "fastapi_application", "starlette_application"]

PROFILE = "/profile"
CONNECTIONS = ("github", "google-oauth2")


def starlette_application(client: ServerClient, origin: str) -> Starlette:
    """Build the application on Starlette."""
    app = Starlette(routes=[Route("/", front_page), Route(PROFILE, starlette_profile)])
    add_userlink(app, client, options_for(origin))
    return app


def fastapi_application(client: ServerClient, origin: str) -> FastAPI:
    """Build the application on FastAPI."""
    app = FastAPI()
    app.add_api_route("/", front_page, response_class=HTMLResponse)
    app.add_api_route(PROFILE, fastapi_profile, response_class=HTMLResponse)
    add_userlink(app, client, options_for(origin))
    return app


def options_for(origin: str) -> RouteOptions:
    """Say where users go after each flow."""
    return RouteOptions(
        connections={"github": "read:user", "google-oauth2": None},
        post_logout_redirect_uri=f"{origin}/",
    )


async def front_page(request: Request) -> Response:
    """Greet everybody."""
    return HTMLResponse("<h1>Welcome</h1>")


@user_required
async def starlette_profile(request: Request, user: Mapping[str, Any]) -> Response:
    """Show who is signed in, by decorator."""
    return profile(request, user)


async def fastapi_profile(
    request: Request, user: Annotated[Mapping[str, Any], Depends(require_user)]
) -> Response:
    """Show who is signed in, by dependency."""
    return profile(request, user)


def profile(request: Request, user: Mapping[str, Any]) -> HTMLResponse:
    """Show the user and a form for each thing to do; a form is named for what it does."""
    linked = {identity["connection"] for identity in user["identities"]}
    forms = [
        form("unlink" if connection in linked else "link", connection) for connection in CONNECTIONS
    ]
    failure = escape(request.query_params.get("userlink_error", "nothing"))
    return HTMLResponse(
        f"<h1>{escape(user['sub'])}</h1><p>went wrong: {failure}</p>{''.join(forms)}"
        '<form name="logout" method="post" action="/auth/logout"><button>Sign out</button></form>'
    )


def form(verb: str, connection: str) -> str:
    """Write the form of one connection."""
    return (
        f'<form name="{verb} {connection}" method="post" action="/auth/{verb}/{connection}">'
        f'<input type="hidden" name="return_to" value="{PROFILE}?tab=identities">'
        f"<button>{verb}</button></form>"
    )
