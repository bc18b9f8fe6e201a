"""
Two providers behind one face, so that one suite of journeys is walked at both.

One is certified and nobody here wrote it; the other is the development tenant. They differ in how
their pages look, and the certified one always asks before it signs out.
"""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Literal, Protocol

__all__ = [
    "AFTER_LOGOUT",
    "CALLBACK",
    "CREDENTIALS",
    "DATABASE",
    "OTHER_CALLBACK",
    "Endpoint",
    "Tenant",
    "Visitor",
    "authorization_requests",
]

Endpoint = Literal["authorize", "browser", "token"]

# Registered at both providers. Nobody listens there: a test takes the URL that a browser is sent to.
CALLBACK = "http://localhost:3000/auth/callback"
OTHER_CALLBACK = "http://127.0.0.1:3000/auth/callback"
AFTER_LOGOUT = "http://localhost:3000/"

# What proves the client, and is no part of the request that it pushes.
CREDENTIALS = frozenset({"client_secret", "client_assertion", "client_assertion_type"})

# The connection that users sign in with, at both.
DATABASE = "Username-Password-Authentication"


class Visitor(Protocol):
    """
    A user's browser at a provider.

    Each method opens a URL there, answers the one page that comes, and returns where the browser is
    sent back to. Another page than the expected one is an error.
    """

    def sign_in(self, url: str, username: str) -> str:
        """Sign in as a user."""
        ...

    def choose_account(self, url: str, account: str) -> str:
        """Choose an account of the connection that is to be linked."""
        ...

    def confirm_unlink(self, url: str) -> str:
        """Agree to disconnect the connection."""
        ...

    def cancel(self, url: str) -> str:
        """Press Cancel."""
        ...

    def pass_through(self, url: str) -> str:
        """Answer nothing: no page may come."""
        ...

    def sign_out(self, url: str) -> str:
        """Sign out, with or without being asked."""
        ...


class Tenant(Protocol):
    """A provider with users ``alice`` and ``bob``, and a client that is registered there."""

    @property
    def issuer(self) -> str:
        """The issuer, exactly as its discovery document has it."""
        ...

    @property
    def client_id(self) -> str:
        """The client's id."""
        ...

    @property
    def client_secret(self) -> str:
        """The client's secret."""
        ...

    @property
    def accounts(self) -> Mapping[str, str]:
        """For each connection, an account that belongs to nobody yet."""
        ...

    def connections_of(self, username: str) -> tuple[str, ...]:
        """Return the connections of a user's identities, in the order in which they were linked."""
        ...

    def sent_to(self, endpoint: Endpoint) -> list[dict[str, str]]:
        """
        Return the parameters of each request to an endpoint, oldest first.

        For `authorize` these are the authorization requests, whether a browser carried them or the client pushed
        them; for `browser`, what browsers carried to the authorization endpoint.

        Raises:
            ValueError: When one was sent twice in a request.
        """
        ...

    def send_back_to(self, callback: str, after_logout: str) -> None:
        """Make these the client's only addresses, for an application that really listens."""
        ...

    def visitor(self) -> AbstractContextManager[Visitor]:
        """Open a browser that nobody has signed in with."""
        ...


def authorization_requests(
    carried_and_pushed: Iterable[tuple[bool, dict[str, str]]],
) -> list[dict[str, str]]:
    """
    Return the authorization requests among what was sent.

    Args:
        carried_and_pushed: Whether the client pushed it, and the parameters, oldest first. What only names a pushed
            request is none itself.
    """
    return [
        {name: value for name, value in parameters.items() if name not in CREDENTIALS}
        for was_pushed, parameters in carried_and_pushed
        if was_pushed or "request_uri" not in parameters
    ]
