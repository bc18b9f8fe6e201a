"""The demo application: two pages of its own, and userlink's ready-made routes for everything else."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from userlink import CallbackResult, LinkResult, ServerClient, UnlinkResult, UserlinkError
from userlink_devtenant import TenantConfig
from userlink_starlette import RouteOptions, add_userlink, current_user

HERE = Path(__file__).parent
PRIMARY = "Username-Password-Authentication"
# What happened is told by fixed codes: nothing that a provider or a URL says is shown.
MESSAGES = {
    "signed_in": ("good", "You are signed in."),
    "linked": ("good", "{connection} is linked to your account."),
    "unlinked": ("good", "{connection} is no longer linked to your account."),
    "signed_out": ("good", "You are signed out, here and at the provider."),
    "authorization_denied": (
        "alarm",
        "The provider said no, or you cancelled. Nothing was changed.",
    ),
    "transaction_expired": (
        "alarm",
        "That took too long. Please start again; nothing was changed.",
    ),
    "transaction_not_found": ("alarm", "This browser did not start that. Please start again."),
    "session_required": ("alarm", "Please sign in first."),
    "session_changed": ("alarm", "You signed in as somebody else meanwhile. Nothing was changed."),
    "linked_user_mismatch": (
        "alarm",
        "The provider answered for somebody else. Nothing was changed.",
    ),
}
FALLBACK = ("alarm", "Something went wrong, and nothing was changed. Please try again.")


def build_application(
    domain: str, client_id: str, client_secret: str, app_url: str, tenant: TenantConfig
) -> Starlette:
    """
    Build the application.

    Args:
        domain: the provider's issuer.
        client_id: of this application at the provider.
        client_secret: likewise.
        app_url: where browsers find this application.
        tenant: what the provider knows, so that the pages can name its users and connections.
    """
    client = ServerClient(
        domain=domain,
        client_id=client_id,
        client_secret=client_secret,
        secret="not a secret at all, since this demo runs on loopback only",
        authorization_params={"redirect_uri": f"{app_url}/auth/callback"},
    )
    pages = Pages(domain, tenant)
    app = Starlette(
        routes=[
            Route("/", pages.home),
            Route("/profile", pages.profile),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ]
    )
    options = RouteOptions(
        connections={"github": "read:user", "google-oauth2": None, "email": None},
        default_return_to="/profile",
        post_logout_redirect_uri=f"{app_url}/?done=signed_out",
        on_success=say_what_was_done,
        on_error=say_what_went_wrong,
    )
    add_userlink(app, client, options)
    return app


def say_what_was_done(request: Request, result: CallbackResult) -> Response:
    """Send the user to the profile, with the code of a message."""
    if isinstance(result, LinkResult | UnlinkResult):
        done = "linked" if isinstance(result, LinkResult) else "unlinked"
        query = urlencode({"done": done, "connection": result.connection})
    else:
        query = urlencode({"done": "signed_in"})
    return RedirectResponse(f"/profile?{query}", status_code=303)


async def say_what_went_wrong(request: Request, error: UserlinkError) -> Response:
    """Send the user to the profile, or to the start where nobody is signed in, with the code of the error."""
    page = "/" if await current_user(request) is None else "/profile"
    return RedirectResponse(f"{page}?{urlencode({'error': error.code})}", status_code=303)


class Pages:
    """
    The application's own pages.

    Args:
        domain: the provider's issuer, for a link.
        tenant: what the provider knows.
    """

    def __init__(self, domain: str, tenant: TenantConfig) -> None:
        self._tenant = tenant
        self._titles = {
            PRIMARY: "User name and password",
            **{connection.name: connection.title for connection in tenant.connections},
        }
        environment = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)
        environment.globals["tenant"] = domain
        self._environment = environment

    async def home(self, request: Request) -> Response:
        """Offer to sign in."""
        if await current_user(request) is not None:
            return RedirectResponse("/profile", status_code=303)
        people = [user.username for user in self._tenant.users]
        return self._page(request, "home.html", people=people, password=self._tenant.password)

    async def profile(self, request: Request) -> Response:
        """Show who is signed in, with which identities."""
        user = await current_user(request)
        if user is None:
            return RedirectResponse("/?error=session_required", status_code=303)
        identities: Sequence[Mapping[str, Any]] = user.get("identities", [])
        linked = {identity["connection"] for identity in identities}
        return self._page(
            request,
            "profile.html",
            user=user,
            identities=[self._shown(identity) for identity in identities],
            linkable=[each for each in self._tenant.connections if each.name not in linked],
        )

    def _shown(self, identity: Mapping[str, Any]) -> Mapping[str, Any]:
        profile: Mapping[str, Any] = identity.get("profileData", {})
        return {
            "connection": identity["connection"],
            "title": self._titles.get(identity["connection"], identity["connection"]),
            "account": profile.get("nickname") or identity["user_id"],
            "primary": identity["connection"] == PRIMARY,
        }

    def _page(self, request: Request, template: str, **values: object) -> HTMLResponse:
        text = self._environment.get_template(template).render(
            message=self._message(request), **values
        )
        headers = {
            "Cache-Control": "no-store",
            # No form-action: browsers apply it to redirects, and signing out ends at the provider.
            "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
        }
        return HTMLResponse(text, headers=headers)

    def _message(self, request: Request) -> Mapping[str, str] | None:
        done, error = request.query_params.get("done"), request.query_params.get("error")
        if done is None and error is None:
            return None
        mood, text = MESSAGES.get(done or error or "", FALLBACK)
        connection = request.query_params.get("connection", "")
        return {"mood": mood, "text": text.format(connection=self._titles.get(connection, "It"))}
