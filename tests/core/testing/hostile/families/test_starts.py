"""Each case against what begins a flow notices the application that leaves out the check it is about."""

from collections.abc import Callable

import pytest

from userlink.testing.hostile import Weakness
from userlink.testing.hostile.families.starts import CASES

# By case: the checks of tests/support/weak_application.py without which it must fail.
NOTICES = {
    "start-by-get": ("method",),
    "start-by-foreign-post": ("origin",),
    "start-by-post-without-origin": ("origin",),
    "start-by-post-of-origin-null": ("origin",),
    "start-with-parameters": ("parameters",),
    "start-with-forged-host": ("host",),
    "return-to-elsewhere": ("return_to",),
    "callback-headers": ("headers",),
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
