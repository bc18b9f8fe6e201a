"""Pushed authorization requests (RFC 9126)."""

from urllib.parse import urlencode

import httpx
import pytest

from devtenant.relying_party import CLIENT_SECRET, RelyingParty, Started, answer_in, problem


def push(rp: RelyingParty, started: Started, **changes: str | None) -> httpx.Response:
    return rp.post("oauth/par", dict(started.parameters) | changes)


def pushed_url(rp: RelyingParty, request_uri: str, **changes: str) -> str:
    query = {"client_id": rp.client_id, "request_uri": request_uri} | changes
    return f"{rp.tenant.issuer}authorize?{urlencode(query)}"


def test_a_pushed_request_is_answered_like_any_other(rp: RelyingParty) -> None:
    """RFC 9126 2.2 and 4: 201, then client_id and request_uri alone."""
    started = rp.start()
    answer = push(rp, started)
    assert 201 == answer.status_code
    assert 60 == answer.json()["expires_in"]
    assert "no-store" == answer.headers["Cache-Control"]

    rp.browser.open(pushed_url(rp, answer.json()["request_uri"]))
    callback_url = rp.browser.sign_in("alice")

    assert started.parameters["state"] == answer_in(callback_url)["state"]
    claims = rp.claims(rp.tokens(callback_url, started)["id_token"])
    assert started.parameters["nonce"] == claims["nonce"]


def test_a_link_can_be_pushed(rp: RelyingParty) -> None:
    """The id_token_hint then never shows in an address."""
    hint = rp.log_in("alice")["id_token"]
    request_uri = push(rp, rp.start_link(hint)).json()["request_uri"]

    rp.browser.open(pushed_url(rp, request_uri))
    rp.browser.choose_account("alice-codes")

    assert 2 == len(rp.tenant.identities_of("alice"))


def test_a_request_uri_works_once(rp: RelyingParty) -> None:
    """RFC 9126 7.3."""
    request_uri = push(rp, rp.start()).json()["request_uri"]
    rp.browser.open(pushed_url(rp, request_uri))

    assert rp.browser.open(pushed_url(rp, request_uri)) is None

    assert rp.browser.page is not None
    assert 400 == rp.browser.page.status
    assert "used before" in rp.browser.page.text


def test_a_request_uri_expires_after_a_minute(rp: RelyingParty) -> None:
    """RFC 9126 4."""
    request_uri = push(rp, rp.start()).json()["request_uri"]
    rp.tenant.advance_clock(61)

    rp.browser.open(pushed_url(rp, request_uri))

    assert rp.browser.page is not None
    assert "request_uri has expired" in rp.browser.page.text


def test_a_request_uri_belongs_to_its_client(rp: RelyingParty) -> None:
    """RFC 9126 2.2: it is bound to the client that pushed it, and stays good for that one."""
    request_uri = push(rp, rp.start()).json()["request_uri"]

    rp.browser.open(pushed_url(rp, request_uri, client_id="userlink-public"))
    refused = rp.browser.page
    rp.browser.open(pushed_url(rp, request_uri))

    assert refused is not None
    assert "another client" in refused.text
    assert "code" in answer_in(rp.browser.sign_in("alice"))


def test_parameters_beside_a_request_uri_do_not_count(rp: RelyingParty) -> None:
    """What was pushed cannot be changed in the browser (RFC 9101 6.3)."""
    started = rp.start()
    request_uri = push(rp, started).json()["request_uri"]

    rp.browser.open(pushed_url(rp, request_uri, state="injected", scope="openid"))
    answer = answer_in(rp.browser.sign_in("alice"))

    assert started.parameters["state"] == answer["state"]


def test_a_repeated_request_uri_is_refused(rp: RelyingParty) -> None:
    """RFC 6749 3.1."""
    request_uri = push(rp, rp.start()).json()["request_uri"]

    rp.browser.open(f"{pushed_url(rp, request_uri)}&request_uri=another")

    assert rp.browser.page is not None
    assert "exactly once" in rp.browser.page.text


def test_a_request_uri_cannot_be_posted(rp: RelyingParty) -> None:
    """The browser is sent with GET."""
    request_uri = push(rp, rp.start()).json()["request_uri"]

    form = {"client_id": rp.client_id, "request_uri": request_uri}
    answer = rp.http.post(f"{rp.tenant.issuer}authorize", data=form)

    assert 400 == answer.status_code
    assert "GET" in answer.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"id_token_hint": "garbage"}, "invalid_request"),
        ({"request_uri": "urn:x"}, "invalid_request"),
        ({"client_id": "userlink-public"}, "invalid_request"),
    ],
)
def test_a_bad_request_is_refused_when_it_is_pushed(
    rp: RelyingParty, changes: dict[str, str | None], error: str
) -> None:
    """RFC 9126 2.3: told to the client as JSON, not by redirect."""
    assert (400, error) == problem(push(rp, rp.start(), **changes))


def test_pushing_needs_client_authentication(rp: RelyingParty) -> None:
    """RFC 9126 2: as at the token endpoint."""
    form = dict(rp.start().parameters) | {"client_secret": "wrong"}

    answer = rp.http.post(f"{rp.tenant.issuer}oauth/par", data=form)

    assert (401, "invalid_client") == problem(answer)


def test_the_client_id_may_be_in_the_header_alone(rp: RelyingParty) -> None:
    """The authenticated client is the one that asks."""
    assert 201 == push(rp, rp.start(), client_id=None).status_code


def test_a_secret_in_the_body_is_not_kept(rp: RelyingParty) -> None:
    """It authenticates the push, and is no part of the request."""
    started = rp.start()
    form = dict(started.parameters) | {"client_secret": CLIENT_SECRET}
    answer = rp.http.post(f"{rp.tenant.issuer}oauth/par", data=form)
    assert 201 == answer.status_code

    rp.browser.open(pushed_url(rp, answer.json()["request_uri"]))
    callback_url = rp.browser.sign_in("alice")

    assert CLIENT_SECRET not in callback_url
    assert 200 == rp.redeem(callback_url, started).status_code


def test_a_repeated_parameter_is_refused(rp: RelyingParty) -> None:
    """RFC 6749 3.1 holds for pushed requests too."""
    answer = rp.http.post(
        f"{rp.tenant.issuer}oauth/par",
        data=dict(rp.start().parameters) | {"scope": ["openid", "openid"]},
        auth=rp.basic or ("", ""),
    )

    assert (400, "invalid_request") == problem(answer)


def test_a_tenant_may_take_pushed_requests_only(rp: RelyingParty) -> None:
    """RFC 9126 5: the metadata say so; a request in the URL or by POST is an error page."""
    rp.tenant.set_pushed_authorization("required")
    document = rp.http.get(f"{rp.tenant.issuer}.well-known/openid-configuration").json()
    assert document["require_pushed_authorization_requests"] is True

    started = rp.start()
    assert rp.browser.open(started.url) is None
    assert rp.browser.page is not None
    assert "pushed authorization requests only" in rp.browser.page.text
    answer = rp.http.post(f"{rp.tenant.issuer}authorize", data=dict(started.parameters))
    assert 400 == answer.status_code

    rp.browser.open(pushed_url(rp, push(rp, started).json()["request_uri"]))
    assert rp.browser.sign_in("alice")


def test_a_tenant_may_take_none(rp: RelyingParty) -> None:
    """The metadata then name no endpoint, and it refuses; a reset brings it back."""
    rp.tenant.set_pushed_authorization("off")
    document = rp.http.get(f"{rp.tenant.issuer}.well-known/openid-configuration").json()
    assert not [name for name in document if "pushed" in name]
    assert 404 == push(rp, rp.start()).status_code

    rp.tenant.reset()
    assert 201 == push(rp, rp.start()).status_code
