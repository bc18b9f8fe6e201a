"""What the ready-made routes decide."""

from typing import Any

import pytest

from userlink import (
    ConfigurationError,
    LinkResult,
    ReauthenticationResult,
    RequestOriginRefused,
    SessionChanged,
    StoreError,
    SyncServerClient,
)
from userlink.web.route_options import BaseRouteOptions
from userlink.web.route_rules import LONGEST_RETURN_TO, RouteRules, log_level

APP = "https://app.test"


def client_of(**params: str) -> SyncServerClient:
    """Make a client that is never asked anything."""
    return SyncServerClient(
        domain="tenant.example.com",
        client_id="app",
        client_secret="secret",
        secret="a secret for tests, of 32 bytes or more",
        authorization_params=params,
    )


def rules(redirect_uri: str | None = f"{APP}/auth/callback", **options: Any) -> RouteRules:
    """Return the rules of a client with this redirect_uri."""
    params = {} if redirect_uri is None else {"redirect_uri": redirect_uri}
    return RouteRules.of(client_of(**params).settings, BaseRouteOptions(**options))


def test_a_client_without_a_redirect_uri_has_no_routes() -> None:
    """The provider could send nobody back."""
    with pytest.raises(ConfigurationError, match="no redirect_uri"):
        rules(None)


@pytest.mark.parametrize(
    ("redirect_uri", "options", "is_warned"),
    [
        (f"{APP}/auth/callback", {}, False),
        (f"{APP}/below/auth/callback", {}, False),
        (f"{APP}/callback", {}, True),
        (f"{APP}/callback", {"paths": {"callback": None}}, False),
        (f"{APP}/auth/callback", {"prefix": "/sso"}, True),
    ],
)
def test_a_redirect_uri_that_leads_past_the_callback_is_warned_of(
    redirect_uri: str, options: dict[str, Any], is_warned: bool
) -> None:
    """Without a proxy that rewrites paths, users would come back to a page that is not there."""
    warning = rules(redirect_uri, **options).warning()

    assert is_warned is (warning is not None and "redirect_uri leads to" in warning)


def test_only_pages_of_the_application_and_trusted_ones_start_anything() -> None:
    """RFC 9700, 4.7: the own origin is that of redirect_uri."""
    held = rules(trusted_origins=["https://admin.test"])
    held.check_origin([APP], [])
    held.check_origin(["https://admin.test"], ["cross-site"])

    with pytest.raises(RequestOriginRefused):
        held.check_origin(["https://evil.example"], [])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"return_to": "/profile"}, "/profile"),
        ({"return_to": f"{APP}/profile"}, f"{APP}/profile"),
        ({"return_to": "https://shop.test/"}, "https://shop.test/"),
        ({"return_to": "//evil.example"}, "/home"),
        ({"return_to": 1}, "/home"),
        ({}, "/home"),
        (None, "/home"),
    ],
)
def test_users_are_sent_back_into_the_application(
    given: dict[str, object] | None, expected: str
) -> None:
    """RFC 9700, 4.11.1."""
    held = rules(default_return_to="/home", allowed_return_to_origins=["https://shop.test"])

    assert expected == held.return_to(given)


def test_a_start_carries_return_to_and_what_is_forwarded() -> None:
    """Nothing else of the request, whatever it says."""
    held = rules(forwarded_parameters=["login_hint"], connections={"github": "read:user"})
    given = {"return_to": "/p", "login_hint": "alice", "prompt": "none"}
    login, link, unlink = (
        held.login(given),
        held.link("github", given),
        held.unlink("github", given),
    )

    for options in (login, link, unlink):
        assert {"return_to": "/p"} == options.app_state
        assert {"login_hint": "alice"} == options.authorization_params
    assert ("github", "read:user") == (link.connection, link.connection_scope)
    assert "github" == unlink.connection


def test_a_long_return_to_is_not_carried_along() -> None:
    """Whoever writes a link chooses it; what the application itself stored is only checked again."""
    longest = "/" + "a" * (LONGEST_RETURN_TO - 1)
    held = rules(default_return_to="/home")

    assert {"return_to": longest} == held.login({"return_to": longest}).app_state
    assert {"return_to": "/home"} == held.login({"return_to": f"{longest}a"}).app_state
    assert f"{longest}a" == held.return_to({"return_to": f"{longest}a"})


def test_a_logout_returns_where_the_application_says() -> None:
    """Where the provider knows it too, and nowhere that a request names."""
    assert f"{APP}/" == rules(post_logout_redirect_uri=f"{APP}/").logout({}).return_to
    assert rules().logout({}).return_to is None


def test_a_logout_leads_on_to_a_page_of_the_application() -> None:
    """What a request names is where the application's own route sends the user on to, judged like any other."""
    held = rules(post_logout_redirect_uri=f"{APP}/auth/logged-out")

    assert {"return_to": "/bye"} == held.logout({"return_to": "/bye"}).app_state
    assert {"return_to": "/"} == held.logout({"return_to": "https://evil.example/"}).app_state
    assert rules().logout({"return_to": "/bye"}).app_state is None


def test_a_foreign_post_logout_redirect_uri_is_refused_at_the_start() -> None:
    """The client says where a logout may lead; a slip does not wait for the first logout."""
    with pytest.raises(ConfigurationError, match="post_logout_redirect_uris"):
        rules(post_logout_redirect_uri="https://www.example/")


def test_only_a_visit_with_a_state_is_a_return_from_a_logout() -> None:
    """The logout of some providers sends none back."""
    assert rules().is_return_from_logout({"state": "s"})
    assert not rules().is_return_from_logout({"x": "y"})


def test_a_failure_is_told_by_its_code() -> None:
    """Where the flow was to return to, unless failures have a page of their own."""
    error = SessionChanged("Changed.")
    error.app_state = {"return_to": "/p?a=b"}

    assert "/p?a=b&userlink_error=session_changed" == rules().failure_url(error)
    assert "/failed?userlink_error=session_changed" == (
        rules(error_path="/failed").failure_url(error)
    )


def test_a_reauthentication_goes_on_with_what_waited_for_it() -> None:
    """Nothing else that is completed does."""
    url = "https://tenant.example/authorize?x"
    user = {"sub": "auth0|alice"}

    assert url == rules().next_url(ReauthenticationResult({}, user, url))
    assert rules().next_url(ReauthenticationResult({}, user, None)) is None
    assert rules().next_url(LinkResult({}, "github", user)) is None


def test_failures_are_logged_by_whose_they_are() -> None:
    """A visitor's mistake is no alarm; a provider's or a store's failure is a warning."""
    assert ("INFO", "ERROR", "WARNING") == (
        log_level(RequestOriginRefused("Refused.")),
        log_level(ConfigurationError("Wrong.")),
        log_level(StoreError("Away.")),
    )
