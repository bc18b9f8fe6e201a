"""The demo application on Flask: two pages of its own, and userlink's ready-made routes for everything else."""

import github
import httpx
from flask import Flask, Request, redirect, request
from flask.typing import ResponseReturnValue
from pages import HEADERS, HERE, Pages, Site, after_failure, after_success

from userlink import CallbackResult, SyncServerClient, UserlinkError
from userlink_flask import RouteOptions, Userlink, current_user


def build_application(site: Site) -> Flask:
    """Build the application."""
    client = SyncServerClient(**site.client_arguments())
    pages = Pages(site)
    app = Flask("demo", static_folder=HERE / "static")
    options = RouteOptions(
        **site.route_options(), on_success=say_what_was_done, on_error=say_what_went_wrong
    )
    Userlink(app, client, options)

    @app.get("/")
    def home() -> ResponseReturnValue:
        if current_user:
            return redirect("/profile", 303)
        return pages.home(request.args), HEADERS

    @app.get("/profile")
    def profile() -> ResponseReturnValue:
        if not current_user:
            return redirect("/?error=session_required", 303)
        says = github_says() if github.is_linked(current_user) else None
        return pages.profile(current_user, request.args, says), HEADERS

    def github_says() -> str:
        try:
            token = client.get_access_token_for_connection(
                {"connection": "github"}, {"request": request}
            )
            with httpx.Client() as http:
                answer = http.send(github.request_for(site.github_api_url, token))
            return github.sentence_of(answer)
        except github.FAILURES as error:
            return github.apology_for(error)

    return app


def say_what_was_done(request: Request, result: CallbackResult) -> ResponseReturnValue:
    """Send the user to the profile, with the code of a message."""
    return redirect(after_success(result), 303)


def say_what_went_wrong(request: Request, error: UserlinkError) -> ResponseReturnValue:
    """Send the user to a page that tells them, by the code of the error."""
    return redirect(after_failure(error, is_signed_in=bool(current_user)), 303)
