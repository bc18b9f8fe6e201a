"""Each case about the token endpoint notices the application that leaves out the check it is about."""

from collections.abc import Callable

import pytest

from userlink.testing.hostile import Weakness
from userlink.testing.hostile.families.token_answers import CASES

# By case: the checks of tests/support/weak_application.py without which it must fail.
NOTICES = {
    "token-500": ("crash",),
    "token-500-with-tokens": ("token status",),
    "token-html": ("crash",),
    "token-wrong-content-type": ("content type",),
    "token-broken-json": ("crash",),
    "token-list": ("crash",),
    "token-missing-id-token": ("id_token",),
    "token-missing-access-token": ("access_token", "at_hash"),
    "token-type-unknown": ("token type",),
    "token-slow": ("time-out",),
    "token-silent": ("time-out",),
    "token-endless": ("size", "time-out"),
    "token-redirect-302": ("redirects",),
    "token-redirect-307": ("redirects",),
    "token-redirect-308": ("redirects",),
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
