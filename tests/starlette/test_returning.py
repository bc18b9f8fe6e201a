"""``return_to``: back into the application, and nowhere else."""

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from support.app_browser import APP, POST, OpenBrowser, make_app, path_of
from userlink import LoginOptions, ServerClient
from userlink_starlette import RouteOptions

pytestmark = pytest.mark.anyio
ATTACKS = [
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    " //evil.example",
    "https://evil.example",
    "https:evil.example",
    "https://app.test@evil.example",
    "https://app.test\\@evil.example",
    "javascript:alert(1)",
    "/%2f/evil.example",
    "/%5cevil.example",
    "/%0d%0aSet-Cookie:x=1",
    "/..//evil.example",
]


@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_login_never_leads_elsewhere(
    attack: str, client: ServerClient, browser: OpenBrowser
) -> None:
    """RFC 9700, 4.11.1: whatever a link says, the user ends on the default."""
    alice = browser(make_app(client, RouteOptions(default_return_to="/home")))
    start = await alice.app.get("/auth/login", params={"return_to": attack})
    alice.tenant.open(path_of(start))
    back = await alice.get(alice.tenant.sign_in("alice"))

    assert (303, "/home") == (back.status_code, path_of(back))


@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_failure_never_leads_elsewhere(
    attack: str, client: ServerClient, browser: OpenBrowser
) -> None:
    """Neither by a form, nor by a query, nor on the way of errors."""
    stranger = browser(make_app(client))
    by_form = await stranger.post("/auth/link/github", {"return_to": attack})
    by_query = await stranger.app.post(
        "/auth/link/github", params={"return_to": attack}, headers=POST
    )

    assert "/?userlink_error=session_required" == path_of(by_form) == path_of(by_query)


async def test_return_to_is_read_from_form_and_query(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """The form stands over the query; given twice, it counts as not given."""
    stranger = browser(make_app(client))

    for path, form, expected in (
        ("/auth/link/github?return_to=/query", {}, "/query"),
        ("/auth/link/github?return_to=/query", {"return_to": "/form"}, "/form"),
        ("/auth/link/github?return_to=/a&return_to=/b", {}, "/"),
    ):
        answer = await stranger.post(path, form)
        assert f"{expected}?userlink_error=session_required" == path_of(answer)


async def test_the_own_origin_and_those_of_the_list_may_be_named_in_full(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """The origin of redirect_uri is the application's own."""
    options = RouteOptions(allowed_return_to_origins=["https://shop.test"])
    alice = browser(make_app(client, options))

    for url in (f"{APP}/profile", "https://shop.test/cart?a=b"):
        assert url == path_of(await alice.sign_in(return_to=url))


@pytest.mark.parametrize(("length", "expected"), [(512, None), (513, "/home"), (2048, "/home")])
async def test_a_long_return_to_is_not_carried_along(
    length: int, expected: str | None, client: ServerClient, browser: OpenBrowser
) -> None:
    """Whoever writes the links chooses it, and the cookies of forced starts must not fill the browser's header."""
    asked_for = "/" + "a" * (length - 1)
    app = make_app(client, RouteOptions(default_return_to="/home"))
    alice, stranger = browser(app), browser(app)

    assert (expected or asked_for) == path_of(await alice.sign_in(return_to=asked_for))
    refused = await stranger.post("/auth/link/github", {"return_to": asked_for})
    assert f"{expected or asked_for}?userlink_error=session_required" == path_of(refused)


async def test_a_long_return_to_that_the_application_itself_chose_is_kept(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """Routes of its own may start what the ready-made callback completes."""
    chosen = "/" + "a" * 1000

    async def start(request: Request) -> Response:
        options = LoginOptions(app_state={"return_to": chosen})
        url = await client.start_interactive_login(options, {"request": request})
        return RedirectResponse(url)

    app = make_app(client)
    app.add_route("/start", start)
    alice = browser(app)
    alice.tenant.open(path_of(await alice.get("/start")))

    assert chosen == path_of(await alice.get(alice.tenant.sign_in("alice")))


async def test_return_to_is_checked_again_when_it_is_used(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """What an older configuration allowed, and stored, a newer one may refuse."""
    older = make_app(client, RouteOptions(allowed_return_to_origins=["https://shop.test"]))
    newer = make_app(client)
    alice = browser(older)
    start = await alice.get("/auth/login?return_to=https://shop.test/")
    alice.tenant.open(path_of(start))
    callback_url = alice.tenant.sign_in("alice")
    alice.app._transport = httpx.ASGITransport(newer)

    assert "/" == path_of(await alice.get(callback_url))
