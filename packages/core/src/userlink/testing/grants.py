"""What a provider in memory hands out, and remembers until it is redeemed."""

from collections.abc import Callable

from attrs import define, evolve, field, frozen

from userlink.protocol.pkce import base64url

__all__ = ["Grant", "Grants"]

_TOKEN_BYTES = 24


@frozen
class Grant:
    """
    What a user allowed a client.

    Attributes:
        family: shared by everything that one authorization led to.
        subject: the user's ``sub``.
        client_id: the client's.
        redirect_uri: as it stood in the authorization request.
        scope: what was asked for.
        audience: what the access token is for, or None.
        nonce: to be repeated in the ID token, or None.
        code_challenge: by S256.
        authenticated_at: Unix seconds of the sign-in.
        expires_at: Unix seconds after which the code is void.
        acr: the class of the authentication, or None when none was asked for.
    """

    family: str
    subject: str
    client_id: str
    redirect_uri: str
    scope: str
    audience: str | None
    nonce: str | None = field(repr=False)
    code_challenge: str = field(repr=False)
    authenticated_at: int
    expires_at: int
    acr: str | None = None


@define
class Grants:
    """Codes and refresh tokens, each good for one use; the second use revokes all that the first led to."""

    _entropy: Callable[[int], bytes]
    _live: dict[str, Grant] = field(factory=dict[str, Grant])
    _spent: dict[str, Grant] = field(factory=dict[str, Grant])
    _access: dict[str, Grant] = field(factory=dict[str, Grant])

    def keep(self, grant: Grant) -> str:
        """Return a fresh code or refresh token for a grant; a grant without family begins one."""
        token = self.token()
        self._live[token] = grant if grant.family else evolve(grant, family=token)
        return token

    def look(self, token: str) -> Grant | None:
        """Return the grant of a code or refresh token; None, with its family revoked, when it was used before."""
        spent = self._spent.get(token)
        if spent is not None:  # RFC 6749, 4.1.2 and RFC 9700, 4.14.2
            for other, grant in tuple(self._live.items()):
                if grant.family == spent.family:
                    del self._live[other]
        return self._live.get(token)

    def spend(self, token: str) -> None:
        """Make a code or refresh token void."""
        self._spent[token] = self._live.pop(token)

    def access_token(self, grant: Grant) -> str:
        """Return a fresh access token for a grant."""
        token = self.token()
        self._access[token] = grant
        return token

    def of_access_token(self, token: str) -> Grant | None:
        """Return the grant of an access token, or None."""
        return self._access.get(token)

    def token(self) -> str:
        """Return a fresh string that nobody guesses."""
        return base64url(self._entropy(_TOKEN_BYTES))
