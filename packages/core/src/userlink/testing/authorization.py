"""The authorization endpoint of a provider in memory: requests judged, codes given, identities linked."""

from collections.abc import Mapping
from typing import NoReturn
from urllib.parse import parse_qsl, urlencode, urlsplit

from attrs import frozen

from userlink.runtime.clock import Clock

from .accounts import Account, Accounts, Identity, LinkingRefused
from .grants import Grant, Grants
from .keys import SigningKey
from .registration import Registration

__all__ = ["AuthorizationEndpoint", "AuthorizationError", "RequestRefused", "callback_url"]

_CODE_LIFETIME_SECONDS = 60
_REPEATABLE = "resource"  # RFC 8707, 2


class RequestRefused(Exception):
    """The provider shows the user an error page and redirects nowhere (RFC 6749, 4.1.2.1); the text says why."""


class AuthorizationError(Exception):
    """
    The provider sends the browser back with an error (RFC 6749, 4.1.2.1).

    Attributes:
        error: the error code.
        description: the text for ``error_description``.
    """

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


@frozen
class AuthorizationEndpoint:
    """
    Judges authorization requests, and hands out codes.

    Attributes:
        issuer: the provider's.
        url: of the endpoint.
        registration: of the client.
        accounts: the users.
        grants: where codes are kept.
        keys: those that may have signed an ``id_token_hint``.
        clock: tells the time.
    """

    issuer: str
    url: str
    registration: Registration
    accounts: Accounts
    grants: Grants
    keys: list[SigningKey]
    clock: Clock

    def read(self, url: str) -> dict[str, str]:
        """
        Read a request and check what must hold before the browser may be sent back at all.

        Raises:
            RequestRefused: when it is for another place, or client and redirect_uri are not registered so.
        """
        if url.partition("?")[0] != self.url:
            raise RequestRefused("this is not the authorization endpoint")
        pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
        names = [name for name, _ in pairs if name != _REPEATABLE]
        if len(names) != len(set(names)):
            raise RequestRefused("a parameter is there twice")
        parameters = dict(pairs)
        if parameters.get("client_id") != self.registration.client_id:
            raise RequestRefused("the client_id is unknown")
        if parameters.get("redirect_uri") not in self.registration.redirect_uris:
            raise RequestRefused("the redirect_uri is not registered")
        return parameters

    def code(
        self,
        parameters: Mapping[str, str],
        account: Account,
        identity: Identity | None,
        hint: bool,
        signed_in_seconds_ago: int = 0,
    ) -> str:
        """
        Let a user sign in, do what the request asks for, and return a code.

        Args:
            parameters: of the request, from ``read()``.
            account: the user.
            identity: what a link attaches; None for the user's account of the same name at the connection.
            hint: whether ``id_token_hint`` must name the user, as it must at an honest provider.
            signed_in_seconds_ago: the age of the user's session here; they sign in anew where the request demands it.

        Raises:
            AuthorizationError: when the request is wrong or the change is refused.
        """
        self.check(parameters)
        self._check_hint(parameters, account if hint else None)
        try:
            self._change_identities(parameters, account, identity)
        except LinkingRefused as refusal:
            raise AuthorizationError("access_denied", str(refusal)) from refusal
        now = self.clock()
        return self.grants.keep(
            Grant(
                family="",
                subject=account.subject,
                client_id=parameters["client_id"],
                redirect_uri=parameters["redirect_uri"],
                scope=parameters["scope"],
                audience=parameters.get("audience"),
                nonce=parameters.get("nonce"),
                code_challenge=parameters["code_challenge"],
                authenticated_at=now - _age(parameters, signed_in_seconds_ago),
                expires_at=now + _CODE_LIFETIME_SECONDS,
                acr=next(iter(parameters.get("acr_values", "").split()), None),
            )
        )

    def claims_of(self, id_token: str) -> dict[str, object] | None:
        """Return the claims of an ID token of this provider and client, expired or not; None for any other."""
        for key in self.keys:
            claims = key.claims_of(id_token)
            if claims is not None:
                ours = self.issuer, self.registration.client_id
                return claims if (claims.get("iss"), claims.get("aud")) == ours else None
        return None

    def check(self, parameters: Mapping[str, str]) -> None:
        """
        Check what a request must say, whoever signs in.

        Raises:
            AuthorizationError: when it does not.
        """
        if parameters.get("response_type") != "code":
            raise AuthorizationError("unsupported_response_type", "only code is supported")
        if "openid" not in _scopes(parameters):
            raise AuthorizationError("invalid_scope", "openid is missing")
        method = parameters.get("code_challenge_method")
        if not parameters.get("code_challenge") or method != "S256":  # RFC 9700, 2.1.1
            raise AuthorizationError("invalid_request", "a code_challenge by S256 is required")

    def _check_hint(self, parameters: Mapping[str, str], account: Account | None) -> None:
        hint = parameters.get("id_token_hint")
        if hint is None:
            if _scopes(parameters) & {"link_account", "unlink_account"}:
                raise AuthorizationError("invalid_request", "the id_token_hint is missing")
            return
        claims = self.claims_of(hint)
        if claims is None:
            _refuse_hint("is not an ID token of this provider for this client")
        expires_at = claims["exp"]
        if not isinstance(expires_at, int) or expires_at <= self.clock():
            _refuse_hint("has expired")
        if account is not None and claims["sub"] != account.subject:  # OIDC Core, 3.1.2.1
            raise AuthorizationError("login_required", "another user is signed in")

    def _change_identities(
        self, parameters: Mapping[str, str], account: Account, identity: Identity | None
    ) -> None:
        scopes = _scopes(parameters)
        if not scopes & {"link_account", "unlink_account"}:
            return
        connection = parameters.get("requested_connection")
        if not connection:
            raise AuthorizationError("invalid_request", "the requested_connection is missing")
        if "link_account" in scopes:
            self.accounts.link(account, identity or Identity(connection, account.name))
        else:
            self.accounts.unlink(account, connection)


def callback_url(redirect_uri: str, parameters: Mapping[str, str | None]) -> str:
    """Return the URL that a browser is sent back to; parameters that are None are left out."""
    query = urlencode({name: value for name, value in parameters.items() if value is not None})
    return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{query}"


def _age(parameters: Mapping[str, str], signed_in_seconds_ago: int) -> int:
    # OIDC Core, 3.1.2.1: prompt and max_age.
    too_old = signed_in_seconds_ago > int(parameters.get("max_age", signed_in_seconds_ago))
    return (
        0 if too_old or "login" in parameters.get("prompt", "").split() else signed_in_seconds_ago
    )


def _scopes(parameters: Mapping[str, str]) -> set[str]:
    return set(parameters.get("scope", "").split())


def _refuse_hint(reason: str) -> NoReturn:
    raise AuthorizationError("invalid_request", f"the id_token_hint {reason}")
