"""Browsers for ASGI applications that sign in at the development tenant."""

from collections.abc import Callable
from typing import TypeAlias
from urllib.parse import parse_qs, urlsplit

import httpx
from starlette.applications import Starlette
from starlette.types import ASGIApp

from userlink import MemoryStateStore, MemoryTransactionStore, ServerClient
from userlink_devtenant import DevTenant
from userlink_devtenant.browser import TenantBrowser
from userlink_devtenant.config import Client
from userlink_starlette import RouteOptions, add_userlink

__all__ = [
    "APP",
    "POST",
    "Browser",
    "OpenBrowser",
    "is_private",
    "make_app",
    "path_of",
    "register",
    "sent_to_provider",
    "stored_client",
]

APP = "https://app.test"
# What a browser sends with a form on a page of the application.
POST = {"origin": APP, "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate"}


def register(devtenant: DevTenant) -> None:
    """
    Make the application known to the tenant, until its next reset.

    Nothing is pushed there: what routes ask the provider for is looked at in the URL that they redirect to.
    """
    devtenant.set_pushed_authorization("off")
    devtenant.add_client(
        Client(
            "app",
            client_secret="the-secret-of-the-app-for-tests",
            redirect_uris=(f"{APP}/auth/callback",),
            post_logout_redirect_uris=(f"{APP}/", f"{APP}/auth/logged-out"),
        )
    )


class Browser:
    """
    One person's browser: a cookie jar for the application, called in this process, and one for the tenant.

    Args:
        app: the application at ``https://app.test``.
        devtenant: where people sign in.
    """

    def __init__(self, app: ASGIApp, devtenant: DevTenant) -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.app = httpx.AsyncClient(
            transport=transport, base_url=APP, headers={"accept": "text/html"}
        )
        self.tenant = TenantBrowser(devtenant.issuer, password=devtenant.config.password)

    async def aclose(self) -> None:
        """Close the connections."""
        await self.app.aclose()
        self.tenant.close()

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies of the application."""
        return dict(self.app.cookies)

    async def get(self, url: str, **headers: str) -> httpx.Response:
        """Open an address of the application; redirects are left to the test."""
        return await self.app.get(url, headers=headers)

    async def post(
        self, url: str, form: dict[str, str] | None = None, **headers: str
    ) -> httpx.Response:
        """Send a form of one of the application's pages."""
        return await self.app.post(url, data=form, headers=POST | headers)

    async def sign_in(self, user: str = "alice", return_to: str = "/") -> httpx.Response:
        """Sign in, and return the answer to the callback."""
        answer = await self.get(f"/auth/login?return_to={return_to}")
        callback_url = self.tenant.open(answer.headers["location"])
        return await self.get(callback_url or self.tenant.sign_in(user))

    async def link(
        self, connection: str = "github", account: str = "alice-codes", return_to: str = "/"
    ) -> httpx.Response:
        """Link an account, and return the answer to the callback."""
        return await self.get(await self.start_link(connection, account, return_to))

    async def start_link(
        self, connection: str = "github", account: str = "alice-codes", return_to: str = "/"
    ) -> str:
        """Start a link, choose an account at the tenant, and return the callback's address without opening it."""
        answer = await self.post(f"/auth/link/{connection}", {"return_to": return_to})
        self.tenant.open(answer.headers["location"])
        return self.tenant.choose_account(account)

    async def user(self) -> dict[str, object] | None:
        """Return who the application says is signed in."""
        answer = await self.get("/auth/profile")
        claims: dict[str, object] = answer.json()
        return claims if answer.status_code == 200 else None


OpenBrowser: TypeAlias = Callable[[ASGIApp], Browser]


def path_of(answer: httpx.Response) -> str:
    """Return where an answer redirects to, as it is written in its header."""
    return str(answer.headers["location"])


def make_app(client: ServerClient, options: RouteOptions | None = None) -> Starlette:
    """Make an application with nothing but the routes."""
    app = Starlette()
    add_userlink(app, client, options)
    return app


def sent_to_provider(answer: httpx.Response) -> dict[str, list[str]]:
    """Return the parameters of the authorization request that an answer redirects to."""
    return parse_qs(urlsplit(path_of(answer)).query, keep_blank_values=True)


def is_private(answer: httpx.Response) -> bool:
    """Tell whether an answer stays out of caches, and its address out of Referer headers."""
    return ("no-store", "no-referrer") == (
        answer.headers.get("cache-control"),
        answer.headers.get("referrer-policy"),
    )


def stored_client(devtenant: DevTenant, store: MemoryStateStore) -> ServerClient:
    """Make a client with server-side stores."""
    return ServerClient(
        domain=devtenant.issuer,
        client_id="app",
        client_secret="the-secret-of-the-app-for-tests",
        secret="a secret for tests, of 32 bytes or more",
        authorization_params={"redirect_uri": f"{APP}/auth/callback"},
        state_store=store,
        transaction_store=MemoryTransactionStore(),
    )
