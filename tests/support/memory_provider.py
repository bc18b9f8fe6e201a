"""
A provider in this process: a transport for the client, and the pages at which a user says yes or no.

It signs really, checks PKCE, redirect_uri, client authentication and single-use codes as a provider does, remembers
every request, and can be told to answer anything. What it hands out are words that a search will find again.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from anyio.lowlevel import checkpoint
from joserfc import jwt
from joserfc.jwk import ECKey

from userlink.protocol.values import HttpRequest, HttpResponse

from .moving_clock import MovingClock

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "ISSUER", "MemoryProvider", "parameters_of"]

ISSUER = "https://tenant.example.com/"
CLIENT_ID = "client-1"
CLIENT_SECRET = "canary-client-secret"
DISCOVERY, JWKS, TOKEN = "/.well-known/openid-configuration", "/jwks", "/token"
USERINFO = "/userinfo"

Answer = HttpResponse | Exception | Callable[[], Awaitable[HttpResponse]]


def parameters_of(url: str) -> dict[str, str]:
    """Return a URL's query, each parameter of which must be there once."""
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    assert len(dict(pairs)) == len(pairs), "a parameter was sent twice"
    return dict(pairs)


class MemoryProvider:
    """
    An OpenID Provider.

    Args:
        clock: tells the time.
        issuer: its name, with a slash at the end.

    Attributes:
        requests: everything that the client has sent.
        answers: what a path is answered with instead: a response, an exception, or a function to await.
        issued: every code and token handed out so far.
        closed: whether the transport was closed.
        token_lifetime: of ID tokens, in seconds.
        renewed_claims: what a renewed ID token says besides.
    """

    def __init__(self, clock: MovingClock, issuer: str = ISSUER) -> None:
        self.clock = clock
        self.issuer = issuer
        self.requests: list[HttpRequest] = []
        self.answers: dict[str, Answer] = {}
        self.issued: list[str] = []
        self.closed = False
        self.token_lifetime = 3600
        self.renewed_claims: dict[str, Any] = {}
        self._grants: dict[str, tuple[dict[str, str], Mapping[str, Any]]] = {}
        self._subjects: dict[str, str] = {}
        self._holders: dict[str, str] = {}
        self.rotate_key()

    def rotate_key(self) -> None:
        """Sign with a new key from now on, and publish only that one."""
        number = len(self.issued)
        self._key = ECKey.generate_key("P-256", {"kid": f"key-{number}", "use": "sig"})

    # ------------------------------------------------------------------ what a user does there

    def approve(self, url: str, subject: str = "auth0|alice", **claims: Any) -> str:
        """Let the user who follows this URL say yes, and return where the browser is sent back to."""
        request = parameters_of(url)
        assert request["code_challenge_method"] == "S256"
        code = self._issue("code")
        self._grants[code] = (request, {"sub": subject, **claims})
        return self._back(request, {"code": code})

    def refuse(self, url: str, error: str = "access_denied") -> str:
        """Let the user say no, and return where the browser is sent back to."""
        return self._back(parameters_of(url), {"error": error, "error_description": "not now"})

    def _back(self, request: Mapping[str, str], answer: Mapping[str, str]) -> str:
        redirect_uri = request["redirect_uri"]
        query = urlencode({**answer, "state": request["state"], "iss": self.issuer})
        return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{query}"

    def logout_token(self, **changes: Any) -> str:
        """Sign a logout token that ends Alice's one session, with some claims changed; None leaves one out."""
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": self.clock(),
            "exp": self.clock() + 120,
            "jti": f"canary-jti-{len(self.issued)}",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            "sub": "auth0|alice",
            "sid": "sid-1",
            **changes,
        }
        header = {"alg": "ES256", "kid": self._key.kid, "typ": "logout+jwt"}
        given = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode(header, given, self._key, algorithms=["ES256"])
        self.issued.append(token)
        return token

    # ------------------------------------------------------------------ what the client sends

    async def send(
        self, request: HttpRequest, *, timeout_seconds: float, most_bytes: int
    ) -> HttpResponse:
        """Answer a request, after other tasks had a chance to run."""
        self.requests.append(request)
        await checkpoint()
        path = urlsplit(request.url).path
        answer = self.answers.get(path)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, HttpResponse):
            return answer
        if answer is not None:
            return await answer()
        return await self.usual(request)

    async def usual(self, request: HttpRequest) -> HttpResponse:
        """Answer as a provider does."""
        path = urlsplit(request.url).path
        if path == DISCOVERY:
            return json_response(200, self._metadata())
        if path == JWKS:
            public = self._key.as_dict(private=False)
            return json_response(200, {"keys": [{**public, "alg": "ES256"}]})
        if path == USERINFO:
            return self._userinfo(request.headers.get("authorization", ""))
        assert path == TOKEN, path
        return self._token(dict(parse_qsl(request.body.decode(), keep_blank_values=True)))

    async def aclose(self) -> None:
        """Remember that the transport was closed."""
        self.closed = True

    def sent_to(self, path: str) -> list[dict[str, str]]:
        """Return the forms of all requests to a path."""
        return [
            {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
            for request in self.requests
            if urlsplit(request.url).path == path
        ]

    # ------------------------------------------------------------------------------- endpoints

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}authorize",
            "token_endpoint": f"{self.issuer}token",
            "userinfo_endpoint": f"{self.issuer}userinfo",
            "jwks_uri": f"{self.issuer}jwks",
            "end_session_endpoint": f"{self.issuer}logout",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "authorization_response_iss_parameter_supported": True,
        }

    def _token(self, form: dict[str, str]) -> HttpResponse:
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return json_response(401, {"error": "invalid_client"})
        if form.get("grant_type") == "refresh_token":
            subject = self._subjects.pop(form["refresh_token"], None)
            if subject is None:
                return json_response(400, {"error": "invalid_grant"})
            return self._tokens({"sub": subject, **self.renewed_claims}, None)
        grant = self._grants.pop(form.get("code", ""), None)
        if grant is None:
            return json_response(400, {"error": "invalid_grant"})
        request, claims = grant
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (challenge, form.get("redirect_uri")) != (
            request["code_challenge"],
            request["redirect_uri"],
        ):
            return json_response(400, {"error": "invalid_grant"})
        return self._tokens(claims, request["nonce"])

    def _tokens(self, claims: Mapping[str, Any], nonce: str | None) -> HttpResponse:
        now = self.clock()
        payload = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + self.token_lifetime,
            "sid": "sid-1",
            **({} if nonce is None else {"nonce": nonce}),
            **claims,
        }
        header = {"alg": "ES256", "kid": self._key.kid}
        id_token = jwt.encode(header, payload, self._key, algorithms=["ES256"])
        self.issued.append(id_token)
        refresh_token = self._issue("refresh-token")
        self._subjects[refresh_token] = str(claims["sub"])
        access_token = self._issue("access-token")
        self._holders[f"Bearer {access_token}"] = str(claims["sub"])
        return json_response(
            200,
            {
                "access_token": access_token,
                "refresh_token": refresh_token,
                "id_token": id_token,
                "token_type": "Bearer",
                "expires_in": 600,
            },
        )

    def _userinfo(self, authorization: str) -> HttpResponse:
        subject = self._holders.get(authorization)
        if subject is None:
            return json_response(401, {"error": "invalid_token"})
        return json_response(200, {"sub": subject, "nickname": "of userinfo"})

    def _issue(self, kind: str) -> str:
        self.issued.append(f"canary-{kind}-{len(self.issued)}")
        return self.issued[-1]


def json_response(status: int, members: Mapping[str, Any]) -> HttpResponse:
    """Return a JSON answer."""
    return HttpResponse(status, {"content-type": "application/json"}, json.dumps(members).encode())
