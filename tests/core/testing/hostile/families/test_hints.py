"""Each case about hints notices the application that leaves out the check it is about."""

from collections.abc import Callable

import pytest

from userlink.testing.hostile import Weakness
from userlink.testing.hostile.families.hints import CASES

# By case: the checks of tests/support/weak_application.py without which it must fail.
NOTICES = {
    "link-stale-hint": ("stale hint",),
    "link-stale-hint-renewed": ("stale hint",),
    "link-hint-renewed-for-another": ("refreshed user", "userinfo"),
}


def test_each_case_has_its_weakness() -> None:
    """A case that no application can fail proves nothing."""
    assert [case.name for case in CASES] == list(NOTICES)


@pytest.mark.parametrize("name", NOTICES)
def test_an_application_without_the_check_fails(name: str, played: Callable[..., None]) -> None:
    """The report names the case and says what happened."""
    with pytest.raises(Weakness) as found:
        played(name, *NOTICES[name])

    assert str(found.value).startswith(f"{name}: ")
    assert "happened: " in str(found.value)
