"""Where the provider may send a browser after a logout (OIDC RP-Initiated Logout 1.0, 2 and 3)."""

from typing import Any

import pytest

from userlink.errors import InvalidOption
from userlink.protocol.post_logout import check_post_logout_target
from userlink.protocol.settings import ClientSettings


def settings(redirect_uri: str | None = "https://app.example/callback") -> ClientSettings:
    """Return the settings of a client that may lead to one page elsewhere."""
    params: dict[str, Any] = {} if redirect_uri is None else {"redirect_uri": redirect_uri}
    return ClientSettings.read(
        domain="tenant.example",
        client_id="app",
        client_secret=None,
        authorization_params=params,
        post_logout_redirect_uris=["https://www.example/bye?x=y"],
    )


@pytest.mark.parametrize(
    "return_to",
    [
        None,
        "https://app.example",
        "https://app.example/any/path?and=query",
        "https://APP.example:443/",
        "https://www.example/bye?x=y",
    ],
)
def test_the_applications_own_pages_and_listed_urls_are_targets(return_to: str | None) -> None:
    """Of an own origin any page, as browsers compare origins; of others what is listed, to the letter."""
    check_post_logout_target(settings(), return_to)


@pytest.mark.parametrize(
    "return_to",
    [
        "https://evil.example/",
        "https://app.example.evil.example/",
        "https://app.example:8443/",
        "http://app.example/",
        "https://sub.app.example/",
        "https://www.example/",
        "https://www.example/bye?x=y&z",
        "https://www.example/bye",
        "https://WWW.example/bye?x=y",
    ],
)
def test_a_foreign_url_is_refused(return_to: str) -> None:
    """The provider's own list may be wider; the hint says what to configure."""
    with pytest.raises(InvalidOption, match="post_logout_redirect_uris"):
        check_post_logout_target(settings(), return_to)


def test_without_a_redirect_uri_only_listed_urls_are_targets() -> None:
    """Nothing says which origin is the application's own."""
    check_post_logout_target(settings(None), "https://www.example/bye?x=y")
    with pytest.raises(InvalidOption):
        check_post_logout_target(settings(None), "https://app.example/")
