"""The plain OpenID Provider has everything that the specifications have, which is no linking."""

import pytest

from userlink.errors import ConnectionTokensNotSupported, LinkingNotSupported
from userlink.protocol.dialects import Dialect, dialect_named
from userlink.protocol.dialects.oidc import OidcDialect, end_session_url
from userlink.protocol.metadata import ProviderMetadata
from userlink.protocol.options import ConnectionTokenOptions, LinkOptions, UnlinkOptions

ISSUER = "https://op.example"


def metadata(end_session_endpoint: str | None) -> ProviderMetadata:
    """Metadata with this logout endpoint."""
    return ProviderMetadata(
        issuer=ISSUER,
        authorization_endpoint=f"{ISSUER}/authorize",
        token_endpoint=f"{ISSUER}/token",
        jwks_uri=f"{ISSUER}/jwks",
        end_session_endpoint=end_session_endpoint,
    )


def test_it_is_found_by_its_name() -> None:
    """And is a dialect."""
    dialect: Dialect = OidcDialect()

    assert type(dialect) is type(dialect_named("oidc"))


def test_authentication_defaults_to_basic() -> None:
    """OIDC Core, 9."""
    assert "client_secret_basic" == OidcDialect().preferred_auth_method


def test_linking_is_refused_at_every_point() -> None:
    """Before anything is sent; the hint says what linking takes."""
    dialect = OidcDialect()
    with pytest.raises(LinkingNotSupported) as caught:
        _ = dialect.link_scopes
    with pytest.raises(LinkingNotSupported):
        _ = dialect.unlink_scopes
    with pytest.raises(LinkingNotSupported):
        dialect.link_params(LinkOptions("github"))
    with pytest.raises(LinkingNotSupported):
        dialect.unlink_params(UnlinkOptions("github"))

    assert "dialect" in caught.value.hint


def test_tokens_of_linked_accounts_are_refused_too() -> None:
    """Before anything is sent."""
    with pytest.raises(ConnectionTokensNotSupported) as caught:
        OidcDialect().connection_token_params(ConnectionTokenOptions("github"))

    assert "dialect" in caught.value.hint


@pytest.mark.parametrize("known", [None, metadata(None)])
def test_without_an_endpoint_there_is_no_logout_url(known: ProviderMetadata | None) -> None:
    """The session here ends all the same."""
    assert OidcDialect().logout_url(ISSUER, known, "client-1", "hint-1", None) is None


@pytest.mark.parametrize(
    ("hint", "return_to", "query"),
    [
        (None, None, "client_id=client-1"),
        ("hint-1", None, "id_token_hint=hint-1&client_id=client-1"),
        (
            None,
            "https://app.example/?a&b",
            "client_id=client-1&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2F%3Fa%26b",
        ),
    ],
)
def test_the_logout_request_holds_what_is_known(
    hint: str | None, return_to: str | None, query: str
) -> None:
    """OIDC RP-Initiated Logout, 2; the endpoint's own query stays."""
    plain, with_query = metadata(f"{ISSUER}/end"), metadata(f"{ISSUER}/end?x=y")

    assert f"{ISSUER}/end?{query}" == end_session_url(plain, "client-1", hint, return_to)
    assert f"{ISSUER}/end?x=y&{query}" == end_session_url(with_query, "client-1", hint, return_to)


def test_the_dialects_logout_is_that_request() -> None:
    """All of it: the state too, by which the return is known."""
    known = metadata(f"{ISSUER}/end")
    given = ("client-1", "hint-1", "https://app.example/", "state-1")

    url = OidcDialect().logout_url(ISSUER, known, *given)

    assert url == end_session_url(known, *given)
    assert url is not None
    assert url.endswith("&state=state-1")
