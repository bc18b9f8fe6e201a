"""
What a tenant knows when it starts: users, connections with their accounts, and clients.

Everything here is a frozen value that was checked when it was made; what changes while the tenant
runs lives in ``accounts.py`` and ``state.py``.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, get_args

from attrs import field, frozen

from .client_assertions import read_public_key
from .config_checks import require, require_absolute, require_unique
from .errors import TenantConfigError

__all__ = [
    "PRIMARY_CONNECTION",
    "Account",
    "AuthMethod",
    "Client",
    "Connection",
    "Lifetimes",
    "PushedAuthorization",
    "TenantConfig",
    "User",
]

PRIMARY_CONNECTION = "Username-Password-Authentication"

AuthMethod = Literal["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]
PushedAuthorization = Literal["offered", "required", "off"]


# Lists are welcome where the classes keep tuples. One function per kind: mypy knows no generic one.


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


def _accounts(values: "Iterable[Account]") -> "tuple[Account, ...]":
    return tuple(values)


def _users(values: "Iterable[User]") -> "tuple[User, ...]":
    return tuple(values)


def _connections(values: "Iterable[Connection]") -> "tuple[Connection, ...]":
    return tuple(values)


def _clients(values: "Iterable[Client]") -> "tuple[Client, ...]":
    return tuple(values)


@frozen
class User:
    """
    Someone who can sign in at the tenant.

    Args:
        username: what the login page lists; the subject is ``auth0|<username>``.
        identities: accounts that are linked from the start, as ``"<connection>|<user_id>"``.
        password: the user's own; without one, the tenant's password counts.
    """

    username: str
    name: str = ""
    email: str = ""
    email_verified: bool = True
    nickname: str = ""
    picture: str = ""
    password: str | None = field(default=None, repr=False)
    identities: tuple[str, ...] = field(default=(), converter=_texts)

    def __attrs_post_init__(self) -> None:
        require(self.username, "A user has no username.", "Give every user a `username`.")
        if "|" in self.username:
            raise TenantConfigError(
                f"The username {self.username!r} holds a `|`.", "Choose one without it."
            )

    @property
    def subject(self) -> str:
        """The ``sub`` of this user's tokens."""
        return f"auth0|{self.username}"

    @property
    def display_name(self) -> str:
        """A name for people."""
        return self.name or self.username


@frozen
class Account:
    """An account at a connection, such as one on "GitHub", that a user may link."""

    user_id: str
    login: str = ""
    name: str = ""
    email: str = ""
    public_repos: int = 0

    def __attrs_post_init__(self) -> None:
        require(self.user_id, "An account has no user_id.", "Give every account a `user_id`.")

    @property
    def nickname(self) -> str:
        """What the account is called at its connection."""
        return self.login or self.user_id


@frozen
class Connection:
    """
    Somewhere a second identity comes from.

    Args:
        name: what ``requested_connection`` says.
        title: what the pages call it.
        provider: the ``provider`` of its identities; the name if not given.
        is_social: whether its identities say ``isSocial``.
        default_scope: what its tokens may do when a link asked for nothing.
    """

    name: str
    title: str = ""
    provider: str = ""
    is_social: bool = True
    default_scope: str = ""
    accounts: tuple[Account, ...] = field(default=(), converter=_accounts)

    def __attrs_post_init__(self) -> None:
        require(self.name, "A connection has no name.", "Give every connection a `name`.")
        if self.name == PRIMARY_CONNECTION:
            raise TenantConfigError(
                f"The connection name {self.name!r} is taken by the tenant's own users.",
                "Choose another name.",
            )
        require_unique((a.user_id for a in self.accounts), f"account of connection {self.name!r}")

    @property
    def display_name(self) -> str:
        """A name for people."""
        return self.title or self.name

    def account(self, user_id: str) -> Account | None:
        """Find an account."""
        return next((a for a in self.accounts if a.user_id == user_id), None)


@frozen
class Client:
    """
    An application that is registered at the tenant.

    Args:
        client_secret: None for a client that has none.
        public_key: PEM, with which the client's assertions are verified (``private_key_jwt``).
        token_endpoint_auth_method: the one way to authenticate; without it, a client that has a
            secret may send it either way, one that has a key may sign, and one that has neither
            is public (``none``).
        backchannel_logout_uri: where logout tokens are posted.
    """

    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    redirect_uris: tuple[str, ...] = field(default=(), converter=_texts)
    post_logout_redirect_uris: tuple[str, ...] = field(default=(), converter=_texts)
    token_endpoint_auth_method: AuthMethod | None = None
    backchannel_logout_uri: str | None = None
    name: str = ""
    public_key: str | None = field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        require(self.client_id, "A client has no client_id.", "Give every client a `client_id`.")
        for uri in (*self.redirect_uris, *self.post_logout_redirect_uris):
            require_absolute(uri, self.client_id)
        if self.backchannel_logout_uri is not None:
            require_absolute(self.backchannel_logout_uri, self.client_id)
        self._check_authentication()

    @property
    def auth_methods(self) -> tuple[str, ...]:
        """The ways in which this client may authenticate."""
        if self.token_endpoint_auth_method is not None:
            return (self.token_endpoint_auth_method,)
        by_key = () if self.public_key is None else ("private_key_jwt",)
        if self.client_secret is None:
            return by_key or ("none",)
        return (*by_key, "client_secret_basic", "client_secret_post")

    @property
    def display_name(self) -> str:
        """A name for people."""
        return self.name or self.client_id

    def _check_authentication(self) -> None:
        method = self.token_endpoint_auth_method
        where = f"The client {self.client_id!r}"
        if method is not None and method not in get_args(AuthMethod):
            raise TenantConfigError(
                f"{where} has the unknown token_endpoint_auth_method {method!r}.",
                f"Use one of: {', '.join(get_args(AuthMethod))}.",
            )
        if method == "none" and self.client_secret is not None:
            raise TenantConfigError(
                f"{where} is public (`none`) and has a client_secret.", "Remove one of the two."
            )
        if method in ("client_secret_basic", "client_secret_post") and not self.client_secret:
            raise TenantConfigError(
                f"{where} has no client_secret for {method}.", "Give it a `client_secret`."
            )
        if self.client_secret == "":
            raise TenantConfigError(f"{where} has an empty client_secret.", "Leave it out.")
        self._check_key(method, where)

    def _check_key(self, method: str | None, where: str) -> None:
        if method == "private_key_jwt" and self.public_key is None:
            raise TenantConfigError(
                f"{where} has no public_key for {method}.", "Give it a `public_key` in PEM."
            )
        if method == "none" and self.public_key is not None:
            raise TenantConfigError(
                f"{where} is public (`none`) and has a public_key.", "Remove one of the two."
            )
        if self.public_key is not None:
            try:
                read_public_key(self.public_key)
            except ValueError:
                raise TenantConfigError(
                    f"{where} has a public_key that is not the PEM of an RSA, EC or Ed25519 key.",
                    "Write what `openssl pkey -pubout` prints.",
                ) from None


@frozen
class Lifetimes:
    """How long things live, in seconds; negative in a test means "already expired"."""

    code_seconds: int = 60
    request_uri_seconds: int = 60
    id_token_seconds: int = 3600
    access_token_seconds: int = 3600
    refresh_token_seconds: int = 30 * 24 * 3600


@frozen
class TenantConfig:
    """
    Everything a tenant starts with.

    Args:
        password: what signs in every user that has no password of its own; shown on the page.
        pushed_authorization: whether authorization requests may be pushed (``offered``), must be
            (``required``), or cannot be (``off``): RFC 9126, section 5.
    """

    users: tuple[User, ...] = field(default=(), converter=_users)
    connections: tuple[Connection, ...] = field(default=(), converter=_connections)
    clients: tuple[Client, ...] = field(default=(), converter=_clients)
    password: str = "development"
    lifetimes: Lifetimes = Lifetimes()
    pushed_authorization: PushedAuthorization = "offered"

    def __attrs_post_init__(self) -> None:
        if self.pushed_authorization not in get_args(PushedAuthorization):
            raise TenantConfigError(
                f"The tenant has the unknown pushed_authorization {self.pushed_authorization!r}.",
                f"Use one of: {', '.join(get_args(PushedAuthorization))}.",
            )
        require(self.users, "The tenant has no users.", "Add at least one.")
        require_unique((u.username for u in self.users), "user")
        require_unique((c.name for c in self.connections), "connection")
        require_unique((c.client_id for c in self.clients), "client")
        require_unique((i for u in self.users for i in u.identities), "identity of a user")
        for user in self.users:
            self._check_identities(user)

    @classmethod
    def default(cls) -> "TenantConfig":
        """Return the configuration that the package brings along (``default.toml``)."""
        return cls.from_toml(Path(__file__).with_name("default.toml"))

    @classmethod
    def from_toml(cls, path: str | Path) -> "TenantConfig":
        """
        Read a configuration file.

        Raises:
            TenantConfigError: when it cannot be read, or says something that cannot be used.
        """
        from .toml_file import read_config  # it builds this class, so it imports this module

        return read_config(Path(path))

    def connection(self, name: str) -> Connection | None:
        """Find a connection."""
        return next((c for c in self.connections if c.name == name), None)

    def _check_identities(self, user: User) -> None:
        connections: list[str] = []
        for identity in user.identities:
            name, _, user_id = identity.partition("|")
            connection = self.connection(name)
            if connection is None or connection.account(user_id) is None:
                raise TenantConfigError(
                    f"The user {user.username!r} has the identity {identity!r}, which no"
                    " connection knows.",
                    "Write it as `<connection>|<user_id>` of a configured account.",
                )
            connections.append(name)
        require_unique(connections, f"linked connection of user {user.username!r}")
