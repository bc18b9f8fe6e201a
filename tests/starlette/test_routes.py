"""The ready-made routes: where they are, who is signed in, and signing out."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette

from support.app_browser import (
    APP,
    OpenBrowser,
    is_private,
    make_app,
    path_of,
    sent_to_provider,
    stored_client,
)
from support.serving import listen, serving
from userlink import (
    MemoryStateStore,
    ServerClient,
    StateRecord,
)
from userlink.stores.protocols import StoreOptions
from userlink_devtenant import DevTenant
from userlink_devtenant.browser import TenantBrowser
from userlink_devtenant.config import Client
from userlink_starlette import RouteOptions, add_userlink, userlink_routes

pytestmark = pytest.mark.anyio


async def test_the_routes_alone_set_their_cookies(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """An application that places them itself need not install the middleware for them."""
    alice = browser(Starlette(routes=userlink_routes(client)))
    await alice.sign_in()

    assert "/" == path_of(await alice.link())
    assert await alice.user() is not None


async def test_paths_and_names_are_the_applications_choice(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """Each for itself; one that is left out is not there."""
    options = RouteOptions(
        prefix="/account",
        paths={"login": "/sign-in", "callback": None},
        names={"login": "sign_in"},
    )
    app = Starlette(routes=userlink_routes(client, options))

    assert "/account/sign-in" == app.url_path_for("sign_in")
    assert "/account/link/github" == app.url_path_for("userlink_link", connection="github")
    assert 303 == (await browser(app).get("/account/sign-in")).status_code
    assert 404 == (await browser(app).get("/account/callback")).status_code


async def test_the_routes_are_no_part_of_an_api_description(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """They are for browsers, not for clients of the application's API."""
    app = FastAPI()
    add_userlink(app, client)

    assert {} == app.openapi()["paths"]


async def test_it_shows_the_claims_to_their_user_and_nothing_to_others(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """No token is among them, and no cache may keep them."""
    app = make_app(client)
    alice, stranger = browser(app), browser(app)
    await alice.sign_in()
    answer = await alice.get("/auth/profile")
    nobody = await stranger.get("/auth/profile")

    assert (200, "Alice Example") == (answer.status_code, answer.json()["name"])
    assert is_private(answer)
    assert not any("token" in name for name in answer.json())
    assert (401, {"error": "session_required"}) == (nobody.status_code, nobody.json())
    assert is_private(nobody)


async def test_claims_that_utf_8_cannot_write_are_shown() -> None:
    """JSON can say half of a surrogate pair in a name (RFC 8259, 8.2); no user is kept from their profile by it."""
    claims = {"sub": "auth0|alice", "name": "\ud800 \u00e9"}

    class Client(ServerClient):
        async def get_user(
            self, store_options: StoreOptions | None = None
        ) -> Mapping[str, Any] | None:
            return claims

    client = Client(
        domain="tenant.example.com",
        client_id="app",
        client_secret="secret",
        secret="a secret for tests, of 32 bytes or more",
        authorization_params={"redirect_uri": f"{APP}/auth/callback"},
    )
    transport = httpx.ASGITransport(make_app(client))
    async with httpx.AsyncClient(transport=transport, base_url=APP) as alice:
        answer = await alice.get("/auth/profile")

    assert (200, claims) == (answer.status_code, answer.json())


async def test_a_store_that_fails_is_not_taken_for_a_stranger(
    client: ServerClient, browser: OpenBrowser, devtenant: DevTenant
) -> None:
    """503: whether somebody is signed in is not known."""

    class Broken(MemoryStateStore):
        broken = False

        async def get(self, identifier: str, store_options: StoreOptions) -> StateRecord | None:
            if self.broken:
                raise OSError("away")
            return await super().get(identifier, store_options)

    store = Broken()
    async with stored_client(devtenant, store) as stored:
        alice = browser(make_app(stored))
        await alice.sign_in()
        store.broken = True
        answer = await alice.get("/auth/profile")

    assert (503, {"error": "store_error"}) == (answer.status_code, answer.json())


async def test_the_provider_is_told_where_to_send_the_user(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """Only where the application has registered it: nothing of the request decides."""
    options = RouteOptions(post_logout_redirect_uri=f"{APP}/")
    alice = browser(make_app(client, options))
    await alice.sign_in()
    out = await alice.post("/auth/logout", {"return_to": "https://evil.example"})

    assert is_private(out)
    assert [f"{APP}/"] == sent_to_provider(out)["post_logout_redirect_uri"]
    back = alice.tenant.open(path_of(out)) or alice.tenant.confirm_sign_out() or ""
    assert f"{APP}/" == back.partition("?state=")[0]


async def test_a_logout_leads_back_to_a_page_of_the_application(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """By the route that checks the state; a reload of it leads there too, and a foreign page is no page."""
    options = RouteOptions(post_logout_redirect_uri=f"{APP}/auth/logged-out")
    app = make_app(client, options)
    for asked_for, expected in (("/bye", "/bye"), ("https://evil.example/", "/"), ("", "/")):
        alice = browser(app)
        await alice.sign_in()
        out = await alice.post("/auth/logout", {"return_to": asked_for})
        back = alice.tenant.open(path_of(out)) or ""
        answers = [await alice.get(back), await alice.get(back)]

        assert [expected, expected] == [path_of(answer) for answer in answers]
        assert is_private(answers[0])
        assert await alice.user() is None


async def test_a_return_that_no_logout_of_this_browser_asked_for_is_told_by_a_code(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """Nothing happens by it; without a state, as some providers send none, it leads home."""
    options = RouteOptions(post_logout_redirect_uri=f"{APP}/auth/logged-out")
    app = make_app(client, options)
    alice, eve = browser(app), browser(app)
    await alice.sign_in()
    await eve.sign_in("bob")
    out = await eve.post("/auth/logout")
    foreign = eve.tenant.open(path_of(out)) or ""

    assert "/?userlink_error=transaction_not_found" == path_of(await alice.get(foreign))
    assert "/" == path_of(await alice.get("/auth/logged-out"))
    assert 405 == (await alice.app.head("/auth/logged-out")).status_code
    assert await alice.user() is not None


async def test_a_session_that_a_store_cannot_delete_is_not_said_to_be_over(
    client: ServerClient, browser: OpenBrowser, devtenant: DevTenant
) -> None:
    """The page is told by a code; this browser is signed out all the same, whatever the store can do."""

    class ReadOnly(MemoryStateStore):
        async def delete(self, identifier: str, store_options: StoreOptions) -> None:
            raise OSError("read-only")

    async with stored_client(devtenant, ReadOnly()) as stored:
        alice = browser(make_app(stored))
        await alice.sign_in()
        answer = await alice.post("/auth/logout")

        assert "/?userlink_error=store_error" == path_of(answer)
        assert await alice.user() is None


async def test_the_journey_on_a_real_server(devtenant: DevTenant) -> None:
    """uvicorn, sockets, plain http on loopback with cookies that browsers keep there: login, link, logout."""
    listener, origin = listen()
    redirect_uri = f"{origin}/auth/callback"
    devtenant.add_client(Client("real", client_secret="secret", redirect_uris=(redirect_uri,)))
    client = ServerClient(
        domain=devtenant.issuer,
        client_id="real",
        client_secret="secret",
        secret="a secret for tests, of 32 bytes or more",
        authorization_params={"redirect_uri": redirect_uri},
    )
    with serving(make_app(client), listener), TenantBrowser(devtenant.issuer) as tenant:
        async with httpx.AsyncClient(base_url=origin, trust_env=False) as alice:
            start = await alice.get("/auth/login?return_to=/welcome")
            tenant.open(path_of(start))
            signed_in = await alice.get(tenant.sign_in("alice"))
            headers = {"origin": origin}
            form = {"return_to": "/linked"}
            start = await alice.post("/auth/link/github", data=form, headers=headers)
            tenant.open(path_of(start))
            linked = await alice.get(tenant.choose_account("alice-codes"))
            user = (await alice.get("/auth/profile")).json()
            out = await alice.post("/auth/logout", headers=headers)
            after = await alice.get("/auth/profile")

    assert ("/welcome", "/linked") == (path_of(signed_in), path_of(linked))
    assert "userlink_session=" in signed_in.headers["set-cookie"]
    assert "Secure" not in signed_in.headers["set-cookie"]
    assert 2 == len(user["identities"])
    assert (303, 401) == (out.status_code, after.status_code)
