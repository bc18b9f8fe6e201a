"""Each case about logout tokens notices the application that leaves out the check it is about."""

from collections.abc import Callable

import pytest

from userlink.testing.hostile import Weakness
from userlink.testing.hostile.families.logout_tokens import CASES

# By case: the checks of tests/support/weak_application.py without which it must fail.
NOTICES = {
    "oidcc-client-test-rp-backchannel-rpinitlogout-alg-none": ("alg none",),
    "oidcc-client-test-rp-backchannel-rpinitlogout-wrong-alg": ("hs256 client secret",),
    "logout-token-invalid-sig": ("signature",),
    "oidcc-client-test-rp-backchannel-rpinitlogout-wrong-iss": ("logout iss",),
    "oidcc-client-test-rp-backchannel-rpinitlogout-wrong-aud": ("logout aud",),
    "logout-token-expired": ("logout exp",),
    "logout-token-without-sub-and-sid": ("logout subject",),
    "oidcc-client-test-rp-backchannel-rpinitlogout-no-event": ("logout event",),
    "oidcc-client-test-rp-backchannel-rpinitlogout-wrong-event": ("logout event",),
    "logout-token-event-no-object": ("logout event",),
    "oidcc-client-test-rp-backchannel-rpinitlogout-with-nonce": ("logout nonce",),
    "logout-token-is-an-id-token": ("logout event", "logout nonce", "logout jti"),
    "logout-token-without-jti": ("logout jti",),
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
