"""What a test may see and change of the certified provider while it runs."""

import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode

import pytest
from joserfc.errors import InvalidKeyIdError

from support.browser import PlainBrowser
from support.hand_written_client import HandWrittenClient, answer_in, log_in_as, tokens_of
from support.oidc_provider import (
    Answer,
    OidcProvider,
    choose_connection_account,
    log_out,
    login,
    pass_through,
)

pytestmark = pytest.mark.node

AFTER_LOGOUT = "http://localhost:3000/"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


@contextmanager
def logout_listener() -> Generator[tuple[str, list[str]]]:
    """Listen for back-channel logouts; give the URL and the tokens that came."""
    tokens: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            tokens.extend(parse_qs(body)["logout_token"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/logout", tokens
        finally:
            server.shutdown()
            thread.join()


def test_events_have_what_was_sent_word_for_word(
    browser: PlainBrowser, hand_written_client: HandWrittenClient, oidc_provider: OidcProvider
) -> None:
    """Parameters that the provider does not know are kept, and none that nobody sent is there."""
    flow = hand_written_client.start("openid offline_access", foo="bar")
    callback = login(browser, flow.url, "alice")
    refresh_token = hand_written_client.redeem(callback, flow).json()["refresh_token"]
    hand_written_client.post("revocation_endpoint", {"token": refresh_token}, {})

    [authorize] = oidc_provider.events("authorize")
    [token] = oidc_provider.events("token")
    [revocation] = oidc_provider.events("revocation")
    assert flow.parameters == authorize.parameters
    assert answer_in(callback)["code"] == token.parameters["code"]
    assert ("client_secret_basic", 200, None) == (token.authentication, token.status, token.error)
    assert {"token": refresh_token} == revocation.parameters


def test_a_repeated_parameter_is_told(
    browser: PlainBrowser, hand_written_client: HandWrittenClient, oidc_provider: OidcProvider
) -> None:
    """`parameters` hides no second value; `pairs` has both."""
    pass_through(browser, f"{hand_written_client.start().url}&state=second")

    [event] = oidc_provider.events("authorize")
    assert "second" == event.pairs[-1][1]
    with pytest.raises(ValueError, match="repeated"):
        _ = event.parameters


def test_reset_leaves_nothing_behind(
    browser: PlainBrowser, hand_written_client: HandWrittenClient, oidc_provider: OidcProvider
) -> None:
    """Links, sessions, clients, settings, keys and events go."""
    keys_url = hand_written_client.metadata()["jwks_uri"]
    keys = hand_written_client.http.get(keys_url).json()
    oidc_provider.change_settings(id_token_lifetime_seconds=5)
    oidc_provider.set_redirect_uris("http://localhost:3000/auth/callback", "http://localhost:1/")
    oidc_provider.rotate_keys()
    id_token = log_in_as(browser, hand_written_client, "alice")["id_token"]
    url = hand_written_client.start_link(id_token).url
    choose_connection_account(browser, url, "octocat")
    oidc_provider.reset()

    assert [] == oidc_provider.events()
    assert [] == oidc_provider.signed_in_subjects()
    assert 1 == len(oidc_provider.account("alice").identities)
    assert keys == hand_written_client.http.get(keys_url).json()
    tokens = log_in_as(browser, hand_written_client, "alice")
    claims = hand_written_client.verified_claims(tokens["id_token"])
    assert 3600 == int(str(claims["exp"])) - int(str(claims["iat"]))
    elsewhere = browser.get(hand_written_client.start(redirect_uri="http://localhost:1/").url)
    assert 400 == elsewhere.status


def test_a_client_can_be_changed_while_running(
    browser: PlainBrowser, hand_written_client: HandWrittenClient, oidc_provider: OidcProvider
) -> None:
    """The application's port becomes known late; the client keeps what is not changed."""
    redirect_uri = "http://localhost:12345/auth/callback"
    registered = oidc_provider.register_client(
        client_id=oidc_provider.client_id, redirect_uris=[redirect_uri]
    )
    callback = login(browser, hand_written_client.start(redirect_uri=redirect_uri).url, "alice")

    assert callback.startswith(f"{redirect_uri}?")
    assert oidc_provider.client == registered


def test_wrong_metadata_is_refused_at_once(oidc_provider: OidcProvider) -> None:
    """A mistake in a test's client is told where it is made."""
    with pytest.raises(ValueError, match="redirect_uris"):
        oidc_provider.register_client(client_id="wrong", redirect_uris=["not a URL"])


def test_a_client_can_have_es256_and_post_its_secret(
    browser: PlainBrowser, hand_written_client: HandWrittenClient, oidc_provider: OidcProvider
) -> None:
    """Signature and client authentication are the client's choice (Registration 1.0, 2)."""
    client = oidc_provider.register_client(
        client_id=oidc_provider.client_id,
        id_token_signed_response_alg="ES256",
        token_endpoint_auth_method="client_secret_post",
    )
    flow = hand_written_client.start()
    code = answer_in(login(browser, flow.url, "alice"))["code"]
    answer = hand_written_client.http.post(
        hand_written_client.metadata()["token_endpoint"],
        data={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": hand_written_client.redirect_uri,
            "code_verifier": flow.code_verifier,
            "client_id": client.client_id,
            "client_secret": client.client_secret,
        },
    )
    claims = hand_written_client.verified_claims(answer.json()["id_token"], "ES256")

    assert "auth0|alice" == claims["sub"]
    assert "client_secret_post" == oidc_provider.events("token")[0].authentication


def test_lifetimes_can_be_changed(
    browser: PlainBrowser, hand_written_client: HandWrittenClient, oidc_provider: OidcProvider
) -> None:
    """A short-lived ID token needs no patience."""
    oidc_provider.change_settings(id_token_lifetime_seconds=7)
    id_token = log_in_as(browser, hand_written_client, "alice")["id_token"]
    claims = hand_written_client.verified_claims(id_token)

    assert 7 == int(str(claims["exp"])) - int(str(claims["iat"]))


def test_refresh_tokens_can_be_kept(
    browser: PlainBrowser, hand_written_client: HandWrittenClient, oidc_provider: OidcProvider
) -> None:
    """Without rotation the same refresh token serves again."""
    oidc_provider.change_settings(rotate_refresh_tokens=False)
    tokens = log_in_as(browser, hand_written_client, "alice", "openid offline_access")
    refreshed = hand_written_client.refresh(tokens["refresh_token"]).json()

    assert tokens["refresh_token"] == refreshed["refresh_token"]


def test_a_setting_of_the_wrong_kind_is_refused(oidc_provider: OidcProvider) -> None:
    """A lifetime is a positive number of seconds."""
    with pytest.raises(ValueError, match="positive"):
        oidc_provider.change_settings(id_token_lifetime_seconds=0)


@pytest.mark.parametrize("retire_old", [False, True])
def test_keys_can_be_rotated(
    browser: PlainBrowser,
    hand_written_client: HandWrittenClient,
    oidc_provider: OidcProvider,
    retire_old: bool,
) -> None:
    """New keys sign, the browser stays signed in, and old tokens verify until keys are retired."""
    old = log_in_as(browser, hand_written_client, "alice")["id_token"]
    oidc_provider.rotate_keys(retire_old=retire_old)
    new = tokens_of(browser, hand_written_client, hand_written_client.start())["id_token"]

    assert "auth0|alice" == hand_written_client.verified_claims(new)["sub"]
    if retire_old:
        with pytest.raises(InvalidKeyIdError):
            hand_written_client.verified_claims(old)
    else:
        assert "auth0|alice" == hand_written_client.verified_claims(old)["sub"]


def test_ending_a_users_sessions_tells_the_client(
    browser: PlainBrowser, hand_written_client: HandWrittenClient, oidc_provider: OidcProvider
) -> None:
    """The logout token names subject and session (Back-Channel Logout 1.0, 2.4)."""
    with logout_listener() as (url, logout_tokens):
        oidc_provider.register_client(
            client_id=oidc_provider.client_id,
            backchannel_logout_uri=url,
            backchannel_logout_session_required=True,
        )
        id_token = log_in_as(browser, hand_written_client, "alice")["id_token"]
        [told] = oidc_provider.end_sessions("alice")
    [logout_token] = logout_tokens
    claims = hand_written_client.verified_claims(logout_token)

    assert (oidc_provider.client_id, None) == (told.client_id, told.error)
    assert hand_written_client.verified_claims(id_token)["sid"] == claims["sid"] == told.session_id
    assert ("auth0|alice", {LOGOUT_EVENT: {}}) == (claims["sub"], claims["events"])
    assert [] == oidc_provider.signed_in_subjects()


def test_a_client_that_cannot_be_told_is_reported(
    browser: PlainBrowser, hand_written_client: HandWrittenClient, oidc_provider: OidcProvider
) -> None:
    """An application that does not listen is told apart from one that does."""
    with logout_listener() as (url, _):
        pass
    oidc_provider.register_client(client_id=oidc_provider.client_id, backchannel_logout_uri=url)
    log_in_as(browser, hand_written_client, "alice")
    [told] = oidc_provider.end_sessions("alice")

    assert told.error


def test_logout_in_the_browser_tells_the_client(
    browser: PlainBrowser, hand_written_client: HandWrittenClient, oidc_provider: OidcProvider
) -> None:
    """RP-initiated logout goes to the back channel too (Back-Channel Logout 1.0, 2.5)."""
    with logout_listener() as (url, logout_tokens):
        oidc_provider.register_client(client_id=oidc_provider.client_id, backchannel_logout_uri=url)
        id_token = log_in_as(browser, hand_written_client, "alice")["id_token"]
        query = urlencode({"id_token_hint": id_token, "post_logout_redirect_uri": AFTER_LOGOUT})
        log_out(browser, f"{hand_written_client.metadata()['end_session_endpoint']}?{query}")

    assert 1 == len(logout_tokens)


def test_a_form_post_answer_comes_as_a_page(
    browser: PlainBrowser, hand_written_client: HandWrittenClient
) -> None:
    """With `response_mode=form_post` the callback is a form that a script submits."""
    log_in_as(browser, hand_written_client, "alice")
    flow = hand_written_client.start(response_mode="form_post")
    form = browser.get(flow.url).form()

    assert hand_written_client.redirect_uri == form.action
    assert {"code", "state", "iss"} == {name for name, _ in form.fields}


def test_it_stops_when_it_is_told_to(oidc_provider: OidcProvider) -> None:
    """A second provider of its own ends with its context, open connections or not."""
    with OidcProvider.running() as other:
        pid = other.ready.pid
        other.accounts()
        assert oidc_provider.issuer != other.issuer

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_an_answer_names_the_page_that_it_is_for(
    browser: PlainBrowser, hand_written_client: HandWrittenClient
) -> None:
    """A link's answer is not given to a login page."""
    with pytest.raises(AssertionError, match="expected the form link_account, got 200"):
        choose_connection_account(browser, hand_written_client.start().url, "octocat")


def test_an_account_that_is_not_offered_cannot_be_chosen(
    browser: PlainBrowser, hand_written_client: HandWrittenClient
) -> None:
    """A user chooses among what the page shows."""
    form = browser.follow_all(browser.get(hand_written_client.start().url)).form("login")

    with pytest.raises(ValueError, match="offers"):
        form.filled(Answer.login("mallory").fields)
