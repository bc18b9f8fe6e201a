"""RP-initiated logout (OIDC RP-Initiated Logout 1.0)."""

from urllib.parse import urlencode

import pytest

from devtenant.relying_party import RelyingParty, present
from userlink_devtenant.visits import COOKIE_NAME

AFTERWARDS = "http://localhost:3000/"


def logout_url(rp: RelyingParty, **parameters: str | None) -> str:
    return f"{rp.tenant.issuer}oidc/logout?{urlencode(present(parameters))}"


def is_signed_in(rp: RelyingParty) -> bool:
    """Ask the tenant, without showing a page."""
    callback_url = rp.browser.open(rp.start(prompt="none").url)
    assert callback_url is not None
    return "code=" in callback_url


def test_a_hint_of_the_signed_in_user_signs_out_at_once(rp: RelyingParty) -> None:
    """Section 2 and 3: to the registered address, with the state."""
    hint = rp.log_in("alice")["id_token"]

    returned_to = rp.browser.open(
        logout_url(rp, id_token_hint=hint, post_logout_redirect_uri=AFTERWARDS, state="s 1")
    )

    assert f"{AFTERWARDS}?state=s+1" == returned_to
    assert not is_signed_in(rp)


def test_signing_out_deletes_the_cookie(rp: RelyingParty) -> None:
    """And what it stood for: the old value is worth nothing."""
    hint = rp.log_in("alice")["id_token"]
    old = rp.browser.cookies[COOKIE_NAME]

    rp.browser.open(logout_url(rp, id_token_hint=hint, post_logout_redirect_uri=AFTERWARDS))

    assert COOKIE_NAME not in rp.browser.cookies
    rp.browser.cookies.set(COOKIE_NAME, old)
    assert not is_signed_in(rp)


def test_an_expired_hint_is_taken(rp: RelyingParty) -> None:
    """Section 2: the session may well be older than the ID token."""
    rp.tenant.set_lifetimes(id_token_seconds=-1)
    hint = rp.log_in("alice")["id_token"]

    returned_to = rp.browser.open(
        logout_url(rp, id_token_hint=hint, post_logout_redirect_uri=AFTERWARDS)
    )

    assert AFTERWARDS == returned_to


def test_without_a_hint_the_user_is_asked(rp: RelyingParty) -> None:
    """Section 6: anybody could send the link."""
    rp.log_in("alice")
    url = logout_url(rp, client_id=rp.client_id, post_logout_redirect_uri=AFTERWARDS, state="x")

    assert rp.browser.open(url) is None
    assert rp.browser.page is not None
    assert "Alice Example" in rp.browser.page.text
    returned_to = rp.browser.confirm_sign_out()

    assert f"{AFTERWARDS}?state=x" == returned_to
    assert not is_signed_in(rp)


def test_a_user_who_declines_stays_signed_in(rp: RelyingParty) -> None:
    """And goes back to the application all the same."""
    rp.log_in("alice")
    rp.browser.open(logout_url(rp, client_id=rp.client_id, post_logout_redirect_uri=AFTERWARDS))

    assert AFTERWARDS == rp.browser.cancel()
    assert is_signed_in(rp)


def test_a_hint_of_another_user_asks_first(rp: RelyingParty) -> None:
    """Alice's old ID token does not sign Bob out."""
    hint = rp.log_in("alice")["id_token"]
    rp.log_in("bob", prompt="login")

    assert rp.browser.open(logout_url(rp, id_token_hint=hint)) is None

    assert rp.browser.page is not None
    assert "Bob Example" in rp.browser.page.text
    assert is_signed_in(rp)


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("https://evil.example/", "not registered"),
        ("http://localhost:3000/other", "not registered"),
        ("http://localhost:3000/?a=b", "not registered"),
    ],
)
def test_an_address_that_is_not_registered_is_refused(
    rp: RelyingParty, uri: str, words: str
) -> None:
    """Section 3: no redirect, and nobody is signed out by a broken request."""
    hint = rp.log_in("alice")["id_token"]

    assert rp.browser.open(logout_url(rp, id_token_hint=hint, post_logout_redirect_uri=uri)) is None

    assert rp.browser.page is not None
    assert 400 == rp.browser.page.status
    assert words in rp.browser.page.text
    assert is_signed_in(rp)


def test_an_address_without_a_client_is_refused(rp: RelyingParty) -> None:
    """Nobody can say whether it is registered."""
    rp.browser.open(logout_url(rp, post_logout_redirect_uri=AFTERWARDS))

    assert rp.browser.page is not None
    assert "needs a client_id or an id_token_hint" in rp.browser.page.text


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"id_token_hint": "garbage"}, "signature"),
        ({"client_id": "stranger"}, "client is not registered"),
    ],
)
def test_a_bad_request_is_refused(
    rp: RelyingParty, parameters: dict[str, str | None], words: str
) -> None:
    """Section 4: errors are shown to the user."""
    rp.browser.open(logout_url(rp, **parameters))

    assert rp.browser.page is not None
    assert 400 == rp.browser.page.status
    assert words in rp.browser.page.text


def test_client_and_hint_must_belong_together(rp: RelyingParty) -> None:
    """Section 2: the client_id must be the hint's audience."""
    hint = rp.log_in("alice")["id_token"]

    rp.browser.open(logout_url(rp, id_token_hint=hint, client_id="userlink-public"))

    assert rp.browser.page is not None
    assert "audience" in rp.browser.page.text


def test_a_repeated_parameter_is_refused(rp: RelyingParty) -> None:
    """As everywhere."""
    rp.browser.open(logout_url(rp, state="a") + "&state=b")

    assert rp.browser.page is not None
    assert "more than once" in rp.browser.page.text


def test_nobody_signed_in_is_simply_redirected(rp: RelyingParty) -> None:
    """What was wanted is the case already."""
    url = logout_url(rp, client_id=rp.client_id, post_logout_redirect_uri=AFTERWARDS)

    assert AFTERWARDS == rp.browser.open(url)


def test_without_an_address_a_page_says_it_is_done(rp: RelyingParty) -> None:
    """Section 3: the redirect is optional."""
    hint = rp.log_in("alice")["id_token"]

    assert rp.browser.open(logout_url(rp, id_token_hint=hint)) is None

    assert rp.browser.page is not None
    assert 200 == rp.browser.page.status
    assert not is_signed_in(rp)


def test_the_front_page_signs_out(rp: RelyingParty) -> None:
    """It says who is signed in, and has a button."""
    rp.log_in("alice")
    rp.browser.open(rp.tenant.issuer)
    assert rp.browser.page is not None
    assert "Signed in here as Alice Example" in rp.browser.page.text

    rp.browser.confirm_sign_out()

    assert not is_signed_in(rp)


def test_a_form_from_elsewhere_does_not_sign_out(rp: RelyingParty) -> None:
    """The confirmation carries a token of the session."""
    rp.log_in("alice")
    rp.http.cookies.update(rp.browser.cookies)

    answer = rp.http.post(f"{rp.tenant.issuer}u/logout", data={"action": "sign-out"})

    assert 403 == answer.status_code
    assert is_signed_in(rp)
