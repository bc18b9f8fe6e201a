"""What the demo shows, whatever framework serves it: two pages, and the messages on them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from attrs import field, frozen
from jinja2 import Environment, FileSystemLoader

from userlink import CallbackResult, LinkResult, UnlinkResult, UserlinkError
from userlink_devtenant import TenantConfig

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


# What every page says to browsers and caches. No form-action: browsers apply it to redirects, and signing out ends at
# the provider.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
}


@frozen
class Site:
    """
    Where the application is, and what it knows of its provider.

    Args:
        domain: the provider's issuer.
        client_id: of this application at the provider.
        client_secret: likewise.
        app_url: where browsers find this application.
        tenant: what the provider knows, so that the pages can name its users and connections.
        github_api_url: where GitHub's API tells about an account; the development tenant has one like it.
        client_options: further arguments of the client, such as a store for its sessions.
    """

    domain: str
    client_id: str
    client_secret: str
    app_url: str
    tenant: TenantConfig
    github_api_url: str
    client_options: Mapping[str, Any] = field(factory=dict[str, Any])

    def client_arguments(self) -> dict[str, Any]:
        """Return what either client is built with."""
        return {
            "domain": self.domain,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "secret": "not a secret at all, since this demo runs on loopback only",
            "authorization_params": {"redirect_uri": f"{self.app_url}/auth/callback"},
            **self.client_options,
        }

    def route_options(self) -> dict[str, Any]:
        """Return the options of the ready-made routes that do not depend on the framework."""
        return {
            "connections": {"github": "read:user", "google-oauth2": None, "email": None},
            "default_return_to": "/profile",
            "post_logout_redirect_uri": f"{self.app_url}/?done=signed_out",
        }


def after_success(result: CallbackResult) -> str:
    """Return the address of the profile, with the code of a message."""
    if isinstance(result, LinkResult | UnlinkResult):
        done = "linked" if isinstance(result, LinkResult) else "unlinked"
        return f"/profile?{urlencode({'done': done, 'connection': result.connection})}"
    return "/profile?done=signed_in"


def after_failure(error: UserlinkError, *, is_signed_in: bool) -> str:
    """Return the address of the profile, or of the start where nobody is signed in, with the code of the error."""
    page = "/profile" if is_signed_in else "/"
    return f"{page}?{urlencode({'error': error.code})}"


class Pages:
    """
    The application's own pages, as HTML.

    Args:
        site: whose they are.
    """

    def __init__(self, site: Site) -> None:
        self._tenant = site.tenant
        self._titles = {
            PRIMARY: "User name and password",
            **{connection.name: connection.title for connection in site.tenant.connections},
        }
        environment = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)
        environment.globals["tenant"] = site.domain
        self._environment = environment

    def home(self, query: Mapping[str, str]) -> str:
        """Offer to sign in."""
        people = [user.username for user in self._tenant.users]
        return self._page("home.html", query, people=people, password=self._tenant.password)

    def profile(
        self, user: Mapping[str, Any], query: Mapping[str, str], github_says: str | None
    ) -> str:
        """Show who is signed in, with which identities, and what GitHub says about the one there."""
        identities: Sequence[Mapping[str, Any]] = user.get("identities", [])
        linked = {identity["connection"] for identity in identities}
        return self._page(
            "profile.html",
            query,
            user=user,
            identities=[self._shown(identity) for identity in identities],
            github_says=github_says,
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

    def _page(self, template: str, query: Mapping[str, str], **values: object) -> str:
        message = self._message(query.get("done"), query.get("error"), query.get("connection", ""))
        return self._environment.get_template(template).render(message=message, **values)

    def _message(
        self, done: str | None, error: str | None, connection: str
    ) -> Mapping[str, str] | None:
        if done is None and error is None:
            return None
        mood, text = MESSAGES.get(done or error or "", FALLBACK)
        return {"mood": mood, "text": text.format(connection=self._titles.get(connection, "It"))}
