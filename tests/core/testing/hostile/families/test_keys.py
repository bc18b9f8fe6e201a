"""Each case about keys notices the application that leaves out the check it is about."""

from collections.abc import Callable

import pytest

from userlink.testing.hostile import Weakness
from userlink.testing.hostile.families.keys import CASES

# By case: the checks of tests/support/weak_application.py without which it must fail.
NOTICES = {
    "oidcc-client-test-kid-absent-single-jwks": ("no kid, no login",),
    "oidcc-client-test-kid-absent-multiple-jwks": ("no kid, no login",),
    "kid-absent-no-key-verifies": ("signature",),
    "kid-unknown": ("signature",),
    "kid-unknown-a-hundred-times": ("cool-down",),
    "oidcc-client-test-signing-key-rotation": ("rotation",),
    "oidcc-client-test-signing-key-rotation-just-before-signing": ("rotation",),
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
