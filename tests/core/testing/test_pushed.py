"""Pushed requests at a provider in memory: what it takes, and what a browser can do with it."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from userlink.protocol.values import HttpRequest
from userlink.testing.accounts import Accounts
from userlink.testing.authorization import AuthorizationEndpoint, RequestRefused
from userlink.testing.fixed import FixedClock, FixedEntropy
from userlink.testing.grants import Grants
from userlink.testing.pushed import PushedAuthorization, PushedRequests
from userlink.testing.registration import Registration

URL = "https://tenant.example/authorize"
CALLBACK = "https://app.example/callback"
REQUEST = {
    "client_id": "app",
    "redirect_uri": CALLBACK,
    "response_type": "code",
    "scope": "openid",
    "code_challenge": "c",
    "code_challenge_method": "S256",
}


class Rig:
    """A provider's endpoint and its clock."""

    def __init__(self, choice: PushedAuthorization = "offered") -> None:
        self.clock = FixedClock()
        registration = Registration("app", "secret", (CALLBACK,), ())
        grants = Grants(FixedEntropy())
        endpoint = AuthorizationEndpoint(
            "https://tenant.example/", URL, registration, Accounts(), grants, [], self.clock
        )
        self.pushed = PushedRequests(choice, registration, endpoint, grants.token, self.clock)

    def push(self, content_type: str = "application/x-www-form-urlencoded", **changes: Any) -> Any:
        """Push a request with some parameters changed, and return the status and the members."""
        form = {**REQUEST, "client_secret": "secret", **changes}
        body = urlencode(form, doseq=True).encode()
        request = HttpRequest("POST", "https://x/", {"content-type": content_type}, body)
        response = self.pushed.answer(request)
        return response.status, json.loads(response.body)

    def named(self, **changes: str) -> str:
        """Push a request and return the URL that names it."""
        _, members = self.push()
        query = {"client_id": "app", "request_uri": members["request_uri"], **changes}
        return f"{URL}?{urlencode(query)}"


def test_a_pushed_request_is_opened_once() -> None:
    """RFC 9126, 4 and 7.3: without what proved the client."""
    rig = Rig()
    url = rig.named(scope="what a browser adds")

    assert REQUEST == dict(parse_qsl(urlsplit(rig.pushed.opened(url)).query))
    with pytest.raises(RequestRefused, match="unknown, or was used"):
        rig.pushed.opened(url)


def test_a_pushed_request_has_its_time() -> None:
    """RFC 9126, 2.2."""
    rig = Rig()
    url = rig.named()
    rig.clock.advance(60)

    with pytest.raises(RequestRefused, match="has expired"):
        rig.pushed.opened(url)


def test_another_client_cannot_use_it() -> None:
    """RFC 9126, 2.2: it is bound to the client."""
    rig = Rig()

    with pytest.raises(RequestRefused, match="client_id is unknown"):
        rig.pushed.opened(rig.named(client_id="other"))


@pytest.mark.parametrize(
    ("status", "error", "changes"),
    [
        (415, "invalid_request", {"content_type": "application/json"}),
        (401, "invalid_client", {"client_secret": "other"}),
        (400, "invalid_request", {"request_uri": "urn:a"}),
        (400, "invalid_request", {"redirect_uri": "https://evil.example/"}),
        (400, "invalid_request", {"scope": ["openid", "email"]}),
        (400, "invalid_scope", {"scope": "email"}),
        (400, "unsupported_response_type", {"response_type": "token"}),
        (400, "invalid_request", {"code_challenge_method": "plain"}),
    ],
)
def test_a_wrong_request_is_refused_when_it_is_pushed(
    status: int, error: str, changes: dict[str, Any]
) -> None:
    """RFC 9126, 2.3: the client hears of it, and no browser."""
    assert (status, {"error": error}) == Rig().push(**changes)


@pytest.mark.parametrize(
    ("choice", "expected"), [("off", None), ("offered", None), ("required", "must be pushed")]
)
def test_requests_may_or_must_be_pushed(choice: PushedAuthorization, expected: str | None) -> None:
    """RFC 9126, 5."""
    rig = Rig(choice)

    assert (400 if choice == "off" else 201) == rig.push()[0]
    if expected is None:
        assert URL == rig.pushed.opened(URL)
        return
    with pytest.raises(RequestRefused, match=expected):
        rig.pushed.opened(URL)
