"""Auth0 links during the authorization request: by scopes and ``requested_connection``."""

import pytest

from userlink.protocol.dialects import Dialect, dialect_named
from userlink.protocol.dialects.auth0 import Auth0Dialect
from userlink.protocol.metadata import ProviderMetadata
from userlink.protocol.options import ConnectionTokenOptions, LinkOptions, UnlinkOptions

ISSUER = "https://tenant.example.com/"
METADATA = ProviderMetadata(
    issuer=ISSUER,
    authorization_endpoint=f"{ISSUER}authorize",
    token_endpoint=f"{ISSUER}oauth/token",
    jwks_uri=f"{ISSUER}jwks",
)
WITH_LOGOUT = ProviderMetadata(
    issuer=ISSUER,
    authorization_endpoint=f"{ISSUER}authorize",
    token_endpoint=f"{ISSUER}oauth/token",
    jwks_uri=f"{ISSUER}jwks",
    end_session_endpoint=f"{ISSUER}oidc/logout",
)


def test_it_is_found_by_its_name() -> None:
    """And is a dialect."""
    dialect: Dialect = Auth0Dialect()

    assert type(dialect) is type(dialect_named("auth0"))


def test_what_linking_and_unlinking_ask_for() -> None:
    """``offline_access`` keeps a refresh token coming after a link."""
    assert ("openid", "link_account", "offline_access") == Auth0Dialect().link_scopes
    assert ("openid", "unlink_account") == Auth0Dialect().unlink_scopes


def test_applications_are_set_to_post_by_default() -> None:
    """Where the tenant supports it."""
    assert "client_secret_post" == Auth0Dialect().preferred_auth_method


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (LinkOptions("github"), {"requested_connection": "github"}),
        (LinkOptions("github", ""), {"requested_connection": "github"}),
        (LinkOptions("github", []), {"requested_connection": "github"}),
        (
            LinkOptions("github", "read:user"),
            {"requested_connection": "github", "requested_connection_scope": "read:user"},
        ),
        (
            LinkOptions("google-oauth2", ["email", "profile"]),
            {
                "requested_connection": "google-oauth2",
                "requested_connection_scope": "email profile",
            },
        ),
    ],
)
def test_a_link_names_its_connection_and_what_to_ask_of_it(
    options: LinkOptions, expected: dict[str, str]
) -> None:
    """The scope is left out when none is given; the text ``None`` is never sent."""
    assert expected == Auth0Dialect().link_params(options)


def test_an_unlink_names_its_connection() -> None:
    """And nothing else."""
    assert {"requested_connection": "github"} == Auth0Dialect().unlink_params(
        UnlinkOptions("github")
    )


@pytest.mark.parametrize(("hint", "more"), [(None, {}), ("1002", {"login_hint": "1002"})])
def test_a_connections_token_is_exchanged_for_the_refresh_token(
    hint: str | None, more: dict[str, str]
) -> None:
    """RFC 8693, 2.1 in the form of Auth0's Token Vault; the flow adds the refresh token itself."""
    assert {
        "grant_type": "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token",
        "subject_token_type": "urn:ietf:params:oauth:token-type:refresh_token",
        "requested_token_type": "http://auth0.com/oauth/token-type/federated-connection-access-token",
        "connection": "github",
        **more,
    } == Auth0Dialect().connection_token_params(ConnectionTokenOptions("github", hint))


def test_logging_out_is_rp_initiated_where_the_tenant_has_it() -> None:
    """OIDC RP-Initiated Logout, 2."""
    url = Auth0Dialect().logout_url(
        ISSUER, WITH_LOGOUT, "client-1", "hint-1", "https://app.example/bye?x=y"
    )

    assert (
        "https://tenant.example.com/oidc/logout?id_token_hint=hint-1&client_id=client-1"
        "&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye%3Fx%3Dy"
    ) == url


@pytest.mark.parametrize("metadata", [METADATA, None])
@pytest.mark.parametrize("issuer", [ISSUER, ISSUER.rstrip("/")])
def test_other_tenants_have_a_logout_of_their_own(
    issuer: str, metadata: ProviderMetadata | None
) -> None:
    """Also when the metadata could not be had: signing out here must not depend on it."""
    dialect = Auth0Dialect()

    assert "https://t.example/X/v2/logout?client_id=client-1" == dialect.logout_url(
        "https://t.example/X", metadata, "client-1", "hint-1", None
    )
    assert "https://tenant.example.com/v2/logout?client_id=client-1" == dialect.logout_url(
        issuer, metadata, "client-1", "hint-1", None
    )
    assert (
        "https://tenant.example.com/v2/logout?client_id=client-1&returnTo=https%3A%2F%2Fapp.example%2F"
        == dialect.logout_url(issuer, metadata, "client-1", None, "https://app.example/")
    )
