"""Back-channel logout: the provider's own request, without any browser (OIDC Back-Channel Logout 1.0, 2.5 and 2.8)."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from flask import Flask, request, url_for
from werkzeug.wrappers import Response

from support.app_browser import APP, is_private, register
from support.flask_browser import FlaskBrowser, OpenFlaskBrowser, make_client, make_flask_app
from userlink import BlockingMemoryStateStore, StateRecord, SyncServerClient
from userlink.stores.protocols import StoreOptions
from userlink_devtenant import DevTenant
from userlink_flask import RouteOptions

PATH = "/auth/backchannel-logout"
FORM = {"content-type": "application/x-www-form-urlencoded"}


class Store(BlockingMemoryStateStore):
    """A store that notes what options it is given, and may be away."""

    def __init__(self) -> None:
        super().__init__()
        self.is_away = False
        self.seen: list[StoreOptions] = []

    def get(self, identifier: str, store_options: StoreOptions) -> StateRecord | None:
        """Return the record, or fail."""
        self.seen.append(store_options)
        if self.is_away:
            raise OSError("away")
        return super().get(identifier, store_options)


class Site:
    """An application with sessions in a store, and Alice's browser, signed in."""

    def __init__(self, devtenant: DevTenant, store: Store | None) -> None:
        register(devtenant)
        self.devtenant = devtenant
        self.client = make_client(devtenant.issuer, state_store=store)
        self.app = make_flask_app(self.client)
        self.alice = FlaskBrowser(self.app, devtenant)
        self.alice.sign_in()
        session = self.client.get_session({"cookies": self.alice.cookies})
        self.sid = (session and session.sid) or ""

    def token(self) -> str:
        """Return a logout token for Alice's session."""
        return self.devtenant.logout_token("app", "alice", self.sid)

    def sent(self, **arguments: Any) -> httpx.Response:
        """Send a request as a provider does: from another site, without cookies or Origin."""
        transport = httpx.WSGITransport(self.app, raise_app_exceptions=False)
        with httpx.Client(transport=transport, base_url=APP) as provider:
            return provider.post(PATH, **arguments)

    def close(self) -> None:
        """Close the connections."""
        self.alice.close()
        self.client.close()


@pytest.fixture
def store() -> Store:
    """Return an empty store."""
    return Store()


@pytest.fixture
def site(devtenant: DevTenant, store: Store) -> Iterator[Site]:
    """Return a site with a state store."""
    site = Site(devtenant, store)
    yield site
    site.close()


def test_the_session_ends_and_a_token_counts_once(site: Site) -> None:
    """The second delivery is answered as a failure, in JSON, and cached by nobody."""
    form = {"logout_token": site.token()}
    answers = [site.sent(data=form), site.sent(data=form)]

    assert [200, 400] == [answer.status_code for answer in answers]
    assert (b"", "logout_token_invalid") == (answers[0].content, answers[1].json()["error"])
    assert [True, True] == [is_private(answer) for answer in answers]
    assert "set-cookie" not in answers[0].headers
    assert site.alice.user() is None


def wrong_requests(token: str) -> list[dict[str, Any]]:
    """Return requests that bring a good token in a wrong way."""
    return [
        {"json": {"logout_token": token}},
        {"content": f"logout_token={token}", "headers": {"content-type": "text/plain"}},
        {"content": f"logout_token={token}"},
        {"params": {"logout_token": token}},
        {"params": {"logout_token": token}, "data": {"other": "x"}},
        {"content": f"logout_token={token}&logout_token={token}", "headers": FORM},
        {"content": f"logout_token={token}&more={'x' * 20_000}", "headers": FORM},
        {"data": {"logout_token": ""}},
        {"files": {"logout_token": ("t", token)}},
    ]


@pytest.mark.parametrize("number", range(9))
def test_a_token_comes_in_a_form_and_once(site: Site, number: int) -> None:
    """Section 2.5: the body of a POST, of one type and of bounded size; nothing else is read."""
    answer = site.sent(**wrong_requests(site.token())[number])

    assert (400, "logout_token_invalid") == (answer.status_code, answer.json()["error"])
    assert is_private(answer)
    assert site.alice.user() is not None


def test_only_post_is_served(site: Site) -> None:
    """A token in an address would be in logs."""
    assert 405 == site.alice.get(PATH).status_code


def test_a_form_that_was_read_before_is_good(site: Site) -> None:
    """Something that looks at every form, such as a check for forgery, reads it first."""

    def look() -> Response | None:
        return Response(status=418) if "csrf" in request.form else None

    site.app = make_flask_app(site.client)
    site.app.before_request(look)

    assert 200 == site.sent(data={"logout_token": site.token()}).status_code
    assert site.alice.user() is None


def test_sealed_cookies_say_that_they_cannot(devtenant: DevTenant) -> None:
    """The provider's log and ours show why; nobody is told that a session ended."""
    site = Site(devtenant, None)
    answer = site.sent(data={"logout_token": site.token()})

    assert (400, "backchannel_logout_not_supported") == (
        answer.status_code,
        answer.json()["error"],
    )
    assert site.alice.user() is not None
    site.close()


def test_a_store_that_fails_is_a_failure_that_may_be_tried_again(site: Site, store: Store) -> None:
    """Section 2.8 knows one status for all of them; the same token works once the store is back."""
    form = {"logout_token": site.token()}
    store.is_away = True
    failed = site.sent(data=form)
    store.is_away = False

    assert (400, "store_error") == (failed.status_code, failed.json()["error"])
    assert 200 == site.sent(data=form).status_code
    assert PATH == store.seen[-1]["request"].path


def test_the_route_can_be_moved_or_left_out(
    client: SyncServerClient, browser: OpenFlaskBrowser
) -> None:
    """Like every other."""

    def app(path: str | None) -> Flask:
        return make_flask_app(client, RouteOptions(paths={"backchannel_logout": path}))

    with app("/end").test_request_context():
        assert "/auth/end" == url_for("userlink.backchannel_logout")
    assert 400 == browser(app("/end")).post("/auth/end").status_code
    assert 404 == browser(app(None)).post(PATH).status_code
