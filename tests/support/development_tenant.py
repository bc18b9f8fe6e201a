"""The development tenant behind the face of ``tenants.py``."""

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager

import attrs

from userlink_devtenant import Client, DevTenant
from userlink_devtenant.browser import TenantBrowser

from .tenants import Endpoint, Visitor, authorization_requests

__all__ = ["DevelopmentTenant"]


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

    def sent_to(self, endpoint: Endpoint) -> list[dict[str, str]]:
        if endpoint == "browser":
            found = self.tenant.requests_to("/authorize")
            return [_once_each(request.query.items(multi=True)) for request in found]
        if endpoint == "token":
            found = self.tenant.requests_to("/oauth/token")
            return [_once_each(request.form.items(multi=True)) for request in found]
        return authorization_requests(
            (
                request.method == "POST",
                _once_each((request.form or request.query).items(multi=True)),
            )
            for request in self.tenant.requests
            if request.path in ("/authorize", "/oauth/par")
        )

    def send_back_to(self, callback: str, after_logout: str) -> None:
        client = Client(
            self.client_id,
            client_secret=self.client_secret,
            redirect_uris=(callback,),
            post_logout_redirect_uris=(after_logout,),
        )
        self.tenant.add_client(client)

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
