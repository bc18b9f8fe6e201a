"""
An OpenID Connect client written out by hand, request by request.

It exists to try providers out with requests that no library would send; it is no model, and shares
no code with the one under test. Every parameter can be replaced, or left out with None.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode, urlsplit

import attrs
import httpx
from joserfc import jwt
from joserfc.jwk import KeySet

from .browser import PlainBrowser
from .oidc_provider import Answer, Client, walk

Parameters = Mapping[str, str | None]


@attrs.frozen
class StartedFlow:
    """An authorization request, and what its completion needs."""

    url: str
    parameters: Mapping[str, str]
    code_verifier: str = attrs.field(repr=False)


@attrs.frozen
class HandWrittenClient:
    """A client of one provider, with one redirect_uri."""

    http: httpx.Client
    issuer: str
    client: Client
    redirect_uri: str

    def metadata(self) -> dict[str, str]:
        """Fetch the discovery document (OIDC Discovery 4)."""
        url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        metadata: dict[str, str] = self.http.get(url).raise_for_status().json()
        return metadata

    def start(self, scope: str = "openid profile email", **changes: str | None) -> StartedFlow:
        """Make an authorization request (OIDC Core 3.1.2.1, RFC 7636 4.3)."""
        code_verifier = secrets.token_urlsafe(32)
        digest = hashlib.sha256(code_verifier.encode()).digest()
        parameters = {
            "client_id": self.client.client_id,
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "scope": scope,
            "state": secrets.token_urlsafe(16),
            "nonce": secrets.token_urlsafe(16),
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        sent = _changed(parameters, changes)
        url = f"{self.metadata()['authorization_endpoint']}?{urlencode(sent)}"
        return StartedFlow(url, sent, code_verifier)

    def start_link(self, id_token: str | None, connection: str = "github") -> StartedFlow:
        """Make a request to link a connection, as Auth0 reads it."""
        scope = "openid link_account offline_access"
        return self.start(scope, requested_connection=connection, id_token_hint=id_token)

    def start_unlink(self, id_token: str | None, connection: str = "github") -> StartedFlow:
        """Make a request to unlink a connection, as Auth0 reads it."""
        scope = "openid unlink_account"
        return self.start(scope, requested_connection=connection, id_token_hint=id_token)

    def push(self, flow: StartedFlow, **changes: str | None) -> httpx.Response:
        """Push a request (RFC 9126 2.1)."""
        return self.post("pushed_authorization_request_endpoint", flow.parameters, changes)

    def redeem(self, callback_url: str, flow: StartedFlow, **changes: str | None) -> httpx.Response:
        """Send the code of a callback to the token endpoint (OIDC Core 3.1.3.1)."""
        parameters = {
            "grant_type": "authorization_code",
            "code": answer_in(callback_url)["code"],
            "redirect_uri": self.redirect_uri,
            "code_verifier": flow.code_verifier,
        }
        return self.post("token_endpoint", parameters, changes)

    def refresh(self, refresh_token: str, **changes: str | None) -> httpx.Response:
        """Ask for new tokens (OIDC Core 12.1)."""
        parameters = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self.post("token_endpoint", parameters, changes)

    def post(
        self, endpoint: str, parameters: Mapping[str, str], changes: Parameters
    ) -> httpx.Response:
        """Post to an endpoint of the discovery document, authenticated by HTTP Basic."""
        body = _changed(parameters, changes)
        return self.http.post(self.metadata()[endpoint], data=body, auth=self.client.basic)

    def verified_claims(self, id_token: str, algorithm: str = "RS256") -> dict[str, object]:
        """Check an ID token's signature against the published keys and return its claims."""
        keys = KeySet.import_key_set(self.http.get(self.metadata()["jwks_uri"]).json())
        claims: dict[str, object] = jwt.decode(id_token, keys, algorithms=[algorithm]).claims
        return claims


def answer_in(callback_url: str) -> dict[str, str]:
    """Return a callback's parameters, none of which may be repeated (RFC 6749 3.1)."""
    values = parse_qs(urlsplit(callback_url).query, strict_parsing=True)
    assert all(len(repeated) == 1 for repeated in values.values())
    return {name: repeated[0] for name, repeated in values.items()}


def tokens_of(
    browser: PlainBrowser, client: HandWrittenClient, flow: StartedFlow, *answers: Answer
) -> dict[str, str]:
    """Walk a request's pages and redeem its code."""
    callback = walk(browser, flow.url, *answers)
    tokens: dict[str, str] = client.redeem(callback, flow).raise_for_status().json()
    return tokens


def log_in_as(
    browser: PlainBrowser, client: HandWrittenClient, username: str, scope: str = "openid"
) -> dict[str, str]:
    """Log in and return the tokens."""
    return tokens_of(browser, client, client.start(scope), Answer.login(username))


def _changed(parameters: Mapping[str, str], changes: Parameters) -> dict[str, str]:
    merged = {**parameters, **changes}
    return {name: value for name, value in merged.items() if value is not None}
