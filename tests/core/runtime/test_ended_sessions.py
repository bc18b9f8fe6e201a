"""A session sealed in cookies that has ended stays ended in this process, whoever kept its cookie."""

import anyio
import pytest

from userlink import HttpRequest, HttpResponse, ServerClient, SessionChanged
from userlink.testing import InMemoryProvider

REDIRECT_URI = "https://app.example/auth/callback"


class SlowTokenEndpoint:
    """The provider, with a token endpoint that answers when it is let."""

    def __init__(self, provider: InMemoryProvider) -> None:
        self.provider = provider
        self.asked = anyio.Event()
        self.may_answer = anyio.Event()
        self.is_slow = False

    async def send(
        self, request: HttpRequest, *, timeout_seconds: float, most_bytes: int
    ) -> HttpResponse:
        if self.is_slow and request.method == "POST":
            self.asked.set()
            await self.may_answer.wait()
        return await self.provider.send(
            request, timeout_seconds=timeout_seconds, most_bytes=most_bytes
        )

    async def aclose(self) -> None:
        await self.provider.aclose()


def client_of(transport: SlowTokenEndpoint) -> ServerClient:
    """Build a client with sealed cookies."""
    provider = transport.provider
    return ServerClient(
        domain=provider.issuer,
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        secret="0123456789abcdef" * 3,
        authorization_params={"redirect_uri": REDIRECT_URI},
        transport=transport,
        installed_plugins=False,
    )


async def sign_in(client: ServerClient, provider: InMemoryProvider, jar: dict[str, str]) -> None:
    """Sign alice in."""
    url = await client.start_interactive_login({}, {"cookies": jar})
    await client.complete_interactive_login(provider.authorize(url, user="alice"), {"cookies": jar})


@pytest.mark.anyio
async def test_a_copy_of_the_cookie_is_refused_after_the_logout() -> None:
    """Logging out ends the session itself, not this browser's copy of it alone."""
    provider = InMemoryProvider()
    client, jar = client_of(SlowTokenEndpoint(provider)), dict[str, str]()
    await sign_in(client, provider, jar)
    copy = dict(jar)

    await client.logout({}, {"cookies": jar})

    assert await client.get_user({"cookies": copy}) is None


@pytest.mark.anyio
async def test_a_copy_of_the_cookie_is_refused_after_the_next_login() -> None:
    """A login makes a fresh session; the one before it ends."""
    provider = InMemoryProvider()
    client, jar = client_of(SlowTokenEndpoint(provider)), dict[str, str]()
    await sign_in(client, provider, jar)
    copy = dict(jar)

    await sign_in(client, provider, jar)

    assert await client.get_user({"cookies": copy}) is None
    assert await client.get_user({"cookies": jar}) is not None


@pytest.mark.anyio
async def test_a_link_on_its_way_during_the_logout_does_not_bring_the_session_back() -> None:
    """Whatever the token endpoint answers later, nothing is written into a session that has ended."""
    provider = InMemoryProvider()
    transport = SlowTokenEndpoint(provider)
    client, jar = client_of(transport), dict[str, str]()
    await sign_in(client, provider, jar)
    url = await client.start_link_user({"connection": "github"}, {"cookies": jar})
    callback_url = provider.authorize(url, user="alice")
    tab = dict(jar)
    transport.is_slow = True
    raised: list[type[Exception]] = []

    async def complete() -> None:
        try:
            await client.complete_link_user(callback_url, {"cookies": tab})
        except SessionChanged as error:
            raised.append(type(error))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(complete)
        await transport.asked.wait()
        await client.logout({}, {"cookies": jar})
        transport.may_answer.set()

    assert [SessionChanged] == raised
    assert await client.get_user({"cookies": tab}) is None
    assert await client.get_user({"cookies": jar}) is None
