"""Every case of the hostile provider and browser, against the example application on Flask, served for real."""

from functools import partial

import pytest

from support.hostile_targets import flask_target
from userlink.testing.hostile import ApplicationFactory, HostileContract


class TestFlask(HostileContract):
    """The demo withstands all of it, with sessions in a store."""

    @pytest.fixture
    def application_factory(self) -> ApplicationFactory:
        """Run the application afresh for each case."""
        return partial(flask_target, with_store=True)
