"""
A world whose session several flows share, and a provider there that rotates refresh tokens: nothing runs or waits.

Time moves by what flows pause, where a test wants that.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from attrs import evolve

from userlink.protocol.effects import (
    Effect,
    FindRenewal,
    ForgetRenewal,
    KeepRenewal,
    LoadSession,
    Now,
    Pause,
    Send,
    UpdateSession,
)
from userlink.protocol.renewal import Renewal
from userlink.protocol.session import Session
from userlink.protocol.values import HttpResponse, Secret

from .flow_world import NOW, World, a_session, id_token, json_answer, token_answer

__all__ = ["REFUSED", "RENEWED", "RenewingWorld"]

RENEWED = id_token(nonce=None, name="Alice B.", exp=NOW + 7200)
REFUSED = json_answer(400, {"error": "invalid_grant"})


class RenewingWorld(World):
    """
    One session that is written by compare-and-set, and a provider that takes each refresh token once.

    Args:
        session: as it is at the beginning.
        answers: other answers, for classes of effects.
        members: of each token answer, instead of the usual.

    Attributes:
        held: the session as the store has it.
        sent: the forms that the provider was sent.
        kept: the renewals that this process keeps.
        members: of each token answer, instead of the usual.
        now: Unix seconds.
        passes: whether pausing moves the time.
        answer: what the provider answers instead, from now on: a response, or an exception.
        store_fails: asked at each write; what it returns is raised.
    """

    def __init__(
        self,
        session: Session | None = None,
        answers: dict[type[Effect[Any]], Any] | None = None,
        **members: Any,
    ) -> None:
        self.held: Session | None = session or a_session(token_sets=())
        self.sent: list[dict[str, str]] = []
        self.kept: dict[Secret, Renewal] = {}
        self.now, self._milliseconds, self.passes = NOW, 0, False
        self.answer: HttpResponse | Exception | None = None
        self.store_fails: Callable[[Session], Exception | None] = lambda session: None
        self.members = members
        self._number, self._live = 1, "refresh-1"
        super().__init__(
            {
                Now: lambda effect: self.now,
                LoadSession: lambda effect: self.held,
                UpdateSession: self._update,
                Send: self._send,
                Pause: self._pause,
                KeepRenewal: self._keep,
                FindRenewal: lambda effect: self.kept.get(effect.refresh_token),
                ForgetRenewal: lambda effect: self.kept.pop(effect.renewal.spent.token, None),
                **(answers or {}),
            }
        )

    def _keep(self, effect: KeepRenewal) -> None:
        self.kept[effect.renewal.spent.token] = effect.renewal

    def _pause(self, effect: Pause) -> None:
        if self.passes:
            self._milliseconds += effect.milliseconds
            self.now = NOW + self._milliseconds // 1000

    def _update(self, effect: UpdateSession) -> bool:
        failure = self.store_fails(effect.session)
        if failure is not None:
            raise failure
        if self.held is None or self.held.version != effect.session.version:
            return False
        self.held = evolve(effect.session, version=effect.session.version + 1)
        return True

    def _send(self, effect: Send) -> HttpResponse:
        form = {name: each for name, (each,) in parse_qs(effect.request.body.decode()).items()}
        self.sent.append(form)
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer is not None:
            return self.answer
        if form["refresh_token"] != self._live:
            return REFUSED
        self._number += 1
        self._live = f"refresh-{self._number}"
        members: dict[str, Any] = {
            "access_token": f"access-{self._number}",
            "refresh_token": self._live,
            **self.members,
        }
        return token_answer(RENEWED, **members)

    @property
    def session(self) -> Session:
        """The session, which must be there."""
        assert self.held is not None
        return self.held

    @property
    def newest_refresh_token(self) -> Secret:
        """The one that the provider takes."""
        return Secret(self._live)
