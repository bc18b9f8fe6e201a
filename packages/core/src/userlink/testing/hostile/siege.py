"""Attacking one application that goes on running, case after case."""

import shlex
import subprocess
from collections.abc import Callable

from attrs import define, evolve, field

from .browser import Browser
from .case import Case
from .credentials import Application
from .findings import BrokenSetup, NotApplicable, Weakness
from .network import HostileNetwork
from .playing import play
from .stage import Stage

__all__ = ["Siege", "restarting"]

_RESTARTS_SECONDS = 60
_ATTEMPTS = 100


@define
class Siege:
    """
    An application, and what it is attacked with.

    Attributes:
        application: the one that is attacked.
        network: what with.
        patience_seconds: how long the application may take for an answer.
    """

    application: Application
    network: HostileNetwork
    patience_seconds: float
    _has_odd_caches: bool = field(default=False, init=False)

    def play(self, case: Case) -> None:
        """
        Play a case; the application is restarted before one that needs cold caches, and after it.

        Raises:
            Weakness: when the application fails.
            NotApplicable: when the case cannot be played against it.
            BrokenSetup: when the honest part before it does not work.
        """
        restart = self.application.restart
        if case.needs_cold_caches and restart is None:
            raise NotApplicable(
                "The case needs an application that has just started: pass --userlink-restart-command, or use"
                " HostileContract."
            )
        if restart is not None and (case.needs_cold_caches or self._has_odd_caches):
            restart()
        self._has_odd_caches = case.needs_cold_caches
        play(case, Stage(self.application, self.network, self.patience_seconds))


def restarting(application: Application, command: str, patience_seconds: float) -> Application:
    """
    Return the application with a way to restart it.

    Args:
        application: the one that runs.
        command: restarts it, and returns; no shell reads it.
        patience_seconds: how long one answer may take.
    """
    return evolve(
        application, restart=_restart(application, shlex.split(command), patience_seconds)
    )


def _restart(
    application: Application, command: list[str], patience_seconds: float
) -> Callable[[], None]:
    def restart() -> None:
        subprocess.run(command, check=True, timeout=_RESTARTS_SECONDS)  # noqa: S603 - the tester's own
        browser = Browser(application.url, patience_seconds)
        for _ in range(_ATTEMPTS):
            try:
                if browser.get(application.me).status:
                    return
            except Weakness:
                continue
            wait_a_moment()
        raise BrokenSetup(f"After {command[0]!r} nothing answers at {application.url}.")

    return restart


def wait_a_moment() -> None:
    """Wait for a tenth of a second."""
    from threading import Event

    Event().wait(0.1)
