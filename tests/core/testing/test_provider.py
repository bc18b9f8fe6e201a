"""The provider in memory, asked by the real client."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import pytest

from userlink import (
    AuthorizationDenied,
    CallbackIssuerMismatch,
    IdTokenInvalid,
    LinkedUserMismatch,
    LogoutTokenInvalid,
    MemoryStateStore,
    ProviderUnreachable,
    ServerClient,
    StateStore,
    TokenResponseInvalid,
    UserinfoInvalid,
)
from userlink.protocol.values import HttpRequest
from userlink.testing import FixedClock, FixedEntropy, Identity, InMemoryProvider

pytestmark = pytest.mark.anyio


class Rig:
    """A provider, a client of it, and one browser."""

    def __init__(self, state_store: StateStore | None = None, **arguments: Any) -> None:
        self.clock = FixedClock()
        self.provider = InMemoryProvider(clock=self.clock, **arguments)
        self.client = ServerClient(
            domain=self.provider.issuer,
            client_id=self.provider.client_id,
            client_secret=self.provider.client_secret,
            secret="not so secret, but long enough for tests",
            authorization_params={"redirect_uri": "https://app.example/auth/callback"},
            transport=self.provider,
            state_store=state_store,
            clock=self.clock,
            entropy=FixedEntropy("client"),
            installed_plugins=False,
        )
        self.browser: dict[str, Any] = {"cookies": {}}

    async def log_in(self, user: str = "alice", **how: Any) -> Any:
        url = await self.client.start_interactive_login(None, self.browser)
        callback = self.provider.authorize(url, user, **how)
        return (await self.client.complete_interactive_login(callback, self.browser)).user

    async def link(self, **how: Any) -> Any:
        url = await self.client.start_link_user({"connection": "github"}, self.browser)
        callback = self.provider.authorize(url, **how)
        return (await self.client.complete_link_user(callback, self.browser)).user


def connections(user: Any) -> list[str]:
    return [identity["connection"] for identity in user["identities"][1:]]


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"algorithm": "RS256"},
        {"client_secret": None},
        {"issuer": "https://tenant.example/realm"},
        {"metadata": {"token_endpoint_auth_methods_supported": ["client_secret_basic"]}},
        {"metadata": {"authorization_response_iss_parameter_supported": None}},
    ],
)
async def test_a_client_logs_in_links_unlinks_and_logs_out(arguments: dict[str, Any]) -> None:
    """The whole journey, with every kind of key and client authentication."""
    rig = Rig(**arguments)

    assert "auth0|alice" == (await rig.log_in())["sub"]
    assert ["github"] == connections(await rig.link())
    url = await rig.client.start_unlink_user({"connection": "github"}, rig.browser)
    result = await rig.client.complete_unlink_user(rig.provider.authorize(url), rig.browser)
    assert [] == connections(result.user)
    leave = await rig.client.logout({"return_to": "https://app.example/"}, rig.browser)
    back = rig.provider.end_session(leave) or ""
    assert {} == (await rig.client.complete_logout(back, rig.browser)).app_state


async def test_a_user_can_deny() -> None:
    """RFC 6749, 4.1.2.1."""
    rig = Rig()
    await rig.log_in()
    url = await rig.client.start_link_user({"connection": "github"}, rig.browser)

    with pytest.raises(AuthorizationDenied) as denied:
        await rig.client.complete_link_user(rig.provider.deny(url), rig.browser)

    assert "access_denied" == denied.value.error


async def test_a_request_that_the_provider_refuses_comes_back_as_an_error() -> None:
    """Here bob answers a link of alice, and the honest provider compares the hint."""
    rig = Rig()
    await rig.log_in("alice")

    with pytest.raises(AuthorizationDenied) as denied:
        await rig.link(user="bob")

    assert "login_required" == denied.value.error


async def test_a_careless_provider_lets_another_user_answer() -> None:
    """It is then for the client to refuse."""
    rig = Rig()
    await rig.log_in("alice")

    with pytest.raises(LinkedUserMismatch):
        await rig.link(user="bob", honours_hint=False)


async def test_a_link_attaches_the_identity_that_was_chosen() -> None:
    """Whoever has several accounts at a connection chooses one."""
    rig = Rig()
    await rig.log_in()

    user = await rig.link(identity=Identity("github", "octocat"))

    assert "octocat" == user["identities"][1]["user_id"]


@pytest.mark.parametrize("iss", ["https://evil.example/", None])
async def test_the_iss_of_a_callback_can_be_wrong_or_missing(iss: str | None) -> None:
    """RFC 9207, 2.4."""
    with pytest.raises(CallbackIssuerMismatch):
        await Rig().log_in(iss=iss)


async def test_the_claims_of_id_tokens_can_be_edited() -> None:
    """A wrong nonce is refused by the client, an additional claim arrives."""
    rig = Rig()
    rig.provider.edit_claims = lambda claims: {**claims, "plan": "gold"}
    assert "gold" == (await rig.log_in())["plan"]

    rig.provider.edit_claims = lambda claims: {**claims, "nonce": "other"}
    with pytest.raises(IdTokenInvalid):
        await rig.log_in()


async def test_rotated_keys_are_fetched_and_old_hints_stay_good() -> None:
    """OIDC Core, 10.1.1."""
    rig = Rig()
    await rig.log_in()

    rig.provider.rotate_keys()

    assert ["github"] == connections(await rig.link())
    assert 2 == len(rig.provider.requests_to("jwks"))


async def test_the_log_shows_what_was_sent_and_where() -> None:
    """Discovery, code exchange, keys, in that order."""
    rig = Rig()
    url = await rig.client.start_interactive_login(None, rig.browser)
    callback = rig.provider.authorize(url)
    await rig.client.complete_interactive_login(callback, rig.browser)

    assert ["discovery", "token", "jwks"] == [request.endpoint for request in rig.provider.requests]
    (exchange,) = rig.provider.requests_to("token")
    assert parse_qs(urlsplit(callback).query)["code"] == [exchange.form["code"]]


async def test_an_endpoint_fails_as_often_as_it_is_told_and_recovers() -> None:
    """A status with a body, and an exception; what is forgotten does not happen."""
    rig = Rig()
    rig.provider.fail("token", status=502, body=b"<html>", content_type="text/html")
    rig.provider.fail("token", exception=ProviderUnreachable("The line is cut."))
    rig.provider.fail("token", status=500, times=99)

    with pytest.raises(TokenResponseInvalid):
        await rig.log_in()
    with pytest.raises(ProviderUnreachable, match="cut"):
        await rig.log_in()
    rig.provider.recover()
    assert "auth0|alice" == (await rig.log_in())["sub"]


async def test_a_delay_within_the_time_out_is_only_late_and_a_longer_one_is_no_answer() -> None:
    """The transport's contract."""
    rig = Rig()
    request = HttpRequest("GET", "https://tenant.example/.well-known/openid-configuration")
    rig.provider.fail("discovery", delay_seconds=0.01)
    rig.provider.fail("discovery", delay_seconds=1000)

    late = await rig.provider.send(request, timeout_seconds=1000, most_bytes=10_000)
    assert 200 == late.status
    with pytest.raises(ProviderUnreachable):
        await rig.provider.send(request, timeout_seconds=0.01, most_bytes=10_000)


async def test_requests_take_turns() -> None:
    """Even without a delay another task has its turn, as with a real network."""
    rig = Rig()
    order: list[str] = []
    request = HttpRequest("GET", "https://tenant.example/.well-known/openid-configuration")

    async def ask(name: str) -> None:
        order.append(f"{name} asks")
        await rig.provider.send(request, timeout_seconds=10, most_bytes=10_000)
        order.append(f"{name} has an answer")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ask, "first")
        tasks.start_soon(ask, "second")

    assert {"first asks", "second asks"} == set(order[:2])


async def test_there_is_nothing_at_other_places_and_nothing_to_close() -> None:
    """An unknown URL is not found, and logged."""
    provider = InMemoryProvider()
    request = HttpRequest("GET", "https://tenant.example/elsewhere")

    answer = await provider.send(request, timeout_seconds=10, most_bytes=10_000)
    await provider.aclose()

    assert 404 == answer.status
    assert [None] == [request.endpoint for request in provider.requests]


async def test_it_tells_about_its_users_and_may_be_made_to_lie() -> None:
    """OIDC Core, 5.3.2: a client that takes the claims of another user would be noticed."""
    provider = InMemoryProvider()
    client = ServerClient(
        domain=provider.issuer,
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        secret="a secret of the tests, of 32 bytes or more",
        authorization_params={"redirect_uri": "https://app.example/auth/callback"},
        transport=provider,
        userinfo=True,
        installed_plugins=False,
    )
    browser: dict[str, str] = {}
    provider.edit_userinfo = lambda claims: {**claims, "nickname": "Al"}
    url = await client.start_interactive_login(None, {"cookies": browser})
    login = await client.complete_callback(provider.authorize(url), {"cookies": browser})
    assert "Al" == login.user["nickname"]
    assert 1 == len(provider.requests_to("userinfo"))

    provider.edit_userinfo = lambda claims: {**claims, "sub": "auth0|bob"}
    url = await client.start_interactive_login(None, {"cookies": browser})
    with pytest.raises(UserinfoInvalid):
        await client.complete_callback(provider.authorize(url), {"cookies": browser})


async def test_it_ends_sessions_on_the_back_channel() -> None:
    """All of a user's, or one by its sid; each token is another (OIDC Back-Channel Logout 1.0, 2.4)."""
    rig = Rig(state_store=MemoryStateStore())
    await rig.log_in()
    session = await rig.client.get_session(rig.browser)
    assert session is not None
    first, second = (rig.provider.logout_token(sid=session.sid) for _ in range(2))
    assert first != second

    await rig.client.handle_backchannel_logout(rig.provider.logout_token("bob"))
    assert await rig.client.get_user(rig.browser) is not None
    await rig.client.handle_backchannel_logout(first)
    assert await rig.client.get_user(rig.browser) is None
    await rig.log_in()
    await rig.client.handle_backchannel_logout(rig.provider.logout_token())
    assert await rig.client.get_user(rig.browser) is None
    with pytest.raises(LogoutTokenInvalid, match="sid"):
        await rig.client.handle_backchannel_logout(rig.provider.logout_token(None))
    with pytest.raises(KeyError):
        rig.provider.logout_token("mallory")
