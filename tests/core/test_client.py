"""``ServerClient``: what it is built with, and the documented examples of what it does."""

import re
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from support.clients import (
    CALLBACK,
    KINDS_OF_STORES,
    SEALING_SECRET,
    Browser,
    client_of,
    sign_in,
)
from support.memory_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    ISSUER,
    MemoryProvider,
    parameters_of,
)
from support.moving_clock import MovingClock
from userlink import (
    ConfigurationError,
    InvalidOption,
    LinkOptions,
    LinkResult,
    LoginResult,
    ReservedParameter,
    ServerClient,
    SessionRequired,
    TransactionKindMismatch,
    UnlinkResult,
    hookimpl,
)

pytestmark = pytest.mark.anyio

WORKING: dict[str, Any] = {
    "domain": "tenant.example.com",
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "secret": SEALING_SECRET,
    "authorization_params": {"redirect_uri": CALLBACK},
    "installed_plugins": False,
}
METHODS = {
    "start_interactive_login": (None,),
    "complete_interactive_login": (f"{CALLBACK}?code=a&state=b",),
    "start_link_user": ({"connection": "github"},),
    "complete_link_user": (f"{CALLBACK}?code=a&state=b",),
    "start_unlink_user": ({"connection": "github"},),
    "complete_unlink_user": (f"{CALLBACK}?code=a&state=b",),
    "start_reauthentication": (None,),
    "complete_reauthentication": (f"{CALLBACK}?code=a&state=b",),
    "complete_callback": (f"{CALLBACK}?code=a&state=b",),
    "get_user": (),
    "get_session": (),
    "get_access_token_for_connection": ({"connection": "github"},),
    "logout": (None,),
}


def built(changes: dict[str, Any]) -> ServerClient:
    """Build a client whose configuration works but for these changes."""
    return ServerClient(**{**WORKING, **changes})


@pytest.fixture
def provider() -> MemoryProvider:
    """Return a provider of its own for each test."""
    return MemoryProvider(MovingClock())


@pytest.fixture
def browser() -> Browser:
    """Return a browser without cookies."""
    return Browser()


async def link_url(client: ServerClient, browser: Browser, **options: Any) -> dict[str, str]:
    """Start a link, and return the parameters of its URL."""
    url = await client.start_link_user({"connection": "github", **options}, browser.options)
    return parameters_of(url)


# ------------------------------------------------------------------------------- configuration


def test_a_working_configuration_is_accepted() -> None:
    """The tests below change one argument each, and that alone is refused."""
    assert "ServerClient('https://tenant.example.com/')" == repr(ServerClient(**WORKING))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"secret": None}, "The argument secret is missing"),
        ({"secret": ""}, "The argument secret is missing|Secret number 1 has 0 bytes"),
        ({"secret": []}, "The argument secret is missing"),
        ({"secret": "x" * 31}, "Secret number 1 has 31 bytes; at least 32 are needed"),
        ({"secret": ["x" * 32, "short"]}, "Secret number 2 has 5 bytes"),
        ({"secret": [5]}, "The argument secret is not a string or a list"),
        ({"client_id": None}, "The argument client_id is missing"),
        ({"client_id": " "}, "The argument client_id is missing"),
        ({"domain": None}, "The argument domain is missing"),
        ({"domain": ""}, "The argument domain is missing"),
        ({"domain": "tenant example com"}, "domain is malformed: it is neither a host name"),
        ({"domain": "tenant.example.com/path"}, "domain is malformed: it is neither a host name"),
        ({"domain": "ftp://tenant.example.com"}, "not an absolute http or https URL"),
        ({"domain": "https://tenant.example.com/?a=b"}, "an issuer has no query"),
        ({"domain": "http://tenant.example.com"}, "plain http is accepted for loopback hosts only"),
        (
            {"authorization_params": {"redirect_uri": "/callback"}},
            "redirect_uri is not an absolute",
        ),
        (
            {"authorization_params": {"redirect_uri": "http://app.example/cb"}},
            "redirect_uri is not an absolute https URL",
        ),
        ({"authorization_params": {"state": "x"}}, "may not set state"),
        ({"authorization_params": "scope=openid"}, "authorization_params is not a mapping"),
        ({"client_secret": ""}, "The argument client_secret is missing"),
        ({"dialect": "auth1"}, "There is no dialect 'auth1'"),
        ({"algorithms": []}, "algorithms is not a list"),
        ({"algorithms": "RS256"}, "algorithms is not a list"),
        ({"algorithms": ["none"]}, "algorithm 'none' is not one"),
        ({"algorithms": ["HS256"]}, "algorithm 'HS256' is not one"),
        ({"token_endpoint_auth_method": "post"}, "no token_endpoint_auth_method 'post'"),
        (
            {"client_secret": None, "token_endpoint_auth_method": "client_secret_post"},
            "there is no client_secret",
        ),
        ({"session_idle_seconds": 1}, "session_idle_seconds is not a whole number"),
        ({"session_absolute_seconds": 1.5}, "session_absolute_seconds is not a whole number"),
        ({"transaction_seconds": 0}, "transaction_seconds is not a whole number"),
        ({"clock_skew_seconds": -1}, "clock_skew_seconds is not a whole number"),
        ({"clock_skew_seconds": 61}, "clock_skew_seconds is more than 60"),
        ({"secure_cookies": "yes"}, "secure_cookies is not True, False or None"),
        ({"cookie_prefix": ""}, "The argument cookie_prefix is missing"),
        ({"cookie_prefix": "a b"}, "cookie_prefix has characters"),
        ({"timeout_seconds": 0}, "timeout_seconds is not a number of seconds above zero"),
        ({"state_store": "nowhere://"}, "No plugin knows how to open the state_store"),
        ({"transaction_store": "nowhere://"}, "No plugin knows how to open the transaction_store"),
        ({"domian": "tenant.example.com"}, "There is no argument 'domian'"),
    ],
    ids=str,
)
def test_wrong_configuration_fails_when_the_client_is_built(
    changes: dict[str, Any], message: str
) -> None:
    """Each mistake has its own message, says what to do, and shows no secret."""
    with pytest.raises(ConfigurationError, match=message) as caught:
        built(changes)

    assert caught.value.hint
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("unknown", "suggestion"),
    [
        ("domian", "Did you mean domain?"),
        ("clientid", "Did you mean client_id?"),
        ("secrets", "Did you mean secret?"),
        ("authorisation_params", "Did you mean authorization_params?"),
        ("stateStore", "Did you mean state_store?"),
        ("something_else_entirely", "Known are domain, client_id,"),
    ],
)
def test_an_unknown_keyword_suggests_the_nearest(unknown: str, suggestion: str) -> None:
    """A typing error would otherwise switch something off unseen."""
    with pytest.raises(ConfigurationError) as caught:
        built({unknown: "canary"})

    assert suggestion in caught.value.hint
    assert "canary" not in str(caught.value)
    assert not re.search(r"\b(unknown|return)\b", caught.value.hint)


@pytest.mark.parametrize(
    ("domain", "shown"),
    [
        ("tenant.example.com", "https://tenant.example.com/"),
        ("https://tenant.example.com", "https://tenant.example.com"),
        ("https://tenant.example.com:8443/realms/a", "https://tenant.example.com:8443/realms/a"),
        ("http://localhost:9000", "http://localhost:9000"),
        ("http://127.0.0.1:9000/", "http://127.0.0.1:9000/"),
    ],
)
def test_a_domain_is_a_host_or_an_issuer_kept_as_given(domain: str, shown: str) -> None:
    """The repr names the provider, and nothing else of the configuration."""
    assert f"ServerClient({shown!r})" == repr(built({"domain": domain}))


def test_the_settings_can_be_read() -> None:
    """Adapters read redirect URIs and cookie rules from them; the secret does not show."""
    settings = ServerClient(**WORKING).settings

    assert CALLBACK == settings.authorization_params["redirect_uri"]
    assert settings.secure_cookies
    assert "canary" not in repr(settings)


def test_nothing_expensive_is_imported_before_it_is_needed() -> None:
    """Neither the import nor building a client loads HTTP, JOSE, TLS or an event loop."""
    program = f"""
import sys
def loaded():
    names = ("httpx", "joserfc", "ssl", "trio", "asyncio", "anyio._backends")
    return [name for name in names if any(m == name or m.startswith(name + ".") for m in sys.modules)]
import userlink
print(loaded())
from userlink import ServerClient
print(loaded())
ServerClient(**{WORKING!r})
print([name for name in loaded() if name in ("httpx", "joserfc", "trio", "anyio._backends")])
"""

    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )

    assert ["[]", "[]", "[]"] == answer.stdout.splitlines()


# ------------------------------------------------------------- the documented linking examples


async def test_the_clients_parameters_are_in_the_link_url(
    provider: MemoryProvider, browser: Browser
) -> None:
    """Client-wide audience, redirect_uri and scope, beside what linking needs."""
    client = client_of(
        provider,
        authorization_params={
            "redirect_uri": CALLBACK,
            "audience": "urn:my:api",
            "scope": "read:things email",
        },
    )
    await sign_in(client, provider, browser)

    sent = await link_url(client, browser)

    assert "urn:my:api" == sent["audience"]
    assert CALLBACK == sent["redirect_uri"]
    expected = {"openid", "link_account", "offline_access", "read:things", "email"}
    assert expected == set(sent["scope"].split())
    assert "github" == sent["requested_connection"]
    assert "requested_connection_scope" not in sent


async def test_the_calls_parameters_override_the_clients(
    provider: MemoryProvider, browser: Browser
) -> None:
    """Key by key: the audience is another, ``foo`` is new, the rest is the client's."""
    client = client_of(
        provider, authorization_params={"redirect_uri": CALLBACK, "audience": "urn:my:api"}
    )
    await sign_in(client, provider, browser)

    sent = await link_url(
        client, browser, authorization_params={"audience": "urn:another:api", "foo": "bar"}
    )

    assert ("urn:another:api", "bar", CALLBACK) == (
        sent["audience"],
        sent["foo"],
        sent["redirect_uri"],
    )


async def test_the_redirect_uri_of_the_call_is_what_the_token_endpoint_is_sent(
    provider: MemoryProvider, browser: Browser
) -> None:
    """RFC 6749, 4.1.3: identical, byte for byte, to the one of the request."""
    client = client_of(provider)
    await sign_in(client, provider, browser)
    other = "https://app.example/other?tenant=%C3%A9&x=1"
    url = await client.start_link_user(
        {"connection": "github", "authorization_params": {"redirect_uri": other}}, browser.options
    )
    assert other == parameters_of(url)["redirect_uri"]

    await client.complete_link_user(provider.approve(url), browser.options)

    assert other == provider.sent_to("/token")[-1]["redirect_uri"]


@pytest.mark.parametrize("kind", KINDS_OF_STORES)
async def test_a_link_gives_back_the_app_state(
    provider: MemoryProvider, browser: Browser, kind: str
) -> None:
    """``result.get("app_state").get("return_to")``, and the camelCase of it."""
    client = client_of(provider, **KINDS_OF_STORES[kind])
    await sign_in(client, provider, browser)
    url = await client.start_link_user(
        {
            "connection": "github",
            "connection_scope": "read:user",
            "app_state": {"return_to": "/profile"},
        },
        browser.options,
    )
    assert "read:user" == parameters_of(url)["requested_connection_scope"]

    callback = provider.approve(url, identities=[{"connection": "github"}])
    result = await client.complete_link_user(callback, store_options=browser.options)

    assert isinstance(result, LinkResult)
    assert "/profile" == result.get("app_state", {}).get("return_to")
    assert {"return_to": "/profile"} == result.get("appState") == result.app_state
    assert "github" == result.connection
    assert [{"connection": "github"}] == result.user["identities"]


@pytest.mark.parametrize("kind", KINDS_OF_STORES)
async def test_the_whole_journey(provider: MemoryProvider, browser: Browser, kind: str) -> None:
    """Sign in, link, unlink, sign out; the session is the same one until it ends."""
    async with client_of(provider, **KINDS_OF_STORES[kind]) as client:
        assert await client.get_user(browser.options) is None

        url = await client.start_interactive_login({"app_state": {"a": 1}}, browser.options)
        login = await client.complete_interactive_login(
            provider.approve(url, name="Alice"), browser.options
        )
        assert isinstance(login, LoginResult)
        assert {"sub": "auth0|alice", "name": "Alice"} == login.user
        assert {"a": 1} == login.app_state
        before = await client.get_session(browser.options)
        assert before is not None

        provider.clock.advance(100)
        url = await client.start_link_user(LinkOptions("github"), browser.options)
        linked = await client.complete_link_user(
            provider.approve(url, identities=["auth0", "github"]), browser.options
        )
        assert ["auth0", "github"] == linked.user["identities"]
        assert linked.user == await client.get_user(browser.options)

        url = await client.start_unlink_user({"connection": "github"}, browser.options)
        unlinked = await client.complete_unlink_user(
            provider.approve(url, identities=["auth0"]), browser.options
        )
        assert isinstance(unlinked, UnlinkResult)
        assert ["auth0"] == unlinked.user["identities"]

        after = await client.get_session(browser.options)
        assert after is not None
        assert (before.subject, before.sid, before.created_at) == (
            after.subject,
            after.sid,
            after.created_at,
        )
        assert before.id_token != after.id_token

        url = await client.logout({"return_to": "https://app.example/"}, browser.options)
        sent = parameters_of(url)
        assert url.startswith(f"{ISSUER}logout?")
        assert "https://app.example/" == sent["post_logout_redirect_uri"]
        assert after.id_token == sent["id_token_hint"]
        assert await client.get_user(browser.options) is None
        assert not any("session" in name for name in browser)


@pytest.mark.parametrize("kind", ["login", "link", "unlink"])
async def test_one_callback_url_completes_every_kind(
    provider: MemoryProvider, browser: Browser, kind: str
) -> None:
    """``complete_callback()`` answers with the result of the kind that it was."""
    client = client_of(provider)
    await sign_in(client, provider, browser)
    url = await START[kind](client, browser)

    result = await client.complete_callback(provider.approve(url), browser.options)

    expected = {"login": LoginResult, "link": LinkResult, "unlink": UnlinkResult}[kind]
    assert expected is type(result)


START: dict[str, Callable[[ServerClient, Browser], Awaitable[str]]] = {
    "login": lambda client, browser: client.start_interactive_login(None, browser.options),
    "link": lambda client, browser: client.start_link_user(
        {"connection": "github"}, browser.options
    ),
    "unlink": lambda client, browser: client.start_unlink_user(
        {"connection": "github"}, browser.options
    ),
}


@pytest.mark.parametrize(
    ("started", "completed"),
    [
        (started, completed)
        for started in ("login", "link", "unlink")
        for completed in ("interactive_login", "link_user", "unlink_user")
        if not completed.removeprefix("interactive_").startswith(started)
    ],
)
async def test_each_completion_refuses_every_other_kind(
    provider: MemoryProvider, browser: Browser, started: str, completed: str
) -> None:
    """All six wrong pairs: no token request, the session as it was, and the app_state at hand."""
    client = client_of(provider)
    await sign_in(client, provider, browser)
    before = await client.get_session(browser.options)
    url = await START[started](client, browser)
    requests = len(provider.sent_to("/token"))

    with pytest.raises(TransactionKindMismatch) as caught:
        await getattr(client, f"complete_{completed}")(provider.approve(url), browser.options)

    assert requests == len(provider.sent_to("/token"))
    after = await client.get_session(browser.options)
    assert before is not None
    assert after is not None
    assert dict(before) == dict(after)
    assert {} == caught.value.app_state


# -------------------------------------------------------------------------------- every method


@pytest.mark.parametrize("name", METHODS)
async def test_every_method_takes_store_options(provider: MemoryProvider, name: str) -> None:
    """By keyword and by place, last; without any, the mistake is named."""
    client = client_of(provider)
    method = getattr(client, name)
    browser = Browser()

    for arguments, keywords in (
        (METHODS[name], {"store_options": browser.options}),
        ((*METHODS[name], browser.options), {}),
    ):
        try:
            await method(*arguments, **keywords)
        except (ConfigurationError, AssertionError):
            raise
        except Exception as error:  # noqa: BLE001 - nobody is signed in and nothing was started
            assert re.search("not started|signed in", str(error))
    with pytest.raises(ConfigurationError, match="they hold nothing"):
        await method(*METHODS[name])


@pytest.mark.parametrize("name", ["start_link_user", "start_unlink_user"])
async def test_linking_begins_with_a_session(provider: MemoryProvider, name: str) -> None:
    """Without one there is nobody to link to; nothing is stored, and the provider is not asked."""
    client, browser = client_of(provider), Browser()

    with pytest.raises(SessionRequired):
        await getattr(client, name)({"connection": "github"}, browser.options)

    assert {} == browser
    assert [] == provider.requests


@pytest.mark.parametrize(
    ("name", "options", "refusal"),
    [
        ("start_interactive_login", {"appstate": {}}, InvalidOption),
        ("start_link_user", {}, InvalidOption),
        ("start_link_user", None, InvalidOption),
        ("start_link_user", {"conection": "github"}, InvalidOption),
        ("start_unlink_user", {"connection": ""}, InvalidOption),
        ("logout", {"returnTo": "javascript:alert(1)"}, InvalidOption),
        (
            "start_interactive_login",
            {"authorization_params": {"STATE": "mine"}},
            ReservedParameter,
        ),
    ],
)
async def test_wrong_options_are_refused_before_anything_happens(
    provider: MemoryProvider, name: str, options: Any, refusal: type[ConfigurationError]
) -> None:
    """No cookie, no request."""
    client, browser = client_of(provider), Browser()

    with pytest.raises(refusal):
        await getattr(client, name)(options, browser.options)

    assert {} == browser
    assert [] == provider.requests


async def test_options_in_camel_case_are_the_same_options(
    provider: MemoryProvider, browser: Browser
) -> None:
    """The spelling of other SDKs."""
    client = client_of(provider)
    await sign_in(client, provider, browser)

    sent = await link_url(
        client, browser, connectionScope=["a", "b"], authorizationParams={"foo": "bar"}
    )

    assert ("a b", "bar") == (sent["requested_connection_scope"], sent["foo"])


# ------------------------------------------------------------------------------------- closing


async def test_a_transport_from_outside_is_not_closed(provider: MemoryProvider) -> None:
    """Whoever made it closes it."""
    async with client_of(provider) as client:
        await client.start_interactive_login(None, Browser().options)

    assert not provider.closed


async def test_a_client_that_is_closed_closes_what_it_opened_and_can_go_on(
    provider: MemoryProvider,
) -> None:
    """The next call connects anew; closing twice, or before anything was opened, is nothing."""
    made: list[MemoryProvider] = []

    class Plugin:
        """Makes a transport each time one is needed."""

        @hookimpl
        def userlink_transport(self) -> MemoryProvider:
            """Return a new provider in memory."""
            made.append(MemoryProvider(MovingClock()))
            return made[-1]

    client = client_of(provider, transport=None, plugins=[Plugin()])
    await client.aclose()
    assert [] == made

    await client.start_interactive_login(None, Browser().options)
    await client.aclose()
    await client.aclose()
    assert [True] == [transport.closed for transport in made]

    provider.clock.advance(601)
    await client.start_interactive_login(None, Browser().options)
    assert [True, False] == [transport.closed for transport in made]


async def test_leaving_the_block_by_an_error_closes_too(provider: MemoryProvider) -> None:
    """And the error goes on."""
    closed: list[str] = []

    class Client(ServerClient):
        """Notes that it was closed."""

        async def aclose(self) -> None:
            """Note it."""
            closed.append("closed")

    arguments: dict[str, Any] = {**WORKING, "transport": provider}
    with pytest.raises(LookupError, match="mine"):
        async with Client(**arguments):
            raise LookupError("mine")

    assert ["closed"] == closed
