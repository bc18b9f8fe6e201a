"""Userinfo, where the client asks for it: in every completion, about the same user or not at all."""

import pytest

from support.clients import KINDS_OF_STORES, Browser, client_of, sign_in
from support.memory_provider import MemoryProvider, json_response
from support.moving_clock import MovingClock
from userlink import MetadataInvalid, ServerClient, UserinfoInvalid, UserlinkError
from userlink.protocol.values import HttpResponse

ENDPOINTS = {
    "issuer": "",
    "authorization_endpoint": "authorize",
    "token_endpoint": "token",
    "jwks_uri": "jwks",
}
pytestmark = pytest.mark.anyio


@pytest.fixture
def provider() -> MemoryProvider:
    """Return a provider of its own for each test."""
    return MemoryProvider(MovingClock())


@pytest.fixture(params=KINDS_OF_STORES)
def client(request: pytest.FixtureRequest, provider: MemoryProvider) -> ServerClient:
    """Return a client that asks, with each kind of stores."""
    return client_of(provider, userinfo=True, **KINDS_OF_STORES[request.param])


def asked(provider: MemoryProvider) -> int:
    """Count the requests to the endpoint."""
    return len(provider.sent_to("/userinfo"))


async def test_a_login_and_a_link_bring_its_claims(
    client: ServerClient, provider: MemoryProvider
) -> None:
    """Each asks once, with the access token that has just come (OIDC Core, 5.3.1)."""
    browser = Browser()
    await sign_in(client, provider, browser)
    user = await client.get_user(browser.options)
    assert user is not None
    assert "of userinfo" == user["nickname"]

    url = await client.start_link_user({"connection": "github"}, browser.options)
    linked = await client.complete_callback(provider.approve(url, nickname="old"), browser.options)
    assert "of userinfo" == linked.user["nickname"]
    assert 2 == asked(provider)


async def test_nothing_is_asked_without_the_setting(provider: MemoryProvider) -> None:
    """The default."""
    client = client_of(provider)
    await sign_in(client, provider, Browser())

    assert 0 == asked(provider)


@pytest.mark.parametrize(
    ("path", "answer", "error"),
    [
        ("/userinfo", json_response(200, {"sub": "auth0|bob", "name": "Bob"}), UserinfoInvalid),
        ("/userinfo", json_response(200, {"name": "Nobody"}), UserinfoInvalid),
        ("/userinfo", json_response(401, {"error": "invalid_token"}), UserinfoInvalid),
        (
            "/userinfo",
            HttpResponse(200, {"content-type": "application/jwt"}, b"a.b.c"),
            UserinfoInvalid,
        ),
    ],
)
async def test_an_answer_that_cannot_be_used_leaves_everything_as_it_was(
    client: ServerClient,
    provider: MemoryProvider,
    path: str,
    answer: HttpResponse,
    error: type[UserlinkError],
) -> None:
    """OIDC Core, 5.3.2: neither a link nor a login takes the claims of another user."""
    browser, stranger = Browser(), Browser()
    await sign_in(client, provider, browser)
    before = await client.get_session(browser.request().options)
    link = await client.start_link_user({"connection": "github"}, browser.options)
    login = await client.start_interactive_login(None, stranger.options)
    provider.answers[path] = answer

    with pytest.raises(error):
        await client.complete_callback(provider.approve(link), browser.options)
    with pytest.raises(error):
        await client.complete_callback(provider.approve(login), stranger.options)

    after = await client.get_session(browser.request().options)
    assert before is not None
    assert after is not None
    assert dict(before) == dict(after)
    assert await client.get_user(stranger.options) is None


async def test_a_provider_without_the_endpoint_is_told_at_once(provider: MemoryProvider) -> None:
    """The hint says which setting to change; nobody is signed in with half of what was asked for."""
    client = client_of(provider, userinfo=True)
    metadata = {name: f"{provider.issuer}{path}" for name, path in ENDPOINTS.items()}
    provider.answers["/.well-known/openid-configuration"] = json_response(
        200, {**metadata, "token_endpoint_auth_methods_supported": ["client_secret_post"]}
    )
    browser = Browser()

    with pytest.raises(MetadataInvalid, match="userinfo=False"):
        await sign_in(client, provider, browser)

    assert await client.get_user(browser.options) is None
