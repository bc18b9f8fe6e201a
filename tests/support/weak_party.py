"""A relying party written by hand, without its pages: what it asks for, what it believes, what it keeps."""

import base64
import hashlib
import secrets
import time
from typing import Any
from urllib.parse import urlencode

from flask import request

from support.weak_freshness import FRESH_LINK
from support.weak_pushing import pushed
from support.weak_tokens import ProviderOfOne, Refused, parsed
from userlink.testing.hostile import Credentials

__all__ = ["RelyingParty"]


class RelyingParty(ProviderOfOne):
    """
    The party.

    Args:
        credentials: at the provider.
        issuer: of the provider.
        forgets: the names of the checks that are left out.
    """

    def __init__(self, credentials: Credentials, issuer: str, forgets: frozenset[str]) -> None:
        super().__init__(credentials, issuer, forgets)
        self.origin = ""
        self.sessions: dict[str, dict[str, Any]] = {}
        self.transactions: dict[str, dict[str, Any]] = {}
        self.given: set[str] = set()

    # ------------------------------------------------------------------------------- flows

    def start(self, kind: str, session_id: str | None) -> tuple[str, dict[str, Any]]:
        """Begin a flow; return where the browser goes, and the transaction."""
        metadata = self.discover()
        verifier = secrets.token_urlsafe(32) if self.checks("pkce") else "v" * 43
        transaction: dict[str, Any] = {
            "kind": kind,
            "state": secrets.token_urlsafe(16),
            "nonce": secrets.token_urlsafe(16),
            "verifier": verifier,
            "issuer": self.issuer,
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
            parameters |= FRESH_LINK
        with self.lock:
            self.given.add(transaction["browser"])
            self.transactions[transaction["state"]] = transaction
        query = urlencode(pushed(self, parameters))
        return f"{metadata['authorization_endpoint']}?{query}", transaction

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
            tokens = self.tokens(form, None)
            if self.checks("refreshed user") and tokens["claims"]["sub"] != session["sub"]:
                raise Refused("this was renewed for somebody else")
            self.keep(session, tokens)
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
        if self.checks("access_token") and "access_token" not in members:
            raise Refused("no access token")
        claims = self.claims_of(members["id_token"], str(members.get("access_token")), nonce)
        if "access_token" in members:
            self.check_userinfo(claims, members["access_token"])
        return {**members, "claims": claims}

    def check_userinfo(self, claims: dict[str, Any], access_token: str) -> None:
        """Ask who the user is, and check that it is the one of the ID token."""
        headers = {"Authorization": f"Bearer {access_token}"}
        answer = self.ask("GET", self.discover()["userinfo_endpoint"], headers=headers)
        if parsed(answer.content).get("sub") != claims["sub"] and self.checks("userinfo"):
            raise Refused("this is about somebody else")

    def keep(self, session: dict[str, Any], tokens: dict[str, Any]) -> None:
        """Bring tokens into a session."""
        session["claims"] = {
            name: value
            for name, value in tokens["claims"].items()
            if name in ("sub", "name", "email", "identities", "admin")
        }
        session["sub"] = tokens["claims"]["sub"]
        session["sid"] = tokens["claims"].get("sid")
        session["exp"] = tokens["claims"].get("exp", 0)
        session["id_token"] = tokens.get("id_token", "")
        session["refresh_token"] = tokens.get("refresh_token", session.get("refresh_token"))
