"""What a configuration is checked for when it is made."""

import pytest

from support.signing import key_pair, pem_of
from userlink_devtenant import (
    Account,
    Client,
    Connection,
    TenantConfig,
    TenantConfigError,
    User,
)
from userlink_devtenant.config import PRIMARY_CONNECTION


def test_the_default_has_what_a_demonstration_needs() -> None:
    """Users, three connections, a confidential and a public client."""
    config = TenantConfig.default()

    assert {"alice", "bob"} <= {user.username for user in config.users}
    assert ["github", "google-oauth2", "email"] == [c.name for c in config.connections]
    assert all(2 <= len(c.accounts) <= 3 for c in config.connections)
    assert "http://localhost:3000/auth/callback" in config.clients[0].redirect_uris
    assert ("none",) == config.clients[1].auth_methods


def test_lists_become_tuples() -> None:
    """Configurations are values: nobody changes them behind the tenant's back."""
    config = TenantConfig(
        users=[User("a")], connections=[Connection("c", accounts=[Account("1")])], clients=[]
    )

    assert (User("a"),) == config.users
    assert (Account("1"),) == config.connections[0].accounts


def test_secrets_do_not_show() -> None:
    """A repr ends in logs."""
    shown = repr(Client("c", "canary-secret")) + repr(User("u", password="canary-password"))

    assert "canary" not in shown


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: TenantConfig(), "no users"),
        (lambda: User(""), "no username"),
        (lambda: User("a|b"), "holds a `|`"),
        (lambda: Account(""), "no user_id"),
        (lambda: Connection(""), "no name"),
        (lambda: Connection(PRIMARY_CONNECTION), "taken"),
        (lambda: Connection("c", accounts=[Account("1"), Account("1")]), "more than one account"),
        (lambda: TenantConfig([User("a"), User("a")]), "more than one user"),
        (
            lambda: TenantConfig([User("a")], [Connection("c"), Connection("c")]),
            "more than one connection",
        ),
        (
            lambda: TenantConfig([User("a")], clients=[Client("c"), Client("c")]),
            "more than one client",
        ),
        (lambda: TenantConfig([User("a", identities=["x|1"])]), "no connection knows"),
        (
            lambda: TenantConfig(
                [User("a", identities=["c|1"]), User("b", identities=["c|1"])],
                [Connection("c", accounts=[Account("1")])],
            ),
            "more than one identity",
        ),
        (
            lambda: TenantConfig(
                [User("a", identities=["c|1", "c|2"])],
                [Connection("c", accounts=[Account("1"), Account("2")])],
            ),
            "more than one linked connection",
        ),
        (lambda: Client(""), "no client_id"),
        (lambda: Client("c", redirect_uris=["/callback"]), "not an absolute"),
        (lambda: Client("c", redirect_uris=["http://h/#"]), "not an absolute"),
        (lambda: Client("c", redirect_uris=["javascript:alert(1)"]), "not an absolute"),
        (lambda: Client("c", post_logout_redirect_uris=["h"]), "not an absolute"),
        (lambda: Client("c", backchannel_logout_uri="h"), "not an absolute"),
        (lambda: Client("c", "", ["http://h/"]), "empty client_secret"),
        (lambda: Client("c", "s", token_endpoint_auth_method="none"), "public"),
        (
            lambda: Client("c", token_endpoint_auth_method="client_secret_post"),
            "no client_secret for client_secret_post",
        ),
        (
            lambda: Client("c", token_endpoint_auth_method="private_key_jwt"),
            "no public_key for private_key_jwt",
        ),
        (
            lambda: Client("c", token_endpoint_auth_method="none", public_key="x"),
            "public (`none`) and has a public_key",
        ),
        (lambda: Client("c", public_key="no key"), "not the PEM of an RSA, EC or Ed25519 key"),
    ],
)
def test_what_cannot_be_used_is_refused(make: object, words: str) -> None:
    """With a message that names it, and a hint."""
    assert callable(make)
    with pytest.raises(TenantConfigError) as caught:
        make()

    assert words in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("alg", ["RS256", "ES256", "EdDSA"])
def test_a_client_with_a_key_may_sign(alg: str) -> None:
    """Beside a secret the key is one way more; alone it is the only one."""
    pem = pem_of(key_pair(alg)).decode()

    assert ("private_key_jwt",) == Client("c", public_key=pem).auth_methods
    both = ("private_key_jwt", "client_secret_basic", "client_secret_post")
    assert both == Client("c", "s", public_key=pem).auth_methods
    assert pem not in repr(Client("c", public_key=pem))
