"""
The transaction: one start and its completion, from leaving for the provider to coming back.

Its life is a small state machine, and the table below is all of it::

    started ─→ taken ─→ completed
       │         ├────→ denied
       └→ expired └───→ failed

A store keeps only started transactions: taking one removes it, so whatever follows, it is used once.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from attrs import evolve, field, frozen

from .freshness import NOTHING_ASKED, Freshness
from .json_object import has_form
from .values import Secret, as_secret

__all__ = ["TRANSITIONS", "SessionBinding", "Transaction", "TransactionKind", "TransactionStatus"]


class TransactionKind(StrEnum):
    """What a transaction is for. Each kind is completed by its own rules and by no other's."""

    LOGIN = "login"
    LINK = "link"
    UNLINK = "unlink"
    REAUTHENTICATION = "reauthentication"
    LOGOUT = "logout"


class TransactionStatus(StrEnum):
    """Where in its life a transaction is."""

    STARTED = "started"
    TAKEN = "taken"
    COMPLETED = "completed"
    DENIED = "denied"
    FAILED = "failed"
    EXPIRED = "expired"


TRANSITIONS: Mapping[TransactionStatus, frozenset[TransactionStatus]] = {
    TransactionStatus.STARTED: frozenset({TransactionStatus.TAKEN, TransactionStatus.EXPIRED}),
    TransactionStatus.TAKEN: frozenset(
        {TransactionStatus.COMPLETED, TransactionStatus.DENIED, TransactionStatus.FAILED}
    ),
    TransactionStatus.COMPLETED: frozenset(),
    TransactionStatus.DENIED: frozenset(),
    TransactionStatus.FAILED: frozenset(),
    TransactionStatus.EXPIRED: frozenset(),
}

_OPTIONAL_STRING = (str, type(None))
# What a record holds, in the order of to_record().
_RECORD = (
    str, str, str, str, str, int, _OPTIONAL_STRING, str, _OPTIONAL_STRING, (list, type(None)), dict,
    (list, type(None)), (dict, type(None)),
)  # fmt: skip
_ENCODE = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
_DECODE = json.JSONDecoder().decode


@frozen
class SessionBinding:
    """
    The session that started a link or unlink, and that alone may complete it.

    Attributes:
        session: the SHA-256 of the session's id, in base64url.
        subject: the ``sub`` of the user signed in.
    """

    session: str = field(repr=False)
    subject: str

    def holds_for(self, session: str, subject: str) -> bool:
        """Tell in constant time whether a session's digest and subject are the bound ones."""
        same_session = Secret(self.session).matches(session)
        same_subject = Secret(self.subject).matches(subject)
        return same_session & same_subject


@frozen
class Transaction:
    """
    What must be remembered between start and completion.

    Attributes:
        kind: what it is for.
        state: ties the callback to this record (RFC 6749, 10.12).
        nonce: ties the ID token to it (OIDC Core, 15.5.2).
        code_verifier: ties the code to it (RFC 7636).
        redirect_uri: as it was sent, byte for byte; the token endpoint is sent the same. Of a logout, where the
            provider sends the browser back to; nonce and code_verifier are empty there.
        issuer: whose answer is awaited (RFC 9207).
        expires_at: Unix seconds after which it is void.
        audience: what the access token was asked for, or None.
        scope: what was asked for; the answer may leave it out when it was granted in full.
        connection: what is linked or unlinked, or None.
        binding: the session that started it; None for a login, and for a logout, which has ended it.
        app_state: what the application wants back.
        freshness: what was asked of the user's authentication.
        then: the link or unlink that a reauthentication goes on with, as its options; or None.
        status: where in its life it is.
    """

    kind: TransactionKind
    state: Secret = field(converter=as_secret)
    nonce: Secret = field(converter=as_secret)
    code_verifier: Secret = field(converter=as_secret)
    redirect_uri: str
    issuer: str
    expires_at: int
    audience: str | None = None
    scope: str = ""
    connection: str | None = None
    binding: SessionBinding | None = None
    app_state: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    freshness: Freshness = NOTHING_ASKED
    then: Mapping[str, Any] | None = field(default=None, repr=False)
    status: TransactionStatus = TransactionStatus.STARTED

    def advance(self, status: TransactionStatus) -> "Transaction":
        """
        Return the transaction one step on.

        Raises:
            RuntimeError: when the table has no such step; that is a mistake in a flow.
        """
        if status not in TRANSITIONS[self.status]:
            raise RuntimeError(f"a transaction cannot go from {self.status} to {status}")
        return evolve(self, status=status)

    def to_record(self) -> bytes:
        """
        Serialise a started transaction, as short as JSON can: up to eight travel in cookies.

        ``state`` is left out: the callback brings it, and the record is sealed for it.
        """
        binding = None if self.binding is None else (self.binding.session, self.binding.subject)
        values = (
            self.kind,
            self.nonce.reveal(),
            self.code_verifier.reveal(),
            self.redirect_uri,
            self.issuer,
            self.expires_at,
            self.audience,
            self.scope,
            self.connection,
            binding,
            self.app_state,
            self.freshness.to_values(),
            self.then,
        )
        return _ENCODE(values).encode("utf-8", "surrogatepass")  # as json.loads() decodes

    @classmethod
    def from_record(cls, record: bytes, state: str | Secret) -> "Transaction":
        """
        Read what ``to_record()`` wrote for this ``state``.

        Raises:
            ValueError: when the bytes are anything else.
        """
        try:
            values: object = _DECODE(record.decode("utf-8", "surrogatepass"))
            if not has_form(values, _RECORD):
                raise ValueError("not a transaction record")
            (
                kind,
                nonce,
                code_verifier,
                redirect_uri,
                issuer,
                expires_at,
                audience,
                scope,
                connection,
                binding,
                app_state,
                freshness,
                then,
            ) = values
            if binding is not None and not has_form(binding, (str, str)):
                raise ValueError("not a transaction record")
            return cls(
                kind=TransactionKind(kind),
                state=state,
                nonce=nonce,
                code_verifier=code_verifier,
                redirect_uri=redirect_uri,
                issuer=issuer,
                expires_at=expires_at,
                audience=audience,
                scope=scope,
                connection=connection,
                binding=None if binding is None else SessionBinding(*binding),
                app_state=app_state,
                freshness=Freshness.from_values(freshness),
                then=then,
            )
        except RecursionError as error:
            raise ValueError("not a transaction record") from error
