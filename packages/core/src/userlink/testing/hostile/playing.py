"""Playing a case: the plays that many cases share, and the report of one that fails."""

from .case import Case
from .findings import BrokenSetup, Weakness
from .provider import ATTACKER, VICTIM
from .stage import Stage

__all__ = ["is_accepted", "is_refused", "is_refused_from_the_start", "play"]


def play(case: Case, stage: Stage) -> None:
    """
    Play a case from a clean start.

    Raises:
        Weakness: when the application fails; the text is the report.
        NotApplicable: when the case cannot be played against it.
        BrokenSetup: when the honest part before it does not work.
    """
    stage.network.reset()
    try:
        case.play(stage, case)
        stage.must_not_have_tripped()
        check_kit(stage)
    except Weakness as weakness:
        check_kit(stage)
        raise Weakness(report(case, str(weakness))) from None
    finally:
        stage.network.reset()


def check_kit(stage: Stage) -> None:
    """
    Check that the provider has misbehaved as it was told to: a refusal of its own failure proves nothing.

    Raises:
        BrokenSetup: when it could not.
    """
    for failure in stage.network.failures:
        raise BrokenSetup(f"The hostile provider itself has failed: {failure!r}") from failure


def report(case: Case, happened: str) -> str:
    """Say what happened, what should have, and what it means."""
    return (
        f"{case.name}: {case.checks}\n"
        f"  happened: {happened}\n"
        f"  expected: {case.expected} ({case.section})\n"
        f"  for a user: {case.danger}"
    )


def is_accepted(stage: Stage, case: Case) -> None:
    """Log in under the misbehaviour: the user must be let in."""
    stage.misbehave(case.misbehaviour)
    browser = stage.browser()
    page = stage.finish(browser, stage.start_login(browser), VICTIM)
    stage.must_be_user(browser, VICTIM, f"After a login (callback: status {page.status})")


def is_refused(stage: Stage, case: Case) -> None:
    """Log in and link under the misbehaviour: nobody is let in, and the session that links survives unchanged."""
    victim = stage.signed_in(VICTIM)
    before = stage.snapshot(victim)
    stage.misbehave(case.misbehaviour)
    stranger = stage.browser()
    page = stage.finish(stranger, stage.start_login(stranger), ATTACKER)
    stage.must_be_nobody(stranger, "After the login")
    stage.must_be_refusal(page, case, "The login")
    page = stage.finish(victim, stage.start_link_or_login(victim), VICTIM)
    stage.must_see(victim, before, "After the link")
    stage.must_be_refusal(page, case, "The link")


def is_refused_from_the_start(stage: Stage, case: Case) -> None:
    """Log in under a misbehaviour that the application meets with cold caches: nobody is let in."""
    stage.misbehave(case.misbehaviour)
    stranger = stage.browser()
    page = stage.finish(stranger, stage.start_login(stranger), ATTACKER)
    stage.must_be_nobody(stranger, "After the login")
    stage.must_be_refusal(page, case, "The login")
