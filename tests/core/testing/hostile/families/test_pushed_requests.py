"""Each case about pushed authorization requests notices the application that leaves out the check it is about."""

from collections.abc import Callable

import pytest

from userlink.testing.hostile import Weakness
from userlink.testing.hostile.families.pushed_requests import CASES

# By case: the checks of tests/support/weak_application.py without which it must fail.
NOTICES = {
    "par-id-token-hint": ("pushed hint",),
    "par-500": ("pushed fallback",),
    "par-500-with-request-uri": ("pushed status",),
    "par-html": ("pushed fallback",),
    "par-missing-request-uri": ("pushed fallback",),
    "par-request-uri-number": ("request_uri type", "request_uri"),
    "par-request-uri-control-characters": ("request_uri",),
    "par-request-uri-with-separators": ("request_uri encoding",),
    "par-redirect-302": ("redirects",),
    "par-redirect-307": ("redirects",),
    "par-redirect-308": ("redirects",),
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
