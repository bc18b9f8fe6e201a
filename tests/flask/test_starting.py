"""Starting by the ready-made routes: GET to sign in, POST from a page of ours for everything else."""

import logging

import pytest
from flask import Flask, request

from support.app_browser import APP, POST, is_private, path_of, sent_to_provider
from support.flask_browser import OpenFlaskBrowser, make_client, make_flask_app
from userlink import SyncServerClient
from userlink_devtenant import DevTenant
from userlink_flask import RouteOptions

STARTS = ["/auth/link/github", "/auth/unlink/github", "/auth/logout"]


@pytest.mark.parametrize("path", STARTS)
def test_a_link_or_an_image_starts_nothing(
    path: str, client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """Linking, unlinking and logging out answer 405 to GET, also on a page of our own."""
    alice = browser(make_flask_app(client))
    alice.sign_in()
    before = alice.cookies
    answer = alice.get(path, **POST)

    assert (405, "POST") == (answer.status_code, answer.headers["allow"])
    assert before == alice.cookies
    assert alice.user() is not None


@pytest.mark.parametrize("path", ["/auth/login", "/auth/callback"])
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_a_link_checker_starts_and_ends_nothing(
    path: str, method: str, client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """HEAD has no business at routes that begin or use up a transaction."""
    alice = browser(make_flask_app(client))
    answer = alice.app.request(method, path)

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
        {"origin": f"{APP}, {APP}"},  # as servers join a header that comes twice
        {"origin": "null"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "none"},
        {"referer": f"{APP}/"},
        {},
    ],
)
def test_a_foreign_page_starts_nothing(
    path: str,
    headers: dict[str, str],
    client: SyncServerClient,
    browser: OpenFlaskBrowser,
    devtenant: DevTenant,
) -> None:
    """403, no transaction, no request to the provider, and the user stays signed in (RFC 9700, 4.7)."""
    alice = browser(make_flask_app(client))
    alice.sign_in()
    before, asked = alice.cookies, len(devtenant.requests)
    answer = alice.app.post(path, headers=headers)

    assert 403 == answer.status_code
    assert is_private(answer)
    assert [] == answer.headers.get_list("set-cookie")
    assert (before, asked) == (alice.cookies, len(devtenant.requests))
    assert alice.user() is not None


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": APP},
        {"origin": "null", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-origin"},
        {"origin": "https://admin.test", "sec-fetch-site": "cross-site"},
    ],
)
def test_a_page_of_the_application_or_a_trusted_one_starts(
    headers: dict[str, str], client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """Old browsers send no Sec-Fetch-Site, pages without referrers a null Origin."""
    alice = browser(make_flask_app(client, RouteOptions(trusted_origins=["https://admin.test"])))
    alice.sign_in()
    answer = alice.app.post("/auth/link/github", headers=headers)

    assert ["github"] == sent_to_provider(answer)["requested_connection"]


def test_only_listed_parameters_reach_the_provider(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """A login hint may, ``prompt=none`` of somebody's link may not, and never a parameter of the flow."""
    options = RouteOptions(forwarded_parameters=["login_hint", "ui_locales"])
    stranger = browser(make_flask_app(client, options))
    sent = sent_to_provider(
        stranger.get("/auth/login?login_hint=alice&prompt=none&state=x&ui_locales=a&ui_locales=b")
    )

    assert ["alice"] == sent["login_hint"]
    assert "prompt" not in sent
    assert "ui_locales" not in sent
    assert ["x"] != sent["state"]


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"x-forwarded-host": "evil.example", "x-forwarded-proto": "http"},
        {"forwarded": "host=evil.example;proto=http"},
    ],
)
def test_headers_do_not_change_the_redirect_uri(
    headers: dict[str, str], client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """It comes from the configuration (RFC 9700, 4.13), at the start and at the token endpoint."""
    alice = browser(make_flask_app(client))
    start = alice.get("/auth/login", **headers)
    alice.tenant.open(path_of(start))
    back = alice.get(alice.tenant.sign_in("alice"), **headers)

    assert [f"{APP}/auth/callback"] == sent_to_provider(start)["redirect_uri"]
    assert (303, "/") == (back.status_code, path_of(back))


def test_connections_may_be_limited_and_bring_their_scope(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """What is not on the list is not found; nothing is asked of the provider."""
    alice = browser(make_flask_app(client, RouteOptions(connections={"github": "read:user repo"})))
    alice.sign_in()

    sent = sent_to_provider(alice.post("/auth/link/github"))
    assert ["read:user repo"] == sent["requested_connection_scope"]
    for action in ("link", "unlink"):
        assert 404 == alice.post(f"/auth/{action}/google-oauth2").status_code
        assert 404 == alice.post(f"/auth/{action}/a%20b").status_code
        assert 404 == alice.post(f"/auth/{action}/git%2Fhub").status_code


def test_a_form_that_is_too_large_is_refused(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """413: a start needs a few hundred bytes (RFC 9110, 15.5.14)."""
    stranger = browser(make_flask_app(client))
    answer = stranger.post("/auth/link/github", {"return_to": "/" * 20_000})

    assert 413 == answer.status_code


def test_a_form_that_was_read_before_is_read_nonetheless(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """Protections against forged requests look for their token in the form first."""
    app = make_flask_app(client)
    app.before_request(lambda: request.form.get("csrf_token") and None)
    answer = browser(app).post("/auth/link/github", {"return_to": "/settings", "csrf_token": "x"})

    assert "/settings?userlink_error=session_required" == path_of(answer)


@pytest.mark.parametrize("action", ["link", "unlink"])
def test_nobody_links_without_signing_in(
    action: str, client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """The page that asked is told by a code, and nothing is stored."""
    stranger = browser(make_flask_app(client))
    answer = stranger.post(f"/auth/{action}/github", {"return_to": "/settings?a=b"})

    assert "/settings?a=b&userlink_error=session_required" == path_of(answer)
    assert {} == stranger.cookies


def test_a_provider_that_is_away_is_told_by_a_code(
    browser: OpenFlaskBrowser, caplog: pytest.LogCaptureFixture
) -> None:
    """The browser gets the code, the log the reason."""
    with make_client("http://127.0.0.1:9") as client:
        stranger = browser(make_flask_app(client))
        with caplog.at_level(logging.INFO, "userlink.flask"):
            answer = stranger.get("/auth/login?return_to=/home")

    assert "/home?userlink_error=provider_unreachable" == path_of(answer)
    assert [(logging.WARNING, True)] == [
        (record.levelno, "provider_unreachable" in record.getMessage()) for record in caplog.records
    ]


def test_the_application_may_be_below_a_path(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """The rest of the address is the server's business."""
    app = make_flask_app(client)
    assert isinstance(app, Flask)
    answer = app.test_client().get("/auth/login", base_url=f"{APP}/below")

    assert 303 == answer.status_code
