"""Browsers for WSGI applications that sign in at the development tenant."""

from collections.abc import Callable
from typing import Any, TypeAlias

import httpx
from flask import Flask

from support.app_browser import APP, POST
from userlink import SyncServerClient
from userlink_devtenant import DevTenant
from userlink_devtenant.browser import TenantBrowser
from userlink_flask import RouteOptions, Userlink

__all__ = ["FlaskBrowser", "OpenFlaskBrowser", "make_client", "make_flask_app"]


class FlaskBrowser:
    """
    One person's browser: a cookie jar for the application, called in this process, and one for the tenant.

    Args:
        app: the application at ``https://app.test``, or the transport to it.
        devtenant: where people sign in.
        origin: where the application is instead.
    """

    def __init__(
        self, app: Any, devtenant: DevTenant, origin: str = APP, user_agent: str = "browser"
    ) -> None:
        transport = (
            app
            if isinstance(app, httpx.BaseTransport)
            else httpx.WSGITransport(app=app, raise_app_exceptions=False)
        )
        self.app = httpx.Client(
            transport=transport,
            base_url=origin,
            headers={"accept": "text/html", "user-agent": user_agent},
        )
        self.posting = {**POST, "origin": origin}
        self.tenant = TenantBrowser(devtenant.issuer, password=devtenant.config.password)

    def close(self) -> None:
        """Close the connections."""
        self.app.close()
        self.tenant.close()

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies of the application."""
        return dict(self.app.cookies)

    def get(self, url: str, **headers: str) -> httpx.Response:
        """Open an address of the application; redirects are left to the test."""
        return self.app.get(url, headers=headers)

    def post(self, url: str, form: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        """Send a form of one of the application's pages."""
        return self.app.post(url, data=form, headers=self.posting | headers)

    def start_login(self, user: str = "alice", return_to: str = "/") -> str:
        """Sign in at the tenant, and return the callback's address without opening it."""
        answer = self.get(f"/auth/login?return_to={return_to}")
        return self.tenant.open(answer.headers["location"]) or self.tenant.sign_in(user)

    def sign_in(self, user: str = "alice", return_to: str = "/") -> httpx.Response:
        """Sign in, and return the answer to the callback."""
        return self.get(self.start_login(user, return_to))

    def start_link(
        self, connection: str = "github", account: str = "alice-codes", return_to: str = "/"
    ) -> str:
        """Start a link, choose an account at the tenant, and return the callback's address without opening it."""
        answer = self.post(f"/auth/link/{connection}", {"return_to": return_to})
        self.tenant.open(answer.headers["location"])
        return self.tenant.choose_account(account)

    def link(
        self, connection: str = "github", account: str = "alice-codes", return_to: str = "/"
    ) -> httpx.Response:
        """Link an account, and return the answer to the callback."""
        return self.get(self.start_link(connection, account, return_to))

    def user(self) -> dict[str, Any] | None:
        """Return who the application says is signed in."""
        answer = self.get("/auth/profile")
        claims: dict[str, Any] = answer.json()
        return claims if answer.status_code == 200 else None


OpenFlaskBrowser: TypeAlias = Callable[[Any], FlaskBrowser]


def make_client(issuer: str = "tenant.example.com", **arguments: Any) -> SyncServerClient:
    """Make a client of the application at ``https://app.test``."""
    given: dict[str, Any] = {
        "domain": issuer,
        "client_id": "app",
        "client_secret": "the-secret-of-the-app-for-tests",
        "secret": "a secret for tests, of 32 bytes or more",
        "authorization_params": {"redirect_uri": f"{APP}/auth/callback"},
    }
    return SyncServerClient(**given | arguments)


def make_flask_app(client: SyncServerClient, options: RouteOptions | None = None) -> Flask:
    """Make an application with nothing but the routes."""
    app = Flask("app")
    Userlink(app, client, options)
    return app
