"""Real servers with threads: the journey on each, and many people at once who are not mixed up."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier
from typing import Any

import httpx
import pytest
from flask import Flask

from support.app_browser import path_of
from support.flask_browser import FlaskBrowser, make_client
from support.wsgi_serving import SERVERS
from userlink import SyncServerClient
from userlink_devtenant import DevTenant
from userlink_devtenant.config import Account, Client, Connection, TenantConfig, User
from userlink_flask import Userlink

PEOPLE = 32


@pytest.fixture(scope="module")
def crowd() -> Any:
    """Run a tenant with many users, each with an account of their own at GitHub."""
    users = tuple(User(f"user{number}", f"User {number}") for number in range(PEOPLE))
    accounts = tuple(Account(f"code{number}") for number in range(PEOPLE))
    config = TenantConfig(users=users, connections=(Connection("github", accounts=accounts),))
    with DevTenant(config).running() as tenant:
        yield tenant


def serve(stack: ExitStack, server: str, tenant: DevTenant) -> tuple[SyncServerClient, str]:
    """Serve an application on loopback; its client knows its address only once it is served."""
    app = Flask("app")
    origin = stack.enter_context(SERVERS[server](app))
    redirect_uri = f"{origin}/auth/callback"
    tenant.add_client(Client("real", client_secret="secret", redirect_uris=(redirect_uri,)))
    client = stack.enter_context(
        make_client(
            tenant.issuer,
            client_id="real",
            client_secret="secret",
            authorization_params={"redirect_uri": redirect_uri},
        )
    )
    Userlink(app, client)
    return client, origin


def open_browser(stack: ExitStack, tenant: DevTenant, origin: str) -> FlaskBrowser:
    """Open a browser that goes through real sockets."""
    transport = httpx.HTTPTransport()
    browser = FlaskBrowser(transport, tenant, origin)
    stack.callback(browser.close)
    return browser


@pytest.mark.parametrize("server", SERVERS)
def test_the_journey_on_a_real_server(server: str, devtenant: DevTenant) -> None:
    """Plain http on loopback with cookies that browsers keep there: login, link, unlink, logout."""
    with ExitStack() as stack:
        _, origin = serve(stack, server, devtenant)
        alice = open_browser(stack, devtenant, origin)
        signed_in = alice.sign_in(return_to="/welcome")
        linked = alice.link(return_to="/linked")
        user = alice.user()
        alice.tenant.open(path_of(alice.post("/auth/unlink/github")))
        unlinked = alice.get(alice.tenant.confirm_unlink())
        out = alice.post("/auth/logout")
        after = alice.user()

    assert ["/welcome", "/linked", "/"] == [
        path_of(answer) for answer in (signed_in, linked, unlinked)
    ]
    assert "userlink_session=" in signed_in.headers["set-cookie"]
    assert "Secure" not in signed_in.headers["set-cookie"]
    assert user is not None
    assert 2 == len(user["identities"])
    assert (303, None) == (out.status_code, after)


@pytest.mark.parametrize("server", SERVERS)
def test_many_people_at_once_are_not_mixed_up(server: str, crowd: DevTenant) -> None:
    """32 threads deliver the callbacks of 32 logins, then of 32 links, at the same moment through one client."""
    crowd.reset()
    with ExitStack() as stack:
        _, origin = serve(stack, server, crowd)
        browsers = [open_browser(stack, crowd, origin) for _ in range(PEOPLE)]
        threads = stack.enter_context(ThreadPoolExecutor(PEOPLE))
        together = Barrier(PEOPLE)

        def sign_in(number: int) -> str:
            callback_url = browsers[number].start_login(f"user{number}", f"/{number}")
            together.wait()
            return path_of(browsers[number].get(callback_url))

        def link(number: int) -> str:
            callback_url = browsers[number].start_link("github", f"code{number}", f"/{number}")
            together.wait()
            return path_of(browsers[number].get(callback_url))

        def who(number: int) -> list[str]:
            user = browsers[number].user()
            assert user is not None
            return [user["name"], *(each["user_id"] for each in user["identities"][1:])]

        expected = [f"/{number}" for number in range(PEOPLE)]
        assert expected == list(threads.map(sign_in, range(PEOPLE)))
        assert expected == list(threads.map(link, range(PEOPLE)))
        seen = list(threads.map(who, range(PEOPLE)))

    assert [f"User {number}" for number in range(PEOPLE)] == [each[0] for each in seen]
    assert 1 == len(crowd.requests_to("/.well-known/openid-configuration"))
    assert 1 == len(crowd.requests_to("/.well-known/jwks.json"))
    for number, (_, identity) in enumerate(seen):
        (own,) = crowd.identities_of(f"user{number}")[1:]
        assert identity == own.user_id
