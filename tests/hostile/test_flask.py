"""Every case of the hostile provider and browser, against the example application on Flask, served for real."""

from functools import partial

import pytest

from support.hostile_targets import LINK_POLICY, flask_target
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

FRESHNESS = [case for case in ALL_CASES if case.family is Family.FRESHNESS]


class TestFlask(HostileContract):
    """The demo withstands all of it, with sessions in a store."""

    @pytest.fixture
    def application_factory(self) -> ApplicationFactory:
        """Run the application afresh for each case."""
        return partial(flask_target, with_store=True)


@pytest.mark.parametrize("case", FRESHNESS, ids=str)
def test_links_that_ask_for_freshness(case: Case, hostile_network: HostileNetwork) -> None:
    """With a policy for links, no answer that falls short of it links anything."""
    with flask_target(hostile_network.credentials, **LINK_POLICY) as application:
        play(case, Stage(application, hostile_network))
