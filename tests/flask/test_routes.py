"""The ready-made routes: where they are, who is signed in, and signing out."""

import logging

import pytest
from flask import Flask, url_for

from support.app_browser import APP, is_private, path_of, sent_to_provider
from support.flask_browser import OpenFlaskBrowser, make_client, make_flask_app
from userlink import BlockingMemoryStateStore, ConfigurationError, StateRecord, SyncServerClient
from userlink.stores.protocols import StoreOptions
from userlink_devtenant import DevTenant
from userlink_flask import RouteOptions, Userlink, userlink_blueprint


def test_the_blueprint_alone_sets_its_cookies(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """An application that registers it itself need not have the extension."""
    app = Flask("app")
    app.register_blueprint(userlink_blueprint(client))
    alice = browser(app)
    alice.sign_in()

    assert "/" == path_of(alice.link())
    assert alice.user() is not None


def test_paths_and_names_are_the_applications_choice(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """Each for itself; one that is left out is not there."""
    options = RouteOptions(
        prefix="/account",
        paths={"login": "/sign-in", "callback": None},
        names={"login": "sign_in"},
    )
    app = make_flask_app(client, options)

    with app.test_request_context():
        assert "/account/sign-in" == url_for("userlink.sign_in")
        assert "/account/link/github" == url_for("userlink.link", connection="github")
    assert 303 == browser(app).get("/account/sign-in").status_code
    assert 404 == browser(app).get("/account/callback").status_code


def test_a_path_with_other_parameters_is_refused(client: SyncServerClient) -> None:
    """Flask would take it for a rule of its own."""
    with pytest.raises(ConfigurationError, match="not one for Flask"):
        userlink_blueprint(client, RouteOptions(prefix="/<tenant>"))


def test_two_clients_serve_one_application(
    devtenant: DevTenant, client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """Each has its own routes and cookies, and neither knows the other's users."""
    app = make_flask_app(client)
    redirect_uri = f"{APP}/staff/callback"
    second = make_client(
        devtenant.issuer,
        cookie_prefix="staff",
        authorization_params={"redirect_uri": redirect_uri},
    )
    blueprint = userlink_blueprint(second, RouteOptions(prefix="/staff"), name="staff")
    app.register_blueprint(blueprint)
    alice = browser(app)
    alice.sign_in()

    with app.test_request_context():
        assert "/staff/login" == url_for("staff.login")
    assert 200 == alice.get("/auth/profile").status_code
    assert 401 == alice.get("/staff/profile").status_code
    second.close()


def test_it_shows_the_claims_to_their_user_and_nothing_to_others(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """No token is among them, and no cache may keep them."""
    app = make_flask_app(client)
    alice, stranger = browser(app), browser(app)
    alice.sign_in()
    answer = alice.get("/auth/profile")
    nobody = stranger.get("/auth/profile")

    assert (200, "Alice Example") == (answer.status_code, answer.json()["name"])
    assert is_private(answer)
    assert not any("token" in name for name in answer.json())
    assert (401, {"error": "session_required"}) == (nobody.status_code, nobody.json())
    assert is_private(nobody)


def test_a_store_that_fails_is_not_taken_for_a_stranger(
    client: SyncServerClient, browser: OpenFlaskBrowser, devtenant: DevTenant
) -> None:
    """503: whether somebody is signed in is not known."""

    class Broken(BlockingMemoryStateStore):
        broken = False

        def get(self, identifier: str, store_options: StoreOptions) -> StateRecord | None:
            if self.broken:
                raise OSError("away")
            return super().get(identifier, store_options)

    store = Broken()
    with make_client(devtenant.issuer, state_store=store) as stored:
        alice = browser(make_flask_app(stored))
        alice.sign_in()
        store.broken = True
        answer = alice.get("/auth/profile")

    assert (503, {"error": "store_error"}) == (answer.status_code, answer.json())


def test_the_provider_is_told_where_to_send_the_user(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """Only where the application has registered it: nothing of the request decides."""
    options = RouteOptions(post_logout_redirect_uri=f"{APP}/")
    alice = browser(make_flask_app(client, options))
    alice.sign_in()
    out = alice.post("/auth/logout", {"return_to": "https://evil.example"})

    assert is_private(out)
    assert [f"{APP}/"] == sent_to_provider(out)["post_logout_redirect_uri"]
    back = alice.tenant.open(path_of(out)) or alice.tenant.confirm_sign_out() or ""
    assert f"{APP}/" == back.partition("?state=")[0]


def test_a_logout_leads_back_to_a_page_of_the_application(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """By the route that checks the state; a reload of it leads there too, and a foreign page is no page."""
    options = RouteOptions(post_logout_redirect_uri=f"{APP}/auth/logged-out")
    app = make_flask_app(client, options)
    for asked_for, expected in (("/bye", "/bye"), ("https://evil.example/", "/"), ("", "/")):
        alice = browser(app)
        alice.sign_in()
        out = alice.post("/auth/logout", {"return_to": asked_for})
        back = alice.tenant.open(path_of(out)) or ""
        answers = [alice.get(back), alice.get(back)]

        assert [expected, expected] == [path_of(answer) for answer in answers]
        assert is_private(answers[0])
        assert alice.user() is None


def test_a_return_that_no_logout_of_this_browser_asked_for_is_told_by_a_code(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """Nothing happens by it; without a state, as some providers send none, it leads home."""
    options = RouteOptions(post_logout_redirect_uri=f"{APP}/auth/logged-out")
    app = make_flask_app(client, options)
    alice, eve = browser(app), browser(app)
    alice.sign_in()
    eve.sign_in("bob")
    out = eve.post("/auth/logout")
    foreign = eve.tenant.open(path_of(out)) or ""

    assert "/?userlink_error=transaction_not_found" == path_of(alice.get(foreign))
    assert "/" == path_of(alice.get("/auth/logged-out"))
    assert 405 == (alice.app.head("/auth/logged-out")).status_code
    assert alice.user() is not None


def test_a_logout_that_the_store_cannot_perform_is_told_by_a_code(
    client: SyncServerClient, browser: OpenFlaskBrowser, devtenant: DevTenant
) -> None:
    """The user is not told that the session is over everywhere."""

    class ReadOnly(BlockingMemoryStateStore):
        def delete(self, identifier: str, store_options: StoreOptions) -> None:
            raise OSError("read-only")

    with make_client(devtenant.issuer, state_store=ReadOnly()) as stored:
        alice = browser(make_flask_app(stored))
        alice.sign_in()
        answer = alice.post("/auth/logout")

    assert "/?userlink_error=store_error" == path_of(answer)


@pytest.mark.parametrize(
    ("redirect_uri", "prefix", "is_warned"),
    [
        (f"{APP}/auth/callback", "/auth", False),
        (f"{APP}/below/auth/callback", "/auth", False),
        (f"{APP}/callback", "/auth", True),
        (f"{APP}/auth/callback", "/sso", True),
    ],
)
def test_a_redirect_uri_that_leads_past_the_callback_is_warned_of(
    redirect_uri: str, prefix: str, is_warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Without a proxy that rewrites paths, users would come back to a page that is not there."""
    client = make_client(authorization_params={"redirect_uri": redirect_uri})
    with caplog.at_level(logging.WARNING, "userlink.flask"):
        Userlink(Flask("app"), client, RouteOptions(prefix=prefix))

    assert is_warned is ("redirect_uri leads to" in caplog.text)
