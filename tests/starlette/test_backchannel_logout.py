"""Back-channel logout: the provider's own request, without any browser (OIDC Back-Channel Logout 1.0, 2.5 and 2.8)."""

from typing import Any

import httpx
import pytest

from support.app_browser import APP, OpenBrowser, is_private, make_app, register, stored_client
from userlink import MemoryStateStore, ServerClient
from userlink.stores.protocols import StoreOptions
from userlink.testing import InMemoryProvider
from userlink_devtenant import DevTenant
from userlink_starlette import RouteOptions

pytestmark = pytest.mark.anyio

PATH = "/auth/backchannel-logout"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def client_of(provider: InMemoryProvider, **arguments: Any) -> ServerClient:
    """Make a client of a provider in memory."""
    given: dict[str, Any] = {
        "domain": provider.issuer,
        "client_id": provider.client_id,
        "client_secret": provider.client_secret,
        "secret": "a secret for tests, of 32 bytes or more",
        "authorization_params": {"redirect_uri": f"{APP}/auth/callback"},
        "transport": provider,
        "state_store": MemoryStateStore(),
    }
    return ServerClient(**given | arguments)


async def sent(client: ServerClient, **request: Any) -> httpx.Response:
    """Send a request as a provider does: from another site, without cookies or Origin."""
    transport = httpx.ASGITransport(make_app(client), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=APP) as provider:
        return await provider.post(PATH, **request)


async def signed_in(client: ServerClient, provider: InMemoryProvider) -> dict[str, str]:
    """Return the cookies of a browser in which Alice has signed in."""
    cookies: dict[str, str] = {}
    url = await client.start_interactive_login(None, {"cookies": cookies})
    await client.complete_interactive_login(provider.authorize(url), {"cookies": cookies})
    return cookies


@pytest.fixture
def provider() -> InMemoryProvider:
    """Return a provider of its own for each test."""
    return InMemoryProvider(redirect_uris=[f"{APP}/auth/callback"])


async def test_the_tenant_ends_the_session_in_the_browser(
    devtenant: DevTenant, browser: OpenBrowser
) -> None:
    """What the tenant would send reaches the route; the browser's next request finds nobody signed in."""
    register(devtenant)
    async with stored_client(devtenant, MemoryStateStore()) as client:
        alice = browser(make_app(client))
        await alice.sign_in()
        session = await client.get_session({"cookies": alice.cookies})
        token = devtenant.logout_token("app", "alice", (session and session.sid) or "")
        answer = await sent(client, data={"logout_token": token})

        assert (200, b"") == (answer.status_code, answer.content)
        assert is_private(answer)
        assert await alice.user() is None


async def test_a_token_counts_once(provider: InMemoryProvider) -> None:
    """The second delivery is answered as a failure, in JSON, and cached by nobody."""
    client = client_of(provider)
    cookies = await signed_in(client, provider)
    form = {"logout_token": provider.logout_token()}
    answers = [await sent(client, data=form), await sent(client, data=form)]

    assert [200, 400] == [answer.status_code for answer in answers]
    assert "logout_token_invalid" == answers[1].json()["error"]
    assert is_private(answers[1])
    assert "set-cookie" not in answers[0].headers
    assert await client.get_user({"cookies": cookies}) is None


def wrong_requests(token: str) -> list[dict[str, Any]]:
    """Return requests that bring a good token in a wrong way."""
    return [
        {"json": {"logout_token": token}},
        {"content": f"logout_token={token}", "headers": {"content-type": "text/plain"}},
        {"content": f"logout_token={token}"},
        {"params": {"logout_token": token}},
        {"params": {"logout_token": token}, "data": {"other": "x"}},
        {"content": f"logout_token={token}&logout_token={token}", "headers": FORM},
        {"content": f"logout_token={token}&more={'x' * 20_000}", "headers": FORM},
        {"content": "logout_token=%ff", "headers": FORM},
        {"data": {"logout_token": ""}},
        {"files": {"logout_token": ("t", token)}},
    ]


@pytest.mark.parametrize("number", range(10))
async def test_a_token_comes_in_a_form_and_once(provider: InMemoryProvider, number: int) -> None:
    """Section 2.5: the body of a POST, of one type and of bounded size; nothing else is read."""
    client = client_of(provider)
    cookies = await signed_in(client, provider)
    answer = await sent(client, **wrong_requests(provider.logout_token())[number])

    assert (400, "logout_token_invalid") == (answer.status_code, answer.json()["error"])
    assert is_private(answer)
    assert await client.get_user({"cookies": cookies}) is not None


async def test_only_post_is_served(provider: InMemoryProvider) -> None:
    """A token in an address would be in logs."""
    transport = httpx.ASGITransport(make_app(client_of(provider)))
    async with httpx.AsyncClient(transport=transport, base_url=APP) as anybody:
        for method in ("GET", "PUT", "OPTIONS"):
            assert 405 == (await anybody.request(method, PATH)).status_code


async def test_sealed_cookies_say_that_they_cannot(provider: InMemoryProvider) -> None:
    """The provider's log and ours show why; nobody is told that a session ended."""
    client = client_of(provider, state_store=None)
    answer = await sent(client, data={"logout_token": provider.logout_token()})

    assert (400, "backchannel_logout_not_supported") == (
        answer.status_code,
        answer.json()["error"],
    )


async def test_a_store_that_fails_is_a_failure_that_may_be_tried_again(
    provider: InMemoryProvider,
) -> None:
    """Section 2.8 knows one status for all of them; the same token works once the store is back."""

    class Broken(MemoryStateStore):
        broken = True

        async def get(self, identifier: str, store_options: StoreOptions) -> Any:
            if self.broken:
                raise OSError("away")
            return await super().get(identifier, store_options)

    store = Broken()
    client = client_of(provider, state_store=store)
    form = {"logout_token": provider.logout_token()}
    failed = await sent(client, data=form)
    store.broken = False

    assert (400, "store_error") == (failed.status_code, failed.json()["error"])
    assert 200 == (await sent(client, data=form)).status_code


async def test_a_store_is_given_the_request(provider: InMemoryProvider) -> None:
    """As it is at every other call."""
    seen: list[StoreOptions] = []

    class Watching(MemoryStateStore):
        async def get(self, identifier: str, store_options: StoreOptions) -> Any:
            seen.append(store_options)
            return await super().get(identifier, store_options)

    await sent(
        client_of(provider, state_store=Watching()), data={"logout_token": provider.logout_token()}
    )

    assert PATH == seen[0]["request"].url.path


async def test_the_route_can_be_moved_or_left_out(
    provider: InMemoryProvider, browser: OpenBrowser
) -> None:
    """Like every other."""
    moved = make_app(client_of(provider), RouteOptions(paths={"backchannel_logout": "/end"}))
    without = make_app(client_of(provider), RouteOptions(paths={"backchannel_logout": None}))

    assert "/auth/end" == moved.url_path_for("userlink_backchannel_logout")
    assert 400 == (await browser(moved).post("/auth/end")).status_code
    assert 404 == (await browser(without).post(PATH)).status_code
