"""An application that is set up in one call, at once or by a factory."""

import pytest
from flask import Flask, Response, jsonify, request

from support.app_browser import APP, path_of
from support.flask_browser import OpenFlaskBrowser, make_client, make_flask_app
from userlink import ConfigurationError, HttpRequest, HttpResponse, SyncServerClient, hookimpl
from userlink.plugins.hookspecs import BlockingTransport
from userlink_devtenant import DevTenant
from userlink_flask import RouteOptions, Userlink, current_user


def providers(user: dict[str, object] | None) -> list[str]:
    """Name the providers of a user's identities."""
    assert user is not None
    identities = user["identities"]
    assert isinstance(identities, list)
    return [identity["provider"] for identity in identities]


def test_one_call_gives_an_application_login_link_unlink_and_logout(
    client: SyncServerClient, browser: OpenFlaskBrowser, devtenant: DevTenant
) -> None:
    """The whole journey: at each step the browser sees what the tenant knows."""
    alice = browser(make_flask_app(client))

    signed_in = alice.sign_in(return_to="/welcome")
    assert (303, "/welcome") == (signed_in.status_code, path_of(signed_in))
    assert ["auth0"] == providers(alice.user())

    linked = alice.link(return_to="/linked")
    assert (303, "/linked") == (linked.status_code, path_of(linked))
    assert ["auth0", "github"] == providers(alice.user())
    assert 2 == len(devtenant.identities_of("alice"))

    start = alice.post("/auth/unlink/github")
    alice.tenant.open(path_of(start))
    unlinked = alice.get(alice.tenant.confirm_unlink())
    assert (303, "/") == (unlinked.status_code, path_of(unlinked))
    assert ["auth0"] == providers(alice.user())
    assert 1 == len(devtenant.identities_of("alice"))

    out = alice.post("/auth/logout")
    assert 303 == out.status_code
    assert path_of(out).startswith(devtenant.issuer)
    assert alice.user() is None
    assert "__Host-userlink_session" not in alice.cookies


def test_the_journey_in_flasks_own_test_client(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """``app.test_client()`` keeps cookies as a browser does."""
    app = make_flask_app(client)
    app.testing = True
    at_tenant = browser(app).tenant
    alice = app.test_client()
    at_tenant.open(alice.get("/auth/login?return_to=/welcome", base_url=APP).location)
    signed_in = alice.get(at_tenant.sign_in("alice"))

    assert "/welcome" == signed_in.location
    with alice:
        alice.get("/auth/profile", base_url=APP)
        assert "auth0|alice" == current_user["sub"]


def test_an_extension_serves_several_applications(
    client: SyncServerClient, browser: OpenFlaskBrowser, devtenant: DevTenant
) -> None:
    """A factory makes as many as it likes, each with a client and options of its own."""
    userlink = Userlink()
    first, second = Flask("first"), Flask("second")
    other = make_client(devtenant.issuer, secret="another secret, of 32 bytes and more")
    userlink.init_app(first, client)
    userlink.init_app(second, other, RouteOptions(paths={"profile": "/me"}))
    alice = browser(first)
    alice.sign_in()
    carried = "; ".join(f"{name}={value}" for name, value in alice.cookies.items())

    assert 200 == alice.get("/auth/profile").status_code
    assert 401 == browser(second).get("/auth/me", cookie=carried).status_code
    other.close()


def test_client_and_options_of_the_extension_are_those_of_its_applications(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """Unless ``init_app()`` is given others."""
    userlink = Userlink(client=client, options=RouteOptions(prefix="/one"))
    first, second = Flask("first"), Flask("second")
    userlink.init_app(first)
    userlink.init_app(second, options=RouteOptions(prefix="/two"))

    assert 401 == browser(first).get("/one/profile").status_code
    assert 401 == browser(second).get("/two/profile").status_code
    assert 404 == browser(second).get("/one/profile").status_code


def test_without_a_client_there_is_nothing_to_set_up() -> None:
    """Said when the application is put together."""
    with pytest.raises(ConfigurationError, match="no client"):
        Userlink().init_app(Flask("app"))


def test_an_application_is_set_up_once() -> None:
    """A second client would answer for the first one's users; its routes can be added as a blueprint."""
    app = make_flask_app(make_client())

    with pytest.raises(ConfigurationError, match="before") as refusal:
        Userlink(app, make_client())
    assert "userlink_blueprint" in refusal.value.hint


def test_a_client_without_a_redirect_uri_is_refused() -> None:
    """The provider could send nobody back; and the application is as it was."""
    app = Flask("app")
    with pytest.raises(ConfigurationError, match="no redirect_uri"):
        Userlink(app, make_client(authorization_params={}))

    Userlink(app, make_client())


def test_no_request_closes_the_client(browser: OpenFlaskBrowser) -> None:
    """Flask tears its contexts down after each request; the connections to the provider outlive them."""
    notes: list[str] = []

    class Recording:
        def send(
            self, request: HttpRequest, *, timeout_seconds: float, most_bytes: int
        ) -> HttpResponse:
            notes.append("asked")
            return HttpResponse(503, {}, b"")

        def close(self) -> None:
            notes.append("closed")

        @hookimpl
        def userlink_blocking_transport(self) -> BlockingTransport:
            return self

    client = make_client(plugins=[Recording()])
    app = make_flask_app(client)
    with app.app_context():
        browser(app).get("/auth/login")

    assert "asked" in notes
    assert "closed" not in notes
    client.close()
    assert "closed" in notes


def test_views_of_the_application_start_flows_with_the_request_alone(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """Every call of a request sees what those before it set; the cookies are on the fresh redirect."""
    app = make_flask_app(client)

    @app.get("/twice")
    def twice() -> str:
        client.start_interactive_login({}, {"request": request})
        return client.start_interactive_login({}, {"request": request})

    @app.get("/auth/own-callback")
    def own_callback() -> Response:
        result = client.complete_callback(request.url, {"request": request})
        user = client.get_user({"request": request})
        assert user is not None
        return jsonify(result.user["sub"] == user["sub"] == current_user["sub"])

    alice = browser(app)
    alice.tenant.open(alice.get("/twice").text)
    assert 2 == len(alice.cookies)
    callback_url = alice.tenant.sign_in("alice")
    answer = alice.get(callback_url.replace("/auth/callback", "/auth/own-callback"))

    assert answer.json() is True
    assert alice.user() is not None
