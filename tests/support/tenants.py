"""
Two providers behind one face, so that one suite of journeys is walked at both.

One is certified and nobody here wrote it; the other is the development tenant. They differ in how
their pages look, and the certified one always asks before it signs out.
"""

from collections.abc import Generator, Iterable, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Literal, Protocol

import attrs

from userlink_devtenant import DevTenant
from userlink_devtenant.browser import TenantBrowser

from . import oidc_provider_pages as pages
from .browser import PlainBrowser
from .oidc_provider import OidcProvider

__all__ = [
    "AFTER_LOGOUT",
    "CALLBACK",
    "DATABASE",
    "OTHER_CALLBACK",
    "CertifiedTenant",
    "DevelopmentTenant",
    "Tenant",
    "Visitor",
    "tenant_of",
]

# Registered at both providers. Nobody listens there: a test takes the URL that a browser is sent to.
CALLBACK = "http://localhost:3000/auth/callback"
OTHER_CALLBACK = "http://127.0.0.1:3000/auth/callback"
AFTER_LOGOUT = "http://localhost:3000/"

# The connection that users sign in with, at both.
DATABASE = "Username-Password-Authentication"


class Visitor(Protocol):
    """
    A user's browser at a provider.

    Each method opens a URL there, answers the one page that comes, and returns where the browser is
    sent back to. Another page than the expected one is an error.
    """

    def sign_in(self, url: str, username: str) -> str:
        """Sign in as a user."""
        ...

    def choose_account(self, url: str, account: str) -> str:
        """Choose an account of the connection that is to be linked."""
        ...

    def confirm_unlink(self, url: str) -> str:
        """Agree to disconnect the connection."""
        ...

    def cancel(self, url: str) -> str:
        """Press Cancel."""
        ...

    def pass_through(self, url: str) -> str:
        """Answer nothing: no page may come."""
        ...

    def sign_out(self, url: str) -> str:
        """Sign out, with or without being asked."""
        ...


class Tenant(Protocol):
    """A provider with users ``alice`` and ``bob``, and a client that is registered there."""

    @property
    def issuer(self) -> str:
        """The issuer, exactly as its discovery document has it."""
        ...

    @property
    def client_id(self) -> str:
        """The client's id."""
        ...

    @property
    def client_secret(self) -> str:
        """The client's secret."""
        ...

    @property
    def accounts(self) -> Mapping[str, str]:
        """For each connection, an account that belongs to nobody yet."""
        ...

    def connections_of(self, username: str) -> tuple[str, ...]:
        """Return the connections of a user's identities, in the order in which they were linked."""
        ...

    def sent_to(self, endpoint: Literal["authorize", "token"]) -> list[dict[str, str]]:
        """
        Return the parameters of each request to an endpoint, oldest first.

        Raises:
            ValueError: When one was sent twice in a request.
        """
        ...

    def visitor(self) -> AbstractContextManager[Visitor]:
        """Open a browser that nobody has signed in with."""
        ...


def tenant_of(provider: OidcProvider | DevTenant) -> Tenant:
    """Put a provider behind the common face."""
    if isinstance(provider, OidcProvider):
        return CertifiedTenant(provider)
    return DevelopmentTenant(provider)


@attrs.frozen
class CertifiedTenant:
    """npm's ``oidc-provider``; its client posts its secret, as Auth0's do."""

    provider: OidcProvider
    accounts: Mapping[str, str] = {"github": "octocat", "google-oauth2": "ada", "email": "second"}

    def __attrs_post_init__(self) -> None:
        self.provider.register_client(
            client_id=self.client_id,
            redirect_uris=[CALLBACK, OTHER_CALLBACK],
            token_endpoint_auth_method="client_secret_post",
        )

    @property
    def issuer(self) -> str:
        return self.provider.issuer

    @property
    def client_id(self) -> str:
        return self.provider.client_id

    @property
    def client_secret(self) -> str:
        return self.provider.client_secret

    def connections_of(self, username: str) -> tuple[str, ...]:
        return self.provider.account(username).connections

    def sent_to(self, endpoint: Literal["authorize", "token"]) -> list[dict[str, str]]:
        return [event.parameters for event in self.provider.events(endpoint)]

    @contextmanager
    def visitor(self) -> Generator[Visitor]:
        with PlainBrowser() as browser:
            yield CertifiedVisitor(browser)


@attrs.frozen
class CertifiedVisitor:
    """A browser at the certified provider's pages."""

    browser: PlainBrowser

    def sign_in(self, url: str, username: str) -> str:
        return pages.login(self.browser, url, username)

    def choose_account(self, url: str, account: str) -> str:
        return pages.choose_connection_account(self.browser, url, account)

    def confirm_unlink(self, url: str) -> str:
        return pages.confirm_unlink(self.browser, url)

    def cancel(self, url: str) -> str:
        return pages.cancel(self.browser, url)

    def pass_through(self, url: str) -> str:
        return pages.pass_through(self.browser, url)

    def sign_out(self, url: str) -> str:
        return pages.log_out(self.browser, url)


@attrs.frozen
class DevelopmentTenant:
    """The development tenant, with the configuration that it has by default."""

    tenant: DevTenant
    accounts: Mapping[str, str] = {
        "github": "alice-codes",
        "google-oauth2": "alice@gmail.example",
        "email": "alice@work.example",
    }

    @property
    def issuer(self) -> str:
        return self.tenant.issuer

    @property
    def client_id(self) -> str:
        return "userlink-demo"

    @property
    def client_secret(self) -> str:
        return "userlink-demo-secret-for-development-only"

    def connections_of(self, username: str) -> tuple[str, ...]:
        return tuple(identity.connection for identity in self.tenant.identities_of(username))

    def sent_to(self, endpoint: Literal["authorize", "token"]) -> list[dict[str, str]]:
        if endpoint == "authorize":
            found = self.tenant.requests_to("/authorize")
            return [_once_each(request.query.items(multi=True)) for request in found]
        found = self.tenant.requests_to("/oauth/token")
        return [_once_each(request.form.items(multi=True)) for request in found]

    @contextmanager
    def visitor(self) -> Generator[Visitor]:
        with TenantBrowser(self.issuer, password=self.tenant.config.password) as browser:
            yield DevelopmentVisitor(browser)


@attrs.frozen
class DevelopmentVisitor:
    """A browser at the development tenant's pages."""

    browser: TenantBrowser

    def sign_in(self, url: str, username: str) -> str:
        self.browser.open(url)
        return self.browser.sign_in(username)

    def choose_account(self, url: str, account: str) -> str:
        self.browser.open(url)
        return self.browser.choose_account(account)

    def confirm_unlink(self, url: str) -> str:
        self.browser.open(url)
        return self.browser.confirm_unlink()

    def cancel(self, url: str) -> str:
        self.browser.open(url)
        return self.browser.cancel()

    def pass_through(self, url: str) -> str:
        return self._sent_back(self.browser.open(url))

    def sign_out(self, url: str) -> str:
        return self._sent_back(self.browser.open(url) or self.browser.confirm_sign_out())

    def _sent_back(self, location: str | None) -> str:
        assert location is not None, f"the tenant shows {self.browser.page}"
        return location


def _once_each(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for name, value in pairs:
        if name in parameters:
            raise ValueError(f"the parameter {name} was sent twice")
        parameters[name] = value
    return parameters
