"""
What flows are tested in: values that fit together, and a world that answers effects without any I/O.

The provider's key and ID tokens are real; nothing runs, waits or is fetched.
"""

import json
from typing import Any
from urllib.parse import urlencode

from attrs import evolve

from userlink.protocol.client_auth import FormParameters, authenticate, form_request
from userlink.protocol.effects import (
    CreateSession,
    DeleteSession,
    Discover,
    Effect,
    Emit,
    Entropy,
    FindRenewal,
    ForgetRenewal,
    GetKeys,
    KeepRenewal,
    LoadSession,
    Now,
    Pause,
    SaveTransaction,
    Send,
    TakeTransaction,
    TouchSession,
    UpdateSession,
)
from userlink.protocol.events import Event
from userlink.protocol.keys import KeySet, parse_key_set
from userlink.protocol.metadata import ProviderMetadata
from userlink.protocol.session import Session
from userlink.protocol.settings import ClientSettings
from userlink.protocol.token_sets import RefreshToken, TokenSet
from userlink.protocol.transaction import SessionBinding, Transaction, TransactionKind
from userlink.protocol.values import HttpResponse, Secret
from userlink.testing.fixed import FixedEntropy
from userlink.testing.keys import SigningKey

NOW = 1_700_000_000
ISSUER = "https://tenant.example/"
CALLBACK = "https://app.example/callback"
STATE, NONCE, VERIFIER = "state-1", "nonce-1", "verifier-1"
APP_STATE = {"return_to": "/profile"}
KEY = SigningKey("key-1")
METADATA = ProviderMetadata(
    issuer=ISSUER,
    authorization_endpoint="https://tenant.example/authorize",
    token_endpoint="https://tenant.example/token",
    jwks_uri="https://tenant.example/jwks",
    end_session_endpoint="https://tenant.example/logout",
    authorization_response_iss_parameter_supported=True,
)
SETTINGS = ClientSettings.read(
    domain=ISSUER,
    client_id="app",
    client_secret="app-secret",
    authorization_params={"redirect_uri": CALLBACK},
)
UPDATES: tuple[type[Effect[Any]], ...] = (UpdateSession, CreateSession)


def key_set(*keys: SigningKey) -> KeySet:
    """Return keys as the flows see them."""
    document = json.dumps({"keys": [key.public_jwk for key in keys]})
    return parse_key_set(HttpResponse(200, {}, document.encode()))


def id_token(
    key: SigningKey = KEY, header: dict[str, Any] | None = None, /, **changes: Any
) -> Secret:
    """Sign an ID token that is right but for the changes; a claim that is None is left out."""
    claims = {
        "iss": ISSUER,
        "aud": "app",
        "sub": "auth0|alice",
        "iat": NOW,
        "exp": NOW + 3600,
        "nonce": NONCE,
        "sid": "sid-1",
        "name": "Alice",
        **changes,
    }
    given = {name: value for name, value in claims.items() if value is not None}
    return Secret(key.sign(given, **(header or {})))


# Signatures differ each time they are made; these are made once, so that flows can be compared.
ID_TOKEN = id_token()
LOGIN_ID_TOKEN = id_token(nonce="of the login")


def token_answer(token: Secret | None = None, /, **changes: Any) -> HttpResponse:
    """Return the token endpoint's answer; a member that is None is left out."""
    members: dict[str, Any] = {
        "access_token": "access-2",
        "token_type": "Bearer",
        "expires_in": 600,
        "id_token": (token or ID_TOKEN).reveal(),
        **changes,
    }
    given = {name: value for name, value in members.items() if value is not None}
    return json_answer(200, given)


def json_answer(status: int, document: dict[str, Any]) -> HttpResponse:
    """Return an answer in JSON."""
    headers = {"content-type": "application/json"}
    return HttpResponse(status, headers, json.dumps(document).encode())


def sent(parameters: FormParameters, endpoint: str = METADATA.token_endpoint) -> Send:
    """Return the effect that sends these parameters to an endpoint, the client authenticated."""
    proof = authenticate("client_secret_basic", "app", SETTINGS.client_secret)
    return Send(form_request(endpoint, parameters, proof))


def callback(**changes: str | None) -> str:
    """Return a callback URL; a parameter that is None is left out."""
    parameters = {"state": STATE, "code": "code-1", "iss": ISSUER, **changes}
    given = {name: value for name, value in parameters.items() if value is not None}
    return f"{CALLBACK}?{urlencode(given)}"


ERROR_CALLBACK = callback(code=None, error="access_denied", error_description="Not now.")
LOGIN_TOKENS = TokenSet("urn:login", Secret("access-1"), "openid", NOW + 60)
LOGIN_REFRESH_TOKEN = RefreshToken(Secret("refresh-1"), "urn:login", "openid")


def a_session(**changes: Any) -> Session:
    """Return alice's session, begun a while ago."""
    session = Session(
        id=Secret("session-1"),
        issuer=ISSUER,
        subject="auth0|alice",
        user={"sub": "auth0|alice", "name": "Al", "plan": "gold"},
        id_token=LOGIN_ID_TOKEN,
        id_token_expires_at=NOW + 3600,
        created_at=NOW - 500,
        idle_expires_at=NOW + 1000,
        absolute_expires_at=NOW + 2000,
        refresh_token=LOGIN_REFRESH_TOKEN,
        sid="sid-1",
        token_sets=(LOGIN_TOKENS,),
        version=3,
    )
    return evolve(session, **changes)


def a_transaction(kind: TransactionKind = TransactionKind.LINK, /, **changes: Any) -> Transaction:
    """Return a started transaction; a link or an unlink is bound to alice's session."""
    login = kind in (TransactionKind.LOGIN, TransactionKind.LOGOUT)
    transaction = Transaction(
        kind=kind,
        state=STATE,
        nonce=NONCE,
        code_verifier=VERIFIER,
        redirect_uri=CALLBACK,
        issuer=ISSUER,
        expires_at=NOW + 600,
        scope="openid",
        connection=None if login else "github",
        binding=None if login else a_session().binding,
        app_state=APP_STATE,
    )
    return evolve(transaction, **changes)


def another_binding() -> SessionBinding:
    """Return the binding to a session that is not alice's."""
    return a_session(id=Secret("session-2"), subject="auth0|bob").binding


class World:
    """
    Answers effects, and remembers them.

    Args:
        answers: for a class of effects, what it is answered with instead of the usual: a value, an exception to
            raise, a list of them to use up, or a function of the effect.

    Attributes:
        effects: what was asked, in order.
    """

    def __init__(self, answers: dict[type[Effect[Any]], Any] | None = None) -> None:
        entropy = FixedEntropy("flows")
        self.effects: list[Effect[Any]] = []
        self._answers: dict[type[Effect[Any]], Any] = {
            Now: NOW,
            Entropy: lambda effect: entropy(effect.size),
            Discover: METADATA,
            GetKeys: key_set(KEY),
            Send: token_answer(),
            Pause: None,
            KeepRenewal: None,
            FindRenewal: None,
            ForgetRenewal: None,
            LoadSession: a_session(),
            CreateSession: None,
            UpdateSession: True,
            TouchSession: None,
            DeleteSession: None,
            SaveTransaction: None,
            TakeTransaction: a_transaction(),
            Emit: None,
            # Lists are used up, and a test's own must be there when it is run again.
            **{
                kind: list(given) if isinstance(given, list) else given
                for kind, given in (answers or {}).items()
            },
        }

    def perform(self, effect: Effect[Any]) -> object:
        """Answer an effect."""
        self.effects.append(effect)
        answer = self._answers[type(effect)]
        if isinstance(answer, list):
            answer = answer.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer(effect) if callable(answer) else answer

    @property
    def names(self) -> str:
        """The names of the effects, in order, separated by spaces."""
        return " ".join(type(effect).__name__ for effect in self.effects)

    @property
    def events(self) -> list[Event]:
        """What listeners were told."""
        return [effect.event for effect in self.effects if isinstance(effect, Emit)]

    @property
    def saved(self) -> Session:
        """The session as it was written last."""
        return [e.session for e in self.effects if isinstance(e, UpdateSession)][-1]

    @property
    def written(self) -> list[Effect[Any]]:
        """The attempts to write a session."""
        return [effect for effect in self.effects if isinstance(effect, UPDATES)]
