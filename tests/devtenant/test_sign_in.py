"""The sign-in page and the tenant's own session."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest

from devtenant.relying_party import RelyingParty, answer_in
from userlink_devtenant.browser import TenantBrowser, UnexpectedPage
from userlink_devtenant.sessions import MULTI_FACTOR
from userlink_devtenant.visits import COOKIE_NAME


def open_page(rp: RelyingParty, **changes: str | None) -> httpx.Response:
    """Open the sign-in page with a client that reads headers."""
    answer = rp.http.get(rp.start(**changes).url, follow_redirects=True)
    assert "/u/login/" in str(answer.url)
    return answer


def test_the_page_lists_the_users_and_the_password(rp: RelyingParty) -> None:
    """Development users are chosen, not typed."""
    page = open_page(rp).text

    for user in rp.tenant.config.users:
        assert user.display_name in page
    assert rp.tenant.config.password in page
    assert "not for production" in page


def test_every_input_has_a_label_and_the_page_a_language(rp: RelyingParty) -> None:
    """Visible inputs stand inside a label (WCAG 1.3.1, 3.3.2)."""
    page = open_page(rp).text

    visible = page.count('type="radio"') + page.count('type="password"')
    assert visible == page.count("<label")
    assert '<html lang="en">' in page
    assert 'name="viewport"' in page


def test_pages_forbid_scripts_frames_and_caching(rp: RelyingParty) -> None:
    """RFC 9700 4.16; form-action is left out, since browsers apply it to the redirect too."""
    headers = open_page(rp).headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action" not in policy
    assert "no-store" == headers["Cache-Control"]
    assert "no-referrer" == headers["Referrer-Policy"]


def test_the_stylesheet_is_served_by_the_tenant(rp: RelyingParty) -> None:
    """Nothing is loaded from elsewhere."""
    answer = rp.http.get(f"{rp.tenant.issuer}static/style.css")

    assert 200 == answer.status_code
    assert answer.headers["Content-Type"].startswith("text/css")
    assert "http" not in answer.text


def test_the_session_cookie_is_http_only_and_lax(rp: RelyingParty) -> None:
    """The cookie has the tenant's own name and cannot be read by scripts."""
    cookie = rp.http.get(rp.start().url).headers["Set-Cookie"]

    assert cookie.startswith(f"{COOKIE_NAME}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Domain" not in cookie


def test_the_cookie_changes_at_sign_in(rp: RelyingParty) -> None:
    """A cookie planted before the sign-in is worth nothing after it."""
    rp.browser.open(rp.start().url)
    before = rp.browser.cookies[COOKIE_NAME]
    rp.browser.sign_in("alice")

    with TenantBrowser(rp.tenant.issuer) as attacker:
        attacker.cookies.set(COOKIE_NAME, before)
        stopped = attacker.open(rp.start().url)

    assert before != rp.browser.cookies[COOKIE_NAME]
    assert stopped is None


def test_a_wrong_password_keeps_the_user_on_the_page(rp: RelyingParty) -> None:
    """The page says so, and the next try counts."""
    rp.browser.open(rp.start().url)

    page = rp.browser.sign_in_and_stay("alice", "wrong")
    callback_url = rp.browser.sign_in("alice")

    assert 401 == page.status
    assert "not the password" in page.text
    assert "code" in answer_in(callback_url)


def test_a_user_nobody_knows_cannot_sign_in(rp: RelyingParty) -> None:
    """The form is judged by the server, whatever the page offered."""
    rp.browser.open(rp.start().url)
    page = rp.browser.page
    assert page is not None
    assert page.form is not None

    form = page.form.fields | {"username": "mallory", "action": "continue"}
    rp.http.cookies.update(rp.browser.cookies)
    answer = rp.http.post(page.url, data=form)

    assert 401 == answer.status_code
    assert "Choose a user" in answer.text


def test_cancel_is_told_to_the_client(rp: RelyingParty) -> None:
    """The user's no is access_denied (RFC 6749 4.1.2.1)."""
    started = rp.start()
    rp.browser.open(started.url)

    answer = answer_in(rp.browser.cancel())

    assert "access_denied" == answer["error"]
    assert started.parameters["state"] == answer["state"]
    assert rp.tenant.issuer == answer["iss"]


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_a_form_without_the_pages_token_is_refused(rp: RelyingParty, token: str | None) -> None:
    """Another site cannot send the form (RFC 9700 4.7 for the tenant's own pages)."""
    rp.browser.open(rp.start().url)
    page = rp.browser.page
    assert page is not None
    assert page.form is not None
    form = page.form.fields | {"action": "continue"}
    form.pop("csrf")

    rp.http.cookies.update(rp.browser.cookies)
    answer = rp.http.post(page.url, data=form if token is None else form | {"csrf": token})

    assert 403 == answer.status_code
    assert "csrf" in answer.text


def test_a_page_belongs_to_the_browser_that_asked_for_it(rp: RelyingParty) -> None:
    """Its address in another browser is refused, even with the token."""
    rp.browser.open(rp.start().url)
    page = rp.browser.page
    assert page is not None
    assert page.form is not None

    shown = rp.http.get(page.url)
    sent = rp.http.post(page.url, data=page.form.fields | {"action": "continue"})

    assert 403 == shown.status_code
    assert 403 == sent.status_code


def test_a_page_is_answered_once(rp: RelyingParty) -> None:
    """A form that is sent again, as by the back button, issues no second code."""
    rp.browser.open(rp.start().url)
    page = rp.browser.page
    rp.browser.sign_in("alice")
    rp.browser.page = page

    with pytest.raises(UnexpectedPage, match="answered before"):
        rp.browser.sign_in("alice")


def test_a_signed_in_user_is_not_asked_again(rp: RelyingParty) -> None:
    """The tenant has a session of its own: single sign-on."""
    first = rp.claims(rp.log_in("alice")["id_token"])
    started = rp.start()

    callback_url = rp.browser.open(started.url)

    assert callback_url is not None
    second = rp.claims(rp.tokens(callback_url, started)["id_token"])
    assert first["sid"] == second["sid"]
    assert first["auth_time"] == second["auth_time"]


def test_prompt_none_without_a_session_is_refused(rp: RelyingParty) -> None:
    """OIDC Core 3.1.2.6: login_required."""
    assert "login_required" == rp.refused(rp.start(prompt="none"))["error"]


def test_prompt_none_with_a_session_shows_no_page(rp: RelyingParty) -> None:
    """OIDC Core 3.1.2.1."""
    rp.log_in("alice")

    callback_url = rp.browser.open(rp.start(prompt="none").url)

    assert callback_url is not None
    assert "code" in answer_in(callback_url)


@pytest.mark.parametrize("prompt", ["login", "select_account", "login consent"])
def test_prompt_login_asks_again(rp: RelyingParty, prompt: str) -> None:
    """The session is kept, its auth_time is renewed (OIDC Core 3.1.2.1)."""
    first = rp.claims(rp.log_in("alice")["id_token"])
    rp.tenant.advance_clock(100)

    second = rp.claims(rp.log_in("alice", prompt=prompt)["id_token"])

    assert first["sid"] == second["sid"]
    assert second["auth_time"] >= first["auth_time"] + 100


def test_another_users_sign_in_is_another_session(rp: RelyingParty) -> None:
    """A session id belongs to one user."""
    first = rp.claims(rp.log_in("alice")["id_token"])

    second = rp.claims(rp.log_in("bob", prompt="login")["id_token"])

    assert "auth0|bob" == second["sub"]
    assert first["sid"] != second["sid"]


def test_max_age_asks_again_when_the_sign_in_is_too_old(rp: RelyingParty) -> None:
    """OIDC Core 3.1.2.1; up to the age no page is shown, beyond it there is one."""
    rp.log_in("alice")
    rp.tenant.advance_clock(50)

    young_enough = rp.browser.open(rp.start(max_age="60").url)
    rp.tenant.advance_clock(50)
    too_old = rp.browser.open(rp.start(max_age="60").url)

    assert young_enough is not None
    assert too_old is None
    assert "code" in answer_in(rp.browser.sign_in("alice"))


def test_max_age_zero_always_asks(rp: RelyingParty) -> None:
    """It means the same as prompt=login (OIDC Core 3.1.2.1)."""
    rp.log_in("alice")

    assert rp.browser.open(rp.start(max_age="0").url) is None
    assert "code" in answer_in(rp.browser.sign_in("alice"))


def test_max_age_with_prompt_none_is_refused_when_too_old(rp: RelyingParty) -> None:
    """No page may be shown, and no old sign-in may pass for a new one."""
    rp.log_in("alice")
    rp.tenant.advance_clock(100)

    assert "login_required" == rp.refused(rp.start(max_age="60", prompt="none"))["error"]


def test_acr_values_ask_for_a_second_factor(rp: RelyingParty) -> None:
    """OIDC Core 3.1.2.1: who signed in without one signs in again, and the ID token says how."""
    plain = rp.claims(rp.log_in("alice")["id_token"])
    stronger = rp.claims(rp.log_in("alice", acr_values=f"urn:other {MULTI_FACTOR}")["id_token"])
    again = rp.start(acr_values=MULTI_FACTOR)
    callback_url = rp.browser.open(again.url)

    assert "acr" not in plain
    assert (MULTI_FACTOR, ["mfa"]) == (stronger["acr"], stronger["amr"])
    assert callback_url is not None
    assert MULTI_FACTOR == rp.claims(rp.tokens(callback_url, again)["id_token"])["acr"]


def test_who_has_no_second_factor_signs_in_without(rp: RelyingParty) -> None:
    """It is a voluntary claim (OIDC Core 3.1.2.1): the client has to look what it got."""
    started = rp.start(acr_values=MULTI_FACTOR)
    rp.browser.open(started.url)
    assert rp.browser.page is not None
    assert rp.browser.page.form is not None
    del rp.browser.page.form.fields["second_factor"]
    tokens = rp.tokens(rp.browser.sign_in("alice"), started)

    assert "acr" not in rp.claims(tokens["id_token"])


def test_other_classes_ask_for_nothing(rp: RelyingParty) -> None:
    """The tenant knows one."""
    rp.log_in("alice")

    assert rp.browser.open(rp.start(acr_values="urn:other").url) is not None


@pytest.mark.parametrize("hint", ["bob", "bob@example.com", "auth0|bob"])
def test_the_login_hint_chooses_the_user(rp: RelyingParty, hint: str) -> None:
    """OIDC Core 3.1.2.1."""
    rp.browser.open(rp.start(login_hint=hint).url)

    assert rp.browser.page is not None
    assert rp.browser.page.form is not None
    assert "bob" == rp.browser.page.form.fields["username"]


def test_a_login_hint_that_fits_nobody_is_ignored(rp: RelyingParty) -> None:
    """It is a hint."""
    rp.browser.open(rp.start(login_hint="nobody@example.com").url)

    assert "code" in answer_in(rp.browser.sign_in("alice"))


def test_two_tabs_do_not_disturb_each_other(rp: RelyingParty) -> None:
    """Each page completes its own request, also after the cookie changed at sign-in."""
    first, second = rp.start(), rp.start()
    rp.browser.open(first.url)
    first_page = rp.browser.page
    rp.browser.open(second.url)
    second_answer = answer_in(rp.browser.sign_in("alice"))

    rp.browser.page = first_page
    first_answer = answer_in(rp.browser.sign_in("alice"))

    assert first.parameters["state"] == first_answer["state"]
    assert second.parameters["state"] == second_answer["state"]


def test_of_parallel_answers_to_one_page_one_counts(rp: RelyingParty) -> None:
    """A double click, or two racing copies of the page, give one code."""
    rp.browser.open(rp.start().url)
    page = rp.browser.page
    assert page is not None
    assert page.form is not None
    form = page.form.fields | {"action": "cancel"}
    ready = Barrier(8)

    def press(_: int) -> int:
        ready.wait()
        jar = dict(rp.browser.cookies)
        with httpx.Client(trust_env=False, cookies=jar) as http:
            return http.post(page.url, data=form).status_code

    with ThreadPoolExecutor(max_workers=8) as pool:
        statuses = list(pool.map(press, range(8)))

    assert 1 == statuses.count(303)
    assert {303, 400, 409} >= set(statuses)
