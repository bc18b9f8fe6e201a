"""The token endpoint of a provider in memory: RFC 6749 4.1.3, 5 and 6; RFC 7636 4.6; OIDC Core 3.1.3."""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from attrs import evolve, field, frozen

from userlink.protocol.values import HttpRequest, HttpResponse
from userlink.runtime.clock import Clock

from .accounts import Accounts
from .connection_tokens import CONNECTION_TOKEN_GRANT, connection_token
from .grants import Grant, Grants
from .keys import Signer
from .registration import Registration

__all__ = ["TokenEndpoint"]

_NO_STORE = {"content-type": "application/json", "cache-control": "no-store"}
_ID_TOKEN_LIFETIME_SECONDS = 36_000  # Auth0's default
_ACCESS_TOKEN_LIFETIME_SECONDS = 86_400


class _Refusal(Exception):
    """An error answer (RFC 6749, 5.2)."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.status = status


@frozen
class TokenEndpoint:
    """
    Exchanges codes and refresh tokens for tokens, of linked accounts too.

    Attributes:
        issuer: the provider's.
        registration: of the client.
        accounts: the users.
        grants: codes and refresh tokens.
        key: returns what signs now.
        clock: tells the time.
        edit_claims: changes what an ID token says before it is signed.
    """

    issuer: str
    registration: Registration
    accounts: Accounts
    grants: Grants
    key: Callable[[], Signer]
    clock: Clock
    edit_claims: Callable[[dict[str, Any]], dict[str, Any]] = field(repr=False)

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer a request: with tokens, or with the error that RFC 6749, 5.2 has for it."""
        try:
            members = self._tokens(request)
        except _Refusal as refusal:
            body = json.dumps({"error": str(refusal)}).encode()
            return HttpResponse(refusal.status, _NO_STORE, body)
        return HttpResponse(200, _NO_STORE, json.dumps(members).encode())

    def _tokens(self, request: HttpRequest) -> dict[str, Any]:
        if request.headers.get("content-type") != "application/x-www-form-urlencoded":
            raise _Refusal("invalid_request")
        pairs = parse_qsl(request.body.decode(), keep_blank_values=True)
        form = dict(pairs)
        if len(form) != len(pairs):
            raise _Refusal("invalid_request")
        if not self.registration.is_proved_by(request.headers.get("authorization"), form):
            raise _Refusal("invalid_client", 401)
        match form.get("grant_type"):
            case "authorization_code":
                return self._redeem(form)
            case "refresh_token":
                return self._refresh(form)
            case grant if grant == CONNECTION_TOKEN_GRANT:
                return self._exchange(form)
            case _:
                raise _Refusal("unsupported_grant_type")

    def _redeem(self, form: Mapping[str, str]) -> dict[str, Any]:
        code = form.get("code", "")
        grant = self._grant(code)
        self.grants.spend(code)  # a code is tried once, whether the rest is right or not
        if grant.expires_at <= self.clock() or form.get("redirect_uri") != grant.redirect_uri:
            _refuse_grant()
        challenge = _base64url(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if challenge != grant.code_challenge:
            _refuse_grant()
        return self._answer(grant, nonce=grant.nonce)

    def _refresh(self, form: Mapping[str, str]) -> dict[str, Any]:
        token = form.get("refresh_token", "")
        grant = self._grant(token)
        scope = form.get("scope", "") or grant.scope
        elsewhere = form.get("audience", grant.audience) != grant.audience
        # RFC 6749, 6: no more than was granted; for another audience what is asked for, as with Auth0's
        # multi-resource refresh tokens.
        if not elsewhere and not set(scope.split()) <= set(grant.scope.split()):
            raise _Refusal("invalid_scope")
        self.grants.spend(token)  # rotation: RFC 9700, 4.14.2
        return {**self._answer(grant, nonce=None), "scope": scope}  # OIDC Core, 12.2: no nonce

    def _exchange(self, form: Mapping[str, str]) -> dict[str, Any]:
        grant = self.grants.look(form.get("subject_token", ""))  # and not spent: it stays good
        account = None if grant is None else self.accounts.of_subject(grant.subject)
        answer = connection_token(form, account, self.grants.token())
        if isinstance(answer, str):
            raise _Refusal(answer)
        return answer

    def _grant(self, token: str) -> Grant:
        grant = self.grants.look(token)
        if grant is None:
            _refuse_grant()
        return grant

    def _answer(self, grant: Grant, nonce: str | None) -> dict[str, Any]:
        access_token = self.grants.access_token(grant)
        members: dict[str, Any] = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": _ACCESS_TOKEN_LIFETIME_SECONDS,
            "scope": grant.scope,
            "id_token": self._id_token(grant, access_token, nonce),
        }
        if "offline_access" in grant.scope.split():
            members["refresh_token"] = self.grants.keep(evolve(grant, nonce=None))
        return members

    def _id_token(self, grant: Grant, access_token: str, nonce: str | None) -> str:
        now = self.clock()
        hashed = hashlib.sha256(access_token.encode()).digest()  # both algorithms end in 256
        claims: dict[str, Any] = {
            **self.accounts.of_subject(grant.subject).user_claims(),
            "iss": self.issuer,
            "aud": grant.client_id,
            "iat": now,
            "exp": now + _ID_TOKEN_LIFETIME_SECONDS,
            "auth_time": grant.authenticated_at,
            "at_hash": _base64url(hashed[: len(hashed) // 2]),
            "sid": _base64url(hashlib.sha256(grant.family.encode()).digest()[:12]),
        }
        if nonce is not None:
            claims["nonce"] = nonce
        if grant.acr is not None:
            claims["acr"] = grant.acr
        return self.key().sign(self.edit_claims(claims))


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _refuse_grant() -> NoReturn:
    raise _Refusal("invalid_grant")
