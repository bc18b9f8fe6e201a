"""Who is signed in, for an application's own routes."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
from fastapi import Depends, FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

from support.app_browser import APP, OpenBrowser, path_of
from userlink import ConfigurationError, ServerClient
from userlink_starlette import (
    RouteOptions,
    User,
    UserlinkMiddleware,
    add_userlink,
    current_user,
    require_user,
    user_required,
)

pytestmark = pytest.mark.anyio


@user_required
async def private(request: Request, user: User) -> Response:
    """Greet the user."""
    return PlainTextResponse(f"{user['name']} at {request.url.path}")


@user_required
def blocking(request: Request, user: User) -> Response:
    """Greet the user from a plain function."""
    return PlainTextResponse(f"{user['name']} at {request.url.path}")


async def whoever(request: Request) -> Response:
    """Tell who is signed in, if anybody is."""
    user = await current_user(request)
    return JSONResponse(None if user is None else user["sub"])


def starlette_app(client: ServerClient, options: RouteOptions | None = None) -> Starlette:
    """Make an application of Starlette whose pages want a user."""
    app = Starlette(
        routes=[
            Route("/private", private, methods=["GET", "POST"]),
            Route("/blocking", blocking),
            Route("/whoever", whoever),
        ]
    )
    add_userlink(app, client, options)
    return app


def fastapi_app(client: ServerClient) -> FastAPI:
    """Make an application of FastAPI whose pages want a user."""
    app = FastAPI()
    add_userlink(app, client)

    @app.get("/private")
    async def private_page(user: Annotated[User, Depends(require_user)]) -> str:
        return str(user["name"])

    return app


def return_to_of(answer: httpx.Response) -> str:
    """Return the return_to that an answer gives to the login."""
    (value,) = parse_qs(urlsplit(path_of(answer)).query)["return_to"]
    return value


async def test_signed_in_users_reach_their_pages(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """The decorator hands over the claims, to asynchronous and to plain functions."""
    alice = browser(starlette_app(client))
    await alice.sign_in()

    assert "Alice Example at /private" == (await alice.get("/private")).text
    assert "Alice Example at /blocking" == (await alice.get("/blocking")).text
    assert "auth0|alice" == (await alice.get("/whoever")).json()


async def test_the_dependency_gives_the_user_to_a_route_of_fastapi(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """``Depends(require_user)``, as FastAPI's own helpers are used."""
    alice = browser(fastapi_app(client))
    await alice.sign_in()

    assert "Alice Example" == (await alice.get("/private")).json()


async def test_nobody_is_nobody(client: ServerClient, browser: OpenBrowser) -> None:
    """``current_user()`` answers None and redirects nobody."""
    stranger = browser(starlette_app(client))

    assert (await stranger.get("/whoever")).json() is None


@pytest.mark.parametrize("make_app", [starlette_app, fastapi_app])
async def test_a_browser_that_opens_a_page_is_sent_to_the_login_and_comes_back(
    make_app: Callable[[ServerClient], Starlette], client: ServerClient, browser: OpenBrowser
) -> None:
    """Address and query survive the way through the provider."""
    alice = browser(make_app(client))
    sent_away = await alice.get("/private?tab=1&q=%C3%A9%26%2F&userlink_error=")

    assert 401 == sent_away.status_code
    sent_away = await alice.get("/private?tab=1&q=%C3%A9%26%2F")
    assert 303 == sent_away.status_code
    assert "no-store" == sent_away.headers["cache-control"]
    assert "/auth/login" == urlsplit(path_of(sent_away)).path
    assert "/private?tab=1&q=%C3%A9%26%2F" == return_to_of(sent_away)

    answer = await alice.get(path_of(sent_away))
    alice.tenant.open(path_of(answer))
    back = await alice.get(alice.tenant.sign_in("alice"))
    assert "/private?tab=1&q=%C3%A9%26%2F" == path_of(back)
    assert 200 == (await alice.get(path_of(back))).status_code


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {"accept": "application/json"}),
        ("GET", {"accept": "text/html", "sec-fetch-mode": "cors"}),
        ("POST", {"accept": "text/html", "sec-fetch-mode": "navigate"}),
    ],
)
async def test_whatever_does_not_open_a_page_is_answered_401(
    method: str, headers: dict[str, str], client: ServerClient, browser: OpenBrowser
) -> None:
    """A script cannot follow a redirect to the provider, and a form would be lost on the way."""
    stranger = browser(starlette_app(client))
    answer = await stranger.app.request(method, "/private", headers=headers)

    assert (401, "no-store") == (answer.status_code, answer.headers["cache-control"])
    assert "Sign in first." == answer.text


async def test_fetch_metadata_have_precedence_over_the_accept_header(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """A navigation is a navigation, whatever it accepts (Fetch Metadata, 2.2)."""
    stranger = browser(starlette_app(client))
    headers = {"accept": "*/*", "sec-fetch-mode": "navigate"}

    assert 303 == (await stranger.get("/private", **headers)).status_code


async def test_a_login_that_failed_does_not_start_again_by_itself(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """The user pressed Cancel at the provider: the page says 401 instead of sending them there for ever."""
    alice = browser(starlette_app(client))
    sent_away = await alice.get("/private")
    alice.tenant.open(path_of(await alice.get(path_of(sent_away))))
    back = await alice.get(alice.tenant.cancel())

    assert "/private?userlink_error=authorization_denied" == path_of(back)
    assert 401 == (await alice.get(path_of(back))).status_code


async def test_a_response_that_streams_may_still_ask_who_is_signed_in(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """Reading needs no cookie: it works after the headers have gone."""

    async def streaming(request: Request) -> Response:
        async def body() -> AsyncIterator[str]:
            yield "user: "
            user = await current_user(request)
            yield "nobody" if user is None else str(user["sub"])

        return StreamingResponse(body())

    app = Starlette(routes=[Route("/", streaming)])
    add_userlink(app, client)
    alice = browser(app)

    assert "user: nobody" == (await alice.get("/")).text
    await alice.sign_in()
    assert "user: auth0|alice" == (await alice.get("/")).text


async def test_without_a_login_route_everybody_is_answered_401(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """There is nowhere to send them."""
    stranger = browser(starlette_app(client, RouteOptions(paths={"login": None})))

    assert 401 == (await stranger.get("/private")).status_code


@pytest.mark.parametrize("path", ["//evil.example/private", "/%2fevil.example", "/a/..//evil"])
async def test_an_address_that_would_lead_elsewhere_is_not_come_back_to(
    path: str, client: ServerClient, browser: OpenBrowser
) -> None:
    """The path of the request is the visitor's to choose; the login route judges it like any other value."""
    app = Starlette(routes=[Route("/{rest:path}", private)])
    add_userlink(app, client)
    app.router.routes.reverse()
    stranger = browser(app)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport) as raw:
        request = raw.build_request("GET", f"{APP}/", headers={"accept": "text/html"})
        request.url = httpx.URL(APP).copy_with(raw_path=path.encode())
        sent_away = await raw.send(request)
    answer = await stranger.get(path_of(sent_away))
    stranger.tenant.open(path_of(answer))
    back = await stranger.get(stranger.tenant.sign_in("alice"))

    assert "/" == path_of(back)


async def test_addresses_are_those_the_browser_sees_behind_a_proxy(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """A proxy that takes ``/app`` away tells the server by the root path; login and return_to have it again."""
    app = starlette_app(client)
    transport = httpx.ASGITransport(app, root_path="/app")
    async with httpx.AsyncClient(transport=transport, base_url=APP) as stranger:
        for path in ("/private?x=1", "/app/private?x=1"):
            answer = await stranger.get(path, headers={"accept": "text/html"})
            expected = f"/app/auth/login?return_to={quote('/app/private?x=1', safe='')}"

            assert expected == path_of(answer)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/acme/page", "/acme/auth/login?return_to=%2Facme%2Fpage"),
        ("/a%20b/page", "/a%20b/auth/login?return_to=%2Fa%2520b%2Fpage"),
        ("//evil.example/t/page", None),
        ("/%5Cevil.example/page", None),
        ("/%09/evil.example/t/page", None),
        ("/%252fevil.example/page", None),
        ("/a%0d%0aX:1/page", None),
    ],
)
async def test_below_a_mount_with_a_parameter_nobody_is_sent_elsewhere(
    path: str, expected: str | None, client: ServerClient
) -> None:
    """The visitor chooses the mount's path, and so the root: 401 where the login's address would name a host."""
    inner = Starlette(routes=[Route("/page", private)])
    add_userlink(inner, client)
    app = Starlette(routes=[Mount("/{tenant:path}/t", inner), Mount("/{tenant}", inner)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as stranger:
        request = stranger.build_request("GET", f"{APP}/", headers={"accept": "text/html"})
        request.url = httpx.URL(APP).copy_with(raw_path=path.encode())
        answer = await stranger.send(request)

    assert (401 if expected is None else 303, expected) == (
        answer.status_code,
        answer.headers.get("location"),
    )


async def test_pages_of_a_mounted_application_use_the_login_of_the_outer_one(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """The helpers find what the application around them was set up with."""
    app = Starlette(routes=[Mount("/inner", Starlette(routes=[Route("/private", private)]))])
    add_userlink(app, client)
    alice = browser(app)
    sent_away = await alice.get("/inner/private")

    assert "/auth/login?return_to=%2Finner%2Fprivate" == path_of(sent_away)
    await alice.sign_in()
    assert 200 == (await alice.get("/inner/private")).status_code


async def test_a_server_that_gives_no_raw_path_will_do(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """ASGI leaves ``raw_path`` optional; the decoded path is encoded again."""
    app = starlette_app(client)

    async def without_raw_path(scope, receive, send):  # type: ignore[no-untyped-def]  # plain ASGI
        scope = {name: value for name, value in scope.items() if name != "raw_path"}
        await app({**scope, "path": "/private"}, receive, send)

    sent_away = await browser(without_raw_path).get("/")

    assert "/private" == return_to_of(sent_away)


async def test_an_application_without_a_client_is_told_what_is_missing() -> None:
    """The middleware alone puts cookies on responses; the helpers need to know the client."""
    app = UserlinkMiddleware(Starlette(routes=[Route("/", whoever)]))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=APP) as stranger:
        with pytest.raises(ConfigurationError, match="was not set up"):
            await stranger.get("/")
