"""
A small, honest OpenID Provider in memory, with linking as Auth0 has it, for tests of applications and of userlink.

It is the client's transport, and Python methods stand for what a user's browser does at its pages. Signatures are
real, and what a real provider checks it checks: registration, PKCE, redirect_uri, client authentication, single use.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from userlink.errors import ProviderUnreachable
from userlink.protocol.values import HttpRequest, HttpResponse
from userlink.runtime.clock import Clock, system_clock

from .accounts import Accounts, Identity
from .authorization import AuthorizationEndpoint, AuthorizationError, callback_url
from .client_assertions import ClientAssertions
from .discovery import authorization_endpoint, discovery_document, endpoint_of
from .fixed import FixedEntropy
from .grants import Grants
from .keys import SigningAlgorithm, SigningKey
from .logout import judge_logout, logout_claims
from .pushed import PushedAuthorization, PushedRequests
from .registration import Registration
from .token_endpoint import TokenEndpoint
from .traffic import Endpoint, Fault, Faults, LoggedRequest
from .userinfo import UserinfoEndpoint

__all__ = ["InMemoryProvider"]

_JSON = {"content-type": "application/json"}


class InMemoryProvider:
    """
    A provider in memory: ``ServerClient(domain=provider.issuer, transport=provider, …)``.

    Args:
        issuer: its name.
        client_id: of the one client it knows.
        client_secret: that client's proof; None for a public client.
        client_public_key: a JWK with which the client's assertions are verified (``private_key_jwt``); the client
            then proves itself in no other way.
        redirect_uris: where browsers may be sent back to.
        post_logout_redirect_uris: the same for after a logout.
        users: the names of its users; each ``sub`` is ``auth0|`` and the name.
        clock: tells the time; give it the client's.
        algorithm: what ID tokens are signed with.
        pushed_authorization: ``off``, or ``offered`` or ``required`` where authorization requests may or must be
            pushed (RFC 9126).
        metadata: members of the discovery document to add, replace, or leave out where the value is None.

    Attributes:
        issuer: as given.
        client_id: as given.
        client_secret: as given.
        accounts: the users and the identities linked to them.
        requests: what it was sent, in order.
        edit_claims: changes what ID tokens say before they are signed; takes and returns the claims.
        edit_userinfo: changes what the userinfo endpoint says, likewise.
    """

    def __init__(
        self,
        *,
        issuer: str = "https://tenant.example/",
        client_id: str = "test-client",
        client_secret: str | None = "test-client-secret",
        client_public_key: Mapping[str, object] | None = None,
        redirect_uris: Iterable[str] = ("https://app.example/auth/callback",),
        post_logout_redirect_uris: Iterable[str] = ("https://app.example/",),
        users: Iterable[str] = ("alice", "bob"),
        clock: Clock = system_clock,
        algorithm: SigningAlgorithm = "ES256",
        pushed_authorization: PushedAuthorization = "off",
        metadata: Mapping[str, object] | None = None,
    ) -> None:
        self.issuer = issuer
        self.client_id = client_id
        self.client_secret = client_secret
        self.accounts = Accounts()
        for name in users:
            self.accounts.add(name)
        self.requests: list[LoggedRequest] = []
        self.edit_claims: Callable[[dict[str, Any]], dict[str, Any]] = dict
        self.edit_userinfo: Callable[[dict[str, Any]], dict[str, Any]] = dict
        self._algorithm: SigningAlgorithm = algorithm
        self._keys = [SigningKey("key-1", algorithm)]
        self._faults = Faults()
        self._metadata = discovery_document(issuer, algorithm, metadata or {}, pushed_authorization)
        assertions = None
        if client_public_key is not None:
            assertions = ClientAssertions(client_id, issuer, client_public_key, clock)
        registration = Registration(
            client_id,
            client_secret,
            tuple(redirect_uris),
            tuple(post_logout_redirect_uris),
            assertions,
        )
        grants = Grants(FixedEntropy(issuer))
        self._registration = registration
        self._clock = clock
        self._logout_tokens = 0
        self._authorization = AuthorizationEndpoint(
            issuer=issuer,
            url=authorization_endpoint(issuer),
            registration=registration,
            accounts=self.accounts,
            grants=grants,
            keys=self._keys,
            clock=clock,
        )
        self._pushed = PushedRequests(
            pushed_authorization, registration, self._authorization, grants.token, clock
        )
        self._tokens = TokenEndpoint(
            issuer=issuer,
            registration=registration,
            accounts=self.accounts,
            grants=grants,
            key=lambda: self._keys[-1],
            clock=clock,
            edit_claims=lambda claims: self.edit_claims(claims),
        )
        self._userinfo = UserinfoEndpoint(
            self.accounts, grants, lambda claims: self.edit_userinfo(claims)
        )

    def authorize(
        self,
        url: str,
        user: str = "alice",
        *,
        identity: Identity | None = None,
        iss: str | None = "",
        honours_hint: bool = True,
        signed_in_seconds_ago: int = 0,
    ) -> str:
        """
        Open an authorization URL as a signed-in user who agrees, and return the callback URL.

        A request that the provider refuses also comes back as a callback URL, one with an ``error``.

        Args:
            url: what ``start_interactive_login()``, ``start_link_user()`` or ``start_unlink_user()`` returned.
            user: who signs in.
            identity: what a link attaches; None for the user's account of the same name at the connection.
            iss: sent as ``iss`` (RFC 9207) in place of the issuer; None leaves it out.
            honours_hint: False for a provider that lets a user answer another one's ``id_token_hint``.
            signed_in_seconds_ago: the age of the user's session at the provider. They sign in anew where the request
                demands it; ``acr`` is the first of the ``acr_values`` it asks for.

        Raises:
            RequestRefused: when a real provider would show an error page and redirect nowhere.
            KeyError: when there is no such user.
        """
        parameters = self._authorization.read(self._pushed.opened(url))
        account = self.accounts[user]
        answer: dict[str, str]
        try:
            code = self._authorization.code(
                parameters, account, identity, honours_hint, signed_in_seconds_ago
            )
            answer = {"code": code}
        except AuthorizationError as error:
            answer = {"error": error.error, "error_description": error.description}
        return self._callback(parameters, answer, iss)

    def deny(
        self, url: str, error: str = "access_denied", description: str = "The user cancelled."
    ) -> str:
        """
        Open an authorization URL as a user who cancels, and return the callback URL.

        Args:
            url: as for ``authorize()``.
            error: the error code.
            description: the text for ``error_description``.

        Raises:
            RequestRefused: when a real provider would show an error page and redirect nowhere.
        """
        parameters = self._authorization.read(self._pushed.opened(url))
        return self._callback(parameters, {"error": error, "error_description": description}, "")

    def end_session(self, url: str) -> str | None:
        """
        Open a logout URL, and return where the browser is sent next; None when it stays.

        Raises:
            RequestRefused: when the request is wrong (OIDC RP-Initiated Logout 1.0, 2 and 3).
        """
        return judge_logout(
            url,
            self._metadata.get("end_session_endpoint"),
            self._registration,
            lambda hint: self._authorization.claims_of(hint) is not None,
        )

    def logout_token(
        self, user: str | None = "alice", *, sid: str | None = None, **claims: Any
    ) -> str:
        """
        Make a logout token, as it is posted to the client on the back channel (OIDC Back-Channel Logout 1.0, 2.4).

        Args:
            user: whose sessions end; None names nobody.
            sid: the one session that ends, as ``(await client.get_session(…)).sid`` has it; None for all of the user's.
            claims: to add or replace, or to leave out where the value is None.

        Raises:
            KeyError: when there is no such user.
        """
        self._logout_tokens += 1
        subject = None if user is None else self.accounts[user].subject
        changes = {"sub": subject, "sid": sid, **claims}
        jti = f"logout-{self._logout_tokens}"
        told = logout_claims(self.issuer, self.client_id, self._clock(), jti, changes)
        return self._keys[-1].sign(told, typ="logout+jwt")

    async def send(
        self, request: HttpRequest, *, timeout_seconds: float, most_bytes: int
    ) -> HttpResponse:
        """
        Answer a request of the client, or show the fault that is due.

        Raises:
            ProviderUnreachable: when a fault's delay is longer than the time-out.
        """
        import anyio

        endpoint = endpoint_of(self.issuer, request)
        self.requests.append(LoggedRequest(endpoint, request))
        fault = self._faults.next(endpoint) or Fault()
        with anyio.move_on_after(timeout_seconds) as waiting:
            await anyio.sleep(
                fault.delay_seconds
            )  # without a delay too: other tasks have their turn
        if waiting.cancelled_caught:
            raise ProviderUnreachable("The provider did not answer in time.")
        if fault.exception is not None:
            raise fault.exception
        return fault.response or self._answer(endpoint, request)

    async def aclose(self) -> None:
        """Give back nothing: there is nothing held."""

    def requests_to(self, endpoint: Endpoint) -> list[LoggedRequest]:
        """Return the requests that one endpoint was sent, in order."""
        return [request for request in self.requests if request.endpoint == endpoint]

    def fail(
        self,
        endpoint: Endpoint,
        *,
        status: int | None = None,
        body: bytes = b"",
        content_type: str = "application/json",
        delay_seconds: float = 0,
        exception: Exception | None = None,
        times: int = 1,
    ) -> None:
        """
        Let the next requests to an endpoint go wrong.

        Args:
            endpoint: ``discovery``, ``jwks``, ``par``, ``token`` or ``userinfo``.
            status: answer with this HTTP status in place of the endpoint's own answer.
            body: the answer's body, where there is a status.
            content_type: the answer's, where there is a status.
            delay_seconds: wait first; alone, the endpoint's own answer comes late.
            exception: raise this in place of an answer, such as ``ProviderUnreachable("…")``.
            times: how many requests go wrong.
        """
        headers = {"content-type": content_type}
        response = None if status is None else HttpResponse(status, headers, body)
        self._faults.add(endpoint, Fault(delay_seconds, exception, response), times)

    def recover(self) -> None:
        """Forget all faults to come."""
        self._faults.clear()

    def rotate_keys(self) -> None:
        """Sign with a new key from now on, and publish no other; hints signed with an older one stay good."""
        number = len(self._keys) + 1
        self._keys.append(SigningKey(f"key-{number}", self._algorithm))

    def _callback(
        self, parameters: Mapping[str, str], answer: Mapping[str, str], iss: str | None
    ) -> str:
        promised = self._metadata.get("authorization_response_iss_parameter_supported")
        issuer = (self.issuer if promised else None) if iss == "" else iss
        both = {**answer, "state": parameters.get("state"), "iss": issuer}
        return callback_url(parameters["redirect_uri"], both)

    def _answer(self, endpoint: Endpoint | None, request: HttpRequest) -> HttpResponse:
        match endpoint:
            case "par":
                return self._pushed.answer(request)
            case "token":
                return self._tokens.answer(request)
            case "userinfo":
                return self._userinfo.answer(request)
            case "discovery":
                return _json(self._metadata)
            case "jwks":
                return _json({"keys": [self._keys[-1].public_jwk]})
            case None:
                return HttpResponse(404, _JSON, b'{"error":"not_found"}')


def _json(document: object) -> HttpResponse:
    return HttpResponse(200, _JSON, json.dumps(document).encode())
