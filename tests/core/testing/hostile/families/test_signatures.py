"""Each case against signatures notices the application that leaves out the check it is about."""

from collections.abc import Callable

import pytest

from userlink.testing.hostile import Weakness
from userlink.testing.hostile.families.signatures import CASES

# By case: the checks of tests/support/weak_application.py without which it must fail.
NOTICES = {
    "oidcc-client-test-idtoken-sig-none": ("alg none",),
    "oidcc-client-test-invalid-sig-rs256": ("signature",),
    "oidcc-client-test-invalid-sig-es256": ("signature",),
    "oidcc-client-test-invalid-sig-ps256": ("signature",),
    "oidcc-client-test-invalid-sig-eddsa": ("signature",),
    "oidcc-client-test-idtoken-sig-rs256": ("no RS256",),
    "oidcc-client-test-idtoken-sig-es256": ("no ES256",),
    "oidcc-client-test-idtoken-sig-ps256": ("no PS256",),
    "oidcc-client-test-idtoken-sig-eddsa": ("no EdDSA",),
    "id-token-payload-altered": ("signature",),
    "id-token-hs256-client-secret": ("hs256 client secret",),
    "id-token-hs256-rsa-public-key": ("hs256 public key",),
    "id-token-es256-rsa-kid": ("signature",),
    "id-token-header-jwk": ("header jwk",),
    "id-token-header-jku": ("header jku",),
    "id-token-header-x5u": ("header x5u",),
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
