"""Where the provider may send a browser after a logout: OIDC RP-Initiated Logout 1.0, 2 and 3."""

from userlink.errors import InvalidOption

from .settings import ClientSettings
from .urls import origin_of

__all__ = ["check_post_logout_target"]


def check_post_logout_target(settings: ClientSettings, return_to: str | None) -> None:
    """
    Check that a logout leads back to the application, or to where its configuration says.

    What a request asks for must not decide where the provider sends the browser (RFC 9700, 4.11.1): the provider's own
    list may be wide, or shared with other applications.

    Args:
        settings: the client's.
        return_to: an absolute URL, or None.

    Raises:
        InvalidOption: when it is of another origin than ``redirect_uri`` and is not configured.
    """
    if return_to is None or return_to in settings.post_logout_redirect_uris:
        return
    redirect_uri = settings.authorization_params.get("redirect_uri")
    if isinstance(redirect_uri, str) and origin_of(redirect_uri) == origin_of(return_to):
        return
    raise InvalidOption(
        "The option return_to leads to another origin than that of redirect_uri.",
        hint="List the URL, exactly as it is, in the client's post_logout_redirect_uris.",
    )
