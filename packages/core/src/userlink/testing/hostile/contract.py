"""The cases as tests of an application that is made afresh for each of them."""

import pytest

from .all_cases import ALL_CASES
from .case import Case
from .credentials import ApplicationFactory
from .findings import NotApplicable
from .network import HostileNetwork
from .playing import play
from .stage import Stage

__all__ = ["HostileContract"]


class HostileContract:
    """
    Tests of an application: derive from this class and override ``application_factory``.

    The factory is called with the ``Credentials`` that the application is to have at the hostile provider, and returns
    a context manager that runs it and yields its ``Application``. The fixture ``hostile_network`` runs the attacker's
    servers, once for all tests.
    """

    @pytest.fixture
    def application_factory(self) -> ApplicationFactory:
        """Return a function that runs the application; a class for an application of yours overrides this."""
        raise NotImplementedError("override the fixture application_factory")

    @pytest.mark.parametrize("case", ALL_CASES, ids=str)
    def test_case(
        self, case: Case, hostile_network: HostileNetwork, application_factory: ApplicationFactory
    ) -> None:
        """The application does what the case says must happen."""
        with application_factory(hostile_network.credentials) as application:
            try:
                play(case, Stage(application, hostile_network))
            except NotApplicable as reason:
                pytest.skip(str(reason))
