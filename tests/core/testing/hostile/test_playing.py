"""Playing a case, and what its report says."""

import pytest
from attrs import evolve

from support.weak_application import weak_application
from userlink.testing.hostile import ALL_CASES, Case, HostileNetwork, Misbehaviour, Stage
from userlink.testing.hostile.case import refused
from userlink.testing.hostile.credentials import Application
from userlink.testing.hostile.findings import BrokenSetup, Weakness
from userlink.testing.hostile.playing import is_refused_from_the_start, play


def test_a_report_says_what_happened_and_what_it_means(network: HostileNetwork) -> None:
    """Name, finding, expectation with its section, and the danger."""

    def fail(stage: Stage, case: Case) -> None:
        raise Weakness("This came out.")

    case = evolve(ALL_CASES[0], play=fail)
    with pytest.raises(Weakness) as found:
        play(case, Stage(Application("http://x"), network))

    assert (
        f"{case.name}: {case.checks}\n"
        "  happened: This came out.\n"
        f"  expected: refused, `id_token_invalid` ({case.section})\n"
        f"  for a user: {case.danger}"
    ) == str(found.value)


def test_a_case_begins_and_ends_with_an_honest_provider(network: HostileNetwork) -> None:
    """Whatever it has done, the next one does not see it."""
    seen: list[int] = []

    def trip(stage: Stage, case: Case) -> None:
        seen.append(len(stage.tripwire.requests))
        stage.tripwire.requests.append("GET /")

    network.tripwire.requests.append("GET /before")
    with pytest.raises(Weakness, match="was sent: GET /"):
        play(evolve(ALL_CASES[0], play=trip), Stage(Application("http://x"), network))

    assert ([0], []) == (seen, network.tripwire.requests)


def test_a_refusal_with_cold_caches(network: HostileNetwork) -> None:
    """The application meets the misbehaviour at its very first login."""
    case = evolve(ALL_CASES[0], play=is_refused_from_the_start, expected=refused())
    with weak_application()(network.credentials) as application:
        play(case, Stage(application, network))
    with (
        weak_application("alg none")(network.credentials) as application,
        pytest.raises(Weakness, match="attacker is signed in, and nobody should be"),
    ):
        play(case, Stage(application, network))


def test_a_misbehaviour_that_fails_proves_nothing(network: HostileNetwork) -> None:
    """The application refuses a provider that has crashed, and was not attacked at all."""
    broken = Misbehaviour(claims=lambda claims, provider: {"sub": claims["no such claim"]})
    case = evolve(ALL_CASES[0], misbehaviour=broken, expected=refused())
    with (
        weak_application()(network.credentials) as application,
        pytest.raises(BrokenSetup, match="The hostile provider itself has failed: KeyError"),
    ):
        play(case, Stage(application, network))

    assert [] == network.failures
