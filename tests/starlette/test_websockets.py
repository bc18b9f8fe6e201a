"""Who a WebSocket belongs to: the cookies come with it whichever page has opened it, so the page counts too."""

import logging
from collections.abc import Callable, Iterable
from typing import Annotated

import httpx
import pytest
from fastapi import Depends, FastAPI, WebSocket
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket as StarletteWebSocket
from starlette.websockets import WebSocketDisconnect

from support.app_browser import APP, Browser, OpenBrowser
from userlink import ServerClient
from userlink_starlette import RouteOptions, User, add_userlink, current_user, require_user

pytestmark = pytest.mark.anyio
MakeApp = Callable[[ServerClient], Starlette]
TRUSTED = RouteOptions(trusted_origins=["https://admin.test"])
OWN = [
    [("origin", APP)],
    [("origin", "https://admin.test")],
    [("origin", "null"), ("sec-fetch-site", "same-origin")],
]
FOREIGN = [
    [("origin", "https://evil.example")],
    [("origin", "https://sibling.app.test"), ("sec-fetch-site", "same-site")],
    [("origin", f"{APP}:8443")],
    [("origin", "http://app.test")],
    [("origin", "null")],
    [("origin", APP), ("origin", "https://evil.example")],
    [("origin", "https://evil.example"), ("host", "evil.example")],
    [],
]


def starlette_app(client: ServerClient) -> Starlette:
    """Make an application of Starlette whose WebSocket wants a user."""

    async def socket(websocket: StarletteWebSocket) -> None:
        user = await require_user(websocket)
        await websocket.accept()
        await websocket.send_text(user["sub"])

    app = Starlette(routes=[WebSocketRoute("/socket", socket)])
    add_userlink(app, client, TRUSTED)
    return app


def fastapi_app(client: ServerClient) -> FastAPI:
    """Make an application of FastAPI whose WebSocket wants a user."""
    app = FastAPI()
    add_userlink(app, client, TRUSTED)

    @app.websocket("/socket")
    async def socket(websocket: WebSocket, user: Annotated[User, Depends(require_user)]) -> None:
        await websocket.accept()
        await websocket.send_text(user["sub"])

    return app


def asking_app(client: ServerClient) -> Starlette:
    """Make an application whose WebSocket is for everybody, and tells them who they are."""

    async def socket(websocket: StarletteWebSocket) -> None:
        user = await current_user(websocket)
        await websocket.accept()
        await websocket.send_text("nobody" if user is None else user["sub"])

    app = Starlette(routes=[WebSocketRoute("/socket", socket)])
    add_userlink(app, client, TRUSTED)
    return app


def received(app: Starlette, browser: Browser | None, headers: Iterable[tuple[str, str]]) -> str:
    """Open the WebSocket with a browser's cookies and these headers, and return what it says."""
    cookies = {} if browser is None else browser.cookies
    cookie = ("cookie", "; ".join(f"{name}={value}" for name, value in cookies.items()))
    # Not entered: the lifespan would close the client, which the test still uses.
    tab = TestClient(app, base_url=APP)
    pairs = httpx.Headers([cookie, *headers])  # a name may come twice
    with tab.websocket_connect("/socket", headers=pairs) as socket:
        return socket.receive_text()


@pytest.mark.parametrize("make_app", [starlette_app, fastapi_app])
async def test_a_page_of_the_application_or_a_trusted_one_opens_it_as_the_user(
    make_app: MakeApp, client: ServerClient, browser: OpenBrowser
) -> None:
    """Old browsers send no Sec-Fetch-Site, pages without referrers a null Origin."""
    app = make_app(client)
    alice = browser(app)
    await alice.sign_in()

    for headers in OWN:
        assert "auth0|alice" == received(app, alice, headers)


@pytest.mark.parametrize("make_app", [starlette_app, fastapi_app])
@pytest.mark.parametrize("headers", FOREIGN)
async def test_a_foreign_page_is_refused(
    make_app: MakeApp, headers: list[tuple[str, str]], client: ServerClient, browser: OpenBrowser
) -> None:
    """Policy violation, although the user is signed in: the page would read and act for them (RFC 6455, 10.2)."""
    app = make_app(client)
    alice = browser(app)
    await alice.sign_in()
    with pytest.raises(WebSocketDisconnect) as closing:
        received(app, alice, headers)

    assert 1008 == closing.value.code


@pytest.mark.parametrize("headers", FOREIGN)
async def test_to_a_foreign_page_nobody_is_signed_in(
    headers: list[tuple[str, str]],
    client: ServerClient,
    browser: OpenBrowser,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """``current_user()`` answers None, and the log says why."""
    app = asking_app(client)
    alice = browser(app)
    await alice.sign_in()

    assert "auth0|alice" == received(app, alice, OWN[0])
    with caplog.at_level(logging.INFO, "userlink.starlette"):
        assert "nobody" == received(app, alice, headers)
    assert "request_origin_refused: a WebSocket" in caplog.text


@pytest.mark.parametrize("make_app", [starlette_app, fastapi_app])
async def test_a_websocket_of_nobody_is_closed(make_app: MakeApp, client: ServerClient) -> None:
    """Policy violation, before it is accepted (RFC 6455, 7.4.1), in Starlette and in FastAPI."""
    with pytest.raises(WebSocketDisconnect) as closing:
        received(make_app(client), None, OWN[0])

    assert 1008 == closing.value.code
