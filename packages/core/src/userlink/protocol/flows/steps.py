"""The steps that flows share: the session at hand, leaving for the provider, coming back, tokens, saving."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve, field, frozen

from userlink.errors import (
    MetadataInvalid,
    SessionChanged,
    SessionConflict,
    SessionRequired,
    TokenResponseInvalid,
    TransactionExpired,
)

from ..authorize import authorization_request
from ..callback import Callback, check_issuer, require_code
from ..effects import (
    Discover,
    Emit,
    Entropy,
    Flow,
    GetKeys,
    LoadSession,
    Now,
    SaveTransaction,
    TakeTransaction,
    UpdateSession,
)
from ..events import Event
from ..freshness import NOTHING_ASKED, Authentication, Freshness
from ..id_token import ID_TOKEN, Expected, check_claims
from ..metadata import ProviderMetadata
from ..pkce import base64url
from ..session import Session
from ..settings import ClientSettings
from ..signed_token import SignedToken, parse_signed_token, verify
from ..token_sets import RefreshToken, TokenSet
from ..tokens import TokenResponse, code_parameters, parse_token_response
from ..transaction import SessionBinding, Transaction, TransactionKind, TransactionStatus
from ..values import Secret
from .client_authentication import send_authenticated
from .pushed_authorization import authorization_url
from .userinfo import with_userinfo

__all__ = [
    "Grant",
    "begin",
    "current_session",
    "emit_outcome",
    "redeem",
    "require_session",
    "take",
    "update_session",
    "validated_claims",
    "verified_claims",
]

_RANDOM_BYTES = 64  # state 16, nonce 16 (128 bits each, RFC 9700 4.7.1 asks for that), verifier 32
_MOST_WRITES = 8  # attempts to save a session that other requests keep changing


@frozen
class Grant:
    """
    What redeeming a code brought, every check passed.

    Attributes:
        id_token: the validated ID token.
        claims: its claims, and those of the userinfo endpoint where the client asks for them.
        token_set: the access token, filed under the audience that was asked for.
        refresh_token: filed likewise, or None.
    """

    id_token: Secret
    claims: Mapping[str, Any] = field(repr=False)
    token_set: TokenSet
    refresh_token: RefreshToken | None


def current_session() -> Flow[Session | None]:
    """Return the live session of this browser. One past its expiry is no session."""
    session = yield from LoadSession()
    if session is None:
        return None
    now = yield from Now()
    return session if now < session.expires_at else None


def require_session() -> Flow[Session]:
    """
    Return the live session of this browser.

    Raises:
        SessionRequired: when there is none.
    """
    session = yield from current_session()
    if session is None:
        raise SessionRequired("Nobody is signed in in this browser.")
    return session


def begin(
    settings: ClientSettings,
    metadata: ProviderMetadata,
    kind: TransactionKind,
    params: Mapping[str, str | tuple[str, ...]],
    app_state: Mapping[str, Any] | None,
    *,
    own: Mapping[str, str] | None = None,
    id_token_hint: Secret | None = None,
    connection: str | None = None,
    binding: SessionBinding | None = None,
    freshness: Freshness = NOTHING_ASKED,
    then: Mapping[str, Any] | None = None,
) -> Flow[str]:
    """
    Start a transaction: make its secrets, keep it, and return the URL that the browser is sent to.

    Args:
        settings: the client's.
        metadata: the provider's.
        kind: what it is for.
        params: the merged authorization parameters, ``redirect_uri`` and ``scope`` among them.
        app_state: what the completion gives back.
        own: what the kind of flow adds to the request.
        id_token_hint: the ID token of the user who is signed in, or None.
        connection: what is linked or unlinked.
        binding: the session that alone may complete it.
        freshness: what is asked of the user's authentication; it stands over what ``params`` ask.
        then: what a reauthentication goes on with, or None.
    """
    now = yield from Now()
    random = yield from Entropy(_RANDOM_BYTES)
    audience = params.get("audience")
    transaction = Transaction(
        kind=kind,
        state=base64url(random[:16]),
        nonce=base64url(random[16:32]),
        code_verifier=base64url(random[32:]),
        redirect_uri=str(params["redirect_uri"]),
        issuer=metadata.issuer,
        expires_at=now + settings.transaction_seconds,
        audience=None if audience is None else str(audience),
        scope=str(params["scope"]),
        connection=connection,
        binding=binding,
        app_state=app_state or {},
        freshness=freshness,
        then=then,
    )
    hint: dict[str, Secret] = {} if id_token_hint is None else {"id_token_hint": id_token_hint}
    request = authorization_request(
        settings.client_id,
        {**params, **freshness.params()},
        transaction,
        {**hint, **(own or {})},
    )
    # Pushed before anything is kept: what fails here leaves nothing behind.
    url = yield from authorization_url(settings, metadata, request)
    yield from SaveTransaction(transaction)
    return url.reveal()


def take(state: Secret) -> Flow[Transaction]:
    """
    Take the transaction of a callback: single use from here on, whatever follows.

    Raises:
        TransactionNotFound: when this browser has not started it.
        TransactionAlreadyUsed: when the callback was delivered before.
        TransactionExpired: when it was started too long ago; carries ``app_state``.
    """
    transaction = yield from TakeTransaction(state)
    now = yield from Now()
    if transaction.expires_at <= now:
        error = TransactionExpired(
            f"The {transaction.kind} was started too long ago.", app_state=transaction.app_state
        )
        expired = transaction.advance(TransactionStatus.EXPIRED)
        yield from emit_outcome(expired, error_code=error.code)
        raise error
    return transaction.advance(TransactionStatus.TAKEN)


def emit_outcome(
    transaction: Transaction, *, subject: str | None = None, error_code: str | None = None
) -> Flow[None]:
    """Tell the listeners how a transaction ended; its status is the event's name."""
    now = yield from Now()
    bound_subject = None if transaction.binding is None else transaction.binding.subject
    yield from Emit(
        Event(
            name=f"{transaction.kind}.{transaction.status}",
            occurred_at=now,
            issuer=transaction.issuer,
            subject=subject or bound_subject,
            connection=transaction.connection,
            error_code=error_code,
        )
    )


def redeem(settings: ClientSettings, callback: Callback, transaction: Transaction) -> Flow[Grant]:
    """
    Turn a callback into tokens: check the issuer, exchange the code, validate the ID token in full.

    Raises:
        CallbackIssuerMismatch: when the answer comes from another issuer.
        AuthorizationDenied: when the provider answered with an error.
        ProviderError: when the provider fails, refuses, or its ID token does not validate.
        ReauthenticationRequired: when the user has not authenticated as the transaction asked.
    """
    metadata = yield from Discover()
    if metadata.issuer != transaction.issuer:
        raise MetadataInvalid("The provider changed its issuer while the user was there.")
    check_issuer(
        callback, transaction.issuer, metadata.authorization_response_iss_parameter_supported
    )
    code = require_code(callback)
    response = yield from send_authenticated(
        settings, metadata, metadata.token_endpoint, code_parameters(transaction, code)
    )
    tokens = parse_token_response(response)
    if tokens.id_token is None:
        raise TokenResponseInvalid("The token endpoint's answer has no id_token.")
    claims = yield from validated_claims(
        settings, metadata, tokens.id_token, tokens.access_token, transaction.nonce
    )
    now = yield from Now()
    transaction.freshness.check(Authentication.of(claims), now, settings.clock_skew_seconds)
    claims = yield from with_userinfo(settings, metadata, claims, tokens.access_token)
    granted = token_set(tokens, transaction.audience, transaction.scope, now, transaction.kind)
    refresh_token = None
    if tokens.refresh_token is not None:
        refresh_token = RefreshToken(
            tokens.refresh_token, granted.audience, granted.scope, granted.granted_by
        )
    return Grant(tokens.id_token, claims, granted, refresh_token)


def token_set(
    tokens: TokenResponse, audience: str | None, scope: str, now: int, granted_by: TransactionKind
) -> TokenSet:
    """File an access token under what was asked for; its lifetime counts from ``now`` (Unix seconds)."""
    return TokenSet(
        audience=audience,
        access_token=tokens.access_token,
        scope=scope if tokens.scope is None else tokens.scope,
        expires_at=None if tokens.expires_in is None else now + tokens.expires_in,
        granted_by=granted_by,
    )


def validated_claims(
    settings: ClientSettings,
    metadata: ProviderMetadata,
    id_token: Secret,
    access_token: Secret,
    nonce: Secret | None,
    *,
    at: int | None = None,
) -> Flow[Mapping[str, Any]]:
    """
    Validate an ID token in full, fetching the keys anew if its key is not among those known.

    Args:
        settings: the client's.
        metadata: the provider's.
        id_token: the token.
        access_token: what came beside it.
        nonce: the transaction's; None for a renewed token.
        at: Unix seconds of when it came; None for now.

    Raises:
        IdTokenInvalid: when any check fails.
        KeysInvalid: when the provider's key set cannot be used.
    """
    token = parse_signed_token(ID_TOKEN, id_token, settings.algorithms)
    claims = yield from verified_claims(metadata, token)
    now = (yield from Now()) if at is None else at
    expected = Expected(
        issuer=metadata.issuer,
        client_id=settings.client_id,
        now=now,
        clock_skew_seconds=settings.clock_skew_seconds,
        nonce=nonce,
        access_token=access_token,
    )
    check_claims(claims, token.alg, expected)
    return claims


def verified_claims(metadata: ProviderMetadata, token: SignedToken) -> Flow[Mapping[str, Any]]:
    """
    Verify the signature of a token, fetching the keys anew if its key is not among those known, and return its claims.

    Raises:
        IdTokenInvalid: or the error of the token's kind, when no key of the provider made the signature.
        KeysInvalid: when the provider's key set cannot be used.
    """
    claims = verify(token, (yield from GetKeys(metadata.jwks_uri)))
    if claims is None:
        claims = verify(token, (yield from GetKeys(metadata.jwks_uri, refetch=True)))
    if claims is None:
        token.kind.refuse("kid", "has a signature that no key of the provider made")
    return claims


def update_session(
    settings: ClientSettings,
    session: Session,
    change: Callable[[Session], Session],
    *,
    idle_seconds: int | None = None,
) -> Flow[Session]:
    """
    Save a change by compare-and-set; when another write came first, apply it to what that one left.

    Args:
        settings: the client's.
        session: as it was loaded.
        change: a pure function; it may be applied several times.
        idle_seconds: how long the session lives unused from now on; None for what the client says.

    Raises:
        SessionChanged: when the session ended meanwhile.
        SessionConflict: when other writes kept coming first.
    """
    idle = settings.session_idle_seconds if idle_seconds is None else idle_seconds
    for _ in range(_MOST_WRITES):
        now = yield from Now()
        changed = change(session).touched(now, idle)
        if (yield from UpdateSession(changed)):
            return evolve(changed, version=changed.version + 1)
        reloaded = yield from current_session()
        if reloaded is None or reloaded.binding != session.binding:
            raise SessionChanged("The session ended while the flow was on its way.")
        session = reloaded
    raise SessionConflict("Other requests kept changing the session.")
