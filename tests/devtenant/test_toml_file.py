"""Reading a configuration file, and what is said about a wrong one."""

from pathlib import Path

import pytest

from userlink_devtenant import TenantConfig, TenantConfigError

COMPLETE = """
[tenant]
password = "open sesame"

[lifetimes]
id_token_seconds = 60

[[users]]
username = "ada"
name = "Ada"
nickname = "ada"
email = "ada@example.com"
email_verified = false
picture = "https://example.com/ada.png"
password = "her own"
identities = ["github|7"]

[[connections]]
name = "github"
title = "GitHub"
provider = "gh"
is_social = false
default_scope = "repo"

[[connections.accounts]]
user_id = "7"
login = "ada-l"
name = "Ada L."
email = "ada@example.com"
public_repos = 1

[[clients]]
client_id = "app"
client_secret = "secret"
name = "App"
token_endpoint_auth_method = "client_secret_basic"
redirect_uris = ["http://localhost:5000/cb"]
post_logout_redirect_uris = ["http://localhost:5000/"]
backchannel_logout_uri = "http://localhost:5000/bcl"
"""


def read(tmp_path: Path, text: str) -> TenantConfig:
    path = tmp_path / "tenant.toml"
    path.write_text(text, encoding="utf-8")
    return TenantConfig.from_toml(path)


def test_every_key_is_read(tmp_path: Path) -> None:
    """The file says the same as the classes."""
    config = read(tmp_path, COMPLETE)

    user, connection, client = config.users[0], config.connections[0], config.clients[0]
    assert "open sesame" == config.password
    assert (60, 3600) == (config.lifetimes.id_token_seconds, config.lifetimes.access_token_seconds)
    assert ("ada", False, "her own") == (user.username, user.email_verified, user.password)
    assert ("github|7",) == user.identities
    assert ("gh", False, "repo") == (
        connection.provider,
        connection.is_social,
        connection.default_scope,
    )
    assert ("7", "ada-l", 1) == (
        connection.accounts[0].user_id,
        connection.accounts[0].login,
        connection.accounts[0].public_repos,
    )
    assert ("client_secret_basic",) == client.auth_methods
    assert ("http://localhost:5000/cb",) == client.redirect_uris
    assert "http://localhost:5000/bcl" == client.backchannel_logout_uri


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("users = [", "is not TOML"),
        ("", "no users"),
        ("[user]\nname = 'x'", "Did you mean `users`?"),
        ("[[users]]\nusername = 'x'\nemial = 'y'", "Did you mean `email`?"),
        ("[[users]]\nusername = 'x'\nzzz = 'y'", "Known are: username"),
        ("[[users]]\nname = 'x'", "`username` is missing in [[users]]"),
        ("[[users]]\nusername = 7", "`username` in [[users]] has a value of the wrong kind (int)"),
        ("[[users]]\nusername = 'x'\nemail_verified = 'yes'", "wrong kind (str)"),
        ("[[users]]\nusername = 'x'\nidentities = 'github|1'", "wrong kind (str)"),
        ("[[users]]\nusername = 'x'\nidentities = [1]", "wrong kind (list)"),
        ("[users]\nusername = 'x'", "`users` is not a list of tables"),
        ("tenant = 1", "`tenant` is not a table"),
        ("[tenant]\npasword = 'x'", "Did you mean `password`?"),
        ("[tenant]\npassword = 1", "wrong kind (int)"),
        (
            "[tenant]\npushed_authorization = 'maybe'\n[[users]]\nusername = 'a'",
            "unknown pushed_authorization 'maybe'",
        ),
        ("[lifetimes]\nid_token_seconds = 0", "is 0"),
        ("[lifetimes]\nid_token_seconds = true", "wrong kind (bool)"),
        ("[lifetimes]\nid_token_seconds = 1.5", "wrong kind (float)"),
        ("[[connections]]\nname = 'g'\naccounts = 1", "`connections.accounts` is not a list"),
        (
            "[[connections]]\nname = 'g'\n[[connections.accounts]]\nlogin = 'x'",
            "`user_id` is missing",
        ),
        ("[[clients]]\nclient_id = 'c'\nredirect_uris = 'http://h/'", "wrong kind (str)"),
        (
            "[[clients]]\nclient_id = 'c'\ntoken_endpoint_auth_method = 'magic'",
            "unknown token_endpoint_auth_method 'magic'",
        ),
    ],
)
def test_a_wrong_file_says_what_and_where(tmp_path: Path, text: str, words: str) -> None:
    """Names are checked and the nearest known one is suggested."""
    with pytest.raises(TenantConfigError) as caught:
        read(tmp_path, text)

    assert words in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The path is in the message."""
    with pytest.raises(TenantConfigError, match=r"nowhere\.toml cannot be read"):
        TenantConfig.from_toml(tmp_path / "nowhere.toml")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """TOML is UTF-8."""
    path = tmp_path / "binary.toml"
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(TenantConfigError, match="is not TOML"):
        TenantConfig.from_toml(path)
