"""Back-channel logout (OIDC Back-Channel Logout 1.0), against a client that really listens."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode

import httpx
import pytest
from joserfc import jws

from devtenant.relying_party import REDIRECT_URI, RelyingParty
from userlink_devtenant import Client, DevTenant
from userlink_devtenant.backchannel import LOGOUT_EVENT
from userlink_devtenant.browser import TenantBrowser

SECRET = "s" * 32


class Listener(ThreadingHTTPServer):
    """A client's back channel; it fetches the tenant's keys before it answers, as clients do."""

    daemon_threads = True

    def __init__(self, jwks_uri: str) -> None:
        super().__init__(("127.0.0.1", 0), ListenerHandler)
        self.jwks_uri = jwks_uri
        self.status = 200
        self.received: list[tuple[str, dict[str, list[str]]]] = []

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/backchannel-logout"


class ListenerHandler(BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        httpx.get(self.server.jwks_uri, trust_env=False).raise_for_status()
        self.server.received.append((self.headers["Content-Type"], parse_qs(body)))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing."""


@pytest.fixture
def listener(devtenant: DevTenant) -> Iterator[Listener]:
    server = Listener(f"{devtenant.issuer}.well-known/jwks.json")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def listening(
    listener: Listener,
    devtenant: DevTenant,
    devtenant_browser: TenantBrowser,
    http: httpx.Client,
) -> RelyingParty:
    """Return a client that has a backchannel_logout_uri."""
    devtenant.add_client(
        Client("listening", SECRET, (REDIRECT_URI,), backchannel_logout_uri=listener.uri)
    )
    return RelyingParty(devtenant, devtenant_browser, http, "listening", SECRET)


def test_a_test_can_send_logout_tokens(listening: RelyingParty, listener: Listener) -> None:
    """Section 2.4 and 2.5: a form field with a signed token of its own type."""
    id_token = listening.claims(listening.log_in("alice")["id_token"])

    deliveries = listening.tenant.send_backchannel_logout("alice")

    assert [("listening", 200)] == [(d.client_id, d.status) for d in deliveries]
    [(content_type, form)] = listener.received
    assert "application/x-www-form-urlencoded" == content_type
    assert ["logout_token"] == list(form)
    [token] = form["logout_token"]
    claims = listening.claims(token)
    assert "logout+jwt" == jws.extract_compact(token.encode()).headers()["typ"]
    assert {"iss", "aud", "sub", "sid", "iat", "exp", "jti", "events"} == set(claims)
    assert {LOGOUT_EVENT: {}} == claims["events"]
    assert "listening" == claims["aud"]
    for name in ("iss", "sub", "sid"):
        assert id_token[name] == claims[name]


def test_every_session_of_the_user_is_announced_and_ended(
    listening: RelyingParty, listener: Listener
) -> None:
    """Two browsers have two sids."""
    first = listening.claims(listening.log_in("alice")["id_token"])["sid"]
    with TenantBrowser(listening.tenant.issuer) as browser:
        other = RelyingParty(listening.tenant, browser, listening.http, "listening", SECRET)
        second = other.claims(other.log_in("alice")["id_token"])["sid"]

    deliveries = listening.tenant.send_backchannel_logout("auth0|alice")

    assert {first, second} == {d.sid for d in deliveries}
    assert 2 == len(listener.received)
    assert "login_required" == listening.refused(listening.start(prompt="none"))["error"]


def test_logging_out_at_the_tenant_tells_the_clients_of_that_session(
    listening: RelyingParty, listener: Listener
) -> None:
    """Section 2.5; another browser's session is not announced, and clients without URI get none."""
    with TenantBrowser(listening.tenant.issuer) as browser:
        RelyingParty(listening.tenant, browser, listening.http, "listening", SECRET).log_in("alice")
    hint = listening.log_in("alice")["id_token"]
    sid = listening.claims(hint)["sid"]
    RelyingParty(listening.tenant, listening.browser, listening.http).log_in(
        "alice", prompt="login"
    )

    query = urlencode({"id_token_hint": hint})
    listening.browser.open(f"{listening.tenant.issuer}oidc/logout?{query}")

    [(_, form)] = listener.received
    assert sid == listening.claims(form["logout_token"][0])["sid"]


def test_a_session_is_announced_once(listening: RelyingParty, listener: Listener) -> None:
    """After the logout the client has no part in it any more."""
    hint = listening.log_in("alice")["id_token"]
    query = urlencode({"id_token_hint": hint})
    listening.browser.open(f"{listening.tenant.issuer}oidc/logout?{query}")

    assert [] == listening.tenant.send_backchannel_logout("alice")
    assert 1 == len(listener.received)


def test_only_the_users_own_clients_are_told(listening: RelyingParty, listener: Listener) -> None:
    """Bob has not been there."""
    listening.log_in("alice")

    assert [] == listening.tenant.send_backchannel_logout("bob")
    assert [] == listener.received


def test_a_refusal_is_reported(listening: RelyingParty, listener: Listener) -> None:
    """The client's status is what the test gets."""
    listener.status = 400
    listening.log_in("alice")

    [delivery] = listening.tenant.send_backchannel_logout("alice")

    assert 400 == delivery.status


def test_a_client_that_is_down_does_not_stop_the_logout(rp: RelyingParty) -> None:
    """The problem is named, the user is signed out."""
    gone = "http://127.0.0.1:1/backchannel-logout"
    rp.tenant.add_client(Client("gone", SECRET, (REDIRECT_URI,), backchannel_logout_uri=gone))
    RelyingParty(rp.tenant, rp.browser, rp.http, "gone", SECRET).log_in("alice")

    [delivery] = rp.tenant.send_backchannel_logout("alice")

    assert delivery.status is None
    assert "ConnectError" == delivery.problem


def test_a_logout_token_can_be_made_without_being_sent(rp: RelyingParty) -> None:
    """For tests that send it themselves, spoilt or twice."""
    claims = rp.claims(rp.tenant.logout_token(rp.client_id, "alice", "sid-1"))

    assert ("sid-1", "auth0|alice") == (claims["sid"], claims["sub"])


def test_an_unknown_user_is_an_error_of_the_test(devtenant: DevTenant) -> None:
    """It would otherwise pass for a user without sessions."""
    with pytest.raises(LookupError, match="nobody"):
        devtenant.send_backchannel_logout("nobody")
