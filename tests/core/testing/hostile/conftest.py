"""The attacker's servers, once for all tests of the kit, and a way to play a case with them."""

from collections.abc import Callable, Iterator

import pytest

from support.weak_application import weak_application
from userlink.testing.hostile import ALL_CASES, HostileNetwork, Stage, play

Played = Callable[..., None]


@pytest.fixture(scope="package")
def network() -> Iterator[HostileNetwork]:
    """Run the attacker's servers."""
    with HostileNetwork() as network:
        yield network


@pytest.fixture
def played(network: HostileNetwork) -> Played:
    """Return a function that plays a case, by its name, against an application without some checks."""

    def played(name: str, *forgets: str) -> None:
        case = next(case for case in ALL_CASES if case.name == name)
        with weak_application(*forgets)(network.credentials) as application:
            play(case, Stage(application, network, patience_seconds=3))

    return played
