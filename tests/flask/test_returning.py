"""``return_to``: back into the application, and nowhere else."""

import httpx
import pytest

from support.app_browser import APP, POST, path_of
from support.flask_browser import OpenFlaskBrowser, make_flask_app
from userlink import SyncServerClient
from userlink_flask import RouteOptions

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
    "/" + "a" * 512,
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_login_never_leads_elsewhere(
    attack: str, client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """RFC 9700, 4.11.1: whatever a link says, the user ends on the default."""
    alice = browser(make_flask_app(client, RouteOptions(default_return_to="/home")))
    start = alice.app.get("/auth/login", params={"return_to": attack})
    alice.tenant.open(path_of(start))
    back = alice.get(alice.tenant.sign_in("alice"))

    assert (303, "/home") == (back.status_code, path_of(back))


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_failure_never_leads_elsewhere(
    attack: str, client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """Neither by a form, nor by a query, nor on the way of errors."""
    stranger = browser(make_flask_app(client))
    by_form = stranger.post("/auth/link/github", {"return_to": attack})
    by_query = stranger.app.post("/auth/link/github", params={"return_to": attack}, headers=POST)

    assert "/?userlink_error=session_required" == path_of(by_form) == path_of(by_query)


def test_return_to_is_read_from_form_and_query(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """The form stands over the query; given twice, it counts as not given."""
    stranger = browser(make_flask_app(client))

    for path, form, expected in (
        ("/auth/link/github?return_to=/query", {}, "/query"),
        ("/auth/link/github?return_to=/query", {"return_to": "/form"}, "/form"),
        ("/auth/link/github?return_to=/a&return_to=/b", {}, "/"),
    ):
        answer = stranger.post(path, form)
        assert f"{expected}?userlink_error=session_required" == path_of(answer)


def test_the_own_origin_and_those_of_the_list_may_be_named_in_full(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """The origin of redirect_uri is the application's own."""
    options = RouteOptions(allowed_return_to_origins=["https://shop.test"])
    alice = browser(make_flask_app(client, options))

    for url in (f"{APP}/profile", "https://shop.test/cart?a=b"):
        assert url == path_of(alice.sign_in(return_to=url))


@pytest.mark.parametrize(("length", "expected"), [(512, None), (513, "/home"), (2048, "/home")])
def test_a_long_return_to_is_not_carried_along(
    length: int, expected: str | None, client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """Whoever writes the links chooses it, and the cookies of forced starts must not fill the browser's header."""
    asked_for = "/" + "a" * (length - 1)
    app = make_flask_app(client, RouteOptions(default_return_to="/home"))
    alice, stranger = browser(app), browser(app)

    assert (expected or asked_for) == path_of(alice.sign_in(return_to=asked_for))
    refused = stranger.post("/auth/link/github", {"return_to": asked_for})
    assert f"{expected or asked_for}?userlink_error=session_required" == path_of(refused)


def test_return_to_is_checked_again_when_it_is_used(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """What an older configuration allowed, and stored, a newer one may refuse."""
    older = make_flask_app(client, RouteOptions(allowed_return_to_origins=["https://shop.test"]))
    alice = browser(older)
    callback_url = alice.start_login(return_to="https://shop.test/")
    alice.app._transport = httpx.WSGITransport(make_flask_app(client))

    assert "/" == path_of(alice.get(callback_url))
