"""Every case of the hostile provider and browser, against the example application on Starlette, served for real."""

import pytest

from support.hostile_targets import LINK_POLICY, starlette_target
from userlink.testing.hostile import (
    ALL_CASES,
    ApplicationFactory,
    Case,
    Family,
    HostileContract,
    HostileNetwork,
    Stage,
    play,
)

LOGOUTS = [case for case in ALL_CASES if case.family is Family.LOGOUT]
FRESHNESS = [case for case in ALL_CASES if case.family is Family.FRESHNESS]


class TestStarlette(HostileContract):
    """The demo withstands all of it, with sessions in sealed cookies."""

    @pytest.fixture
    def application_factory(self) -> ApplicationFactory:
        """Run the application afresh for each case."""
        return starlette_target


@pytest.mark.parametrize("case", LOGOUTS, ids=str)
def test_logouts_with_a_store(case: Case, hostile_network: HostileNetwork) -> None:
    """Sealed cookies cannot be ended from the back channel; sessions in a store can."""
    with starlette_target(hostile_network.credentials, with_store=True) as application:
        play(case, Stage(application, hostile_network))


@pytest.mark.parametrize("case", FRESHNESS, ids=str)
def test_links_that_ask_for_freshness(case: Case, hostile_network: HostileNetwork) -> None:
    """With a policy for links, no answer that falls short of it links anything."""
    with starlette_target(hostile_network.credentials, **LINK_POLICY) as application:
        play(case, Stage(application, hostile_network))
