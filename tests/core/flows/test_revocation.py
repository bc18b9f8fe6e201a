"""Revoking the tokens of a session that has ended (RFC 7009): it never fails and is given little time."""

from typing import Any

import pytest
from attrs import evolve

from support.flow_world import ISSUER, METADATA, NOW, SETTINGS, a_session, json_answer, sent
from userlink.errors import ConfigurationError, ProviderUnreachable, UserlinkError
from userlink.protocol.effects import Emit, Now, Send
from userlink.protocol.events import Event
from userlink.protocol.flows.revocation import revoke_tokens
from userlink.protocol.revocation import TokenKind, revocation_parameters
from userlink.protocol.token_sets import TokenSet
from userlink.protocol.transaction import TransactionKind
from userlink.protocol.values import HttpResponse, Secret
from userlink.testing.script import replay

ENDPOINT = "https://tenant.example/revoke"
REVOKING = evolve(METADATA, revocation_endpoint=ENDPOINT)
LINK_TOKENS = TokenSet("urn:link", Secret("of-a-link"), "openid", NOW + 60, TransactionKind.LINK)
SESSION = a_session(token_sets=(LINK_TOKENS,))
REVOKED = HttpResponse(200)
COMPLETED = Event("revocation.completed", NOW, ISSUER, "auth0|alice")


def revoke(kind: TokenKind, token: str) -> Send:
    """Return the effect that revokes a token: the client authenticated, and two seconds for the answer."""
    return evolve(sent(revocation_parameters(kind, Secret(token)), ENDPOINT), timeout_seconds=2.0)


def failed(code: str) -> Event:
    """Return the event of a revocation that went wrong."""
    return evolve(COMPLETED, name="revocation.failed", error_code=code)


def test_each_token_is_revoked_and_listeners_are_told_once() -> None:
    """Two seconds for each answer, the refresh token first; the event holds no token."""
    replay(
        revoke_tokens(SETTINGS, REVOKING, SESSION),
        [
            (Now(), NOW),
            (revoke("refresh_token", "refresh-1"), REVOKED),
            (revoke("access_token", "of-a-link"), REVOKED),
            (Emit(COMPLETED), None),
        ],
    )


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (ProviderUnreachable("Gone."), "provider_unreachable"),
        (ConfigurationError("Odd."), "configuration_error"),
        (json_answer(401, {"error": "invalid_client"}), "token_request_refused"),
        (HttpResponse(503), "token_request_refused"),
    ],
)
def test_the_first_failure_ends_it_and_is_told_not_raised(
    answer: UserlinkError | HttpResponse, code: str
) -> None:
    """A provider that does not answer is waited for once, and not once for each token."""
    replay(
        revoke_tokens(SETTINGS, REVOKING, SESSION),
        [(Now(), NOW), (revoke("refresh_token", "refresh-1"), answer), (Emit(failed(code)), None)],
    )


@pytest.mark.parametrize(
    ("metadata", "changes"),
    [(METADATA, {}), (REVOKING, {"issuer": "https://former.example/"})],
)
def test_nothing_is_sent_where_it_would_not_do(metadata: Any, changes: dict[str, Any]) -> None:
    """No endpoint, or one of a provider that did not issue the tokens."""
    replay(revoke_tokens(SETTINGS, metadata, evolve(SESSION, **changes)), [])


def test_a_session_without_tokens_has_nothing_to_revoke() -> None:
    """Nobody is told of it either."""
    replay(
        revoke_tokens(SETTINGS, REVOKING, a_session(refresh_token=None, token_sets=())),
        [(Now(), NOW)],
    )
