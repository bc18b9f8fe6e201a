"""
A relying party written by hand, without userlink, in which any check can be left out by its name.

With all of them it withstands the hostile provider and browser; what is left out, a case of theirs must notice. It is
served for real, keeps everything in memory, and its pages are JSON.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import httpx
from flask import Flask, redirect, request
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey, import_key
from werkzeug.wrappers import Response

from support.wsgi_serving import werkzeug_serving
from userlink.testing.hostile import Application, ApplicationFactory, Credentials

__all__ = ["weak_application"]

ALGORITHMS = {"RS256": "RS256", "ES256": "ES256", "PS256": "PS256", "EdDSA": "Ed25519"}
COOL_DOWN_SECONDS = 60
MOST_BYTES = 1_000_000
LONGEST_TOKEN = 50_000
TIMEOUT_SECONDS = 1.0


class Refused(Exception):
    """The relying party refuses."""


class RelyingParty:
    """
    The party.

    Args:
        credentials: at the provider.
        forgets: the names of the checks that are left out.
    """

    def __init__(self, credentials: Credentials, forgets: frozenset[str]) -> None:
        self.credentials = credentials
        self.forgets = forgets
        self.origin = ""
        self.sessions: dict[str, dict[str, Any]] = {}
        self.transactions: dict[str, dict[str, Any]] = {}
        self.lock = threading.Lock()
        self.metadata: dict[str, Any] | None = None
        self.keys: list[dict[str, Any]] | None = None
        self.keys_asked_at = -float(COOL_DOWN_SECONDS)

    def checks(self, name: str) -> bool:
        """Tell whether a check is made."""
        return name not in self.forgets

    # ------------------------------------------------------------------------- the provider

    def ask(self, method: str, url: str, **arguments: Any) -> httpx.Response:
        """Send a request; no redirect is followed, and neither time nor size is without limit."""
        follows = not self.checks("redirects")
        deadline = time.monotonic() + TIMEOUT_SECONDS
        body = b""
        try:
            with httpx.stream(
                *(method, url),
                timeout=TIMEOUT_SECONDS if self.checks("time-out") else None,
                follow_redirects=follows,
                **arguments,
            ) as answer:
                for chunk in answer.iter_bytes():
                    body += chunk
                    if self.checks("size") and len(body) > MOST_BYTES:
                        raise Refused("too long")
                    if self.checks("time-out") and time.monotonic() > deadline:
                        raise Refused("too slow")
        except httpx.HTTPError as error:
            raise Refused("unreachable") from error
        return httpx.Response(answer.status_code, headers=answer.headers, content=body)

    def ask_json(self, url: str) -> dict[str, Any]:
        """Get a JSON object."""
        answer = self.ask("GET", url)
        if answer.status_code != 200:
            raise Refused(f"status {answer.status_code}")
        return parsed(answer.content)

    def discover(self) -> dict[str, Any]:
        """Return the metadata, fetched once."""
        if self.metadata is None:
            issuer = self.credentials.issuer
            document = self.ask_json(f"{issuer}/.well-known/openid-configuration")
            if self.checks("discovery issuer") and document.get("issuer") != issuer:
                raise Refused("the metadata are another issuer's")
            self.metadata = document
        return self.metadata

    def fetch_keys(self, again: bool = False) -> list[dict[str, Any]]:
        """Return the keys; they are fetched again once in a minute."""
        is_cool = time.monotonic() - self.keys_asked_at >= COOL_DOWN_SECONDS
        if not self.checks("cool-down"):
            is_cool = True
        if not self.checks("rotation"):
            is_cool = self.keys is None
        if self.keys is None or (again and is_cool):
            if again:
                self.keys_asked_at = time.monotonic()
            self.keys = [
                key
                for key in self.ask_json(self.discover()["jwks_uri"]).get("keys", [])
                if key.get("use", "sig") == "sig" or not self.checks("key use")
            ]
        return self.keys

    # ------------------------------------------------------------------------- the ID token

    def claims_of(self, token: str, access_token: str, nonce: str | None) -> dict[str, Any]:
        """Validate an ID token in full."""
        if self.checks("token size") and len(token) > LONGEST_TOKEN:
            raise Refused("too long")
        claims = self.verified(token)
        self.check(claims, access_token, nonce, header_of(token).get("alg", ""))
        return claims

    def verified(self, token: str) -> dict[str, Any]:
        """Return the claims of a token whose signature is good."""
        header = header_of(token)
        alg = header.get("alg")
        if not self.checks("alg none") and alg == "none":
            return parsed(from_base64url(token.split(".")[1]))
        if alg == "HS256":
            return self.verified_by_hmac(token)
        if alg not in ALGORITHMS or f"no {alg}" in self.forgets:
            raise Refused("this algorithm is not allowed")
        keys = self.candidates(header)
        if not self.checks("signature"):
            return parsed(from_base64url(token.split(".")[1]))
        good = [each for key in keys if (each := verify(token, alg, key)) is not None]
        if not good and "kid" not in header:
            self.fetch_keys(again=True)
        if len(good) != 1:
            raise Refused("the signature is wrong")
        return parsed(good[0])

    def verified_by_hmac(self, token: str) -> dict[str, Any]:
        """Return the claims of a token that was signed with something that is no key for that."""
        secrets_: list[bytes] = []
        if not self.checks("hs256 client secret"):
            secrets_.append(self.credentials.client_secret.encode())
        if not self.checks("hs256 public key"):
            secrets_ += [
                RSAKey.import_key(key).as_pem(private=False)
                for key in self.fetch_keys()
                if key["kty"] == "RSA"
            ]
        data, _, signature = token.rpartition(".")
        for secret in secrets_:
            made = hmac.new(secret, data.encode(), hashlib.sha256).digest()
            if hmac.compare_digest(made, from_base64url(signature)):
                return parsed(from_base64url(token.split(".")[1]))
        raise Refused("this algorithm is not allowed")

    def candidates(self, header: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the keys that a token's header allows."""
        if not self.checks("header jwk") and "jwk" in header:
            return [header["jwk"]]
        if not self.checks("header jku") and "jku" in header:
            return list(self.ask_json(header["jku"])["keys"])
        if not self.checks("header x5u") and "x5u" in header:
            self.ask("GET", header["x5u"])
        kid = header.get("kid")
        found = [key for key in self.fetch_keys() if kid is None or key.get("kid") == kid]
        if not found:
            found = [key for key in self.fetch_keys(again=True) if key.get("kid") == kid]
        if not self.checks("kid absent") and kid is None:
            return found[:1]
        if "no kid, no login" in self.forgets and kid is None:
            return []
        return found

    def check(self, claims: dict[str, Any], access_token: str, nonce: str | None, alg: str) -> None:
        """Check every claim."""
        now, ours = time.time(), self.credentials.client_id
        audience = claims.get("aud")
        audiences = [audience] if isinstance(audience, str) else audience
        azp = claims.get("azp")
        hashed = hashlib.new(
            "sha512" if alg == "EdDSA" else "sha256", access_token.encode()
        ).digest()
        at_hash = base64.urlsafe_b64encode(hashed[: len(hashed) // 2]).rstrip(b"=").decode()
        is_wrong = {
            "iss": claims.get("iss") != self.credentials.issuer,
            "sub": not isinstance(claims.get("sub"), str) or not claims["sub"],
            "aud": not isinstance(audiences, list) or ours not in audiences,
            "azp missing": isinstance(audiences, list) and len(audiences) > 1 and azp is None,
            "azp": azp not in (None, ours),
            "exp": not is_number(claims.get("exp")) or claims["exp"] < now - 60,
            "iat": not is_number(claims.get("iat")),
            "future": is_number(claims.get("iat")) and claims["iat"] > now + 60,
            "nbf": is_number(claims.get("nbf")) and claims["nbf"] > now + 60,
            "nonce": nonce is not None and claims.get("nonce") != nonce,
            "at_hash": claims.get("at_hash", at_hash) != at_hash,
        }
        for name, wrong in is_wrong.items():
            if wrong and self.checks(name):
                raise Refused(f"{name} is wrong")

    # ------------------------------------------------------------------------------- flows

    def start(self, kind: str, session_id: str | None) -> tuple[str, dict[str, Any]]:
        """Begin a flow; return where the browser goes, and the transaction."""
        metadata = self.discover()
        transaction: dict[str, Any] = {
            "kind": kind,
            "state": secrets.token_urlsafe(16),
            "nonce": secrets.token_urlsafe(16),
            "verifier": secrets.token_urlsafe(32),
            "browser": secrets.token_urlsafe(16),
            "session": session_id,
        }
        challenge = hashlib.sha256(transaction["verifier"].encode()).digest()
        parameters = {
            "client_id": self.credentials.client_id,
            "response_type": "code",
            "redirect_uri": self.redirect_uri(),
            "scope": "openid profile offline_access" + (f" {kind}_account" if session_id else ""),
            "state": transaction["state"],
            "nonce": transaction["nonce"],
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        if session_id is not None:
            parameters["id_token_hint"] = self.hint(session_id)
            parameters["requested_connection"] = "github"
        with self.lock:
            self.transactions[transaction["state"]] = transaction
        return f"{metadata['authorization_endpoint']}?{urlencode(parameters)}", transaction

    def redirect_uri(self) -> str:
        """Return where users come back to."""
        if not self.checks("host"):
            return f"http://{request.headers.get('X-Forwarded-Host', request.host)}/auth/callback"
        return f"{self.origin}/auth/callback"

    def hint(self, session_id: str) -> str:
        """Return an ID token that is not past its time."""
        session = self.sessions[session_id]
        if session["exp"] <= time.time() and self.checks("stale hint"):
            if session["refresh_token"] is None:
                raise Refused("sign in again")
            form = {"grant_type": "refresh_token", "refresh_token": session["refresh_token"]}
            self.keep(session, self.tokens(form, None))
        return str(session["id_token"])

    def tokens(self, form: dict[str, str], nonce: str | None) -> dict[str, Any]:
        """Ask the token endpoint, and validate what comes."""
        form |= {
            "client_id": self.credentials.client_id,
            "client_secret": self.credentials.client_secret,
        }
        answer = self.ask("POST", self.discover()["token_endpoint"], data=form)
        if answer.status_code != 200 and self.checks("token status"):
            raise Refused("the token endpoint refused")
        content_type = answer.headers.get("content-type", "")
        if self.checks("content type") and not content_type.startswith("application/json"):
            raise Refused("no JSON")
        members = parsed(answer.content)
        if self.checks("token type") and members.get("token_type", "").lower() != "bearer":
            raise Refused("an unknown token type")
        if "id_token" not in members and not self.checks("id_token"):
            return {"claims": {"sub": "auth0|attacker", "exp": 0}, **members}
        if not isinstance(members.get("id_token"), str):
            raise Refused("no ID token")
        claims = self.claims_of(members["id_token"], str(members.get("access_token")), nonce)
        return {**members, "claims": claims}

    def keep(self, session: dict[str, Any], tokens: dict[str, Any]) -> None:
        """Bring tokens into a session."""
        session["claims"] = {
            name: value
            for name, value in tokens["claims"].items()
            if name in ("sub", "name", "email", "identities", "admin")
        }
        session["sub"] = tokens["claims"]["sub"]
        session["exp"] = tokens["claims"].get("exp", 0)
        session["id_token"] = tokens.get("id_token", "")
        session["refresh_token"] = tokens.get("refresh_token", session.get("refresh_token"))


def verify(token: str, alg: str, key: Mapping[str, Any]) -> bytes | None:
    """Return the payload of a token that a key has signed."""
    registry = jws.JWSRegistry(strict_check_header=False)
    registry.max_header_length = registry.max_payload_length = LONGEST_TOKEN * 2
    registry.allowed = [alg]
    registry.algorithms = {alg: jws.JWSRegistry.algorithms[ALGORITHMS[alg]]}
    usable = {name: key[name] for name in ("kty", "crv", "n", "e", "x", "y") if name in key}
    try:
        return jws.deserialize_compact(token, import_key(usable), registry=registry).payload
    except (JoseError, ValueError):
        return None


def parsed(text: bytes) -> dict[str, Any]:
    """Parse a JSON object."""
    try:
        members = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused("no JSON") from error
    if not isinstance(members, dict):
        raise Refused("no JSON object")
    return members


def header_of(token: str) -> dict[str, Any]:
    """Parse the header of a token."""
    return parsed(from_base64url(token.split(".")[0]))


def from_base64url(text: str) -> bytes:
    """Decode base64url."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise Refused("no base64url") from error


def is_number(value: object) -> bool:
    """Tell whether a claim is a time."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def weak_application(*forgets: str) -> ApplicationFactory:
    """Return a factory of the relying party without the checks of these names."""

    @contextmanager
    def make(credentials: Credentials) -> Iterator[Application]:
        party = RelyingParty(credentials, frozenset(forgets))
        with werkzeug_serving(pages(party)) as origin:
            party.origin = origin
            yield Application(origin)

    return make


def pages(party: RelyingParty) -> Flask:
    """Return the party's pages."""
    app = Flask("weak")

    @app.get("/auth/login")
    def login() -> Response:
        return begin(party, "login", None)

    @app.route("/auth/<any(link,unlink):kind>/<connection>", methods=methods(party))
    def change(kind: str, connection: str) -> Response:
        check_origin(party)
        session_id = request.cookies.get("session", "")
        if session_id not in party.sessions:
            raise Refused("nobody is signed in")
        return begin(party, kind, session_id)

    @app.get("/auth/callback")
    def callback() -> Response:
        return complete(party)

    @app.route("/auth/logout", methods=methods(party))
    def logout() -> Response:
        check_origin(party)
        party.sessions.pop(request.cookies.get("session", ""), None)
        return private(redirect("/", 303))

    @app.get("/auth/profile")
    def profile() -> Response:
        values = cookie_values(party, "session")
        session = party.sessions.get(values[0]) if len(values) == 1 else None
        text = json.dumps({} if session is None else session["claims"])
        return Response(text, content_type="application/json")

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        if "crash" in party.forgets:
            raise error
        return private(Response(refusal(party, error), 400, content_type="text/html"))

    return app


def refusal(party: RelyingParty, error: Refused) -> str:
    """Return the page that tells of a refusal."""
    if not party.checks("escaping"):
        return f"<p>{request.args.get('error_description')}</p>"
    return f"<p>{error}</p>"


def methods(party: RelyingParty) -> list[str]:
    """Return the methods of what changes something."""
    return ["POST"] if party.checks("method") else ["GET", "POST"]


def check_origin(party: RelyingParty) -> None:
    """Refuse what a page of another site has sent."""
    if (
        party.checks("origin")
        and request.method == "POST"
        and request.headers.get("Origin") != party.origin
    ):
        raise Refused("another site sent this")


def cookie_values(party: RelyingParty, name: str) -> list[str]:
    """Return every value of a cookie; the header may hold a name twice."""
    pairs = [pair.strip().partition("=") for pair in request.headers.get("Cookie", "").split(";")]
    values = [value for each, _, value in pairs if each == name]
    return values[:1] if not party.checks("cookie tossing") else values


def private(answer: Any) -> Response:
    """Keep an answer, and its address, to oneself."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    assert isinstance(answer, Response)
    return answer


def begin(party: RelyingParty, kind: str, session_id: str | None) -> Response:
    """Send the browser to the provider."""
    url, transaction = party.start(kind, session_id)
    if not party.checks("parameters"):
        url += f"&{request.query_string.decode()}"
    target = request.args.get("return_to", "/")
    is_path = target.startswith("/") and not target.startswith(("//", "/\\"))
    transaction["return_to"] = target if is_path or not party.checks("return_to") else "/"
    answer = private(redirect(url, 303))
    answer.set_cookie(
        f"start_{transaction['state']}", transaction["browser"], httponly=True, samesite="Lax"
    )
    return answer


def complete(party: RelyingParty) -> Response:
    """Complete the flow that a callback answers."""
    given = request.args
    for name in ("state", "code", "error", "iss"):
        if len(given.getlist(name)) > 1 and party.checks("doubled"):
            raise Refused("a parameter is there twice")
    transaction = take(party, given.get("state", ""))
    if party.checks("callback iss") and given.get("iss") != party.credentials.issuer:
        raise Refused("another issuer answered")
    if party.checks("code and error") and "code" in given and "error" in given:
        raise Refused("both a code and an error")
    if "code" not in given:
        raise Refused("the provider said no")
    session = bound_session(party, transaction)
    form = {
        "grant_type": "authorization_code",
        "code": given["code"],
        "redirect_uri": party.redirect_uri(),
        "code_verifier": transaction["verifier"],
    }
    tokens = party.tokens(form, transaction["nonce"])
    if (
        session is not None
        and party.checks("linked user")
        and tokens["claims"]["sub"] != session["sub"]
    ):
        raise Refused("the provider answered for another user")
    session_id = request.cookies.get("session", "")
    if session is None:
        session_id = secrets.token_urlsafe(16)
        session = party.sessions[session_id] = {}
    party.keep(session, tokens)
    answer = redirect(transaction.get("return_to", "/"), 303)
    answer = private(answer) if party.checks("headers") else answer
    answer.set_cookie("session", session_id, httponly=party.checks("cookie flags"), samesite="Lax")
    return answer


def take(party: RelyingParty, state: str) -> dict[str, Any]:
    """Take the transaction of this browser, once."""
    with party.lock:
        transaction = party.transactions.get(state)
        if not party.checks("state") and transaction is None and party.transactions:
            transaction = list(party.transactions.values())[-1]
        if transaction is None:
            raise Refused("nobody started this")
        cookies = cookie_values(party, f"start_{transaction['state']}")
        if party.checks("browser") and cookies != [transaction["browser"]]:
            raise Refused("another browser started this")
        if party.checks("single use"):
            party.transactions.pop(transaction["state"], None)
    return transaction


def bound_session(party: RelyingParty, transaction: dict[str, Any]) -> dict[str, Any] | None:
    """Return the session that a link goes into; None for a login."""
    if transaction["kind"] == "login":
        return None
    session_id = request.cookies.get("session", "")
    if not party.checks("session binding"):
        return party.sessions.get(session_id)
    if session_id != transaction["session"] or session_id not in party.sessions:
        raise Refused("another session started this")
    return party.sessions[session_id]
