"""A client of the development tenant, written out by hand: every parameter can be replaced."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from attrs import field, frozen
from joserfc import jwt
from joserfc.jwk import KeySet

from userlink_devtenant import DevTenant
from userlink_devtenant.browser import TenantBrowser

CLIENT_ID = "userlink-demo"
CLIENT_SECRET = "userlink-demo-secret-for-development-only"
REDIRECT_URI = "http://localhost:3000/auth/callback"
LOGIN_SCOPE = "openid profile email offline_access"


@frozen
class Started:
    """An authorization request, and what its completion needs."""

    url: str
    parameters: Mapping[str, str]
    code_verifier: str = field(repr=False)


@frozen
class RelyingParty:
    """A client; ``None`` as a parameter's new value leaves the parameter out."""

    tenant: DevTenant
    browser: TenantBrowser
    http: httpx.Client
    client_id: str = CLIENT_ID
    client_secret: str | None = field(default=CLIENT_SECRET, repr=False)

    @property
    def basic(self) -> tuple[str, str] | None:
        """The credentials for HTTP Basic; none for a public client."""
        return None if self.client_secret is None else (self.client_id, self.client_secret)

    def start(self, scope: str | None = LOGIN_SCOPE, **changes: str | None) -> Started:
        """Make an authorization request."""
        code_verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest())
        parameters: dict[str, str | None] = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": REDIRECT_URI,
            "scope": scope,
            "state": secrets.token_urlsafe(8),
            "nonce": secrets.token_urlsafe(8),
            "code_challenge": challenge.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        sent = present(parameters | changes)
        return Started(f"{self.tenant.issuer}authorize?{urlencode(sent)}", sent, code_verifier)

    def start_link(
        self, id_token: str | None, connection: str | None = "github", **changes: str | None
    ) -> Started:
        """Make a request to link a connection."""
        changes = {"requested_connection": connection, "id_token_hint": id_token} | changes
        return self.start("openid link_account offline_access", **changes)

    def start_unlink(
        self, id_token: str | None, connection: str | None = "github", **changes: str | None
    ) -> Started:
        """Make a request to unlink a connection."""
        changes = {"requested_connection": connection, "id_token_hint": id_token} | changes
        return self.start("openid unlink_account", **changes)

    def redeem(
        self, callback_url: str, started: Started, /, **changes: str | None
    ) -> httpx.Response:
        """Send the code of a callback to the token endpoint."""
        form = {
            "grant_type": "authorization_code",
            "code": answer_in(callback_url)["code"],
            "redirect_uri": started.parameters["redirect_uri"],
            "code_verifier": started.code_verifier,
        }
        return self.post("oauth/token", form | changes)

    def refresh(self, refresh_token: str, /, **changes: str | None) -> httpx.Response:
        """Ask for new tokens."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self.post("oauth/token", form | changes)

    def post(self, path: str, form: Mapping[str, str | None]) -> httpx.Response:
        """Post to an endpoint, authenticated by HTTP Basic, or by client_id alone if public."""
        body = present(form)
        if self.basic is None:
            return self.http.post(
                self.tenant.issuer + path, data={"client_id": self.client_id} | body
            )
        return self.http.post(self.tenant.issuer + path, data=body, auth=self.basic)

    def tokens(self, callback_url: str, started: Started) -> dict[str, Any]:
        """Redeem a code that is good."""
        tokens: dict[str, Any] = self.redeem(callback_url, started).raise_for_status().json()
        return tokens

    def log_in(self, user: str = "alice", **changes: str | None) -> dict[str, Any]:
        """Log a user in and return the tokens."""
        started = self.start(**changes)
        self.browser.open(started.url)
        return self.tokens(self.browser.sign_in(user), started)

    def refused(self, started: Started) -> dict[str, str]:
        """Open a request that is refused, and return what the client is told."""
        callback_url = self.browser.open(started.url)
        assert callback_url is not None, f"no redirect, but: {self.browser.page}"
        answer = answer_in(callback_url)
        assert started.parameters.get("state") == answer.get("state")
        assert self.tenant.issuer == answer["iss"]
        assert "code" not in answer
        return answer

    def claims(self, token: str) -> dict[str, Any]:
        """Check a token's signature against the published keys, and return its claims."""
        published = self.http.get(f"{self.tenant.issuer}.well-known/jwks.json").json()
        return dict(jwt.decode(token, KeySet.import_key_set(published), ["RS256"]).claims)


def present(parameters: Mapping[str, str | None]) -> dict[str, str]:
    """Leave out what is None."""
    return {name: value for name, value in parameters.items() if value is not None}


def answer_in(callback_url: str) -> dict[str, str]:
    """Return a callback's parameters, none of which may be repeated (RFC 6749, section 3.1)."""
    values = parse_qs(urlsplit(callback_url).query, strict_parsing=True)
    assert all(len(repeated) == 1 for repeated in values.values())
    return {name: repeated[0] for name, repeated in values.items()}


def problem(response: httpx.Response) -> tuple[int, str]:
    """Return the status and the error code of a refusal."""
    body = response.json()
    assert body["error_description"]
    return response.status_code, body["error"]
