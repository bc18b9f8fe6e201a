"""What an application adds to the outcome of a flow."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from support.app_browser import OpenBrowser, is_private, make_app, path_of
from userlink import (
    AuthorizationDenied,
    CallbackResult,
    LinkResult,
    LoginResult,
    ServerClient,
    UserlinkError,
)
from userlink_starlette import RouteOptions, add_userlink

pytestmark = pytest.mark.anyio


async def test_on_success_learns_of_every_kind_and_may_answer(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """A response of its own keeps the headers that keep the callback's address private."""
    results: list[CallbackResult] = []

    async def on_success(request: Request, result: CallbackResult) -> Response | None:
        results.append(result)
        if isinstance(result, LinkResult):
            headers = {"cache-control": "public", "referrer-policy": "unsafe-url"}
            return PlainTextResponse(f"linked {result.connection}", headers=headers)
        return None

    alice = browser(make_app(client, RouteOptions(on_success=on_success)))
    signed_in = await alice.sign_in(return_to="/welcome")
    linked = await alice.link()

    assert "/welcome" == path_of(signed_in)
    assert "linked github" == linked.text
    assert is_private(linked)
    assert [LoginResult, LinkResult] == [type(result) for result in results]
    assert "/welcome" == results[0].app_state["return_to"]


async def test_on_error_learns_of_starts_and_callbacks_and_may_answer(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """A plain function will do; it finds return_to in the error's app_state."""
    errors: list[UserlinkError] = []

    def on_error(request: Request, error: UserlinkError) -> Response | None:
        errors.append(error)
        if isinstance(error, AuthorizationDenied):
            return PlainTextResponse("never mind", status_code=400)
        return None

    alice = browser(make_app(client, RouteOptions(on_error=on_error)))
    refused = await alice.post("/auth/link/github", {"return_to": "/settings"})
    start = await alice.get("/auth/login?return_to=/welcome")
    alice.tenant.open(path_of(start))
    denied = await alice.get(alice.tenant.cancel())

    assert "/settings?userlink_error=session_required" == path_of(refused)
    assert (400, "never mind") == (denied.status_code, denied.text)
    assert is_private(denied)
    assert [{"return_to": "/settings"}, {"return_to": "/welcome"}] == [
        error.app_state for error in errors
    ]


async def test_on_error_is_not_asked_about_a_repeat_or_a_foreign_page(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """A repeat is no failure to the user, and a foreign page is answered 403 in any case."""
    errors: list[str] = []

    def on_error(request: Request, error: UserlinkError) -> None:
        errors.append(error.code)

    alice = browser(make_app(client, RouteOptions(on_error=on_error)))
    start = await alice.get("/auth/login")
    alice.tenant.open(path_of(start))
    callback_url = alice.tenant.sign_in("alice")
    await alice.get(callback_url)
    await alice.get(callback_url)
    await alice.app.post("/auth/logout", headers={"origin": "https://evil.example"})

    assert [] == errors


async def test_a_hook_that_fails_is_the_applications_failure(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """It is not taken for one of the flow; the application's own handlers see it, and the cookies leave."""

    def on_success(request: Request, result: CallbackResult) -> Response:
        raise LookupError("of the application")

    def page(request: Request, error: Exception) -> Response:
        return PlainTextResponse(str(error), status_code=409)

    app = Starlette(exception_handlers={LookupError: page})
    add_userlink(app, client, RouteOptions(on_success=on_success))
    alice = browser(app)
    answer = await alice.sign_in()

    assert (409, "of the application") == (answer.status_code, answer.text)
    assert is_private(answer)
    assert await alice.user() is not None


async def test_a_hook_that_fails_unhandled_signs_nobody_in_and_gives_no_code_away(
    client: ServerClient, browser: OpenBrowser, caplog: pytest.LogCaptureFixture
) -> None:
    """An application may refuse a user by raising; its own handler of everything is told once."""
    told: list[Exception] = []

    def on_success(request: Request, result: CallbackResult) -> Response:
        raise LookupError("of the application")

    def everything(request: Request, error: Exception) -> Response:
        told.append(error)
        return PlainTextResponse("not shown", status_code=500)

    app = Starlette(exception_handlers={Exception: everything})
    add_userlink(app, client, RouteOptions(on_success=on_success))
    alice = browser(app)
    answer = await alice.sign_in()

    assert (500, []) == (answer.status_code, answer.headers.get_list("set-cookie"))
    assert is_private(answer)
    assert ["of the application"] == [str(error) for error in told]
    assert "cookies were not sent" in caplog.text
    assert await alice.user() is None
