"""What an application adds to the outcome of a flow."""

import logging

import pytest
from flask import Request, Response

from support.app_browser import is_private, path_of
from support.flask_browser import OpenFlaskBrowser, make_flask_app
from userlink import (
    AuthorizationDenied,
    CallbackResult,
    LinkResult,
    LoginResult,
    SyncServerClient,
    UserlinkError,
)
from userlink_flask import RouteOptions, current_user


def test_on_success_learns_of_every_kind_and_may_answer(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """A response of its own keeps the headers that keep the callback's address private."""
    results: list[CallbackResult] = []

    def on_success(request: Request, result: CallbackResult) -> Response | None:
        results.append(result)
        if isinstance(result, LinkResult):
            headers = {"cache-control": "public", "referrer-policy": "unsafe-url"}
            return Response(f"linked {result.connection}", headers=headers)
        return None

    alice = browser(make_flask_app(client, RouteOptions(on_success=on_success)))
    signed_in = alice.sign_in(return_to="/welcome")
    linked = alice.link()

    assert "/welcome" == path_of(signed_in)
    assert "linked github" == linked.text
    assert is_private(linked)
    assert [LoginResult, LinkResult] == [type(result) for result in results]
    assert "/welcome" == results[0].app_state["return_to"]


def test_on_error_learns_of_starts_and_callbacks_and_may_answer(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """It may return what a view may return; it finds return_to in the error's app_state."""
    errors: list[UserlinkError] = []

    def on_error(request: Request, error: UserlinkError) -> tuple[str, int] | None:
        errors.append(error)
        return ("never mind", 400) if isinstance(error, AuthorizationDenied) else None

    alice = browser(make_flask_app(client, RouteOptions(on_error=on_error)))
    refused = alice.post("/auth/link/github", {"return_to": "/settings"})
    start = alice.get("/auth/login?return_to=/welcome")
    alice.tenant.open(path_of(start))
    denied = alice.get(alice.tenant.cancel())

    assert "/settings?userlink_error=session_required" == path_of(refused)
    assert (400, "never mind") == (denied.status_code, denied.text)
    assert is_private(denied)
    assert [{"return_to": "/settings"}, {"return_to": "/welcome"}] == [
        error.app_state for error in errors
    ]


def test_on_error_is_not_asked_about_a_repeat_or_a_foreign_page(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """A repeat is no failure to the user, and a foreign page is answered 403 in any case."""
    errors: list[str] = []

    def on_error(request: Request, error: UserlinkError) -> None:
        errors.append(error.code)

    alice = browser(make_flask_app(client, RouteOptions(on_error=on_error)))
    callback_url = alice.start_login()
    alice.get(callback_url)
    alice.get(callback_url)
    alice.app.post("/auth/logout", headers={"origin": "https://evil.example"})

    assert [] == errors


def test_a_hook_sees_who_has_just_signed_in(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """And after a link, the user with the new identity: what was looked up before does not count any more."""
    seen_before: list[int] = []
    seen_by_hook: list[int] = []

    def on_success(request: Request, result: CallbackResult) -> None:
        seen_by_hook.append(len(current_user["identities"]))

    app = make_flask_app(client, RouteOptions(on_success=on_success))

    @app.before_request
    def look_up() -> None:
        seen_before.append(len(current_user))

    alice = browser(app)
    alice.sign_in()
    alice.link()

    assert [1, 2] == seen_by_hook


def test_a_hook_that_fails_is_the_applications_failure(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """It is not taken for one of the flow; the application's own handlers see it, and the cookies leave."""

    def on_success(request: Request, result: CallbackResult) -> Response:
        raise LookupError("of the application")

    app = make_flask_app(client, RouteOptions(on_success=on_success))
    app.register_error_handler(LookupError, lambda error: (str(error), 409))
    alice = browser(app)
    answer = alice.sign_in()

    assert (409, "of the application") == (answer.status_code, answer.text)
    assert is_private(answer)
    assert alice.user() is not None


@pytest.mark.parametrize("has_page", [False, True])
def test_a_hook_whose_failure_nobody_handles_signs_nobody_in(
    has_page: bool,
    client: SyncServerClient,
    browser: OpenFlaskBrowser,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """500, as private as every answer to a callback, with or without a page of the application for it."""

    def on_success(request: Request, result: CallbackResult) -> Response:
        raise LookupError("of the application")

    app = make_flask_app(client, RouteOptions(on_success=on_success))
    if has_page:
        app.register_error_handler(500, lambda error: ("sorry", 500))
    alice = browser(app)
    with caplog.at_level(logging.CRITICAL, "app"):
        answer = alice.sign_in()

    assert (500, has_page) == (answer.status_code, answer.text == "sorry")
    assert is_private(answer)
    assert [] == answer.headers.get_list("set-cookie")
    assert alice.user() is None
