"""Every case against a relying party that was written without userlink: what is asked is asked of anybody."""

import pytest

from support.weak_application import weak_application
from userlink.testing.hostile import ApplicationFactory, HostileContract


class TestHandwritten(HostileContract):
    """With all its checks it withstands, so that each finding of the tests of the kit is that of a missing one."""

    @pytest.fixture
    def application_factory(self) -> ApplicationFactory:
        """Run it afresh for each case."""
        return weak_application()
