"""Starting by the ready-made routes: GET to sign in, POST from a page of ours for everything else."""

import logging

import httpx
import pytest
from starlette.testclient import TestClient

from support.app_browser import (
    APP,
    POST,
    OpenBrowser,
    is_private,
    make_app,
    path_of,
    sent_to_provider,
    stored_client,
)
from userlink import (
    MemoryStateStore,
    ServerClient,
)
from userlink_devtenant import DevTenant
from userlink_starlette import RouteOptions

pytestmark = pytest.mark.anyio
STARTS = ["/auth/link/github", "/auth/unlink/github", "/auth/logout"]


@pytest.mark.parametrize("path", STARTS)
async def test_a_link_or_an_image_starts_nothing(
    path: str, client: ServerClient, browser: OpenBrowser
) -> None:
    """Linking, unlinking and logging out answer 405 to GET, also on a page of our own."""
    alice = browser(make_app(client))
    await alice.sign_in()
    before = alice.cookies
    answer = await alice.get(path, **POST)

    assert (405, "POST") == (answer.status_code, answer.headers["allow"])
    assert before == alice.cookies
    assert await alice.user() is not None


@pytest.mark.parametrize("path", ["/auth/login", "/auth/callback"])
async def test_a_link_checker_starts_and_ends_nothing(
    path: str, client: ServerClient, browser: OpenBrowser
) -> None:
    """HEAD has no business at routes that begin or use up a transaction."""
    alice = browser(make_app(client))
    answer = await alice.app.head(path)

    assert 405 == answer.status_code
    assert {} == alice.cookies


@pytest.mark.parametrize("path", STARTS)
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "https://evil.example", "host": "evil.example"},
        {"origin": "https://evil.example", "x-forwarded-host": "evil.example"},
        {"origin": "https://sibling.test", "sec-fetch-site": "same-site"},
        {"origin": "null"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "none"},
        {"referer": f"{APP}/"},
        {},
    ],
)
async def test_a_foreign_page_starts_nothing(
    path: str,
    headers: dict[str, str],
    client: ServerClient,
    browser: OpenBrowser,
    devtenant: DevTenant,
) -> None:
    """403, no transaction, no request to the provider, and the user stays signed in (RFC 9700, 4.7)."""
    alice = browser(make_app(client))
    await alice.sign_in()
    before, asked = alice.cookies, len(devtenant.requests)
    answer = await alice.app.post(path, headers=headers)

    assert 403 == answer.status_code
    assert is_private(answer)
    assert [] == answer.headers.get_list("set-cookie")
    assert (before, asked) == (alice.cookies, len(devtenant.requests))
    assert await alice.user() is not None


async def test_a_doubled_origin_starts_nothing(client: ServerClient, browser: OpenBrowser) -> None:
    """Which of the two is meant, nobody can say."""
    alice = browser(make_app(client))
    headers = httpx.Headers([("origin", APP), ("origin", "https://evil.example")])
    answer = await alice.app.post("/auth/logout", headers=headers)

    assert 403 == answer.status_code


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": APP},
        {"origin": "null", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-origin"},
        {"origin": "https://admin.test", "sec-fetch-site": "cross-site"},
    ],
)
async def test_a_page_of_the_application_or_a_trusted_one_starts(
    headers: dict[str, str], client: ServerClient, browser: OpenBrowser
) -> None:
    """Old browsers send no Sec-Fetch-Site, pages without referrers a null Origin."""
    alice = browser(make_app(client, RouteOptions(trusted_origins=["https://admin.test"])))
    await alice.sign_in()
    answer = await alice.app.post("/auth/link/github", headers=headers)

    assert ["github"] == sent_to_provider(answer)["requested_connection"]


async def test_parameters_of_the_request_do_not_reach_the_provider(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """Whoever writes the link does not write the authorization request."""
    alice = browser(make_app(client))
    answer = await alice.get(
        "/auth/login?login_hint=x&prompt=none&redirect_uri=https://evil.example&scope=a&foo=bar"
    )
    sent = sent_to_provider(answer)

    assert {"foo", "login_hint", "prompt"}.isdisjoint(sent)
    assert [f"{APP}/auth/callback"] == sent["redirect_uri"]
    assert ["openid profile email offline_access"] == sent["scope"]


async def test_parameters_of_the_allow_list_reach_the_provider(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """From the query of a login, from the form of a link; one that is given twice does not."""
    options = RouteOptions(forwarded_parameters=["login_hint", "ui_locales"])
    alice = browser(make_app(client, options))
    login = sent_to_provider(
        await alice.get("/auth/login?login_hint=a%40b&ui_locales=de&ui_locales=en&prompt=none")
    )
    await alice.sign_in()
    link = sent_to_provider(await alice.post("/auth/link/github", {"ui_locales": "de"}))

    assert ["a@b"] == login["login_hint"]
    assert {"ui_locales", "prompt"}.isdisjoint(login)
    assert ["de"] == link["ui_locales"]


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "[evil"},
        {"x-forwarded-host": "evil.example", "x-forwarded-proto": "http"},
        {"forwarded": "host=evil.example;proto=http"},
    ],
)
async def test_headers_do_not_change_the_redirect_uri(
    headers: dict[str, str], client: ServerClient, browser: OpenBrowser
) -> None:
    """It comes from the configuration (RFC 9700, 4.13), at the start and at the token endpoint."""
    alice = browser(make_app(client))
    start = await alice.get("/auth/login", **headers)
    alice.tenant.open(path_of(start))
    back = await alice.get(alice.tenant.sign_in("alice"), **headers)

    assert [f"{APP}/auth/callback"] == sent_to_provider(start)["redirect_uri"]
    assert (303, "/") == (back.status_code, path_of(back))


async def test_connections_may_be_limited_and_bring_their_scope(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """What is not on the list is not found; nothing is asked of the provider."""
    alice = browser(make_app(client, RouteOptions(connections={"github": "read:user repo"})))
    await alice.sign_in()

    sent = sent_to_provider(await alice.post("/auth/link/github"))
    assert ["read:user repo"] == sent["requested_connection_scope"]
    for action in ("link", "unlink"):
        assert 404 == (await alice.post(f"/auth/{action}/google-oauth2")).status_code
        assert 404 == (await alice.post(f"/auth/{action}/a%20b")).status_code


def test_a_form_that_is_too_large_is_refused(devtenant: DevTenant) -> None:
    """A start needs a few hundred bytes."""
    app = make_app(stored_client(devtenant, MemoryStateStore()))
    with TestClient(app, base_url=APP) as browser:
        form = {"return_to": "/" * 20_000}
        answer = browser.post("/auth/link/github", data=form, headers=POST)

    assert 413 == answer.status_code


@pytest.mark.parametrize("action", ["link", "unlink"])
async def test_nobody_links_without_signing_in(
    action: str, client: ServerClient, browser: OpenBrowser
) -> None:
    """The page that asked is told by a code, and nothing is stored."""
    stranger = browser(make_app(client))
    answer = await stranger.post(f"/auth/{action}/github", {"return_to": "/settings?a=b"})

    assert "/settings?a=b&userlink_error=session_required" == path_of(answer)
    assert {} == stranger.cookies


async def test_a_provider_that_is_away_is_told_by_a_code(
    browser: OpenBrowser, anyio_backend: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The browser gets the code, the log the reason."""
    async with ServerClient(
        domain="http://127.0.0.1:9",
        client_id="app",
        client_secret="secret",
        secret="a secret for tests, of 32 bytes or more",
        authorization_params={"redirect_uri": f"{APP}/auth/callback"},
    ) as client:
        stranger = browser(make_app(client))
        with caplog.at_level(logging.INFO, "userlink.starlette"):
            answer = await stranger.get("/auth/login?return_to=/home")

    assert "/home?userlink_error=provider_unreachable" == path_of(answer)
    assert [(logging.WARNING, True)] == [
        (record.levelno, "provider_unreachable" in record.getMessage()) for record in caplog.records
    ]
