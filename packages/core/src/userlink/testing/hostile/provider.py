"""An identity provider over real HTTP that misbehaves in one way at a time, and is honest in all others."""

from collections.abc import Mapping
from threading import RLock
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from userlink.protocol.values import HttpRequest
from userlink.runtime.clock import Clock, system_clock
from userlink.runtime.entropy import system_entropy

from ..accounts import Accounts
from ..authorization import AuthorizationEndpoint, AuthorizationError, RequestRefused
from ..discovery import authorization_endpoint, discovery_document, endpoint_of
from ..grants import Grants
from ..pushed import PushedRequests
from ..registration import Registration
from ..token_endpoint import TokenEndpoint
from ..traffic import Endpoint, LoggedRequest
from ..userinfo import UserinfoEndpoint
from .answers import Answer, json_answer
from .findings import Weakness
from .http_server import HttpServer
from .misbehaviour import HONEST, Claims, Misbehaviour
from .signatures import ProviderKeys
from .tripwire import Tripwire

__all__ = ["ATTACKER", "VICTIM", "HostileProvider"]

VICTIM = "victim"
ATTACKER = "attacker"
_METADATA: Mapping[str, object] = {
    "id_token_signing_alg_values_supported": ["RS256", "ES256", "PS256", "EdDSA"],
    "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
}


class HostileProvider:
    """
    The provider.

    Args:
        name: tells two of them apart.
        tripwire: where it tries to lead applications.
        port: where it listens on 127.0.0.1; 0 takes a free port.
        client_id: of the application.
        client_secret: likewise.
        clock: tells the time.

    Attributes:
        issuer: its name.
        accounts: ``victim`` and ``attacker``.
        keys: what it signs with.
        tripwire: as given.
        requests: what it was sent, in order.
        nonces: of all authorization requests, in order.
        asked: the parameters of the last authorization request.
        last_sid: the ``sid`` of the ID token that was made last.
        clock: as given.
    """

    def __init__(
        self,
        name: str,
        tripwire: Tripwire,
        *,
        port: int = 0,
        client_id: str = "hostile-test-client",
        client_secret: str = "hostile-test-client-secret-0123456789",
        clock: Clock = system_clock,
    ) -> None:
        self.client_id = client_id
        self.client_secret = client_secret
        self.tripwire = tripwire
        self.clock = clock
        self.keys = ProviderKeys(name)
        self.requests: list[LoggedRequest] = []
        self.nonces: list[str] = []
        self.asked: dict[str, str] = {}
        self.last_sid = ""
        self._misbehaviour = HONEST
        self._lock = RLock()
        self._server = HttpServer(self._answer, port)
        self.issuer = f"http://127.0.0.1:{self._server.port}"
        self.reset()

    def reset(self) -> None:
        """Be honest again, and forget everything but the keys that applications may have cached."""
        with self._lock:
            self.misbehave(HONEST)
            self.keys.reset()
            self.requests.clear()
            self.nonces.clear()
            self.asked = {}
            self._server.failures.clear()
            self.accounts = Accounts()
            for name in (VICTIM, ATTACKER):
                self.accounts.add(name)
            self._grants = Grants(system_entropy)
            self._pushed = PushedRequests(
                choice="offered",
                registration=self._registration(),
                authorization=self._endpoint(),
                token=self._grants.token,
                clock=self.clock,
            )

    def misbehave(self, misbehaviour: Misbehaviour) -> None:
        """Deviate in this way from now on. Answers that are still on their way end."""
        with self._lock:
            self._misbehaviour = misbehaviour
            self._server.let_go()

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    @property
    def most_sent(self) -> int:
        """The most bytes of an endless answer that anybody has taken since the misbehaviour began."""
        return self._server.most_sent

    @property
    def failures(self) -> list[Exception]:
        """What has gone wrong in the kit itself."""
        return self._server.failures

    def requests_to(self, endpoint: Endpoint) -> list[LoggedRequest]:
        """Return the requests that one endpoint was sent, in order."""
        with self._lock:
            return [request for request in self.requests if request.endpoint == endpoint]

    def codes_sent(self) -> list[str]:
        """Return the authorization codes that were sent to the token endpoint, in order."""
        forms = [request.form for request in self.requests_to("token")]
        return [form["code"] for form in forms if "code" in form]

    def authorize(self, url: str, user: str) -> str:
        """
        Open an authorization URL as a user who agrees to everything, and return the callback URL.

        Args:
            url: where the application sends the browser.
            user: who signs in, whatever the request's ``id_token_hint`` says.

        Raises:
            Weakness: when the URL names a request that was not pushed.
        """
        with self._lock:
            parameters = self._asked(url)
            self.nonces.append(parameters.get("nonce", ""))
            try:
                answer = {
                    "code": self._endpoint().code(parameters, self.accounts[user], None, False)
                }
            except AuthorizationError as error:
                answer = {"error": error.error, "error_description": error.description}
            honest = [*answer.items(), ("state", parameters.get("state", "")), ("iss", self.issuer)]
            query = urlencode(self._misbehaviour.callback(honest, self))
        redirect_uri = parameters["redirect_uri"]
        return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{query}"

    def _asked(self, url: str) -> dict[str, str]:
        try:
            opened = self._pushed.opened(url)
        except RequestRefused as refusal:
            raise Weakness(f"The provider cannot open the request: {refusal}.") from None
        self.asked = dict(parse_qsl(urlsplit(opened).query, keep_blank_values=True))
        return self.asked

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Make an ID token as the misbehaviour in force has it."""
        return self._misbehaviour.sign(dict(claims), self)

    def _edit(self, claims: Claims) -> Claims:
        self.last_sid = str(claims["sid"])
        return self._misbehaviour.claims(claims, self)

    def _registration(self, *redirect_uris: str) -> Registration:
        return Registration(self.client_id, self.client_secret, redirect_uris, ())

    def _endpoint(self, *redirect_uris: str) -> AuthorizationEndpoint:
        return AuthorizationEndpoint(
            issuer=self.issuer,
            url=authorization_endpoint(self.issuer),
            registration=self._registration(*redirect_uris),
            accounts=self.accounts,
            grants=self._grants,
            keys=self.keys.published,
            clock=self.clock,
        )

    def _push(self, request: HttpRequest) -> Answer:
        redirect_uri = LoggedRequest("par", request).form.get("redirect_uri", "")
        self._pushed.authorization = self._endpoint(redirect_uri)  # any will do
        return Answer.of(self._pushed.answer(request))

    def _token(self, request: HttpRequest) -> Answer:
        endpoint = TokenEndpoint(
            issuer=self.issuer,
            registration=self._registration(),
            accounts=self.accounts,
            grants=self._grants,
            key=lambda: self,
            clock=self.clock,
            edit_claims=self._edit,
        )
        return Answer.of(endpoint.answer(request))

    def _answer(self, request: HttpRequest) -> Answer:
        with self._lock:
            endpoint = endpoint_of(self.issuer, request)
            self.requests.append(LoggedRequest(endpoint, request))
            match endpoint:
                case "discovery":
                    document = discovery_document(self.issuer, "RS256", _METADATA)
                    return self._misbehaviour.discovery(json_answer(document), self)
                case "jwks":
                    keys = [key.public_jwk for key in self.keys.published]
                    return self._misbehaviour.jwks(json_answer({"keys": keys}), self)
                case "par":
                    return self._misbehaviour.pushed(self._push(request), self)
                case "token":
                    return self._misbehaviour.token(self._token(request), self)
                case "userinfo":
                    of_users = UserinfoEndpoint(self.accounts, self._grants, dict)
                    honest = Answer.of(of_users.answer(request))
                    return self._misbehaviour.userinfo(honest, self)
                case _:
                    return json_answer({"error": "not_found"}, 404)
