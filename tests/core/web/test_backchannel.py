"""The provider's own request (OIDC Back-Channel Logout 1.0, 2.5 and 2.8)."""

import pytest

from userlink.errors import BackchannelLogoutNotSupported, LogoutTokenInvalid, StoreError
from userlink.web.backchannel import FAILED_LOGOUT_STATUS, failed_logout, logout_token_of


def test_the_token_is_a_parameter_of_the_form() -> None:
    """Others may stand beside it (section 2.5)."""
    assert "a.b.c" == logout_token_of({"logout_token": "a.b.c", "other": "x"})


@pytest.mark.parametrize("form", [None, {}, {"token": "a.b.c"}, {"logout_token": ""}])
def test_a_request_without_one_is_refused(form: dict[str, str] | None) -> None:
    """No form, none of that name, or an empty one; the reader of forms drops what is there twice."""
    with pytest.raises(LogoutTokenInvalid) as caught:
        logout_token_of(form)

    assert "request" == caught.value.check


@pytest.mark.parametrize(
    "error",
    [
        LogoutTokenInvalid("Wrong.", check="aud"),
        BackchannelLogoutNotSupported("In cookies."),
        StoreError("Down."),
    ],
)
def test_a_failure_is_told_with_its_code(
    error: LogoutTokenInvalid | BackchannelLogoutNotSupported | StoreError,
) -> None:
    """Section 2.8: status 400, and why in JSON."""
    told = failed_logout(error)

    assert 400 == FAILED_LOGOUT_STATUS
    assert {"error": error.code, "error_description": error.message} == told
