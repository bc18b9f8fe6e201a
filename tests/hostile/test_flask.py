"""Every case of the hostile provider and browser, against an application on Flask that is served for real."""

import pytest

from support.hostile_targets import flask_target
from userlink.testing.hostile import ApplicationFactory, HostileContract


class TestFlask(HostileContract):
    """The ready-made routes withstand all of it."""

    @pytest.fixture
    def application_factory(self) -> ApplicationFactory:
        """Run the application afresh for each case."""
        return flask_target
