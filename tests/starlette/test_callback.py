"""The callback for all kinds: whatever fails, the session is as it was."""

from urllib.parse import parse_qs, quote, urlsplit

import anyio
import httpx
import pytest

from support.app_browser import OpenBrowser, is_private, make_app, path_of, sent_to_provider
from userlink import (
    ServerClient,
)
from userlink_devtenant import DevTenant
from userlink_starlette import RouteOptions

pytestmark = pytest.mark.anyio


async def test_a_denied_link_tells_a_code_and_changes_nothing(
    client: ServerClient, browser: OpenBrowser, devtenant: DevTenant
) -> None:
    """The user pressed Cancel at the connection's page; what the provider wrote is not shown."""
    alice = browser(make_app(client))
    await alice.sign_in()
    before = await alice.user()
    start = await alice.post("/auth/link/github", {"return_to": "/profile#linked"})
    alice.tenant.open(path_of(start))
    denied = await alice.get(alice.tenant.cancel())

    assert "/profile?userlink_error=authorization_denied#linked" == path_of(denied)
    assert is_private(denied)
    assert before == await alice.user()
    assert 1 == len(devtenant.identities_of("alice"))


async def test_text_of_the_provider_is_never_passed_on(
    client: ServerClient, browser: OpenBrowser, devtenant: DevTenant
) -> None:
    """Line ends and HTML in the error parameters reach neither headers nor body."""
    alice = browser(make_app(client))
    start = await alice.get("/auth/login")
    (state,) = sent_to_provider(start)["state"]
    answer = await alice.get(
        f"/auth/callback?state={state}&iss={quote(devtenant.issuer)}&error=a%0d%0aSet-Cookie:x=1"
        "&error_description=%3Cscript%3Ealert(1)%3C/script%3E%0d%0aX:1"
    )

    assert "/?userlink_error=authorization_denied" == path_of(answer)
    assert "script" not in f"{answer.headers}{answer.text}"
    assert "x" not in alice.cookies


async def test_a_repeated_callback_goes_where_the_first_one_went(
    client: ServerClient, browser: OpenBrowser, devtenant: DevTenant
) -> None:
    """A reload, a double click: no error, no second token request, the session untouched."""
    alice = browser(make_app(client))
    start = await alice.get("/auth/login?return_to=/welcome")
    alice.tenant.open(path_of(start))
    callback_url = alice.tenant.sign_in("alice")
    first = await alice.get(callback_url)
    session = alice.cookies["__Host-userlink_session"]
    again = await alice.get(callback_url)

    assert "/welcome" == path_of(first) == path_of(again)
    assert is_private(again)
    assert session == alice.cookies["__Host-userlink_session"]
    assert 1 == len(devtenant.requests_to("/oauth/token"))


async def test_of_twenty_callbacks_at_once_one_asks_for_tokens(
    client: ServerClient, browser: OpenBrowser, devtenant: DevTenant
) -> None:
    """All are sent on to return_to; one of them brings the session."""
    alice = browser(make_app(client))
    start = await alice.get("/auth/login?return_to=/welcome")
    alice.tenant.open(path_of(start))
    callback_url = alice.tenant.sign_in("alice")
    cookies = "; ".join(f"{name}={value}" for name, value in alice.cookies.items())
    answers: list[httpx.Response] = []

    async def deliver() -> None:
        answers.append(await alice.get(callback_url, cookie=cookies))

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(deliver)

    assert ["/welcome"] * 20 == [path_of(answer) for answer in answers]
    assert 1 == sum("userlink_session" in str(answer.headers) for answer in answers)
    assert 1 == len(devtenant.requests_to("/oauth/token"))


async def test_a_callback_of_another_browser_is_refused(
    client: ServerClient, browser: OpenBrowser, devtenant: DevTenant
) -> None:
    """RFC 6749, 10.12: Eve's callback in Alice's browser links nothing, and Alice stays signed in."""
    app = make_app(client)
    alice, eve = browser(app), browser(app)
    await alice.sign_in("alice")
    await eve.sign_in("bob")
    forged = await eve.start_link("google-oauth2", "team@gmail.example")
    before, asked = await alice.user(), len(devtenant.requests_to("/oauth/token"))
    answer = await alice.get(forged)

    assert "/?userlink_error=transaction_not_found" == path_of(answer)
    assert is_private(answer)
    assert before == await alice.user()
    assert asked == len(devtenant.requests_to("/oauth/token"))


async def test_a_link_that_comes_back_to_another_user_is_refused(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """Alice starts, Bob signs in in the same browser, Alice's callback arrives."""
    alice = browser(make_app(client))
    await alice.sign_in("alice")
    callback_url = await alice.start_link()
    await alice.post("/auth/logout")
    alice.tenant.cookies.clear()
    await alice.sign_in("bob")
    before = await alice.user()
    answer = await alice.get(callback_url)

    assert "/?userlink_error=session_changed" == path_of(answer)
    assert before is not None
    assert ("auth0|bob", before) == (before["sub"], await alice.user())


async def test_a_link_that_comes_back_after_the_logout_is_refused(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """Linking needs a session at the end too, and makes none."""
    alice = browser(make_app(client))
    await alice.sign_in()
    callback_url = await alice.start_link()
    await alice.post("/auth/logout")

    assert "/?userlink_error=session_required" == path_of(await alice.get(callback_url))
    assert await alice.user() is None


@pytest.mark.parametrize(
    "query",
    ["", "state=x", "code=x", "state=a&state=b&code=c", "state=%ff&code=c", "a" * 20_000],
)
async def test_a_malformed_callback_is_told_by_a_code(
    query: str, client: ServerClient, browser: OpenBrowser
) -> None:
    """Whatever stands in the address: a redirect, with the same headers as every callback."""
    alice = browser(make_app(client))
    await alice.sign_in()
    answer = await alice.get(f"/auth/callback?{query}")

    assert 303 == answer.status_code
    assert path_of(answer).startswith("/?userlink_error=")
    assert is_private(answer)
    assert await alice.user() is not None


async def test_no_callback_repeats_its_code(client: ServerClient, browser: OpenBrowser) -> None:
    """The redirect leads away from the address that holds it, with nothing of it (RFC 9700, 4.2.4)."""
    alice = browser(make_app(client))
    start = await alice.get("/auth/login")
    alice.tenant.open(path_of(start))
    callback_url = alice.tenant.sign_in("alice")
    (code,) = parse_qs(urlsplit(callback_url).query)["code"]
    answer = await alice.get(callback_url)

    assert is_private(answer)
    assert code not in f"{answer.headers}{answer.text}"


async def test_failures_may_have_a_page_of_their_own(
    client: ServerClient, browser: OpenBrowser
) -> None:
    """``error_path`` takes the place of return_to."""
    alice = browser(make_app(client, RouteOptions(error_path="/failed")))
    answer = await alice.get("/auth/callback?state=x&code=y")

    assert "/failed?userlink_error=transaction_not_found" == path_of(answer)
