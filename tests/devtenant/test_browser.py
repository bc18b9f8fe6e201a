"""The headless browser that other tests and demonstrations use."""

import pytest

from devtenant.relying_party import RelyingParty
from userlink_devtenant.browser import TenantBrowser, UnexpectedPage


def test_it_stops_where_the_tenant_hands_over(rp: RelyingParty) -> None:
    """The client's address is returned, never asked for."""
    assert rp.browser.open(rp.start().url) is None

    callback_url = rp.browser.sign_in("Alice Example")

    assert callback_url == rp.browser.callback_url
    assert callback_url.startswith("http://localhost:3000/auth/callback?")
    assert rp.browser.page is None


def test_it_says_that_there_is_no_page(rp: RelyingParty) -> None:
    """Before the first address was opened."""
    with pytest.raises(UnexpectedPage, match="There is no page"):
        rp.browser.sign_in("alice")


def test_it_says_that_it_has_left(rp: RelyingParty) -> None:
    """There is nothing to press after the redirect to the client."""
    rp.log_in("alice")
    rp.browser.open(rp.start().url)

    with pytest.raises(UnexpectedPage, match="has redirected to the client"):
        rp.browser.choose_account("alice-codes")


def test_it_shows_the_page_it_met_instead(rp: RelyingParty) -> None:
    """The error holds the page's text, which says what the tenant refused."""
    rp.browser.open(rp.start(redirect_uri="https://evil.example/").url)

    with pytest.raises(UnexpectedPage, match="not registered for this client") as caught:
        rp.browser.sign_in("alice")

    assert caught.value.page is rp.browser.page


def test_it_says_that_a_choice_is_missing(rp: RelyingParty) -> None:
    """A user the page does not list."""
    rp.browser.open(rp.start().url)

    with pytest.raises(UnexpectedPage, match="no choice called 'mallory'"):
        rp.browser.sign_in("mallory")


def test_it_says_that_the_tenant_did_not_redirect(rp: RelyingParty) -> None:
    """A wrong password is no callback."""
    rp.browser.open(rp.start().url)

    with pytest.raises(UnexpectedPage, match=r"did not redirect.*not the password"):
        rp.browser.sign_in("alice", "wrong")


def test_it_says_that_the_tenant_redirected(rp: RelyingParty) -> None:
    """Where another page was expected."""
    rp.browser.open(rp.start().url)

    with pytest.raises(UnexpectedPage, match="redirected to the client"):
        rp.browser.sign_in_and_stay("alice")


def test_two_browsers_are_two_people(rp: RelyingParty) -> None:
    """Each has a cookie jar of its own."""
    rp.log_in("alice")

    with TenantBrowser(rp.tenant.issuer) as other:
        assert other.open(rp.start().url) is None
