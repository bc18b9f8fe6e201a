"""Linking and unlinking identities, the way Auth0 applications ask for it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from devtenant.relying_party import RelyingParty, answer_in
from userlink_devtenant import DevTenant
from userlink_devtenant.browser import TenantBrowser, UnexpectedPage
from userlink_devtenant.config import PRIMARY_CONNECTION


def connections_of(tenant: DevTenant, user: str) -> list[str]:
    """Name the connections of a user's identities."""
    return [identity.connection for identity in tenant.identities_of(user)]


def link(rp: RelyingParty, hint: str, account: str, connection: str = "github") -> str:
    """Walk a link and return the callback URL."""
    rp.browser.open(rp.start_link(hint, connection).url)
    return rp.browser.choose_account(account)


def test_choosing_an_account_attaches_the_identity(rp: RelyingParty) -> None:
    """The ID token keeps the primary subject and lists both identities."""
    before = rp.log_in("alice")
    started = rp.start_link(before["id_token"])
    assert rp.browser.open(started.url) is None

    tokens = rp.tokens(rp.browser.choose_account("alice-codes"), started)

    claims = rp.claims(tokens["id_token"])
    assert "auth0|alice" == claims["sub"]
    assert started.parameters["nonce"] == claims["nonce"]
    assert {
        "provider": "github",
        "user_id": "1001",
        "connection": "github",
        "isSocial": True,
        "profileData": {
            "nickname": "alice-codes",
            "name": "Alice on GitHub",
            "email": "alice@example.com",
        },
    } == claims["identities"][1]
    assert [PRIMARY_CONNECTION, "github"] == connections_of(rp.tenant, "alice")


def test_the_account_page_says_what_is_asked_for(rp: RelyingParty) -> None:
    """The connection, the client, the user and the connection's scopes are on the page."""
    hint = rp.log_in("alice")["id_token"]

    rp.browser.open(rp.start_link(hint, requested_connection_scope="read:user gist").url)

    page = rp.browser.page
    assert page is not None
    for words in ("GitHub", "userlink demo", "Alice Example", "read:user gist", "belongs to bob"):
        assert words in page.text


def test_cancelling_a_link_changes_nothing(rp: RelyingParty) -> None:
    """The user's no is access_denied."""
    hint = rp.log_in("alice")["id_token"]
    started = rp.start_link(hint)
    rp.browser.open(started.url)

    answer = answer_in(rp.browser.cancel())

    assert "access_denied" == answer["error"]
    assert started.parameters["state"] == answer["state"]
    assert [PRIMARY_CONNECTION] == connections_of(rp.tenant, "alice")


def test_an_identity_of_another_user_is_refused(rp: RelyingParty) -> None:
    """Bob's GitHub account stays Bob's."""
    hint = rp.log_in("alice")["id_token"]

    answer = answer_in(link(rp, hint, "bob-builds"))

    assert "access_denied" == answer["error"]
    assert "another user" in answer["error_description"]
    assert [PRIMARY_CONNECTION] == connections_of(rp.tenant, "alice")
    assert [PRIMARY_CONNECTION, "github"] == connections_of(rp.tenant, "bob")


def test_a_connection_that_is_linked_completes_without_a_page(rp: RelyingParty) -> None:
    """There is nothing to choose, and nothing changes."""
    hint = rp.log_in("alice")["id_token"]
    link(rp, hint, "alice-codes")
    before = rp.tenant.identities_of("alice")

    callback_url = rp.browser.open(rp.start_link(hint).url)

    assert callback_url is not None
    assert "code" in answer_in(callback_url)
    assert before == rp.tenant.identities_of("alice")


def test_linking_in_two_tabs_links_once(rp: RelyingParty) -> None:
    """The second tab's choice changes nothing, and ends as well as the first."""
    hint = rp.log_in("alice")["id_token"]
    rp.browser.open(rp.start_link(hint).url)
    first_page = rp.browser.page
    rp.browser.open(rp.start_link(hint).url)
    rp.browser.choose_account("alice-codes")

    rp.browser.page = first_page
    answer = answer_in(rp.browser.choose_account("mona"))

    assert "code" in answer
    assert ["alice", "1001"] == [i.user_id for i in rp.tenant.identities_of("alice")]


def test_two_users_racing_for_one_account_end_with_one_owner(rp: RelyingParty) -> None:
    """Of two parallel choices of the same account exactly one attaches it."""
    browsers = []
    for user in ("alice", "carol"):
        browser = TenantBrowser(rp.tenant.issuer)
        own = RelyingParty(rp.tenant, browser, rp.http)
        browser.open(own.start_link(own.log_in(user)["id_token"]).url)
        browsers.append(browser)
    ready = Barrier(len(browsers))

    def choose(browser: TenantBrowser) -> dict[str, str]:
        ready.wait()
        return answer_in(browser.choose_account("mona"))

    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(choose, browsers))
    for browser in browsers:
        browser.close()

    assert ["access_denied"] == [a["error"] for a in answers if "error" in a]
    owners = [u for u in ("alice", "carol") if "github" in connections_of(rp.tenant, u)]
    assert 1 == len(owners)


@pytest.mark.parametrize("unlink", [False, True])
@pytest.mark.parametrize(
    ("connection", "words"),
    [("myspace", "not known"), (None, "missing")],
)
def test_an_unknown_connection_is_refused(
    rp: RelyingParty, unlink: bool, connection: str | None, words: str
) -> None:
    """The request cannot be understood: invalid_request."""
    hint = rp.log_in("alice")["id_token"]

    answer = rp.refused((rp.start_unlink if unlink else rp.start_link)(hint, connection))

    assert "invalid_request" == answer["error"]
    assert "requested_connection" in answer["error_description"]
    assert words in answer["error_description"]


def test_the_primary_connection_cannot_be_linked(rp: RelyingParty) -> None:
    """It is nobody's second identity."""
    hint = rp.log_in("alice")["id_token"]

    assert "invalid_request" == rp.refused(rp.start_link(hint, PRIMARY_CONNECTION))["error"]


@pytest.mark.parametrize("unlink", [False, True])
def test_a_hint_is_required(rp: RelyingParty, unlink: bool) -> None:
    """Without an id_token_hint nobody knows whose account is meant."""
    rp.log_in("alice")

    answer = rp.refused(rp.start_unlink(None) if unlink else rp.start_link(None))

    assert "invalid_request" == answer["error"]
    assert "id_token_hint is missing" in answer["error_description"]


@pytest.mark.parametrize("unlink", [False, True])
def test_an_expired_hint_is_refused(rp: RelyingParty, unlink: bool) -> None:
    """The application has to refresh it first."""
    rp.tenant.set_lifetimes(id_token_seconds=-1)
    hint = rp.log_in("alice")["id_token"]

    answer = rp.refused(rp.start_unlink(hint) if unlink else rp.start_link(hint))

    assert "invalid_request" == answer["error"]
    assert "expired" in answer["error_description"]


def test_a_hint_of_another_client_is_refused(rp: RelyingParty) -> None:
    """Its audience is not the client that asks."""
    public = RelyingParty(rp.tenant, rp.browser, rp.http, "userlink-public", None)
    hint = public.log_in("alice")["id_token"]

    assert "audience" in rp.refused(rp.start_link(hint))["error_description"]


def test_a_hint_of_another_user_links_nothing(rp: RelyingParty) -> None:
    """Alice's ID token in Bob's browser is refused before any page."""
    hint = rp.log_in("alice")["id_token"]
    rp.log_in("bob", prompt="login")

    answer = rp.refused(rp.start_link(hint, "google-oauth2"))

    assert "login_required" == answer["error"]
    assert [PRIMARY_CONNECTION] == connections_of(rp.tenant, "alice")


def test_signing_in_as_another_user_while_the_page_is_open_links_nothing(
    rp: RelyingParty,
) -> None:
    """The choice is refused when the browser's user has changed under the page."""
    hint = rp.log_in("alice")["id_token"]
    rp.browser.open(rp.start_link(hint).url)
    page = rp.browser.page
    rp.log_in("carol", prompt="login")

    rp.browser.page = page
    answer = answer_in(rp.browser.choose_account("mona"))

    assert "login_required" == answer["error"]
    assert [PRIMARY_CONNECTION] == connections_of(rp.tenant, "alice")
    assert [PRIMARY_CONNECTION] == connections_of(rp.tenant, "carol")


def test_a_browser_that_is_not_signed_in_signs_in_first(rp: RelyingParty) -> None:
    """The hinted user is preselected, and the link goes on from there."""
    hint = rp.log_in("alice")["id_token"]
    with TenantBrowser(rp.tenant.issuer) as browser:
        browser.open(rp.start_link(hint).url)
        signed_in = browser.sign_in_and_stay("alice")
        callback_url = browser.choose_account("alice-codes")

    assert "GitHub" in signed_in.text
    assert "code" in answer_in(callback_url)


def test_the_link_page_cannot_be_reached_before_the_sign_in(rp: RelyingParty) -> None:
    """Guessing the address does not skip prompt=login."""
    hint = rp.log_in("alice")["id_token"]
    rp.browser.open(rp.start_link(hint, prompt="login").url)
    assert rp.browser.page is not None
    link_page = rp.browser.page.url.replace("/u/login/", "/u/link/")

    rp.browser.open(link_page)

    assert rp.browser.page is not None
    assert 400 == rp.browser.page.status
    assert "not this page's turn" in rp.browser.page.text


def test_prompt_none_cannot_link(rp: RelyingParty) -> None:
    """A page would be needed: interaction_required (OIDC Core 3.1.2.6)."""
    hint = rp.log_in("alice")["id_token"]

    assert "interaction_required" == rp.refused(rp.start_link(hint, prompt="none"))["error"]
    link(rp, hint, "alice-codes")
    assert "interaction_required" == rp.refused(rp.start_unlink(hint, prompt="none"))["error"]


def test_an_account_the_page_did_not_offer_is_not_linked(rp: RelyingParty) -> None:
    """The choice is judged by the server."""
    hint = rp.log_in("alice")["id_token"]
    rp.browser.open(rp.start_link(hint).url)
    page = rp.browser.page
    assert page is not None
    assert page.form is not None

    rp.http.cookies.update(rp.browser.cookies)
    answer = rp.http.post(page.url, data=page.form.fields | {"account": "9", "action": "link"})

    assert 400 == answer.status_code
    assert "Choose an account" in answer.text
    assert [PRIMARY_CONNECTION] == connections_of(rp.tenant, "alice")


@pytest.mark.parametrize("unlink", [False, True])
def test_a_form_from_elsewhere_changes_nothing(rp: RelyingParty, unlink: bool) -> None:
    """The pages' forms carry a token of their own."""
    user, connection = ("bob", "github") if unlink else ("alice", "github")
    hint = rp.log_in(user)["id_token"]
    before = rp.tenant.identities_of(user)
    rp.browser.open((rp.start_unlink if unlink else rp.start_link)(hint, connection).url)
    page = rp.browser.page
    assert page is not None
    assert page.form is not None

    rp.http.cookies.update(rp.browser.cookies)
    forged = page.form.fields | {"csrf": "wrong", "action": "unlink" if unlink else "link"}
    answer = rp.http.post(page.url, data=forged)

    assert 403 == answer.status_code
    assert before == rp.tenant.identities_of(user)


def test_confirming_an_unlink_detaches_the_identity(rp: RelyingParty) -> None:
    """The ID token that comes back lists what is left."""
    hint = rp.log_in("bob")["id_token"]
    started = rp.start_unlink(hint)
    assert rp.browser.open(started.url) is None
    assert rp.browser.page is not None
    assert "bob-builds" in rp.browser.page.text

    tokens = rp.tokens(rp.browser.confirm_unlink(), started)

    claims = rp.claims(tokens["id_token"])
    assert "auth0|bob" == claims["sub"]
    assert [PRIMARY_CONNECTION] == [i["connection"] for i in claims["identities"]]
    assert [PRIMARY_CONNECTION] == connections_of(rp.tenant, "bob")


def test_an_unlinked_account_can_be_linked_by_another_user(rp: RelyingParty) -> None:
    """It belongs to nobody now."""
    hint = rp.log_in("bob")["id_token"]
    rp.browser.open(rp.start_unlink(hint).url)
    rp.browser.confirm_unlink()
    hint = rp.log_in("alice", prompt="login")["id_token"]

    assert "code" in answer_in(link(rp, hint, "bob-builds"))
    assert [PRIMARY_CONNECTION, "github"] == connections_of(rp.tenant, "alice")


def test_cancelling_an_unlink_changes_nothing(rp: RelyingParty) -> None:
    """The user's no is access_denied."""
    hint = rp.log_in("bob")["id_token"]
    rp.browser.open(rp.start_unlink(hint).url)

    assert "access_denied" == answer_in(rp.browser.cancel())["error"]
    assert [PRIMARY_CONNECTION, "github"] == connections_of(rp.tenant, "bob")


def test_the_last_identity_cannot_be_unlinked(rp: RelyingParty) -> None:
    """The user could never sign in again."""
    hint = rp.log_in("alice")["id_token"]

    answer = rp.refused(rp.start_unlink(hint, PRIMARY_CONNECTION))

    assert "access_denied" == answer["error"]
    assert "last identity" in answer["error_description"]
    assert [PRIMARY_CONNECTION] == connections_of(rp.tenant, "alice")


def test_the_primary_identity_cannot_be_unlinked(rp: RelyingParty) -> None:
    """It gives the account its subject, so it goes last, which is never."""
    hint = rp.log_in("bob")["id_token"]

    answer = rp.refused(rp.start_unlink(hint, PRIMARY_CONNECTION))

    assert "access_denied" == answer["error"]
    assert "primary identity" in answer["error_description"]


def test_unlinking_what_is_not_linked_completes_without_a_change(rp: RelyingParty) -> None:
    """What was wished for is the case already, as after a double click."""
    hint = rp.log_in("alice")["id_token"]

    callback_url = rp.browser.open(rp.start_unlink(hint).url)

    assert callback_url is not None
    assert "code" in answer_in(callback_url)


def test_a_confirmed_unlink_page_is_answered_once(rp: RelyingParty) -> None:
    """The second press of the button is told on a page."""
    hint = rp.log_in("bob")["id_token"]
    rp.browser.open(rp.start_unlink(hint).url)
    page = rp.browser.page
    rp.browser.confirm_unlink()
    rp.browser.page = page

    with pytest.raises(UnexpectedPage, match="answered before"):
        rp.browser.confirm_unlink()


def test_a_link_needs_pkce_like_any_request(rp: RelyingParty) -> None:
    """There is no way to link but an ordinary code flow."""
    hint = rp.log_in("alice")["id_token"]

    assert "invalid_request" == rp.refused(rp.start_link(hint, code_challenge=None))["error"]


def test_every_connection_can_be_linked(rp: RelyingParty) -> None:
    """Social or not, each adds one identity."""
    hint = rp.log_in("alice")["id_token"]
    link(rp, hint, "mona")
    link(rp, hint, "Alice on Google", "google-oauth2")
    link(rp, hint, "3001", "email")

    linked = rp.tenant.identities_of("alice")[1:]
    assert ["github", "google-oauth2", "email"] == [i.provider for i in linked]
    assert [True, True, False] == [i.is_social for i in linked]


def test_the_identity_is_linked_when_the_page_is_answered(rp: RelyingParty) -> None:
    """A code that is never redeemed leaves the identity linked, as at real providers."""
    hint = rp.log_in("alice")["id_token"]
    link(rp, hint, "alice-codes")

    assert 1 == len(rp.tenant.requests_to("/oauth/token"))
    assert [PRIMARY_CONNECTION, "github"] == connections_of(rp.tenant, "alice")
