"""Each case against claims notices the application that leaves out the check it is about."""

from collections.abc import Callable

import pytest

from userlink.testing.hostile import Weakness
from userlink.testing.hostile.families.claims import CASES

# By case: the checks of tests/support/weak_application.py without which it must fail.
NOTICES = {
    "oidcc-client-test-invalid-iss": ("iss",),
    "id-token-missing-iss": ("iss",),
    "id-token-array-iss": ("iss",),
    "oidcc-client-test-invalid-aud": ("aud",),
    "oidcc-client-test-missing-aud": ("aud",),
    "id-token-array-aud-of-others": ("aud", "azp missing"),
    "id-token-array-aud": ("no array",),
    "id-token-azp-missing": ("azp missing",),
    "id-token-azp-other": ("azp",),
    "id-token-azp-own": ("no array",),
    "oidcc-client-test-missing-sub": ("sub", "crash"),
    "id-token-empty-sub": ("crash",),
    "id-token-array-sub": ("sub", "userinfo"),
    "id-token-expired": ("exp",),
    "id-token-missing-exp": ("exp",),
    "id-token-array-exp": ("crash",),
    "oidcc-client-test-missing-iat": ("iat",),
    "id-token-array-iat": ("iat",),
    "id-token-iat-in-the-future": ("future",),
    "id-token-nbf-in-the-future": ("nbf",),
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
