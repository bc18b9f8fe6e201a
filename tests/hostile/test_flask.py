"""Every case of the hostile provider and browser, against an application on Flask that is served for real."""

from functools import partial

import pytest

from support.hostile_targets import flask_target
from userlink.testing.hostile import ApplicationFactory, HostileContract


class TestFlask(HostileContract):
    """The ready-made routes withstand all of it, with sessions in a store."""

    @pytest.fixture
    def application_factory(self) -> ApplicationFactory:
        """Run the application afresh for each case."""
        return partial(flask_target, with_store=True)
