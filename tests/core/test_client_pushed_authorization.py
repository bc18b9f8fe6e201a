"""Pushed authorization requests, from the client's arguments to a provider that takes or insists on them."""

from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

import pytest

from support.clients import CALLBACK, Browser, client_of
from support.frames import assert_no_variable_shows
from support.memory_provider import MemoryProvider
from userlink import (
    ProviderUnreachable,
    PushedAuthorizationMismatch,
    PushedAuthorizationRefused,
    PushedAuthorizationResponseInvalid,
    ServerClient,
    UserlinkError,
)
from userlink.testing import FixedClock, InMemoryProvider, RequestRefused
from userlink.testing.pushed import PushedAuthorization

pytestmark = pytest.mark.anyio


class Provider(InMemoryProvider):
    """A provider that takes pushed requests, or insists on them."""

    def __init__(self, choice: PushedAuthorization = "offered", **more: Any) -> None:
        self.clock = FixedClock()
        super().__init__(
            redirect_uris=(CALLBACK,), clock=self.clock, pushed_authorization=choice, **more
        )


def client_at(provider: Provider, **arguments: Any) -> ServerClient:
    """Build a client of the provider."""
    given = {"client_id": provider.client_id, "client_secret": provider.client_secret}
    return client_of(cast("MemoryProvider", provider), **{**given, **arguments})


async def sign_in(client: ServerClient, provider: Provider) -> Browser:
    """Sign alice in."""
    browser = Browser()
    url = await client.start_interactive_login(None, browser.options)
    await client.complete_interactive_login(provider.authorize(url), browser.options)
    return browser


def query_of(url: str) -> dict[str, str]:
    """Return the parameters of a URL."""
    return dict(parse_qsl(urlsplit(url).query))


@pytest.mark.parametrize("choice", ["offered", "required"])
@pytest.mark.parametrize("wanted", ["auto", "required"])
async def test_a_user_signs_in_links_and_unlinks(choice: PushedAuthorization, wanted: str) -> None:
    """RFC 9126: the browser's URL never holds more than who asks and which request it is."""
    provider = Provider(choice)
    client = client_at(provider, pushed_authorization=wanted)
    browser = await sign_in(client, provider)

    url = await client.start_link_user({"connection": "github"}, browser.options)
    assert {"client_id", "request_uri"} == query_of(url).keys()
    linked = await client.complete_link_user(provider.authorize(url), browser.options)
    assert ["github"] == [identity["connection"] for identity in linked.user["identities"][1:]]

    url = await client.start_unlink_user({"connection": "github"}, browser.options)
    assert {"client_id", "request_uri"} == query_of(url).keys()
    result = await client.complete_unlink_user(provider.authorize(url), browser.options)
    assert [] == result.user["identities"][1:]

    login, link, unlink = [sent.form for sent in provider.requests_to("par")]
    assert "id_token_hint" not in login
    assert link["id_token_hint"].count(".") == unlink["id_token_hint"].count(".") == 2
    assert ("github", CALLBACK) == (link["requested_connection"], link["redirect_uri"])


@pytest.mark.parametrize(("choice", "wanted"), [("off", "auto"), ("offered", "never")])
async def test_nothing_is_pushed_where_one_side_would_not(
    choice: PushedAuthorization, wanted: str
) -> None:
    """The browser's URL has it all then, as without this specification."""
    provider = Provider(choice)
    client = client_at(provider, pushed_authorization=wanted)
    browser = await sign_in(client, provider)
    url = await client.start_link_user({"connection": "github"}, browser.options)

    assert "id_token_hint" in query_of(url)
    assert [] == provider.requests_to("par")
    await client.complete_link_user(provider.authorize(url), browser.options)


@pytest.mark.parametrize(("choice", "wanted"), [("off", "required"), ("required", "never")])
async def test_sides_that_exclude_each_other_are_told_so(
    choice: PushedAuthorization, wanted: str
) -> None:
    """Before anything is sent or kept."""
    provider, browser = Provider(choice), Browser()
    client = client_at(provider, pushed_authorization=wanted)

    with pytest.raises(PushedAuthorizationMismatch):
        await client.start_interactive_login(None, browser.options)
    assert {} == browser
    assert [] == provider.requests_to("par")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"exception": ProviderUnreachable("no answer")}, ProviderUnreachable),
        ({"status": 400, "body": b'{"error":"invalid_request"}'}, PushedAuthorizationRefused),
        ({"status": 404, "body": b"<html>"}, PushedAuthorizationResponseInvalid),
        ({"status": 302}, PushedAuthorizationResponseInvalid),
        ({"status": 201, "body": b"{}"}, PushedAuthorizationResponseInvalid),
    ],
)
async def test_a_failing_endpoint_never_gets_the_hint_into_a_url(
    fault: dict[str, Any], error: type[UserlinkError]
) -> None:
    """An error is raised, nothing is kept, and no frame or message shows what was to be pushed."""
    provider = Provider()
    client = client_at(provider)
    browser = await sign_in(client, provider)
    before = dict(browser)
    provider.fail("par", **fault)

    with pytest.raises(error) as caught:
        await client.start_link_user({"connection": "github"}, browser.options)
    assert before == browser
    form = provider.requests_to("par")[-1].form
    secrets = [form[name] for name in ("id_token_hint", "state", "nonce", "client_secret")]
    assert_no_variable_shows(caught.value, *secrets)
    assert not [secret for secret in secrets if secret in str(caught.value)]

    url = await client.start_link_user({"connection": "github"}, browser.options)
    await client.complete_link_user(provider.authorize(url), browser.options)


async def test_a_refusal_says_which_error() -> None:
    """RFC 9126, 2.3: a redirect_uri that is not registered is refused before a browser is sent anywhere."""
    provider = Provider()
    client = client_at(
        provider, authorization_params={"redirect_uri": "https://app.example/unregistered"}
    )

    with pytest.raises(PushedAuthorizationRefused) as caught:
        await client.start_interactive_login(None, Browser().options)
    assert ("invalid_request", 400) == (caught.value.error, caught.value.status)


async def test_a_url_is_for_one_use_and_soon() -> None:
    """RFC 9126, 2.2 and 7.3: what a history or a log keeps of it is worth nothing."""
    provider = Provider()
    client = client_at(provider)
    url = await client.start_interactive_login(None, Browser().options)
    late = await client.start_interactive_login(None, Browser().options)
    provider.authorize(url)
    provider.clock.advance(60)

    for worthless in (url, late):
        with pytest.raises(RequestRefused):
            provider.authorize(worthless)


async def test_a_public_client_pushes_too() -> None:
    """RFC 9126, 2: authenticated as at the token endpoint, which for this client is not at all."""
    provider = Provider(client_secret=None)
    client = client_at(provider)

    await sign_in(client, provider)
    assert provider.client_id == provider.requests_to("par")[0].form["client_id"]
