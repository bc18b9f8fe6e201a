"""Reading the session, starting a link and completing it, by hand: no error tree, no stores, no plugins."""

import asyncio
import base64
import hashlib
import hmac
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from attrs import frozen
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from benchmarks.web import Request, Response

from .id_token import read_json, validate
from .sealing import delete_cookie, read_cookie, seal, unseal, write_cookie

__all__ = ["SESSION_COOKIE", "TRANSACTION_COOKIE", "BareClient", "digest"]

SESSION_COOKIE = "__Host-bare_session"
TRANSACTION_COOKIE = "__Host-bare_tx_"
_IDLE_SECONDS = 86_400
_TRANSACTION_SECONDS = 600
_MOST_TRANSACTIONS = 8
_TIMEOUT_SECONDS = 10.0
_LONGEST_ANSWER = 1_048_576
_LONGEST_CALLBACK = 16_384
_LINK_SCOPES = ("openid", "link_account", "offline_access")
_TOKEN_CLAIMS = frozenset("iss aud exp iat nbf nonce azp at_hash auth_time sid".split())


@frozen
class BareClient:
    """
    An application's own code for linking, its settings and its state.

    Attributes:
        sessions: seals sessions.
        transactions: seals transactions.
        metadata: the provider's discovery document, cached.
        keys: the provider's keys by ``kid``, cached.
        client_id: at the provider.
        client_secret: likewise.
        defaults: authorization parameters of every request.
        post: sends a form to the provider and returns status and body.
        used: states that were completed in this process.
        ended: ids of sessions that ended in this process.
    """

    sessions: AESGCM
    transactions: AESGCM
    metadata: Mapping[str, str]
    keys: Mapping[str, RSAPublicKey]
    client_id: str
    client_secret: str
    defaults: Mapping[str, str]
    post: Callable[[str, Mapping[str, str], bytes], Awaitable[tuple[int, bytes]]]
    used: set[str]
    ended: set[str]

    async def get_user(self, request: Request) -> dict[str, Any] | None:
        """Return the claims of the signed-in user."""
        session = self.read_session(request, int(time.time()))
        if session is None:
            return None
        user: dict[str, Any] = session["user"]
        return user

    async def start_link(
        self, request: Request, response: Response, connection: str, **options: Any
    ) -> str:
        """Start a link: return the URL to redirect to, and set the transaction's cookie."""
        now = int(time.time())
        session = self.read_session(request, now)
        if session is None or session["id_token_expires_at"] <= now + 30:
            raise ValueError("no session")
        params = {**self.defaults, **options.get("authorization_params", {})}
        scopes = dict.fromkeys((*_LINK_SCOPES, *params.get("scope", "").split()))
        params["scope"] = " ".join(scopes)
        random = os.urandom(64)
        state, nonce, verifier = map(_encode, (random[:16], random[16:32], random[32:]))
        transaction = {
            "kind": "link",
            "nonce": nonce,
            "code_verifier": verifier,
            "redirect_uri": params["redirect_uri"],
            "issuer": self.metadata["issuer"],
            "expires_at": now + _TRANSACTION_SECONDS,
            "audience": params.get("audience"),
            "scope": params["scope"],
            "connection": connection,
            "session": digest(session["id"]),
            "subject": session["subject"],
            "app_state": options.get("app_state", {}),
        }
        self.keep_transaction(request, response, state, transaction)
        query = {
            "client_id": self.client_id,
            "response_type": "code",
            **params,
            "state": state,
            "nonce": nonce,
            "code_challenge": digest(verifier),
            "code_challenge_method": "S256",
            "id_token_hint": session["id_token"],
            "requested_connection": connection,
            "requested_connection_scope": options["connection_scope"],
        }
        return f"{self.metadata['authorization_endpoint']}?{urlencode(query)}"

    async def complete_link(self, request: Request, response: Response, url: str) -> dict[str, Any]:
        """Complete a link: take the transaction, redeem the code, validate, and update the session."""
        if len(url) > _LONGEST_CALLBACK:
            raise ValueError("callback")
        callback = parse_qsl(urlsplit(url).query, keep_blank_values=True, errors="strict")
        given = dict(callback)
        if len(given) != len(callback) or "error" in given or not given["code"]:
            raise ValueError("callback")
        transaction = self.take_transaction(request, response, given["state"])
        session = self.read_session(request, int(time.time()))
        if session is None:
            raise ValueError("no session")
        same_session = hmac.compare_digest(transaction["session"], digest(session["id"]))
        if not same_session or transaction["subject"] != session["subject"]:
            raise ValueError("another session")
        if given.get("iss", transaction["issuer"]) != transaction["issuer"]:
            raise ValueError("iss")
        tokens = await self._redeem(given["code"], transaction)
        now = int(time.time())
        claims = validate(
            tokens["id_token"],
            self.keys,
            issuer=transaction["issuer"],
            client_id=self.client_id,
            nonce=transaction["nonce"],
            access_token=tokens["access_token"],
            now=now,
        )
        if claims["sub"] != session["subject"]:
            raise ValueError("another user")
        if session["id"] in self.ended:
            raise ValueError("no session")
        _update(session, claims, tokens, transaction, now)
        self.write_session(request, response, session, now)
        return {
            "app_state": transaction["app_state"],
            "connection": transaction["connection"],
            "user": session["user"],
        }

    def read_session(self, request: Request, now: int) -> dict[str, Any] | None:
        """Return the live session of a browser."""
        sealed = read_cookie(request.cookies, SESSION_COOKIE)
        session: dict[str, Any] | None = unseal(self.sessions, sealed, SESSION_COOKIE)
        if session is None or session["id"] in self.ended:
            return None
        expires_at = min(session["idle_expires_at"], session["absolute_expires_at"])
        return session if now < expires_at else None

    def write_session(
        self, request: Request, response: Response, session: dict[str, Any], now: int
    ) -> None:
        """Seal the session into the browser's cookies."""
        max_age = min(session["idle_expires_at"], session["absolute_expires_at"]) - now
        sealed = seal(self.sessions, session, SESSION_COOKIE)
        write_cookie(request, response, SESSION_COOKIE, sealed, max_age)

    def keep_transaction(
        self, request: Request, response: Response, state: str, transaction: Mapping[str, Any]
    ) -> None:
        """Seal a started transaction into a cookie of its own."""
        name = TRANSACTION_COOKIE + digest(state)[:22]
        sealed = seal(self.transactions, transaction, name)
        # Browsers send older cookies first (RFC 6265, 5.4): the oldest transactions make room.
        held = [cookie for cookie in request.cookies if cookie.startswith(TRANSACTION_COOKIE)]
        for oldest in held[: max(0, len(held) - _MOST_TRANSACTIONS + 1)]:
            delete_cookie(response, oldest)
        write_cookie(request, response, name, sealed, _TRANSACTION_SECONDS)

    def take_transaction(self, request: Request, response: Response, state: str) -> dict[str, Any]:
        """Open a transaction, and leave a tombstone in its place."""
        name = TRANSACTION_COOKIE + digest(state)[:22]
        sealed = read_cookie(request.cookies, name)
        transaction: dict[str, Any] | None = unseal(self.transactions, sealed, name)
        if transaction is None or transaction["kind"] != "link" or state in self.used:
            raise ValueError("no such transaction")
        self.leave_tombstone(request, response, name, transaction, int(time.time()))
        self.used.add(state)
        return transaction

    def leave_tombstone(
        self,
        request: Request,
        response: Response,
        name: str,
        transaction: Mapping[str, Any],
        now: int,
    ) -> None:
        """Mark a transaction used in the browser; one that has expired is refused."""
        if transaction["expires_at"] <= now:
            raise ValueError("expired")
        tombstone = {"kind": "used", "app_state": transaction["app_state"]}
        max_age = transaction["expires_at"] - now
        write_cookie(request, response, name, seal(self.transactions, tombstone, name), max_age)

    async def _redeem(self, code: str, transaction: Mapping[str, Any]) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": transaction["redirect_uri"],
            "code_verifier": transaction["code_verifier"],
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }
        headers = {
            "accept": "application/json",
            "content-type": "application/x-www-form-urlencoded",
        }
        endpoint = self.metadata["token_endpoint"]
        if not endpoint.startswith("https://"):
            raise ValueError("token endpoint")
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            status, answer = await self.post(endpoint, headers, urlencode(form).encode())
        if len(answer) > _LONGEST_ANSWER:
            raise ValueError("token endpoint")
        tokens = read_json(answer)
        if status != 200 or tokens["token_type"].lower() != "bearer":
            raise ValueError("token endpoint")
        for name in ("access_token", "id_token", "refresh_token"):
            token = tokens.get(name, "-")
            if not token.isascii() or not token.isprintable() or " " in token:
                raise ValueError(name)
        return tokens


def _update(
    session: dict[str, Any],
    claims: Mapping[str, Any],
    tokens: Mapping[str, Any],
    transaction: Mapping[str, Any],
    now: int,
) -> None:
    session["id_token"] = tokens["id_token"]
    session["id_token_expires_at"] = claims["exp"]
    session["idle_expires_at"] = now + _IDLE_SECONDS
    for name, value in claims.items():
        if name not in _TOKEN_CLAIMS:
            session["user"][name] = value
    if "refresh_token" in tokens and session["refresh_token"] is None:
        session["refresh_token"] = tokens["refresh_token"]
    audiences = {held["audience"] for held in session["token_sets"]}
    if transaction["audience"] not in audiences:
        session["token_sets"].append(
            {
                "audience": transaction["audience"],
                "access_token": tokens["access_token"],
                "scope": tokens.get("scope", transaction["scope"]),
                "expires_at": now + tokens["expires_in"],
                "granted_by": "link",
            }
        )


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def digest(text: str) -> str:
    """Return the SHA-256 of a text in base64url."""
    return _encode(hashlib.sha256(text.encode()).digest())
