"""The token endpoint: redeeming codes, and authenticating clients."""

import base64
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import quote_plus

import httpx
import pytest

from devtenant.relying_party import (
    CLIENT_ID,
    CLIENT_SECRET,
    REDIRECT_URI,
    RelyingParty,
    Started,
    answer_in,
    problem,
)
from userlink_devtenant import Client


def with_code(rp: RelyingParty, **changes: str | None) -> tuple[str, Started]:
    """Get as far as a callback with a code."""
    started = rp.start(**changes)
    rp.browser.open(started.url)
    return rp.browser.sign_in("alice"), started


def form_of(callback_url: str, started: Started) -> dict[str, str]:
    """Return a token request without client authentication."""
    return {
        "grant_type": "authorization_code",
        "code": answer_in(callback_url)["code"],
        "redirect_uri": REDIRECT_URI,
        "code_verifier": started.code_verifier,
    }


def test_a_code_gives_tokens_that_are_not_cached(rp: RelyingParty) -> None:
    """RFC 6749 5.1."""
    answer = rp.redeem(*with_code(rp))

    body = answer.json()
    assert 200 == answer.status_code
    assert "no-store" == answer.headers["Cache-Control"]
    assert "Bearer" == body["token_type"]
    assert 3600 == body["expires_in"]
    assert "openid profile email offline_access" == body["scope"]
    assert {"access_token", "id_token", "refresh_token"} <= set(body)


def test_without_offline_access_there_is_no_refresh_token(rp: RelyingParty) -> None:
    """OIDC Core 11."""
    assert "refresh_token" not in rp.log_in("alice", scope="openid")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "x" * 43}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"code_verifier": None}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:3000/auth/callback"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"redirect_uri": ""}, "invalid_request"),
        ({"code": "unknown"}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
        ({"grant_type": None}, "unsupported_grant_type"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_bad_redemption_is_refused(
    rp: RelyingParty, changes: dict[str, str | None], error: str
) -> None:
    """RFC 7636 4.6; RFC 6749 4.1.3: redirect_uri identical, which also one more registered isn't."""
    assert (400, error) == problem(rp.redeem(*with_code(rp), **changes))


def test_a_code_that_met_a_wrong_verifier_is_used_up(rp: RelyingParty) -> None:
    """Nobody can try verifiers out."""
    callback_url, started = with_code(rp)
    rp.redeem(callback_url, started, code_verifier="x" * 43)

    assert (400, "invalid_grant") == problem(rp.redeem(callback_url, started))


def test_the_codes_of_two_flows_cannot_be_exchanged(rp: RelyingParty) -> None:
    """A code belongs to the verifier of its own request (RFC 9700 4.5)."""
    _, first = with_code(rp)
    second_url = rp.browser.open(rp.start().url)
    assert second_url is not None

    assert (400, "invalid_grant") == problem(rp.redeem(second_url, first))


def test_a_code_used_twice_revokes_what_it_gave(rp: RelyingParty) -> None:
    """RFC 6749 4.1.2: denied, and the tokens of the first use are revoked."""
    callback_url, started = with_code(rp)
    tokens = rp.tokens(callback_url, started)

    second = rp.redeem(callback_url, started)

    assert (400, "invalid_grant") == problem(second)
    assert "used before" in second.json()["error_description"]
    assert (400, "invalid_grant") == problem(rp.refresh(tokens["refresh_token"]))
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert 401 == rp.http.get(f"{rp.tenant.issuer}userinfo", headers=bearer).status_code


def test_of_twenty_parallel_redemptions_one_succeeds(rp: RelyingParty) -> None:
    """A code is taken atomically."""
    callback_url, started = with_code(rp)
    ready = Barrier(20)

    def redeem(_: int) -> int:
        ready.wait()
        with httpx.Client(trust_env=False) as http:
            own = RelyingParty(rp.tenant, rp.browser, http)
            return own.redeem(callback_url, started).status_code

    with ThreadPoolExecutor(max_workers=20) as pool:
        statuses = list(pool.map(redeem, range(20)))

    assert 1 == statuses.count(200)
    assert 19 == statuses.count(400)


def test_an_expired_code_is_refused(rp: RelyingParty) -> None:
    """Codes live 60 seconds."""
    callback_url, started = with_code(rp)
    rp.tenant.advance_clock(61)

    answer = rp.redeem(callback_url, started)

    assert (400, "invalid_grant") == problem(answer)
    assert "expired" in answer.json()["error_description"]


def test_a_code_lives_almost_a_minute(rp: RelyingParty) -> None:
    """Just before its end it is still good."""
    callback_url, started = with_code(rp)
    rp.tenant.advance_clock(50)

    assert 200 == rp.redeem(callback_url, started).status_code


def test_another_client_cannot_redeem_a_code(rp: RelyingParty) -> None:
    """RFC 6749 4.1.3; and the code stays good for its own client."""
    callback_url, started = with_code(rp)
    public = RelyingParty(rp.tenant, rp.browser, rp.http, "userlink-public", None)

    assert (400, "invalid_grant") == problem(public.redeem(callback_url, started))
    assert 200 == rp.redeem(callback_url, started).status_code


def test_client_secret_post_is_taken(rp: RelyingParty) -> None:
    """RFC 6749 2.3.1: the credentials in the body."""
    form = form_of(*with_code(rp)) | {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}

    assert 200 == rp.http.post(f"{rp.tenant.issuer}oauth/token", data=form).status_code


def test_a_public_client_sends_its_id_alone(rp: RelyingParty) -> None:
    """Authentication method none (OIDC Core 9)."""
    public = RelyingParty(rp.tenant, rp.browser, rp.http, "userlink-public", None)

    assert "id_token" in public.log_in("alice")


def test_basic_credentials_are_form_decoded(rp: RelyingParty) -> None:
    """RFC 6749 2.3.1: id and secret are encoded before they are joined by a colon."""
    client_id, secret = "an odd:client", "a secret/with+signs:and% more"
    rp.tenant.add_client(Client(client_id, secret, redirect_uris=(REDIRECT_URI,)))
    own = RelyingParty(rp.tenant, rp.browser, rp.http, client_id, secret)
    callback_url, started = with_code(own)
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"

    answer = rp.http.post(
        f"{rp.tenant.issuer}oauth/token",
        data=form_of(callback_url, started),
        headers={"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"},
    )

    assert 200 == answer.status_code


@pytest.mark.parametrize(
    ("headers", "body", "words"),
    [
        ({}, {}, "client_id is missing"),
        ({}, {"client_id": CLIENT_ID}, "used none"),
        ({}, {"client_id": CLIENT_ID, "client_secret": "wrong"}, "client_secret is wrong"),
        ({}, {"client_id": "stranger", "client_secret": "x"}, "not registered"),
        ({"Authorization": "Basic !!!"}, {}, "base64"),
        ({"Authorization": "Basic /w=="}, {}, "base64"),
        ({"Authorization": "Basic dXNlcmxpbmstZGVtbw=="}, {}, "no client_secret"),
        ({"Authorization": "Basic dXNlcmxpbmstZGVtbzp3cm9uZw=="}, {}, "client_secret is wrong"),
        ({"Authorization": "Bearer abc"}, {}, "Basic"),
        ({}, {"client_assertion": "e30.e30.e30"}, "client_assertion_type is not"),
    ],
)
def test_a_client_that_does_not_authenticate_is_refused(
    rp: RelyingParty, headers: dict[str, str], body: dict[str, str], words: str
) -> None:
    """RFC 6749 5.2: invalid_client, 401, and a challenge."""
    answer = rp.http.post(
        f"{rp.tenant.issuer}oauth/token", data=form_of(*with_code(rp)) | body, headers=headers
    )

    assert (401, "invalid_client") == problem(answer)
    assert words in answer.json()["error_description"]
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_a_failed_authentication_leaves_the_code_good(rp: RelyingParty) -> None:
    """A stranger cannot use a client's code up."""
    callback_url, started = with_code(rp)
    form = form_of(callback_url, started) | {"client_id": CLIENT_ID, "client_secret": "wrong"}
    rp.http.post(f"{rp.tenant.issuer}oauth/token", data=form)

    assert 200 == rp.redeem(callback_url, started).status_code


@pytest.mark.parametrize(
    "body", [{"client_secret": CLIENT_SECRET}, {"client_id": "userlink-public"}]
)
def test_authenticating_twice_is_refused(rp: RelyingParty, body: dict[str, str]) -> None:
    """RFC 6749 2.3: not more than one method per request, and one client."""
    answer = rp.redeem(*with_code(rp), **body)

    assert (400, "invalid_request") == problem(answer)


@pytest.mark.parametrize(
    ("method", "other"),
    [
        ("client_secret_basic", "client_secret_post"),
        ("client_secret_post", "client_secret_basic"),
    ],
)
def test_a_client_registered_for_one_method_cannot_use_the_other(
    rp: RelyingParty, method: str, other: str
) -> None:
    """RFC 7591 2: token_endpoint_auth_method."""
    secret = "s" * 32
    if method == "client_secret_basic":
        client = Client("one", secret, (REDIRECT_URI,), (), "client_secret_basic")
    else:
        client = Client("one", secret, (REDIRECT_URI,), (), "client_secret_post")
    rp.tenant.add_client(client)
    own = RelyingParty(rp.tenant, rp.browser, rp.http, "one", secret)
    form = form_of(*with_code(own))
    token_endpoint = f"{rp.tenant.issuer}oauth/token"

    def redeem(by: str) -> httpx.Response:
        if by == "client_secret_basic":
            return rp.http.post(token_endpoint, data=form, auth=("one", secret))
        return rp.http.post(
            token_endpoint, data=form | {"client_id": "one", "client_secret": secret}
        )

    refused = redeem(other)
    assert (401, "invalid_client") == problem(refused)
    assert method in refused.json()["error_description"]
    assert 200 == redeem(method).status_code


def test_a_public_client_may_not_send_a_secret(rp: RelyingParty) -> None:
    """It has none."""
    public = RelyingParty(rp.tenant, rp.browser, rp.http, "userlink-public", None)

    answer = public.redeem(*with_code(public), client_secret="made up")

    assert (401, "invalid_client") == problem(answer)


def test_a_repeated_parameter_is_refused(rp: RelyingParty) -> None:
    """RFC 6749 3.2."""
    form = form_of(*with_code(rp))

    answer = rp.http.post(
        f"{rp.tenant.issuer}oauth/token",
        data=form | {"code_verifier": [form["code_verifier"]] * 2},
        auth=rp.basic or ("", ""),
    )

    assert (400, "invalid_request") == problem(answer)
    assert "code_verifier" in answer.json()["error_description"]


def test_parameters_in_the_url_are_refused(rp: RelyingParty) -> None:
    """They would end up in logs (RFC 6749 2.3.1)."""
    form = form_of(*with_code(rp))
    token_endpoint = f"{rp.tenant.issuer}oauth/token"

    answer = rp.http.post(f"{token_endpoint}?client_id={CLIENT_ID}", data=form)

    assert (400, "invalid_request") == problem(answer)


def test_a_body_of_another_type_is_refused(rp: RelyingParty) -> None:
    """RFC 6749 4.1.3: form-encoded."""
    answer = rp.http.post(f"{rp.tenant.issuer}oauth/token", json={"grant_type": "x"})

    assert (400, "invalid_request") == problem(answer)
    assert "x-www-form-urlencoded" in answer.json()["error_description"]


def test_tokens_are_not_given_by_get(rp: RelyingParty) -> None:
    """RFC 6749 3.2: POST only."""
    assert 405 == rp.http.get(f"{rp.tenant.issuer}oauth/token").status_code


def test_a_client_that_was_removed_in_between_cannot_redeem(rp: RelyingParty) -> None:
    """The client is looked up at each step."""
    rp.tenant.add_client(Client("passing", "s" * 32, (REDIRECT_URI,)))
    own = RelyingParty(rp.tenant, rp.browser, rp.http, "passing", "s" * 32)
    callback_url, started = with_code(own)
    rp.tenant.reset()

    assert (401, "invalid_client") == problem(own.redeem(callback_url, started))
