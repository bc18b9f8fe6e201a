"""Who is signed in, for an application's own views."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
from flask import Blueprint, Flask, jsonify, request, stream_with_context
from flask.typing import ResponseReturnValue
from werkzeug.middleware.proxy_fix import ProxyFix

from support.app_browser import APP, path_of
from support.flask_browser import OpenFlaskBrowser, make_client
from userlink import BlockingMemoryStateStore, ConfigurationError, StateRecord, SyncServerClient
from userlink.stores.protocols import StoreOptions
from userlink_devtenant import DevTenant
from userlink_flask import RouteOptions, Userlink, current_user, login_required


def flask_app(client: SyncServerClient, options: RouteOptions | None = None) -> Flask:
    """Make an application whose pages want a user."""
    app = Flask("app")
    Userlink(app, client, options)

    @app.route("/private", methods=["GET", "POST"])
    @login_required
    def private() -> str:
        """Greet the user."""
        return f"{current_user['name']} at {request.path}"

    @app.get("/whoever")
    def whoever() -> ResponseReturnValue:
        return jsonify(current_user.get("sub"), bool(current_user))

    @app.get("/any/<path:rest>")
    @login_required
    def anywhere(rest: str) -> str:
        return rest

    return app


def return_to_of(answer: httpx.Response) -> str:
    """Return the return_to that an answer gives to the login."""
    (value,) = parse_qs(urlsplit(path_of(answer)).query)["return_to"]
    return value


def test_signed_in_users_reach_their_pages(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """The proxy has their claims, and is a mapping for everybody."""
    alice = browser(flask_app(client))
    alice.sign_in()

    assert "Alice Example at /private" == alice.get("/private").text
    assert ["auth0|alice", True] == alice.get("/whoever").json()


def test_nobody_is_nobody(client: SyncServerClient, browser: OpenFlaskBrowser) -> None:
    """``current_user`` is empty, counts as false, and redirects nobody."""
    assert [None, False] == browser(flask_app(client)).get("/whoever").json()


def test_a_view_keeps_its_name_and_docstring(client: SyncServerClient) -> None:
    """Flask names the endpoint after the view; two guarded views would clash otherwise."""
    app = flask_app(client)

    assert {"private", "anywhere"} <= app.view_functions.keys()
    assert "Greet the user." == app.view_functions["private"].__doc__


def test_one_function_guards_all_views_of_a_blueprint(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """``before_request`` with a guarded function that returns nothing lets signed-in users pass."""
    app = flask_app(client)
    blueprint = Blueprint("inner", "inner", url_prefix="/inner")
    blueprint.before_request(login_required(lambda: None))  # type: ignore[arg-type,return-value]  # None lets pass
    blueprint.add_url_rule("/page", "page", lambda: "inner page")
    app.register_blueprint(blueprint)
    alice = browser(app)

    assert "/auth/login?return_to=%2Finner%2Fpage" == path_of(alice.get("/inner/page"))
    alice.sign_in()
    assert "inner page" == alice.get("/inner/page").text


def test_the_session_is_read_once_for_all_that_a_page_asks(
    client: SyncServerClient, browser: OpenFlaskBrowser, devtenant: DevTenant
) -> None:
    """Ten names in a template are one visit to the store."""

    class Counting(BlockingMemoryStateStore):
        visits = 0

        def get(self, identifier: str, store_options: StoreOptions) -> StateRecord | None:
            self.visits += 1
            return super().get(identifier, store_options)

    store = Counting()
    with make_client(devtenant.issuer, state_store=store) as stored:
        alice = browser(flask_app(stored))
        alice.sign_in()
        store.visits = 0
        alice.get("/private")

    assert 1 == store.visits


def test_a_browser_that_opens_a_page_is_sent_to_the_login_and_comes_back(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """Address and query survive the way through the provider."""
    alice = browser(flask_app(client))

    assert 401 == alice.get("/private?tab=1&q=%C3%A9%26%2F&userlink_error=").status_code
    sent_away = alice.get("/private?tab=1&q=%C3%A9%26%2F")
    assert 303 == sent_away.status_code
    assert "no-store" == sent_away.headers["cache-control"]
    assert "/auth/login" == urlsplit(path_of(sent_away)).path
    assert "/private?tab=1&q=%C3%A9%26%2F" == return_to_of(sent_away)

    alice.tenant.open(path_of(alice.get(path_of(sent_away))))
    back = alice.get(alice.tenant.sign_in("alice"))
    assert "/private?tab=1&q=%C3%A9%26%2F" == path_of(back)
    assert 200 == alice.get(path_of(back)).status_code


def test_paths_beyond_ascii_are_come_back_to(client: SyncServerClient) -> None:
    """The server decodes the path; it is encoded again, percent signs included."""
    stranger = flask_app(client).test_client()
    sent_away = stranger.get("/any/%C3%A9%25%3F", headers={"accept": "text/html"})

    assert f"/auth/login?return_to={quote('/any/%C3%A9%25%3F', safe='')}" == sent_away.location


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {"accept": "application/json"}),
        ("GET", {"accept": "text/html", "sec-fetch-mode": "cors"}),
        ("POST", {"accept": "text/html", "sec-fetch-mode": "navigate"}),
    ],
)
def test_whatever_does_not_open_a_page_is_answered_401(
    method: str, headers: dict[str, str], client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """A script cannot follow a redirect to the provider, and a form would be lost on the way."""
    stranger = browser(flask_app(client))
    answer = stranger.app.request(method, "/private", headers=headers)

    assert (401, "no-store") == (answer.status_code, answer.headers["cache-control"])
    assert "Sign in first." in answer.text


def test_the_applications_own_page_for_401_is_shown(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """Its error handlers are asked as for every other 401, and caches keep that page neither."""
    app = flask_app(client)
    app.register_error_handler(401, lambda error: ("own page", 401))
    answer = browser(app).get("/private", accept="application/json")

    assert (401, "own page") == (answer.status_code, answer.text)
    assert "no-store" == answer.headers["cache-control"]


def test_fetch_metadata_have_precedence_over_the_accept_header(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """A navigation is a navigation, whatever it accepts (Fetch Metadata, 2.2)."""
    stranger = browser(flask_app(client))
    headers = {"accept": "*/*", "sec-fetch-mode": "navigate"}

    assert 303 == stranger.get("/private", **headers).status_code


def test_a_login_that_failed_does_not_start_again_by_itself(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """The user pressed Cancel at the provider: the page says 401 instead of sending them there for ever."""
    alice = browser(flask_app(client))
    sent_away = alice.get("/private")
    alice.tenant.open(path_of(alice.get(path_of(sent_away))))
    back = alice.get(alice.tenant.cancel())

    assert "/private?userlink_error=authorization_denied" == path_of(back)
    assert 401 == alice.get(path_of(back)).status_code


def test_a_response_that_streams_may_still_ask_who_is_signed_in(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """Reading needs no cookie: it works after the headers have gone."""
    app = flask_app(client)

    @app.get("/stream")
    def streaming() -> ResponseReturnValue:
        def body() -> Iterator[str]:
            yield "user: "
            yield str(current_user.get("sub", "nobody"))

        return app.response_class(stream_with_context(body()))

    alice = browser(app)

    assert "user: nobody" == alice.get("/stream").text
    alice.sign_in()
    assert "user: auth0|alice" == alice.get("/stream").text


def test_without_a_login_route_everybody_is_answered_401(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """There is nowhere to send them."""
    stranger = browser(flask_app(client, RouteOptions(paths={"login": None})))

    assert 401 == stranger.get("/private").status_code


@pytest.mark.parametrize("path", ["//evil.example", "/%2fevil.example", "/a/..//evil"])
def test_an_address_that_would_lead_elsewhere_is_not_come_back_to(
    path: str, client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """The path of the request is the visitor's to choose; the login route judges it like any other value."""
    app = Flask("app")
    app.url_map.merge_slashes = False
    Userlink(app, client)

    def page(rest: str) -> str:
        return rest

    app.add_url_rule("/<path:rest>", "any", login_required(page))
    app.add_url_rule("//<path:rest>", "any")
    stranger = browser(app)
    request = stranger.app.build_request("GET", f"{APP}/")
    request.url = httpx.URL(APP).copy_with(raw_path=path.encode())
    sent_away = stranger.app.send(request)
    stranger.tenant.open(path_of(stranger.get(path_of(sent_away))))
    back = stranger.get(stranger.tenant.sign_in("alice"))

    assert "/" == path_of(back)


def test_addresses_are_those_the_browser_sees_behind_a_proxy(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """A proxy that takes ``/app`` away tells by X-Forwarded-Prefix; login and return_to have it again."""
    app = flask_app(client)
    stranger = browser(ProxyFix(app, x_prefix=1))
    answer = stranger.get("/private?x=1", **{"x-forwarded-prefix": "/app"})

    assert f"/app/auth/login?return_to={quote('/app/private?x=1', safe='')}" == path_of(answer)


@pytest.mark.parametrize("prefix", ["//evil.example", "/\\evil.example", "/..//evil.example"])
def test_a_root_path_that_leads_elsewhere_is_answered_401(
    prefix: str, client: SyncServerClient
) -> None:
    """Below a dispatcher whose paths have parameters, visitors choose a part of SCRIPT_NAME."""
    answer = (
        flask_app(client)
        .test_client()
        .get("/private", headers={"accept": "text/html"}, environ_overrides={"SCRIPT_NAME": prefix})
    )

    assert 401 == answer.status_code


def test_a_coroutine_may_be_guarded(client: SyncServerClient, browser: OpenFlaskBrowser) -> None:
    """Whatever makes coroutines views for the application makes this one a view too."""

    class Async(Flask):
        def ensure_sync(self, func: Any) -> Any:
            return lambda *args, **kwargs: _finish(func(*args, **kwargs))

    async def page() -> str:
        return str(current_user["sub"])

    app = Async("app")
    Userlink(app, client)
    app.add_url_rule("/page", "page", login_required(page))
    alice = browser(app)
    alice.sign_in()

    assert "auth0|alice" == alice.get("/page").text


def _finish(answer: Any) -> Any:
    """Run a coroutine that waits for nothing to its end."""
    if not hasattr(answer, "send"):
        return answer
    try:
        answer.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits")


def test_an_application_without_a_client_is_told_what_is_missing() -> None:
    """The helpers need to know the client."""
    with Flask("app").test_request_context(), pytest.raises(ConfigurationError, match="not set up"):
        bool(current_user)


def test_an_application_within_another_has_its_own_users(
    client: SyncServerClient, browser: OpenFlaskBrowser, devtenant: DevTenant
) -> None:
    """They share the server's environment of the request, and not what was looked up there."""
    with make_client(devtenant.issuer, secret="another secret, of 32 bytes and more") as other:
        inner, app = flask_app(other), flask_app(client)

        @app.get("/within")
        def within() -> ResponseReturnValue:
            assert current_user
            request.environ["PATH_INFO"] = "/whoever"
            return app.response_class.from_app(inner, request.environ)

        alice = browser(app)
        alice.sign_in()

        assert [None, False] == alice.get("/within").json()


def test_outside_of_requests_there_is_no_user() -> None:
    """Flask says what is missing."""
    with pytest.raises(RuntimeError, match="outside of request"):
        current_user.get("sub")


def test_the_proxy_is_typed_as_a_mapping() -> None:
    """What a type checker believes is so: claims are read by their names."""
    claims: Mapping[str, Any] = current_user

    assert claims is current_user
