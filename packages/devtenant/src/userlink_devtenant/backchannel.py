"""Telling clients on the back channel that a session has ended (OIDC Back-Channel Logout 1.0)."""

import logging
import secrets

import httpx
from attrs import frozen

from .config import Client, User
from .state import TenantState

__all__ = ["BackChannel", "Delivery"]

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
TOKEN_LIFETIME_SECONDS = 120
TIMEOUT_SECONDS = 5.0

log = logging.getLogger("userlink_devtenant")


@frozen
class Delivery:
    """
    What came of one logout token.

    Args:
        status: the client's answer, or None when there was none.
        problem: why there was none.
    """

    client_id: str
    sid: str
    uri: str
    status: int | None = None
    problem: str = ""


class BackChannel:
    """Sends logout tokens."""

    def __init__(self, state: TenantState) -> None:
        self._state = state

    def logout_token(self, client_id: str, user: User, sid: str) -> str:
        """Make a logout token (section 2.4)."""
        now = self._state.clock.now()
        claims = {
            "iss": self._state.issuer,
            "aud": client_id,
            "sub": user.subject,
            "sid": sid,
            "iat": now,
            "exp": now + TOKEN_LIFETIME_SECONDS,
            "jti": secrets.token_urlsafe(16),
            "events": {LOGOUT_EVENT: {}},
        }
        return self._state.keys.sign(claims, token_type="logout+jwt")

    def announce(self, user: User, sid: str | None = None) -> list[Delivery]:
        """
        Announce the end of a user's session, or of all of them, to the clients that took part.

        No lock is held meanwhile: a client may well ask for the tenant's keys before it answers.
        """
        deliveries: list[Delivery] = []
        for client_id, client_sid in self._state.tokens.participants(user.username):
            client = self._state.client(client_id)
            if sid in (None, client_sid) and client and client.backchannel_logout_uri:
                deliveries.append(
                    self._deliver(client, client.backchannel_logout_uri, user, client_sid)
                )
        return deliveries

    def _deliver(self, client: Client, uri: str, user: User, sid: str) -> Delivery:
        token = self.logout_token(client.client_id, user, sid)
        try:
            answer = httpx.post(
                uri, data={"logout_token": token}, timeout=TIMEOUT_SECONDS, trust_env=False
            )
        except httpx.HTTPError as error:
            problem = type(error).__name__
            log.warning(
                "Logout token for %s not delivered to %s: %s", client.client_id, uri, problem
            )
            return Delivery(client.client_id, sid, uri, problem=problem)
        log.info("Logout token for %s: %s answered %s", client.client_id, uri, answer.status_code)
        return Delivery(client.client_id, sid, uri, status=answer.status_code)
