"""The demo application on Starlette: two pages of its own, and userlink's ready-made routes for everything else."""

import github
import httpx
from pages import HEADERS, HERE, Pages, Site, after_failure, after_success
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from userlink import CallbackResult, ServerClient, UserlinkError
from userlink_starlette import RouteOptions, add_userlink, current_user


def build_application(site: Site) -> Starlette:
    """Build the application."""
    client = ServerClient(**site.client_arguments())
    pages = Pages(site)

    async def home(request: Request) -> Response:
        if await current_user(request) is not None:
            return RedirectResponse("/profile", status_code=303)
        return HTMLResponse(pages.home(request.query_params), headers=HEADERS)

    async def profile(request: Request) -> Response:
        user = await current_user(request)
        if user is None:
            return RedirectResponse("/?error=session_required", status_code=303)
        says = await github_says(request) if github.is_linked(user) else None
        return HTMLResponse(pages.profile(user, request.query_params, says), headers=HEADERS)

    async def github_says(request: Request) -> str:
        try:
            token = await client.get_access_token_for_connection(
                {"connection": "github"}, {"request": request}
            )
            async with httpx.AsyncClient() as http:
                answer = await http.send(github.request_for(site.github_api_url, token))
            return github.sentence_of(answer)
        except github.FAILURES as error:
            return github.apology_for(error)

    app = Starlette(
        routes=[
            Route("/", home),
            Route("/profile", profile),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ]
    )
    options = RouteOptions(
        **site.route_options(), on_success=say_what_was_done, on_error=say_what_went_wrong
    )
    add_userlink(app, client, options)
    return app


def say_what_was_done(request: Request, result: CallbackResult) -> Response:
    """Send the user to the profile, with the code of a message."""
    return RedirectResponse(after_success(result), status_code=303)


async def say_what_went_wrong(request: Request, error: UserlinkError) -> Response:
    """Send the user to a page that tells them, by the code of the error."""
    is_signed_in = await current_user(request) is not None
    return RedirectResponse(after_failure(error, is_signed_in=is_signed_in), status_code=303)
