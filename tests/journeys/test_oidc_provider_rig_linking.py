"""
The certified provider that other tests rely on links and unlinks as an Auth0 tenant does, for a
client written out by hand.
"""

from typing import cast
from urllib.parse import urlencode

import pytest

from support.browser import PlainBrowser
from support.hand_written_client import HandWrittenClient, answer_in, log_in_as, tokens_of
from support.oidc_provider import (
    Answer,
    OidcProvider,
    cancel,
    choose_connection_account,
    confirm_unlink,
    pass_through,
)

pytestmark = pytest.mark.node

DATABASE = "Username-Password-Authentication"


def test_link_then_unlink(
    browser: PlainBrowser,
    hand_written_client: HandWrittenClient,
    oidc_provider: OidcProvider,
) -> None:
    """Two connections are linked and one is unlinked; the subject stays, the list follows."""
    id_token = log_in_as(browser, hand_written_client, "alice")["id_token"]
    github = hand_written_client.start_link(id_token)
    linked = tokens_of(browser, hand_written_client, github, Answer.connection_account("octocat"))
    google = hand_written_client.start_link(id_token, "google-oauth2")
    tokens_of(browser, hand_written_client, google, Answer.connection_account("ada"))
    assert (DATABASE, "github", "google-oauth2") == oidc_provider.account("alice").connections

    flow = hand_written_client.start_unlink(linked["id_token"])
    tokens = hand_written_client.redeem(confirm_unlink(browser, flow.url), flow).json()
    claims = hand_written_client.verified_claims(tokens["id_token"])

    assert (
        "auth0|alice"
        == hand_written_client.verified_claims(linked["id_token"])["sub"]
        == claims["sub"]
    )
    assert "refresh_token" in linked
    assert "refresh_token" not in tokens
    assert (DATABASE, "google-oauth2") == oidc_provider.account("alice").connections
    identities = cast("list[dict[str, object]]", claims["identities"])
    assert [DATABASE, "google-oauth2"] == [one["connection"] for one in identities]


def test_a_cancelled_link_changes_nothing(
    browser: PlainBrowser,
    hand_written_client: HandWrittenClient,
    oidc_provider: OidcProvider,
) -> None:
    """Cancel at the connection's page is `access_denied`, and no identity is added."""
    id_token = log_in_as(browser, hand_written_client, "alice")["id_token"]
    answer = answer_in(cancel(browser, hand_written_client.start_link(id_token).url))

    assert "access_denied" == answer["error"]
    assert (DATABASE,) == oidc_provider.account("alice").connections


def test_a_connection_that_is_linked_already_needs_no_page(
    browser: PlainBrowser,
    hand_written_client: HandWrittenClient,
    oidc_provider: OidcProvider,
) -> None:
    """Linking again completes without a change."""
    id_token = log_in_as(browser, hand_written_client, "alice")["id_token"]
    choose_connection_account(browser, hand_written_client.start_link(id_token).url, "octocat")

    assert "code" in answer_in(pass_through(browser, hand_written_client.start_link(id_token).url))
    assert (DATABASE, "github") == oidc_provider.account("alice").connections


def test_an_identity_of_another_user_is_not_taken(
    browser: PlainBrowser,
    hand_written_client: HandWrittenClient,
    oidc_provider: OidcProvider,
) -> None:
    """An identity belongs to one user at a time."""
    alices = log_in_as(browser, hand_written_client, "alice")["id_token"]
    choose_connection_account(browser, hand_written_client.start_link(alices).url, "octocat")
    with PlainBrowser() as other:
        bobs = log_in_as(other, hand_written_client, "bob")["id_token"]
        callback = choose_connection_account(
            other, hand_written_client.start_link(bobs).url, "octocat"
        )

    assert "access_denied" == answer_in(callback)["error"]
    assert (DATABASE,) == oidc_provider.account("bob").connections


def test_the_last_identity_stays(
    browser: PlainBrowser,
    hand_written_client: HandWrittenClient,
    oidc_provider: OidcProvider,
) -> None:
    """A user is never left without a way to sign in."""
    id_token = log_in_as(browser, hand_written_client, "alice")["id_token"]
    callback = confirm_unlink(browser, hand_written_client.start_unlink(id_token, DATABASE).url)

    assert "access_denied" == answer_in(callback)["error"]
    assert (DATABASE,) == oidc_provider.account("alice").connections


def test_an_unknown_connection_is_refused(
    browser: PlainBrowser, hand_written_client: HandWrittenClient
) -> None:
    """`requested_connection` must name a connection of the tenant."""
    id_token = log_in_as(browser, hand_written_client, "alice")["id_token"]
    callback = pass_through(browser, hand_written_client.start_link(id_token, "nowhere").url)

    assert "invalid_request" == answer_in(callback)["error"]


def test_a_repeated_connection_is_refused(
    browser: PlainBrowser, hand_written_client: HandWrittenClient
) -> None:
    """Request parameters must not be repeated (RFC 6749 3.1), those of the tenant included."""
    id_token = log_in_as(browser, hand_written_client, "alice")["id_token"]
    url = f"{hand_written_client.start_link(id_token).url}&requested_connection=email"

    assert "invalid_request" == answer_in(pass_through(browser, url))["error"]


def test_a_link_may_be_pushed(
    browser: PlainBrowser,
    hand_written_client: HandWrittenClient,
    oidc_provider: OidcProvider,
) -> None:
    """The hint travels in the back channel, not in the browser's URL (RFC 9126)."""
    flow = hand_written_client.start_link(
        log_in_as(browser, hand_written_client, "alice")["id_token"]
    )
    request_uri = hand_written_client.push(flow).raise_for_status().json()["request_uri"]
    query = urlencode(
        {"client_id": hand_written_client.client.client_id, "request_uri": request_uri}
    )
    url = f"{hand_written_client.metadata()['authorization_endpoint']}?{query}"
    choose_connection_account(browser, url, "hubot")

    assert (DATABASE, "github") == oidc_provider.account("alice").connections
    assert "id_token_hint" not in oidc_provider.events("authorize")[-1].parameters
    assert "id_token_hint" in oidc_provider.events("par")[-1].parameters
