"""An application that is set up in one call."""

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.testclient import TestClient

from support.app_browser import APP, OpenBrowser, path_of
from userlink import ConfigurationError, HttpRequest, HttpResponse, ServerClient, hookimpl
from userlink.plugins.hookspecs import Transport
from userlink_devtenant import DevTenant
from userlink_starlette import RouteOptions, add_userlink, closing_client


def make_client(
    redirect_uri: str | None = f"{APP}/auth/callback", *plugins: object
) -> ServerClient:
    """Make a client that has not been asked anything yet."""
    return ServerClient(
        domain="tenant.example.com",
        client_id="app",
        client_secret="secret",
        secret="a secret for tests, of 32 bytes or more",
        authorization_params={"redirect_uri": redirect_uri},
        plugins=plugins,
    )


def providers(user: dict[str, object] | None) -> list[str]:
    """Name the providers of a user's identities."""
    assert user is not None
    identities = user["identities"]
    assert isinstance(identities, list)
    return [identity["provider"] for identity in identities]


@pytest.mark.anyio
@pytest.mark.parametrize("framework", [Starlette, FastAPI])
async def test_one_call_gives_an_application_login_link_unlink_and_logout(
    framework: Callable[[], Starlette],
    client: ServerClient,
    browser: OpenBrowser,
    devtenant: DevTenant,
) -> None:
    """The whole journey: at each step the browser sees what the tenant knows."""
    app = framework()
    add_userlink(app, client)
    alice = browser(app)

    signed_in = await alice.sign_in(return_to="/welcome")
    assert (303, "/welcome") == (signed_in.status_code, path_of(signed_in))
    assert ["auth0"] == providers(await alice.user())

    linked = await alice.link(return_to="/linked")
    assert (303, "/linked") == (linked.status_code, path_of(linked))
    assert ["auth0", "github"] == providers(await alice.user())
    assert 2 == len(devtenant.identities_of("alice"))

    start = await alice.post("/auth/unlink/github")
    alice.tenant.open(path_of(start))
    unlinked = await alice.get(alice.tenant.confirm_unlink())
    assert (303, "/") == (unlinked.status_code, path_of(unlinked))
    assert ["auth0"] == providers(await alice.user())
    assert 1 == len(devtenant.identities_of("alice"))

    out = await alice.post("/auth/logout")
    assert 303 == out.status_code
    assert path_of(out).startswith(devtenant.issuer)
    assert await alice.user() is None
    assert "__Host-userlink_session" not in alice.cookies


class _Recording:
    """A transport that notes when it is closed."""

    def __init__(self, notes: list[str]) -> None:
        self.notes = notes

    async def send(
        self, request: HttpRequest, *, timeout_seconds: float, most_bytes: int
    ) -> HttpResponse:
        return HttpResponse(503, {}, b"")

    async def aclose(self) -> None:
        self.notes.append("client closed")

    @hookimpl
    def userlink_transport(self) -> Transport:
        return self


@pytest.mark.parametrize("framework", [Starlette, FastAPI])
def test_the_client_is_closed_after_the_application_has_shut_down(
    framework: Callable[..., Starlette],
) -> None:
    """The application's own lifespan, and its state, are kept; what it closes may still use the client."""
    notes: list[str] = []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[dict[str, str]]:
        notes.append("started")
        yield {"own": "state"}
        notes.append("application closed")

    app = framework(lifespan=lifespan)
    add_userlink(app, make_client(f"{APP}/auth/callback", _Recording(notes)))
    with TestClient(app, base_url=APP) as browser:
        browser.get("/auth/login", follow_redirects=False)

        assert {"own": "state"} == browser.app_state

    assert ["started", "application closed", "client closed"] == notes


@pytest.mark.anyio
async def test_a_lifespan_of_its_own_closes_the_client() -> None:
    """For an outer application, which mounts the one with the routes."""
    notes: list[str] = []
    client = make_client(f"{APP}/auth/callback", _Recording(notes))
    async with closing_client(client)(Starlette()) as state:
        await client.logout(None, {"cookies": {}})

        assert state is None
        assert [] == notes
    assert ["client closed"] == notes


def test_a_client_without_a_redirect_uri_is_refused() -> None:
    """When the application is put together: the provider could send nobody back."""
    with pytest.raises(ConfigurationError, match="no redirect_uri"):
        add_userlink(Starlette(), make_client(None))


@pytest.mark.parametrize(
    ("redirect_uri", "prefix", "is_warned"),
    [
        (f"{APP}/auth/callback", "/auth", False),
        (f"{APP}/below/auth/callback", "/auth", False),
        (f"{APP}/callback", "/auth", True),
        (f"{APP}/auth/callback", "/sso", True),
    ],
)
def test_a_redirect_uri_that_leads_past_the_callback_is_warned_of(
    redirect_uri: str, prefix: str, is_warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Without a proxy that rewrites paths, users would come back to a page that is not there."""
    with caplog.at_level(logging.WARNING, "userlink.starlette"):
        add_userlink(Starlette(), make_client(redirect_uri), RouteOptions(prefix=prefix))

    assert is_warned is ("redirect_uri leads to" in caplog.text)
