"""
The provider's own request: OIDC Back-Channel Logout 1.0, 2.5 and 2.8.

No browser sends it, so that neither cookies nor ``Origin`` count: the token alone says who asks. Whatever fails is
answered with status 400, as the specification wants it, also where the provider may try again.
"""

from collections.abc import Mapping

from userlink.errors import LogoutTokenInvalid, UserlinkError

from .parameters import LARGEST_FORM_BYTES

__all__ = ["FAILED_LOGOUT_STATUS", "LARGEST_LOGOUT_BYTES", "failed_logout", "logout_token_of"]

LARGEST_LOGOUT_BYTES = LARGEST_FORM_BYTES + 1_024  # the longest token, and what is around it
FAILED_LOGOUT_STATUS = 400
_PARAMETER = "logout_token"


def logout_token_of(form: Mapping[str, str] | None) -> str:
    """
    Return the logout token of a request.

    Args:
        form: the parameters of the body, what is given twice left out; None when it is no form or too large.

    Raises:
        LogoutTokenInvalid: when there is none.
    """
    if form is None:
        raise LogoutTokenInvalid(
            "The logout request is not a form, or a far too large one.", check="request"
        )
    token = form.get(_PARAMETER)
    if not token:
        raise LogoutTokenInvalid("The logout request has not one logout_token.", check="request")
    return token


def failed_logout(error: UserlinkError) -> dict[str, str]:
    """Return the JSON object that tells why no session was ended; its texts are ours and hold no secret."""
    return {"error": error.code, "error_description": error.message}
