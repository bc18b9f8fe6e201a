"""The certified provider behind the face of ``tenants.py``."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager

import attrs

from . import oidc_provider_pages as pages
from .browser import PlainBrowser
from .oidc_provider import OidcProvider
from .tenants import CALLBACK, OTHER_CALLBACK, Endpoint, Visitor, authorization_requests

__all__ = ["CertifiedTenant"]


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

    def sent_to(self, endpoint: Endpoint) -> list[dict[str, str]]:
        if endpoint == "token":
            return [event.parameters for event in self.provider.events("token")]
        if endpoint == "browser":
            return [event.parameters for event in self.provider.events("authorize")]
        return authorization_requests(
            (event.endpoint == "par", event.parameters)
            for event in self.provider.events()
            if event.endpoint in ("authorize", "par")
        )

    def send_back_to(self, callback: str, after_logout: str) -> None:
        self.provider.register_client(
            client_id=self.client_id,
            redirect_uris=[callback],
            post_logout_redirect_uris=[after_logout],
        )

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
