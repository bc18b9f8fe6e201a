"""The authorization endpoint: what it refuses, how it says so, and what it answers."""

from urllib.parse import urlencode

import httpx
import pytest

from devtenant.relying_party import REDIRECT_URI, RelyingParty, Started, answer_in
from userlink_devtenant import Client, DevTenant
from userlink_devtenant.browser import TenantBrowser


def test_a_login_ends_with_code_state_and_issuer(rp: RelyingParty) -> None:
    """The answer holds exactly what RFC 6749 4.1.2 and RFC 9207 2 name."""
    started = rp.start()
    assert rp.browser.open(started.url) is None

    callback_url = rp.browser.sign_in("alice")

    assert callback_url.startswith(f"{REDIRECT_URI}?")
    answer = answer_in(callback_url)
    assert {"code", "state", "iss"} == set(answer)
    assert started.parameters["state"] == answer["state"]
    assert rp.tenant.issuer == answer["iss"]


def test_no_state_is_echoed_where_none_was_sent(rp: RelyingParty) -> None:
    """The state comes back if and only if it was sent (RFC 6749 4.1.2)."""
    rp.browser.open(rp.start(state=None).url)

    assert {"code", "iss"} == set(answer_in(rp.browser.sign_in("alice")))


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"code_challenge": None}, "invalid_request", "code_challenge is missing"),
        ({"code_challenge_method": "plain"}, "invalid_request", "plain"),
        ({"code_challenge_method": None}, "invalid_request", "plain"),
        ({"code_challenge_method": "S512"}, "invalid_request", "S256"),
        ({"code_challenge": "too-short"}, "invalid_request", "43 characters"),
        ({"code_challenge": "=" * 43}, "invalid_request", "43 characters"),
        ({"response_type": None}, "unsupported_response_type", "code"),
        ({"response_type": "token"}, "unsupported_response_type", "code"),
        ({"response_type": 'a"b\\c\u00e9'}, "unsupported_response_type", "code"),
        ({"response_mode": "fragment"}, "invalid_request", "query"),
        ({"request": "e30.e30."}, "request_not_supported", "Request objects"),
        ({"scope": None}, "invalid_scope", "openid"),
        ({"scope": "profile"}, "invalid_scope", "openid"),
        ({"scope": "openid link_account unlink_account"}, "invalid_scope", "at once"),
        ({"requested_connection": "github"}, "invalid_request", "link_account"),
        ({"prompt": "create"}, "invalid_request", "prompt"),
        ({"prompt": "none login"}, "invalid_request", "none"),
        ({"max_age": "-1"}, "invalid_request", "max_age"),
        ({"max_age": "soon"}, "invalid_request", "max_age"),
        ({"max_age": "\u0663"}, "invalid_request", "max_age"),
    ],
)
def test_a_bad_request_is_refused_at_the_client(
    rp: RelyingParty, changes: dict[str, str | None], error: str, words: str
) -> None:
    """Once client and redirect_uri are known to be good, the client is told (RFC 6749 4.1.2.1)."""
    answer = rp.refused(rp.start(**changes))

    assert error == answer["error"]
    assert words in answer["error_description"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"client_id": None}, "client_id must be sent exactly once"),
        ({"client_id": "stranger"}, "client_id is not registered"),
        ({"redirect_uri": None}, "redirect_uri must be sent exactly once"),
        ({"redirect_uri": "http://localhost:3000/auth/callback/"}, "not registered"),
        ({"redirect_uri": "http://localhost:3000/auth/callback?a=b"}, "not registered"),
        ({"redirect_uri": "http://LOCALHOST:3000/auth/callback"}, "not registered"),
        ({"redirect_uri": "https://evil.example/"}, "not registered"),
    ],
)
def test_nobody_is_redirected_to_an_address_that_is_not_registered(
    rp: RelyingParty, changes: dict[str, str | None], words: str
) -> None:
    """The user is told on a page, with what is registered (RFC 6749 4.1.2.1; RFC 9700 2.1)."""
    assert rp.browser.open(rp.start(**changes).url) is None

    assert rp.browser.page is not None
    assert 400 == rp.browser.page.status
    assert words in rp.browser.page.text


def test_an_error_page_escapes_what_was_sent(rp: RelyingParty) -> None:
    """A redirect_uri that is HTML is shown as text."""
    page = rp.http.get(rp.start(redirect_uri="<script>alert(1)</script>").url)

    assert 400 == page.status_code
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text


@pytest.mark.parametrize("name", ["scope", "nonce", "code_challenge", "prompt", "made_up"])
def test_a_repeated_parameter_is_refused(rp: RelyingParty, name: str) -> None:
    """Parameters must not be included more than once (RFC 6749 3.1)."""
    started = rp.start()
    repeated = Started(f"{started.url}&{name}=a&{name}=b", started.parameters, "")

    answer = rp.refused(repeated)

    assert "invalid_request" == answer["error"]
    assert name in answer["error_description"]


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_a_repeated_client_or_address_is_refused_on_a_page(rp: RelyingParty, name: str) -> None:
    """Which of the two is meant cannot be known, so nobody is redirected."""
    started = rp.start()

    assert rp.browser.open(f"{started.url}&{name}={started.parameters[name]}") is None

    assert rp.browser.page is not None
    assert f"{name} must be sent exactly once" in rp.browser.page.text


def test_a_repeated_state_is_refused_and_not_echoed(rp: RelyingParty) -> None:
    """Neither of two states is the client's."""
    callback_url = rp.browser.open(rp.start().url + "&state=another")

    assert callback_url is not None
    answer = answer_in(callback_url)
    assert "invalid_request" == answer["error"]
    assert "state" not in answer


def test_a_parameter_in_query_and_body_is_repeated(rp: RelyingParty) -> None:
    """A POST may not say a thing in two places."""
    started = rp.start()

    answer = rp.http.post(started.url, data=dict(started.parameters))

    assert 400 == answer.status_code
    assert "must be sent exactly once" in answer.text


def test_an_empty_parameter_counts_as_left_out(rp: RelyingParty) -> None:
    """RFC 6749 3.1: parameters without a value are treated as omitted."""
    answer = rp.refused(rp.start(code_challenge=""))

    assert "code_challenge is missing" in answer["error_description"]


def test_a_request_may_be_posted(rp: RelyingParty) -> None:
    """GET and POST are both supported (OIDC Core 3.1.2.1)."""
    started = rp.start()

    answer = rp.http.post(f"{rp.tenant.issuer}authorize", data=dict(started.parameters))

    assert 303 == answer.status_code
    assert rp.browser.open(rp.tenant.issuer.rstrip("/") + answer.headers["Location"]) is None
    tokens = rp.tokens(rp.browser.sign_in("alice"), started)
    assert started.parameters["nonce"] == rp.claims(tokens["id_token"])["nonce"]


def test_a_posted_request_leaves_the_session_alone(rp: RelyingParty) -> None:
    """A POST from another site comes without the SameSite cookie, and must not replace it."""
    answer = rp.http.post(f"{rp.tenant.issuer}authorize", data=dict(rp.start().parameters))

    assert "Set-Cookie" not in answer.headers


def test_a_bad_posted_request_is_refused_like_any_other(rp: RelyingParty) -> None:
    """The client is told by redirect."""
    form = dict(rp.start(code_challenge=None).parameters)

    answer = rp.http.post(f"{rp.tenant.issuer}authorize", data=form)

    assert "invalid_request" == answer_in(answer.headers["Location"])["error"]


def test_a_redirect_uri_with_a_query_keeps_it(
    devtenant: DevTenant, devtenant_browser: TenantBrowser, http: httpx.Client
) -> None:
    """The answer is added to the query that is there (RFC 6749 3.1.2)."""
    uri = "http://localhost:3000/callback?tab=1"
    devtenant.add_client(Client("queried", "s" * 20, redirect_uris=(uri,)))
    client = RelyingParty(devtenant, devtenant_browser, http, "queried", "s" * 20)

    refused = devtenant_browser.open(client.start(redirect_uri=uri, prompt="none").url)
    devtenant_browser.open(client.start(redirect_uri=uri).url)
    granted = devtenant_browser.sign_in("alice")

    assert refused is not None
    assert "1" == answer_in(refused)["tab"]
    assert "1" == answer_in(granted)["tab"]
    assert "code" in answer_in(granted)


def test_a_hint_of_the_signed_in_user_is_accepted(rp: RelyingParty) -> None:
    """The user is signed in, so no page is shown (OIDC Core 3.1.2.1)."""
    tokens = rp.log_in("alice")

    callback_url = rp.browser.open(rp.start(id_token_hint=tokens["id_token"]).url)

    assert callback_url is not None
    assert "code" in answer_in(callback_url)


def test_a_hint_of_another_user_is_refused(rp: RelyingParty) -> None:
    """OIDC Core 3.1.2.1: if the hinted user is not the signed-in one, an error is returned."""
    hint = rp.log_in("alice")["id_token"]
    rp.log_in("bob", prompt="login")

    answer = rp.refused(rp.start(id_token_hint=hint))

    assert "login_required" == answer["error"]
    assert "another user" in answer["error_description"]


def test_signing_in_as_another_user_than_the_hint_names_is_refused(rp: RelyingParty) -> None:
    """The hint also binds a sign-in that the request leads to."""
    hint = rp.log_in("alice")["id_token"]
    rp.browser.open(rp.start(id_token_hint=hint, prompt="login").url)

    answer = answer_in(rp.browser.sign_in("bob"))

    assert "login_required" == answer["error"]


def id_token_claims(rp: RelyingParty) -> dict[str, object]:
    claims = rp.claims(rp.log_in("alice")["id_token"])
    return {"iss": claims["iss"], "sub": "auth0|alice", "aud": rp.client_id, "exp": claims["exp"]}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"iss": "https://other.example/"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"aud": "userlink-public"}, "audience"),
        ({"aud": None}, "audience"),
        ({"exp": 1}, "expired"),
        ({"exp": None}, "no expiry"),
        ({"sub": None}, "no subject"),
    ],
)
def test_a_hint_with_a_bad_claim_is_refused(
    rp: RelyingParty, changes: dict[str, object], words: str
) -> None:
    """Issuer, audience, expiry and subject of the hint are checked (OIDC Core 3.1.2.1)."""
    merged = id_token_claims(rp) | changes
    hint = rp.tenant.sign({name: value for name, value in merged.items() if value is not None})

    answer = rp.refused(rp.start(id_token_hint=hint))

    assert "invalid_request" == answer["error"]
    assert words in answer["error_description"]


def test_a_hint_of_another_token_type_is_refused(rp: RelyingParty) -> None:
    """A logout token has the same signer and audience, and is no ID token (RFC 8725 3.11)."""
    hint = rp.tenant.sign(id_token_claims(rp), token_type="logout+jwt")

    answer = rp.refused(rp.start(id_token_hint=hint))

    assert "not an ID token" in answer["error_description"]


@pytest.mark.parametrize("spoil", ["signature", "unsigned", "garbage"])
def test_a_hint_that_the_tenant_did_not_sign_is_refused(rp: RelyingParty, spoil: str) -> None:
    """The signature of the hint is checked."""
    header, payload, signature = rp.log_in("alice")["id_token"].split(".")
    flipped = ("A" if signature[0] != "A" else "B") + signature[1:]
    hints = {
        "signature": f"{header}.{payload}.{flipped}",
        "unsigned": f"eyJhbGciOiJub25lIn0.{payload}.",
        "garbage": "not a token",
    }

    answer = rp.refused(rp.start(id_token_hint=hints[spoil]))

    assert "invalid_request" == answer["error"]
    assert "signature" in answer["error_description"]


def test_a_hint_signed_before_a_rotation_is_still_good(rp: RelyingParty) -> None:
    """The old key stays published; once it is not, the hint is refused."""
    hint = rp.log_in("alice")["id_token"]

    rp.tenant.rotate_keys()
    accepted = rp.browser.open(rp.start(id_token_hint=hint).url)
    rp.tenant.rotate_keys(keep_old=False)
    refused = rp.refused(rp.start(id_token_hint=hint))

    assert accepted is not None
    assert "code" in answer_in(accepted)
    assert "signature" in refused["error_description"]


def test_refusals_are_told_in_the_log(rp: RelyingParty, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever watches the terminal reads the reason, and no secret."""
    rp.refused(rp.start(code_challenge=None, nonce="canary-nonce"))

    assert "REFUSED GET /authorize: invalid_request" in caplog.text
    assert "canary-nonce" not in caplog.text


def test_an_unknown_request_uri_is_refused_on_a_page(rp: RelyingParty) -> None:
    """RFC 9126 4; a request_uri of the client's own making is not fetched."""
    query = urlencode({"client_id": rp.client_id, "request_uri": "https://evil.example/request"})

    assert rp.browser.open(f"{rp.tenant.issuer}authorize?{query}") is None

    assert rp.browser.page is not None
    assert "request_uri is not known" in rp.browser.page.text
