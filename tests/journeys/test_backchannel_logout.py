"""The provider ends a session over HTTP: signed in at one server, told to another, signed out at both."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine
from starlette.applications import Starlette

from support.serving import listen, serving
from userlink import ServerClient
from userlink_devtenant import Client, DevTenant
from userlink_devtenant.browser import TenantBrowser
from userlink_sqlalchemy import metadata
from userlink_starlette import add_userlink

SECRET = "the-secret-of-the-app-for-tests"


class Site:
    """Two servers of one application, each with a client of its own, on one database."""

    def __init__(self, devtenant: DevTenant, database: Path, stack: ExitStack) -> None:
        listeners = [listen(), listen()]
        self.tenant = devtenant
        self.origins = [origin for _, origin in listeners]
        callbacks = tuple(f"{origin}/auth/callback" for origin in self.origins)
        told = f"{self.origins[1]}/auth/backchannel-logout"
        devtenant.add_client(Client("two", SECRET, callbacks, backchannel_logout_uri=told))
        url = f"sqlite:///{database}"
        metadata.create_all(create_engine(url))
        for (listener, _), callback in zip(listeners, callbacks, strict=True):
            client = ServerClient(
                domain=devtenant.issuer,
                client_id="two",
                client_secret=SECRET,
                secret="a secret for tests, of 32 bytes or more",
                authorization_params={"redirect_uri": callback},
                state_store=url,
            )
            app = Starlette()
            add_userlink(app, client)
            stack.enter_context(serving(app, listener))
        self._stack = stack

    def signed_in(self, user: str) -> httpx.Client:
        """Sign a user in at the first server, and return their browser; cookies know no port."""
        browser = self._stack.enter_context(httpx.Client(trust_env=False))
        with TenantBrowser(self.tenant.issuer) as at_tenant:
            start = browser.get(f"{self.origins[0]}/auth/login")
            at_tenant.open(start.headers["location"])
            browser.get(at_tenant.sign_in(user))
        return browser

    def seen(self, browser: httpx.Client) -> list[int]:
        """Return how each server answers a browser that asks who is signed in."""
        return [browser.get(f"{origin}/auth/profile").status_code for origin in self.origins]


@pytest.fixture
def site(devtenant: DevTenant, tmp_path: Path) -> Iterator[Site]:
    """Run the two servers."""
    with ExitStack() as stack:
        yield Site(devtenant, tmp_path / "sessions.db", stack)


def test_a_session_ends_at_both_servers(site: Site) -> None:
    """One is told by the provider, over HTTP and in its own words; other users stay signed in."""
    alice, bob = site.signed_in("alice"), site.signed_in("bob")
    assert [200, 200] == site.seen(alice)

    deliveries = site.tenant.send_backchannel_logout("alice")

    assert [200] == [delivery.status for delivery in deliveries]
    assert [401, 401] == site.seen(alice)
    assert [200, 200] == site.seen(bob)


def test_a_token_that_was_captured_is_refused_by_the_other_server(site: Site) -> None:
    """The first delivery counts, whichever server had it; after the next login nobody can use it again."""
    alice = site.signed_in("alice")
    token = site.tenant.logout_token("two", "alice", "any session")
    answers = [
        httpx.post(
            f"{origin}/auth/backchannel-logout", data={"logout_token": token}, trust_env=False
        )
        for origin in site.origins
    ]

    assert [200, 400] == [answer.status_code for answer in answers]
    assert ["no-store"] * 2 == [answer.headers["cache-control"] for answer in answers]
    assert [200, 200] == site.seen(alice)
