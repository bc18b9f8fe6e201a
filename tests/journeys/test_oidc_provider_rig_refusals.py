"""The certified provider that other tests rely on refuses what a strict provider refuses."""

import time

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from support.browser import PlainBrowser
from support.hand_written_client import HandWrittenClient, answer_in, log_in_as
from support.oidc_provider import (
    Answer,
    Client,
    OidcProvider,
    UnexpectedPage,
    choose_connection_account,
    login,
    pass_through,
    walk,
)

pytestmark = pytest.mark.node

REDIRECT_URI = "http://localhost:3000/auth/callback"
DATABASE = "Username-Password-Authentication"


class TestRefusals:
    def test_without_pkce(
        self, browser: PlainBrowser, hand_written_client: HandWrittenClient
    ) -> None:
        """PKCE is required of this confidential client too (RFC 9700 2.1.1)."""
        flow = hand_written_client.start(code_challenge=None, code_challenge_method=None)

        assert "invalid_request" == answer_in(pass_through(browser, flow.url))["error"]

    def test_plain_pkce(
        self, browser: PlainBrowser, hand_written_client: HandWrittenClient
    ) -> None:
        """Only S256 is known (RFC 7636 4.2)."""
        flow = hand_written_client.start(code_challenge_method="plain")

        assert "invalid_request" == answer_in(pass_through(browser, flow.url))["error"]

    @pytest.mark.parametrize(
        "redirect_uri", ["http://localhost:3000/other", f"{REDIRECT_URI}/", f"{REDIRECT_URI}?a=b"]
    )
    def test_an_unregistered_redirect_uri(
        self, browser: PlainBrowser, hand_written_client: HandWrittenClient, redirect_uri: str
    ) -> None:
        """An unknown redirect_uri gets a page, never a redirect (RFC 6749 3.1.2.4)."""
        with pytest.raises(UnexpectedPage, match="invalid_redirect_uri") as caught:
            pass_through(browser, hand_written_client.start(redirect_uri=redirect_uri).url)

        assert 400 == caught.value.page.status

    def test_a_missing_redirect_uri_in_the_request(
        self, browser: PlainBrowser, hand_written_client: HandWrittenClient
    ) -> None:
        """It is required although one only is registered (OIDC Core 3.1.2.1)."""
        with pytest.raises(UnexpectedPage, match="invalid_request"):
            pass_through(browser, hand_written_client.start(redirect_uri=None).url)

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            pytest.param({"code_verifier": "a" * 43}, "invalid_grant", id="wrong verifier"),
            pytest.param({"code_verifier": None}, "invalid_grant", id="no verifier"),
            pytest.param(
                {"redirect_uri": f"{REDIRECT_URI}?"}, "invalid_grant", id="other redirect_uri"
            ),
            pytest.param({"redirect_uri": None}, "invalid_request", id="no redirect_uri"),
        ],
    )
    def test_a_token_request_that_does_not_match(
        self,
        browser: PlainBrowser,
        hand_written_client: HandWrittenClient,
        oidc_provider: OidcProvider,
        changes: dict[str, str | None],
        error: str,
    ) -> None:
        """Verifier and redirect_uri must be those of the request (RFC 7636 4.6, OIDC Core 3.1.3.2)."""
        flow = hand_written_client.start()
        answer = hand_written_client.redeem(login(browser, flow.url, "alice"), flow, **changes)

        assert (400, error) == (answer.status_code, answer.json()["error"])
        assert [error] == [event.error for event in oidc_provider.events("token")]

    def test_a_code_used_twice(
        self, browser: PlainBrowser, hand_written_client: HandWrittenClient
    ) -> None:
        """The second use is refused and revokes what the first one got (RFC 6749 4.1.2)."""
        flow = hand_written_client.start("openid offline_access")
        callback = login(browser, flow.url, "alice")
        tokens = hand_written_client.redeem(callback, flow).raise_for_status().json()
        second = hand_written_client.redeem(callback, flow)

        assert "invalid_grant" == second.json()["error"]
        assert (
            "invalid_grant" == hand_written_client.refresh(tokens["refresh_token"]).json()["error"]
        )

    def test_a_wrong_client_secret(
        self, browser: PlainBrowser, hand_written_client: HandWrittenClient
    ) -> None:
        """The client must prove itself (OIDC Core 3.1.3.2)."""
        flow = hand_written_client.start()
        callback = login(browser, flow.url, "alice")
        other = Client(hand_written_client.client.client_id, "not the secret")
        impostor = HandWrittenClient(
            hand_written_client.http, hand_written_client.issuer, other, REDIRECT_URI
        )
        answer = impostor.redeem(callback, flow)

        assert (401, "invalid_client") == (answer.status_code, answer.json()["error"])

    def test_a_secret_that_is_not_form_encoded_before_basic(
        self,
        browser: PlainBrowser,
        hand_written_client: HandWrittenClient,
        oidc_provider: OidcProvider,
    ) -> None:
        """Id and secret are form-encoded before base64 (RFC 6749 2.3.1): as they are, they fail."""
        flow = hand_written_client.start()
        answer = hand_written_client.http.post(
            hand_written_client.metadata()["token_endpoint"],
            data={
                "grant_type": "authorization_code",
                "code": answer_in(login(browser, flow.url, "alice"))["code"],
                "redirect_uri": REDIRECT_URI,
                "code_verifier": flow.code_verifier,
            },
            auth=(oidc_provider.client_id, oidc_provider.client_secret),
        )

        assert (401, "invalid_client") == (answer.status_code, answer.json()["error"])

    def test_a_rotated_refresh_token(
        self, browser: PlainBrowser, hand_written_client: HandWrittenClient
    ) -> None:
        """Each refresh gives a new token; reuse of an old one ends the new one too (RFC 9700 4.14)."""
        first = log_in_as(browser, hand_written_client, "alice", "openid offline_access")[
            "refresh_token"
        ]
        second = hand_written_client.refresh(first).raise_for_status().json()["refresh_token"]

        assert first != second
        assert "invalid_grant" == hand_written_client.refresh(first).json()["error"]
        assert "invalid_grant" == hand_written_client.refresh(second).json()["error"]


class TestHints:
    def test_no_hint(self, browser: PlainBrowser, hand_written_client: HandWrittenClient) -> None:
        """Linking says who is signed in (OIDC Core 3.1.2.1)."""
        log_in_as(browser, hand_written_client, "alice")
        callback = pass_through(browser, hand_written_client.start_link(None).url)

        assert "login_required" == answer_in(callback)["error"]

    def test_an_expired_hint(
        self,
        browser: PlainBrowser,
        hand_written_client: HandWrittenClient,
        oidc_provider: OidcProvider,
    ) -> None:
        """A hint past its `exp` is refused, in the browser and when it is pushed."""
        claims = hand_written_client.verified_claims(
            log_in_as(browser, hand_written_client, "alice")["id_token"]
        )
        expired = oidc_provider.sign_id_token({**claims, "exp": int(time.time()) - 1})
        flow = hand_written_client.start_link(expired)

        assert "login_required" == answer_in(pass_through(browser, flow.url))["error"]
        assert "login_required" == hand_written_client.push(flow).json()["error"]

    def test_a_signed_hint_that_is_unexpired_is_taken(
        self,
        browser: PlainBrowser,
        hand_written_client: HandWrittenClient,
        oidc_provider: OidcProvider,
    ) -> None:
        """The same hint with a later `exp` passes: it is the expiry that is refused above."""
        claims = hand_written_client.verified_claims(
            log_in_as(browser, hand_written_client, "alice")["id_token"]
        )
        later = oidc_provider.sign_id_token({**claims, "exp": int(time.time()) + 600})
        callback = choose_connection_account(
            browser, hand_written_client.start_link(later).url, "octocat"
        )

        assert "code" in answer_in(callback)

    def test_the_hint_of_another_user(
        self,
        browser: PlainBrowser,
        hand_written_client: HandWrittenClient,
        oidc_provider: OidcProvider,
    ) -> None:
        """A hint that does not name the user of the session is refused; nobody is linked."""
        with PlainBrowser() as other:
            bobs = log_in_as(other, hand_written_client, "bob")["id_token"]
        log_in_as(browser, hand_written_client, "alice")
        callback = pass_through(browser, hand_written_client.start_link(bobs).url)

        assert "login_required" == answer_in(callback)["error"]
        assert (DATABASE,) == oidc_provider.account("bob").connections

    def test_the_hint_of_another_user_than_the_one_who_logs_in_for_it(
        self,
        browser: PlainBrowser,
        hand_written_client: HandWrittenClient,
        oidc_provider: OidcProvider,
    ) -> None:
        """Without a session the user logs in first, and must be the one of the hint."""
        with PlainBrowser() as other:
            bobs = log_in_as(other, hand_written_client, "bob")["id_token"]
        callback = walk(browser, hand_written_client.start_link(bobs).url, Answer.login("alice"))

        assert "login_required" == answer_in(callback)["error"]
        assert (DATABASE,) == oidc_provider.account("alice").connections

    def test_without_a_session_the_user_logs_in_and_links(
        self,
        browser: PlainBrowser,
        hand_written_client: HandWrittenClient,
        oidc_provider: OidcProvider,
    ) -> None:
        """The user of the hint may log in on the way to the link."""
        with PlainBrowser() as other:
            bobs = log_in_as(other, hand_written_client, "bob")["id_token"]
        flow = hand_written_client.start_link(bobs)
        walk(browser, flow.url, Answer.login("bob"), Answer.connection_account("octocat"))

        assert (DATABASE, "github") == oidc_provider.account("bob").connections

    def test_the_hint_of_another_client(
        self,
        browser: PlainBrowser,
        hand_written_client: HandWrittenClient,
        oidc_provider: OidcProvider,
    ) -> None:
        """A hint must have been issued to the client that sends it."""
        registered = oidc_provider.register_client(client_id="b", redirect_uris=[REDIRECT_URI])
        neighbour = HandWrittenClient(
            hand_written_client.http, hand_written_client.issuer, registered, REDIRECT_URI
        )
        theirs = log_in_as(browser, neighbour, "alice")["id_token"]

        assert (
            "invalid_request"
            == answer_in(pass_through(browser, hand_written_client.start_link(theirs).url))["error"]
        )

    def test_a_hint_signed_by_a_foreign_key(
        self, browser: PlainBrowser, hand_written_client: HandWrittenClient
    ) -> None:
        """A hint must be the provider's own."""
        claims = hand_written_client.verified_claims(
            log_in_as(browser, hand_written_client, "alice")["id_token"]
        )
        forged = jwt.encode({"alg": "RS256"}, claims, RSAKey.generate_key(2048))

        assert (
            "invalid_request"
            == answer_in(pass_through(browser, hand_written_client.start_link(forged).url))["error"]
        )
