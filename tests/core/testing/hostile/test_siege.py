"""Attacking an application that goes on running."""

import sys
from pathlib import Path

import pytest
from attrs import evolve

from userlink.testing.hostile import ALL_CASES, Case, HostileNetwork, Stage
from userlink.testing.hostile.credentials import Application
from userlink.testing.hostile.findings import BrokenSetup, NotApplicable
from userlink.testing.hostile.siege import Siege, restarting


def nothing(stage: Stage, case: Case) -> None:
    """Find nothing."""


WARM = evolve(ALL_CASES[0], play=nothing, needs_cold_caches=False)
COLD = evolve(WARM, needs_cold_caches=True)


def test_cold_caches_need_a_restart(network: HostileNetwork) -> None:
    """Without one, the case is left out and says why."""
    siege = Siege(Application("http://x"), network, 1)
    siege.play(WARM)
    with pytest.raises(NotApplicable, match="--userlink-restart-command"):
        siege.play(COLD)


def test_the_application_is_restarted_before_a_cold_case_and_after_it(
    network: HostileNetwork,
) -> None:
    """What it has cached under a misbehaviour is no fault of the next case."""
    told: list[str] = []
    application = Application("http://x", restart=lambda: told.append("restarted"))
    siege = Siege(application, network, 1)
    counts: list[int] = []
    for case in (WARM, COLD, WARM, WARM):
        siege.play(case)
        counts.append(len(told))

    assert [0, 1, 2, 2] == counts


def test_a_command_restarts_and_the_application_is_waited_for(
    network: HostileNetwork, tmp_path: Path
) -> None:
    """No shell reads the command; the page that tells who is signed in must answer."""
    witness = tmp_path / "restarted"
    program = f"import pathlib; pathlib.Path({str(witness)!r}).touch()"
    application = Application(network.provider.issuer, me="/.well-known/openid-configuration")
    restarted = restarting(application, f'{sys.executable} -c "{program}"', 10)

    assert restarted.restart is not None
    restarted.restart()
    assert witness.exists()


def test_an_application_that_does_not_come_back_is_told(
    network: HostileNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tester's command is wrong, and the application not weak."""
    monkeypatch.setattr("userlink.testing.hostile.siege._ATTEMPTS", 2)
    restarted = restarting(Application("http://127.0.0.1:9"), f"{sys.executable} -c pass", 1)

    assert restarted.restart is not None
    with pytest.raises(BrokenSetup, match="nothing answers at http://127"):
        restarted.restart()
