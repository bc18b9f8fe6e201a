"""
The certified provider that other tests rely on: a client written out by hand can log in, be denied
and log out.
"""

from urllib.parse import urlencode

import httpx
import pytest

from support.browser import PlainBrowser
from support.hand_written_client import HandWrittenClient, answer_in, log_in_as, tokens_of
from support.oidc_provider import (
    Answer,
    OidcProvider,
    UnexpectedPage,
    cancel,
    log_out,
    login,
    pass_through,
)

pytestmark = pytest.mark.node

REDIRECT_URI = "http://localhost:3000/auth/callback"
AFTER_LOGOUT = "http://localhost:3000/"
DATABASE = "Username-Password-Authentication"


class TestLogin:
    def test_login_gives_an_id_token_with_profile_email_identities_and_sid(
        self,
        browser: PlainBrowser,
        hand_written_client: HandWrittenClient,
        oidc_provider: OidcProvider,
    ) -> None:
        """The ID token has what OIDC Core 2 and 5.4 name, `sid` and the list of identities."""
        flow = hand_written_client.start("openid profile email")
        callback = login(browser, flow.url, "alice")
        tokens = hand_written_client.redeem(callback, flow).json()
        claims = hand_written_client.verified_claims(tokens["id_token"])

        assert oidc_provider.issuer == answer_in(callback)["iss"]
        assert flow.parameters["state"] == answer_in(callback)["state"]
        assert oidc_provider.issuer == claims["iss"]
        assert oidc_provider.client_id == claims["aud"]
        assert flow.parameters["nonce"] == claims["nonce"]
        assert ("auth0|alice", "Alice Adams") == (claims["sub"], claims["name"])
        assert ("alice@example.com", True) == (claims["email"], claims["email_verified"])
        assert claims["sid"]
        assert [
            {
                "provider": "auth0",
                "user_id": "alice",
                "connection": DATABASE,
                "isSocial": False,
            }
        ] == claims["identities"]

    def test_a_session_at_the_provider_needs_no_page(
        self, browser: PlainBrowser, hand_written_client: HandWrittenClient
    ) -> None:
        """A second request in the same browser goes straight back."""
        log_in_as(browser, hand_written_client, "alice")

        assert "code" in answer_in(pass_through(browser, hand_written_client.start().url))

    def test_prompt_login_lets_another_user_sign_in(
        self,
        browser: PlainBrowser,
        hand_written_client: HandWrittenClient,
        oidc_provider: OidcProvider,
    ) -> None:
        """With `prompt=login` a second user takes over the browser (OIDC Core 3.1.2.1)."""
        log_in_as(browser, hand_written_client, "alice")
        flow = hand_written_client.start(prompt="login")
        tokens = tokens_of(browser, hand_written_client, flow, Answer.login("bob"))

        assert "auth0|bob" == hand_written_client.verified_claims(tokens["id_token"])["sub"]
        assert ["auth0|bob"] == oidc_provider.signed_in_subjects()

    def test_cancelled_login_is_denied(
        self, browser: PlainBrowser, hand_written_client: HandWrittenClient
    ) -> None:
        """Cancel comes back as `access_denied` with state and issuer (RFC 6749 4.1.2.1)."""
        flow = hand_written_client.start()
        answer = answer_in(cancel(browser, flow.url))

        assert "access_denied" == answer["error"]
        assert (flow.parameters["state"], hand_written_client.issuer) == (
            answer["state"],
            answer["iss"],
        )

    def test_an_issuer_with_a_trailing_slash_is_the_same_everywhere(
        self, browser: PlainBrowser, http: httpx.Client, slashed_oidc_provider: OidcProvider
    ) -> None:
        """Discovery, callback and ID token have the issuer as it is, slash included."""
        provider = slashed_oidc_provider
        client = HandWrittenClient(http, provider.issuer, provider.client, REDIRECT_URI)
        flow = client.start()
        callback = login(browser, flow.url, "alice")
        claims = client.verified_claims(client.redeem(callback, flow).json()["id_token"])

        assert provider.issuer.endswith("/")
        assert provider.issuer == client.metadata()["issuer"]
        assert provider.issuer == answer_in(callback)["iss"]
        assert provider.issuer == claims["iss"]

    def test_a_pushed_request_logs_in_once(
        self, browser: PlainBrowser, hand_written_client: HandWrittenClient
    ) -> None:
        """A request_uri stands for the pushed parameters, a single time (RFC 9126 4)."""
        flow = hand_written_client.start("openid offline_access")
        request_uri = hand_written_client.push(flow).raise_for_status().json()["request_uri"]
        query = urlencode(
            {"client_id": hand_written_client.client.client_id, "request_uri": request_uri}
        )
        url = f"{hand_written_client.metadata()['authorization_endpoint']}?{query}"
        tokens = hand_written_client.redeem(login(browser, url, "alice"), flow).json()

        assert "refresh_token" in tokens
        with pytest.raises(UnexpectedPage, match="invalid_request_uri"):
            pass_through(browser, url)

    def test_an_audience_is_that_of_the_access_token(
        self, browser: PlainBrowser, hand_written_client: HandWrittenClient
    ) -> None:
        """`audience` is any text, as at Auth0, and OIDC scopes stay granted beside it."""
        flow = hand_written_client.start("openid profile read:orders", audience="my-account")
        tokens = tokens_of(browser, hand_written_client, flow, Answer.login("alice"))

        assert "my-account" == hand_written_client.verified_claims(tokens["access_token"])["aud"]
        assert {"openid", "profile", "read:orders"} == set(tokens["scope"].split())

    def test_userinfo_names_the_same_user(
        self, browser: PlainBrowser, hand_written_client: HandWrittenClient
    ) -> None:
        """An access token without audience opens the userinfo endpoint (OIDC Core 5.3)."""
        access_token = log_in_as(browser, hand_written_client, "bob")["access_token"]
        bearer = {"authorization": f"Bearer {access_token}"}
        answer = hand_written_client.http.get(
            hand_written_client.metadata()["userinfo_endpoint"], headers=bearer
        )

        assert "auth0|bob" == answer.json()["sub"]


class TestLogout:
    def test_logout_ends_the_session_and_comes_back(
        self,
        browser: PlainBrowser,
        hand_written_client: HandWrittenClient,
        oidc_provider: OidcProvider,
    ) -> None:
        """The user confirms, returns with `state`, and must log in again (RP-Initiated Logout 2)."""
        id_token = log_in_as(browser, hand_written_client, "alice")["id_token"]
        query = urlencode(
            {
                "id_token_hint": id_token,
                "post_logout_redirect_uri": AFTER_LOGOUT,
                "state": "opaque",
            }
        )
        url = f"{hand_written_client.metadata()['end_session_endpoint']}?{query}"

        assert f"{AFTER_LOGOUT}?state=opaque" == log_out(browser, url)
        assert [] == oidc_provider.signed_in_subjects()
        with pytest.raises(UnexpectedPage, match="Sign in"):
            pass_through(browser, hand_written_client.start().url)

    def test_a_foreign_return_address_is_refused(
        self, browser: PlainBrowser, hand_written_client: HandWrittenClient
    ) -> None:
        """post_logout_redirect_uri must be registered (RP-Initiated Logout 3)."""
        id_token = log_in_as(browser, hand_written_client, "alice")["id_token"]
        query = urlencode(
            {"id_token_hint": id_token, "post_logout_redirect_uri": "http://localhost:3000/evil"}
        )

        with pytest.raises(UnexpectedPage, match="not registered"):
            log_out(browser, f"{hand_written_client.metadata()['end_session_endpoint']}?{query}")
