"""Access tokens of a linked connection, and the stand-in for GitHub's API that takes them."""

import httpx
import pytest

from devtenant.relying_party import RelyingParty, problem

GRANT_TYPE = "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token"
SUBJECT_TYPE = "urn:ietf:params:oauth:token-type:refresh_token"
REQUESTED_TYPE = "http://auth0.com/oauth/token-type/federated-connection-access-token"


def exchange(rp: RelyingParty, refresh_token: str, **changes: str | None) -> httpx.Response:
    form = {
        "grant_type": GRANT_TYPE,
        "subject_token_type": SUBJECT_TYPE,
        "subject_token": refresh_token,
        "requested_token_type": REQUESTED_TYPE,
        "connection": "github",
    }
    return rp.post("oauth/token", form | changes)


def ask_github(rp: RelyingParty, authorization: str | None) -> httpx.Response:
    headers = {} if authorization is None else {"Authorization": authorization}
    return rp.http.get(f"{rp.tenant.issuer}github/user", headers=headers)


def test_a_linked_connections_token_opens_its_api(rp: RelyingParty) -> None:
    """The refresh token stays good, and the scope is that of the link."""
    tokens = rp.log_in("alice")
    started = rp.start_link(tokens["id_token"], requested_connection_scope="read:user gist")
    rp.browser.open(started.url)
    rp.browser.choose_account("alice-codes")

    answer = exchange(rp, tokens["refresh_token"])

    body = answer.raise_for_status().json()
    assert "no-store" == answer.headers["Cache-Control"]
    assert 3600 == body["expires_in"]
    assert "read:user gist" == body["scope"]
    user = ask_github(rp, f"Bearer {body['access_token']}").json()
    assert ("alice-codes", "Alice on GitHub", 12) == (
        user["login"],
        user["name"],
        user["public_repos"],
    )
    assert 200 == rp.refresh(tokens["refresh_token"]).status_code


def test_without_a_wish_the_connections_default_scope_counts(rp: RelyingParty) -> None:
    """Identities that the configuration links have it too."""
    tokens = rp.log_in("bob")

    assert "read:user" == exchange(rp, tokens["refresh_token"]).json()["scope"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"connection": None}, "invalid_request"),
        ({"connection": "myspace"}, "invalid_request"),
        ({"connection": "google-oauth2"}, "invalid_grant"),
        ({"login_hint": "somebody-else"}, "invalid_grant"),
        ({"subject_token": None}, "invalid_request"),
        ({"subject_token": "unknown"}, "invalid_grant"),
        (
            {"subject_token_type": "urn:ietf:params:oauth:token-type:access_token"},
            "invalid_request",
        ),
        ({"requested_token_type": None}, "invalid_request"),
    ],
)
def test_a_bad_exchange_is_refused(
    rp: RelyingParty, changes: dict[str, str | None], error: str
) -> None:
    """Bob has linked GitHub and nothing else."""
    tokens = rp.log_in("bob")

    assert (400, error) == problem(exchange(rp, tokens["refresh_token"], **changes))


def test_the_login_hint_may_name_the_account(rp: RelyingParty) -> None:
    """By login or by id."""
    token = rp.log_in("bob")["refresh_token"]

    assert 200 == exchange(rp, token, login_hint="bob-builds").status_code
    assert 200 == exchange(rp, token, login_hint="1002").status_code


def test_an_exchange_needs_client_authentication(rp: RelyingParty) -> None:
    """As every use of the token endpoint."""
    token = rp.log_in("bob")["refresh_token"]
    answer = exchange(rp, token, client_secret="twice")

    assert (400, "invalid_request") == problem(answer)


def test_an_unlinked_connection_gives_no_token(rp: RelyingParty) -> None:
    """What was linked does not count any more."""
    tokens = rp.log_in("bob")
    rp.browser.open(rp.start_unlink(tokens["id_token"]).url)
    rp.browser.confirm_unlink()

    assert (400, "invalid_grant") == problem(exchange(rp, tokens["refresh_token"]))


@pytest.mark.parametrize("authorization", [None, "Bearer", "Bearer wrong", "Basic dTpw"])
def test_the_api_refuses_other_tokens(rp: RelyingParty, authorization: str | None) -> None:
    """401, as GitHub's own."""
    assert (401, "invalid_token") == problem(ask_github(rp, authorization))


def test_the_api_refuses_a_token_of_the_tenant_itself(rp: RelyingParty) -> None:
    """An access token is not a connection's token."""
    token = rp.log_in("bob")["access_token"]

    assert 401 == ask_github(rp, f"Bearer {token}").status_code


def test_the_api_refuses_another_connections_token(rp: RelyingParty) -> None:
    """Google's tokens do not open GitHub."""
    tokens = rp.log_in("alice")
    rp.browser.open(rp.start_link(tokens["id_token"], "google-oauth2").url)
    rp.browser.choose_account("2001")
    token = exchange(rp, tokens["refresh_token"], connection="google-oauth2").json()["access_token"]

    assert 401 == ask_github(rp, f"Bearer {token}").status_code


def test_the_api_refuses_an_expired_token(rp: RelyingParty) -> None:
    """Connection tokens have a lifetime too."""
    token = exchange(rp, rp.log_in("bob")["refresh_token"]).json()["access_token"]
    rp.tenant.advance_clock(3601)

    assert 401 == ask_github(rp, f"token {token}").status_code
