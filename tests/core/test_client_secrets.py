"""
Nothing that prints shows a secret: whole flows with secrets that a search finds again, and a search through everything
that was logged, warned of, raised, told to listeners or can be shown.
"""

import logging
import os
import traceback
import warnings
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from anyio.abc import ByteStream

from support.clients import CALLBACK, KINDS_OF_STORES, SEALING_SECRET, Browser, client_of, sign_in
from support.frames import assert_no_variable_shows, variables_of
from support.loopback_server import LoopbackServer, serving
from support.memory_provider import (
    CLIENT_SECRET,
    MemoryProvider,
    json_response,
    parameters_of,
)
from support.moving_clock import MovingClock
from userlink import (
    Event,
    HttpRequest,
    LoggingPlugin,
    MemoryStateStore,
    MemoryTransactionStore,
    ServerClient,
    StoreError,
    UserlinkError,
    hookimpl,
)
from userlink.protocol.pkce import base64url

pytestmark = pytest.mark.anyio


class Witness:
    """
    Sees everything that is printed in a test, and knows the secrets that were in play.

    Attributes:
        printed: all texts so far.
        secrets: what must not be among them.
    """

    def __init__(self, provider: MemoryProvider) -> None:
        self.provider = provider
        self.printed: list[str] = []
        self.secrets: set[str] = {CLIENT_SECRET, SEALING_SECRET}

    @hookimpl
    def userlink_event(self, event: Event) -> None:
        """See an event."""
        self.see(event)

    def see(self, *values: object) -> None:
        """Note how values show themselves."""
        self.printed += [text for value in values for text in (repr(value), str(value))]

    def caught(self, error: BaseException) -> None:
        """Note all that a log of an error can hold, causes and the variables of frames included."""
        self.see(error, error.args)
        self.printed += variables_of(error)
        self.printed += traceback.format_exception(error)
        self.printed.append(str(getattr(error, "hint", "")))

    def knows(self, browser: Browser, *urls: str) -> None:
        """Learn the secrets of a browser, and of URLs that it was sent to."""
        self.secrets.update(value for value in browser.values() if value)
        for url in urls:
            sent = parameters_of(url)
            self.secrets.update(
                sent[name]
                for name in ("state", "nonce", "code", "id_token_hint", "code_challenge")
                if name in sent
            )

    def assert_nothing_was_shown(self, *more: str) -> None:
        """Search for every secret in every text."""
        self.secrets.update(self.provider.issued)
        for form in self.provider.sent_to("/token"):
            self.secrets.update(
                form[name] for name in ("code", "code_verifier", "refresh_token") if name in form
            )
        text = "\n".join([*self.printed, *more])
        assert "canary" not in text
        assert not [secret for secret in self.secrets if secret in text]
        assert len(self.secrets) > 8


@pytest.fixture
def provider() -> MemoryProvider:
    """Return a provider of its own for each test."""
    return MemoryProvider(MovingClock())


@pytest.fixture
def witness(provider: MemoryProvider) -> Witness:
    """Return a witness of what happens with this provider."""
    return Witness(provider)


@pytest.fixture(autouse=True)
def everything_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Log at the lowest level, whoever logs, and let warnings be seen."""
    caplog.set_level(logging.DEBUG)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture(params=KINDS_OF_STORES)
def client(
    request: pytest.FixtureRequest, provider: MemoryProvider, witness: Witness
) -> ServerClient:
    """Return a client with each kind of stores, whose events are logged and witnessed."""
    plugins = [witness, LoggingPlugin()]
    return client_of(provider, plugins=plugins, **KINDS_OF_STORES[request.param])


async def journey(client: ServerClient, provider: MemoryProvider, witness: Witness) -> Browser:
    """Sign in, link, unlink and sign out, and show every value on the way."""
    browser = Browser()
    url = await client.start_interactive_login({"app_state": {"a": 1}}, browser.options)
    witness.knows(browser, url)
    callback = provider.approve(url)
    witness.knows(browser, callback)
    witness.see(await client.complete_interactive_login(callback, browser.options))
    witness.knows(browser)
    for start, complete in (
        (client.start_link_user, client.complete_link_user),
        (client.start_unlink_user, client.complete_unlink_user),
    ):
        url = await start({"connection": "github"}, browser.options)
        witness.knows(browser, url)
        callback = provider.approve(url)
        witness.knows(browser, callback)
        witness.see(await complete(callback, browser.options))
        witness.knows(browser)
    session = await client.get_session(browser.options)
    assert session is not None
    witness.see(session, session.token_sets, await client.get_user(browser.options))
    witness.see(client, client.settings, client._engine, vars(client))
    witness.knows(browser, await client.logout(None, browser.options))
    return browser


async def test_the_witness_finds_what_is_shown(
    client: ServerClient, provider: MemoryProvider, witness: Witness
) -> None:
    """The tests below stand on its search: each kind of secret is found when it is printed."""
    await journey(client, provider, witness)
    witness.assert_nothing_was_shown()

    for secret in witness.secrets:
        with pytest.raises(AssertionError):
            witness.assert_nothing_was_shown(f"a line with {secret} in it")


async def test_a_whole_journey_shows_no_secret(
    client: ServerClient,
    provider: MemoryProvider,
    witness: Witness,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Results, sessions, settings, events and logs."""
    await journey(client, provider, witness)

    logged = [message.split()[0] for name, _, message in caplog.record_tuples if "user" in name]
    assert ["login.completed", "link.completed", "unlink.completed", "logout.completed"] == logged
    captured = capsys.readouterr()
    witness.assert_nothing_was_shown(caplog.text, captured.out, captured.err)


FAULTS: dict[str, dict[str, Any]] = {
    "refused by the token endpoint": {
        "/token": json_response(
            400, {"error": "invalid_grant", "error_description": "canary-code is used up"}
        )
    },
    "an error code with a secret": {"/token": json_response(400, {"error": "canary\x00"})},
    "a token endpoint that answers nonsense": {"/token": json_response(200, {"canary": "canary"})},
    "a token endpoint that fails": {"/token": json_response(500, {"canary": "canary"})},
    "no keys": {"/jwks": json_response(200, {"keys": ["canary"]})},
    "other keys": {"/jwks": json_response(200, {"keys": []})},
    "an ID token that is none": {
        "/token": json_response(
            200,
            {"access_token": "canary", "id_token": "canary.canary.canary", "token_type": "Bearer"},
        )
    },
    "no answer": {"/token": OSError("the network is down")},
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_no_failure_of_the_provider_shows_a_secret(
    client: ServerClient,
    provider: MemoryProvider,
    witness: Witness,
    caplog: pytest.LogCaptureFixture,
    fault: str,
) -> None:
    """Neither what was sent nor what came back is in the error, its causes, the event or the log."""
    browser = Browser()
    url = await client.start_interactive_login(None, browser.options)
    witness.knows(browser, url)
    provider.answers.update(FAULTS[fault])

    with pytest.raises(UserlinkError) as caught:
        await client.complete_interactive_login(provider.approve(url), browser.options)

    witness.caught(caught.value)
    assert "login.failed" in caplog.text
    witness.secrets.update(f"unused-{number}" for number in range(8))
    witness.assert_nothing_was_shown(caplog.text)


@pytest.mark.parametrize(
    ("endpoint", "answer"),
    [
        ("/token", json_response(400, {"error": "invalid_grant"})),
        ("/token", json_response(500, {})),
        ("/token", OSError("the network is down")),
        ("/jwks", json_response(500, {})),
        ("/jwks", json_response(200, {"keys": []})),
        ("/jwks", OSError("the network is down")),
    ],
)
@pytest.mark.parametrize("complete", ["complete_interactive_login", "complete_callback"])
async def test_no_failure_of_the_provider_shows_a_secret_in_a_variable(
    client: ServerClient,
    provider: MemoryProvider,
    endpoint: str,
    answer: Any,
    complete: str,
) -> None:
    """Error reporters send the variables of every frame along: neither callback nor tokens are in any of ours."""
    browser = Browser()
    url = await client.start_interactive_login(None, browser.options)
    callback = provider.approve(url)
    sent, came = parameters_of(url), parameters_of(callback)
    provider.answers[endpoint] = answer

    with pytest.raises(UserlinkError) as caught:
        await getattr(client, complete)(callback, browser.options)

    secrets = {came["code"], sent["state"], sent["nonce"], CLIENT_SECRET, SEALING_SECRET}
    assert_no_variable_shows(caught.value, *secrets, *provider.issued)


class FullStore:
    """A disk that is full: what is read is there, and nothing can be written."""

    def __init__(self, store: Any) -> None:
        self.store = store
        self.is_full = False

    async def get(self, *arguments: Any) -> Any:
        """Read."""
        return await self.store.get(*arguments)

    async def delete(self, *arguments: Any) -> None:
        """Delete."""
        await self.store.delete(*arguments)

    async def delete_by_logout_token(self, *arguments: Any) -> None:
        """Delete."""
        await self.store.delete_by_logout_token(*arguments)

    async def set(self, *arguments: Any) -> Any:
        """Write, while there is room."""
        if self.is_full:
            raise OSError("no space left on device")
        return await self.store.set(*arguments)

    async def take(self, *arguments: Any) -> Any:
        """Take."""
        return await self.store.take(*arguments)


async def test_no_failure_of_a_store_shows_a_secret_in_a_variable(provider: MemoryProvider) -> None:
    """Neither the ID token that was to be the hint, nor the id that the session was to have."""
    sessions, transactions = FullStore(MemoryStateStore()), FullStore(MemoryTransactionStore())
    drawn: list[bytes] = []

    def entropy(size: int) -> bytes:
        drawn.append(os.urandom(size))
        return drawn[-1]

    client = client_of(
        provider, state_store=sessions, transaction_store=transactions, entropy=entropy
    )
    browser = Browser()
    await sign_in(client, provider, browser)
    session = await client.get_session(browser.options)
    assert session is not None
    again = provider.approve(await client.start_interactive_login(None, browser.options))
    sessions.is_full = transactions.is_full = True

    with pytest.raises(StoreError) as starting:
        await client.start_link_user({"connection": "github"}, browser.options)
    with pytest.raises(StoreError) as completing:
        await client.complete_interactive_login(again, browser.options)

    assert_no_variable_shows(starting.value, session.id_token)
    (session_id,) = (draw for draw in drawn[-2:] if len(draw) == 32)
    assert_no_variable_shows(
        completing.value, parameters_of(again)["code"], repr(session_id), base64url(session_id)
    )


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "canary"},
        {"iss": "canary"},
        {"aud": "canary"},
        {"at_hash": "canary"},
        {"exp": "canary"},
    ],
    ids=str,
)
async def test_no_wrong_claim_is_shown(
    client: ServerClient,
    provider: MemoryProvider,
    witness: Witness,
    caplog: pytest.LogCaptureFixture,
    claims: dict[str, str],
) -> None:
    """The error names the claim and not what it holds."""
    browser = Browser()
    url = await client.start_interactive_login(None, browser.options)

    with pytest.raises(UserlinkError) as caught:
        await client.complete_interactive_login(provider.approve(url, **claims), browser.options)

    witness.caught(caught.value)
    witness.knows(browser, url)
    witness.assert_nothing_was_shown(caplog.text)


async def test_no_refusal_shows_a_secret(
    client: ServerClient,
    provider: MemoryProvider,
    witness: Witness,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Every callback and every call that is refused, one after the other."""
    browser, other = Browser(), Browser()
    await sign_in(client, provider, browser)
    await sign_in(client, provider, other, "auth0|bob")
    link = {"connection": "github", "app_state": {"note": "canary"}}
    url = await client.start_link_user(link, browser.options)
    callback = provider.approve(url)
    witness.knows(browser, url, callback)
    witness.knows(other)
    denied = provider.refuse(await client.start_link_user(link, browser.options))
    mismatch = provider.approve(await client.start_link_user(link, browser.options), "auth0|eve")
    wrong_kind = provider.approve(await client.start_interactive_login(None, browser.options))
    late = provider.approve(await client.start_link_user(link, browser.options))
    witness.knows(browser)

    calls = [
        client.complete_link_user(callback, other.options),
        client.complete_link_user(callback + "&code=canary", browser.options),
        client.complete_link_user(callback + "x", browser.options),
        client.complete_link_user(callback + "&iss=canary", browser.options),
        client.complete_link_user(denied, browser.options),
        client.complete_link_user(mismatch, browser.options),
        client.complete_link_user(wrong_kind, browser.options),
        client.complete_link_user(wrong_kind, browser.options),
        client.complete_link_user(f"{CALLBACK}?canary", browser.options),
        client.start_link_user({"conection": "canary"}, browser.options),
        client.start_link_user({"connection": ["canary"]}, browser.options),
        client.start_link_user(
            {"connection": "a", "authorization_params": {"state": "canary"}}, browser.options
        ),
        client.start_link_user(
            {"connection": "a", "authorization_params": {"redirect_uri": "canary"}},
            browser.options,
        ),
        client.logout({"return_to": "canary"}, browser.options),
        client.get_user({"request": "canary", "response": "canary"}),
    ]
    for call in calls:
        with pytest.raises(UserlinkError) as caught:
            await call
        witness.caught(caught.value)
    provider.clock.advance(600)
    with pytest.raises(UserlinkError) as caught:
        await client.complete_link_user(late, browser.options)
    witness.caught(caught.value)

    witness.assert_nothing_was_shown(caplog.text)


def test_no_repr_of_a_frozen_value_shows_a_secret(provider: MemoryProvider) -> None:
    """What a debugger or an error page prints of the requests that were sent."""
    request = HttpRequest(
        "POST",
        f"{provider.issuer}token",
        {"authorization": "Basic canary"},
        b"code=canary&client_secret=canary",
    )

    assert "canary" not in repr(request)
    assert "canary" not in repr(json_response(200, {"access_token": "canary"}))


async def test_the_real_transport_logs_no_secret(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Httpx and what is under it log too, at DEBUG: method, URL and headers of answers, and no body."""
    monkeypatch.setenv("NO_PROXY", "*")
    servers: list[LoopbackServer] = []
    providers: list[MemoryProvider] = []

    async def answer(stream: ByteStream) -> None:
        head, _, body = servers[0].requests[-1].partition(b"\r\n\r\n")
        method, path, _ = head.decode().split(" ", 2)
        url = servers[0].origin + path
        request = HttpRequest(method, url, {}, body)
        providers[0].requests.append(request)
        response = await providers[0].usual(request)
        lines = [
            f"HTTP/1.1 {response.status} OK",
            f"Content-Length: {len(response.body)}",
            "Content-Type: application/json",
            "Connection: close",
        ]
        await stream.send("\r\n".join(lines).encode() + b"\r\n\r\n" + response.body)

    async with serving(answer) as server:
        servers.append(server)
        provider = MemoryProvider(MovingClock(), f"{server.origin}/")
        providers.append(provider)
        witness = Witness(provider)
        async with client_of(provider, transport=None, plugins=[witness]) as client:
            with suppress(UserlinkError):
                await client.complete_interactive_login(
                    f"{CALLBACK}?code=a&state=b", {"cookies": {}}
                )
            await journey(client, provider, witness)

    assert any(name.startswith("http") for name, *_ in caplog.record_tuples)
    witness.assert_nothing_was_shown(caplog.text)
