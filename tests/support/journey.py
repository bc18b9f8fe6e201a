"""One user of an application without a framework: their cookies there, and their browser at the provider."""

import functools
import ssl
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import attrs
import httpx

from userlink import (
    HttpxTransport,
    LinkResult,
    LoginResult,
    ServerClient,
    StoreOptions,
    UnlinkResult,
)
from userlink_devtenant import DevTenant

from .certified_tenant import CertifiedTenant
from .development_tenant import DevelopmentTenant
from .oidc_provider import OidcProvider
from .tenants import CALLBACK, Tenant, Visitor

__all__ = [
    "KINDS_OF_STORES",
    "Journey",
    "SteerableClock",
    "client_of",
    "journey_at",
    "tenant_of",
    "with_query",
]

KINDS_OF_STORES: Mapping[str, Mapping[str, str]] = {
    "sealed cookies": {},
    "memory stores": {"state_store": "memory:", "transaction_store": "memory:"},
}


class SteerableClock:
    """The real time, which the provider goes by too, and what a test lets pass on top of it."""

    def __init__(self) -> None:
        self._ahead_seconds = 0

    def __call__(self) -> int:
        return int(time.time()) + self._ahead_seconds

    def advance(self, seconds: int) -> None:
        """Let this much more time pass."""
        self._ahead_seconds += seconds


@attrs.frozen
class Journey:
    """
    A user on their way through the application and the provider.

    Attributes:
        tenant: The provider.
        client: The application's; users share it.
        visitor: The user's browser, at the provider.
        cookies: The same browser's cookies, at the application.
    """

    tenant: Tenant
    client: ServerClient
    visitor: Visitor
    cookies: dict[str, str] = attrs.field(factory=dict[str, str], repr=False)

    @property
    def options(self) -> StoreOptions:
        """What the client's methods take."""
        return {"cookies": self.cookies}

    async def sign_in(self, username: str = "alice", **options: object) -> LoginResult:
        """Log in."""
        url = await self.client.start_interactive_login(options, self.options)
        callback = self.visitor.sign_in(url, username)
        return await self.client.complete_interactive_login(callback, self.options)

    async def start_link(self, connection: str = "github", **options: object) -> str:
        """Start a link and return the URL."""
        return await self.client.start_link_user(
            {"connection": connection, **options}, self.options
        )

    async def approve_link(self, connection: str = "github", **options: object) -> str:
        """Start a link, choose the account at the provider, and return the callback URL."""
        url = await self.start_link(connection, **options)
        return self.visitor.choose_account(url, self.tenant.accounts[connection])

    async def link(self, connection: str = "github", **options: object) -> LinkResult:
        """Link a connection."""
        callback = await self.approve_link(connection, **options)
        return await self.client.complete_link_user(callback, self.options)

    async def start_unlink(self, connection: str = "github", **options: object) -> str:
        """Start an unlink and return the URL."""
        return await self.client.start_unlink_user(
            {"connection": connection, **options}, self.options
        )

    async def unlink(self, connection: str = "github", **options: object) -> UnlinkResult:
        """Unlink a connection."""
        callback = self.visitor.confirm_unlink(await self.start_unlink(connection, **options))
        return await self.client.complete_unlink_user(callback, self.options)

    async def session(self) -> dict[str, Any] | None:
        """Return all that must be as it was after a failure: the session, but for its idle time."""
        session = await self.client.get_session(self.options)
        if session is None:
            return None
        return {name: value for name, value in session.items() if name != "expires_at"}


def tenant_of(provider: OidcProvider | DevTenant) -> Tenant:
    """Put a provider behind the common face."""
    if isinstance(provider, OidcProvider):
        return CertifiedTenant(provider)
    return DevelopmentTenant(provider)


def client_of(tenant: Tenant, **arguments: Any) -> ServerClient:
    """Build the client of an application, with some arguments changed."""
    given: dict[str, Any] = {
        "domain": tenant.issuer,
        "client_id": tenant.client_id,
        "client_secret": tenant.client_secret,
        "secret": "a sealing secret of the tests, long enough to be one",
        "authorization_params": {"redirect_uri": CALLBACK},
        "installed_plugins": False,
    }
    return ServerClient(**{**given, **arguments})


@asynccontextmanager
async def journey_at(tenant: Tenant, **arguments: Any) -> AsyncGenerator[Journey]:
    """Open a browser and an application of its own, whose client has these arguments."""
    with tenant.visitor() as visitor:
        async with httpx.AsyncClient(verify=_tls_context()) as http:
            arguments = {"transport": HttpxTransport(http), **arguments}
            async with client_of(tenant, **arguments) as client:
                yield Journey(tenant, client, visitor)


@functools.cache
def _tls_context() -> ssl.SSLContext:
    """Make one TLS context for all journeys: it costs more than the rest of a short one."""
    return httpx.create_ssl_context()


def with_query(url: str, **changes: str | None) -> str:
    """Return a URL with some parameters replaced, or left out with None, as its reader can."""
    parameters = {**dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)), **changes}
    kept = {name: value for name, value in parameters.items() if value is not None}
    return urlsplit(url)._replace(query=urlencode(kept)).geturl()
