"""Tokens of linked accounts at a provider in memory, asked for by a client, and what the exchange refuses."""

import pytest

from userlink import GrantRefused, ServerClient
from userlink.testing import Identity, InMemoryProvider
from userlink.testing.accounts import Account
from userlink.testing.connection_tokens import CONNECTION_TOKEN_GRANT, connection_token

FORM = {
    "grant_type": CONNECTION_TOKEN_GRANT,
    "subject_token_type": "urn:ietf:params:oauth:token-type:refresh_token",
    "requested_token_type": "http://auth0.com/oauth/token-type/federated-connection-access-token",
    "connection": "github",
}
ALICE = Account("alice", "auth0|alice", {}, [Identity("github", "1001")])
GITHUB = {"connection": "github"}


@pytest.mark.anyio
async def test_a_client_gets_the_token_of_what_is_linked_and_of_nothing_else() -> None:
    """The refresh token is exchanged and stays good."""
    provider, cookies = InMemoryProvider(), dict[str, str]()
    options = {"cookies": cookies}
    async with ServerClient(
        domain=provider.issuer,
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        secret="a sealing secret of the tests, long enough to be one",
        authorization_params={"redirect_uri": "https://app.example/auth/callback"},
        transport=provider,
        installed_plugins=False,
    ) as client:
        url = await client.start_interactive_login(None, options)
        await client.complete_interactive_login(provider.authorize(url), options)
        with pytest.raises(GrantRefused):
            await client.get_access_token_for_connection(GITHUB, options)
        url = await client.start_link_user(GITHUB, options)
        await client.complete_link_user(provider.authorize(url), options)

        first = await client.get_access_token_for_connection(GITHUB, options)
        named = await client.get_access_token_for_connection(
            {**GITHUB, "login_hint": "alice"}, options
        )

    assert first.access_token != named.access_token
    assert "profile" == first.scope


@pytest.mark.parametrize(
    ("changes", "account", "error"),
    [
        ({"connection": ""}, ALICE, "invalid_request"),
        ({"subject_token_type": "urn:other"}, ALICE, "invalid_request"),
        ({"requested_token_type": "urn:other"}, ALICE, "invalid_request"),
        ({"connection": "box"}, ALICE, "invalid_grant"),
        ({"login_hint": "1002"}, ALICE, "invalid_grant"),
        ({}, None, "invalid_grant"),
    ],
)
def test_a_wrong_exchange_is_refused(
    changes: dict[str, str], account: Account | None, error: str
) -> None:
    """RFC 6749, 5.2."""
    assert error == connection_token({**FORM, **changes}, account, "token")


@pytest.mark.parametrize("hint", [{}, {"login_hint": "1001"}])
def test_a_right_one_is_answered(hint: dict[str, str]) -> None:
    """RFC 8693, 2.2.1."""
    answer = connection_token({**FORM, **hint}, ALICE, "token")

    assert isinstance(answer, dict)
    assert ("token", "Bearer") == (answer["access_token"], answer["token_type"])
