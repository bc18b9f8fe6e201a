"""What goes to and comes from the certified provider's test controls."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict
from urllib.parse import quote_plus

import attrs

from .html_forms import Fields

Endpoint = Literal[
    "authorize", "par", "token", "revocation", "userinfo", "end_session", "discovery", "jwks"
]
Algorithm = Literal["RS256", "ES256"]


class ClientMetadata(TypedDict, total=False):
    """What a client can be registered with (Dynamic Client Registration 1.0, 2)."""

    client_id: str
    client_secret: str
    client_name: str
    redirect_uris: Sequence[str]
    post_logout_redirect_uris: Sequence[str]
    grant_types: Sequence[str]
    token_endpoint_auth_method: str
    token_endpoint_auth_signing_alg: str
    id_token_signed_response_alg: Algorithm
    backchannel_logout_uri: str
    backchannel_logout_session_required: bool
    require_pushed_authorization_requests: bool
    jwks: Mapping[str, object]
    jwks_uri: str


class Settings(TypedDict, total=False):
    """What can be changed while the provider runs; each test starts with the defaults."""

    access_token_lifetime_seconds: int
    authorization_code_lifetime_seconds: int
    id_token_lifetime_seconds: int
    refresh_token_lifetime_seconds: int
    rotate_refresh_tokens: bool


@attrs.frozen
class Client:
    """A registered client's credentials."""

    client_id: str
    client_secret: str = attrs.field(repr=False)

    @property
    def basic(self) -> tuple[str, str]:
        """Id and secret, form-encoded as HTTP Basic wants them (RFC 6749 2.3.1)."""
        return quote_plus(self.client_id), quote_plus(self.client_secret)


@attrs.frozen
class Identity:
    """One identity of an account, as Auth0 lists them."""

    connection: str
    user_id: str
    provider: str
    is_social: bool


@attrs.frozen
class Account:
    """A user of the tenant; the first identity is the one that gives the subject."""

    username: str
    subject: str
    identities: tuple[Identity, ...]

    @property
    def connections(self) -> tuple[str, ...]:
        """The connections of the account's identities, in the order in which they were linked."""
        return tuple(identity.connection for identity in self.identities)


@attrs.frozen
class Event:
    """
    One request that a client or browser sent.

    Attributes:
        endpoint: Where it was sent.
        pairs: The parameters of query or body, word for word, in order.
        authentication: How the client authenticated: ``client_secret_basic``,
            ``client_secret_post``, ``private_key_jwt``, ``bearer`` or ``none``.
        status: The answer's status code.
        error: The answer's ``error``, in its body or in the redirect.
    """

    endpoint: Endpoint
    method: str
    pairs: Fields
    authentication: str
    status: int
    error: str | None

    @property
    def parameters(self) -> dict[str, str]:
        """
        The parameters by name.

        Raises:
            ValueError: When one was sent twice; look at `pairs` then.
        """
        if len(dict(self.pairs)) != len(self.pairs):
            raise ValueError(f"a parameter was repeated: {[name for name, _ in self.pairs]}")
        return dict(self.pairs)


@attrs.frozen
class ToldClient:
    """A client that was told of a logout, and what went wrong with it if anything did."""

    client_id: str
    session_id: str
    error: str | None
